"""Forms of the import of the stock. Saving is the verbs' work."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import PlainWords
from renewal.models import StockImport
from renewal.stock import file


class UploadForm(PlainWords, forms.Form):
    """存量清单."""

    file = forms.FileField(
        label=_("存量清单"),
        help_text=_("xlsx格式，最大20MB，里面有「家庭」和「成员」两张表"),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )

    def clean_file(self) -> Any:
        handed_in = self.cleaned_data["file"]
        if handed_in.size > file.MOST_BYTES:
            raise forms.ValidationError(_("文件太大，最大20MB。请只留要导入的表。"))
        return handed_in


class MappingForm(PlainWords, forms.Form):
    """Which title of the file is which column of ours."""

    def __init__(self, *args: Any, row: StockImport, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for sheet, place, column in _places():
            titles = [(one, one) for one in row.titles.get(sheet, []) if one]
            needed = column in file.NEEDED[sheet]
            self.fields[_name(sheet, place)] = forms.ChoiceField(
                label=f"{sheet} · {column}", required=needed,
                choices=[("", _("请选择") if needed else _("文件里没有")), *titles],
                initial=row.mapping.get(sheet, {}).get(column, ""),
            )  # fmt: skip
        self.fields["make_homes"] = forms.BooleanField(
            label=_("新建没有的房源"), required=False, initial=row.make_homes,
            help_text=_("要有楼层、户型和建筑面积三列；不选的，房源要先导入。"),
        )  # fmt: skip

    @property
    def mapping(self) -> dict[str, dict[str, str]]:
        """Sheet → column → title, as it was chosen."""
        found: dict[str, dict[str, str]] = {sheet: {} for sheet in file.COLUMNS}
        for sheet, place, column in _places():
            if title := self.cleaned_data[_name(sheet, place)]:
                found[sheet][column] = title
        return found


def _places() -> list[tuple[str, int, str]]:
    return [
        (sheet, place, column)
        for sheet, columns in file.COLUMNS.items()
        for place, column in enumerate(columns)
    ]


def _name(sheet: str, place: int) -> str:
    return f"{'house' if sheet == file.HOUSES else 'person'}_{place}"
