"""Form widgets of the design and the renderer that draws every form by it."""

import datetime as dt
import re
import unicodedata
from pathlib import Path
from typing import Any

import django.forms
from django import forms
from django.conf import settings
from django.forms.renderers import DjangoTemplates
from django.forms.utils import pretty_name
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _


class Renderer(DjangoTemplates):
    """FORM_RENDERER: ``{{ form }}`` and ``{{ form.field.as_field_group }}`` by the design."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"

    @cached_property
    def engine(self):
        built_in = Path(django.forms.__file__).parent / "templates"
        return self.backend(
            {
                "APP_DIRS": True,
                "DIRS": [settings.BASE_DIR / "templates", built_in],
                "NAME": "designed_forms",
                "OPTIONS": {},
            }
        )


class PlainWords:
    """Mixin for forms: an empty field is answered with what to do (请填写「月租」。)."""

    fields: dict[str, forms.Field]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            label = {"label": field.label or pretty_name(name)}
            if isinstance(field, forms.BooleanField):
                sentence: Any = _("请看过后打勾。")
            elif isinstance(field, forms.ChoiceField | forms.ModelChoiceField):
                sentence = _("请选择「%(label)s」。") % label
            elif isinstance(field, forms.FileField):
                sentence = _("请拍照或选择文件：%(label)s。") % label
            else:
                sentence = _("请填写「%(label)s」。") % label
            if field.error_messages.get("required") == type(field).default_error_messages.get(
                "required", forms.Field.default_error_messages["required"]
            ):
                field.error_messages["required"] = sentence


class DateParts(forms.SelectDateWidget):
    """年 月 日 in three short text boxes; nothing typed is lost."""

    template_name = "components/widgets/date_parts.html"
    use_fieldset = True

    def __init__(self, attrs=None, *, birth=False):
        super().__init__(attrs, years=range(1900, 2101))
        self.birth = birth

    def get_context(self, name, value, attrs):
        context = forms.Widget.get_context(self, name, value, attrs)
        parts = self.format_value(value)
        hints = {"year": "bday-year", "month": "bday-month", "day": "bday-day"}
        context["widget"]["parts"] = [
            {
                "key": key,
                "name": pattern % name,
                "id": f"{context['widget']['attrs'].get('id', name)}_{key}",
                "value": "" if parts.get(key) is None else parts[key],
                "width": 4 if key == "year" else 2,
                "word": word,
                "autocomplete": hints[key] if self.birth else "off",
            }
            for key, pattern, word in (
                ("year", self.year_field, _("年")),
                ("month", self.month_field, _("月")),
                ("day", self.day_field, _("日")),
            )
        ]
        context["widget"]["invalid"] = "aria-invalid" in context["widget"]["attrs"]
        return context

    def format_value(self, value):
        if isinstance(value, (dt.date, dt.datetime)):
            return {"year": value.year, "month": value.month, "day": value.day}
        if isinstance(value, str) and value.count("-") == 2:
            return dict(zip(("year", "month", "day"), value.split("-"), strict=True))
        return {"year": None, "month": None, "day": None}

    def value_from_datadict(self, data, files, name):
        year, month, day = (
            (data.get(pattern % name) or "").strip()
            for pattern in (self.year_field, self.month_field, self.day_field)
        )
        if not (year or month or day):
            return data.get(name)
        return f"{year}-{month}-{day}"

    def first_id(self, auto_id: str) -> str:
        return f"{auto_id}_year"

    def id_for_label(self, id_):
        return ""


class DateField(forms.DateField):
    """A date in three boxes; an impossible date is answered with what was typed."""

    widget = DateParts

    def __init__(self, **kwargs):
        kwargs.setdefault("input_formats", ["%Y-%m-%d"])
        super().__init__(**kwargs)

    def to_python(self, value):
        try:
            return super().to_python(value)
        except forms.ValidationError as wrong:
            parts = [part or "?" for part in str(value).split("-")]
            typed = (
                _("%(y)s年%(m)s月%(d)s日") % {"y": parts[0], "m": parts[1], "d": parts[2]}
                if len(parts) == 3
                else value
            )
            raise forms.ValidationError(
                _("没有%(typed)s这一天，请重新填写，例如2026年3月5日。"),
                code="invalid",
                params={"typed": typed},
            ) from wrong


class MonthParts(DateParts):
    """年 月 in two short text boxes; stands for the month's first day."""

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        context["widget"]["parts"] = context["widget"]["parts"][:2]
        return context

    def value_from_datadict(self, data, files, name):
        year = (data.get(self.year_field % name) or "").strip()
        month = (data.get(self.month_field % name) or "").strip()
        return f"{year}-{month}-1" if year or month else data.get(name)


class MonthField(DateField):
    """A month in two boxes, cleaned to its first day."""

    widget = MonthParts

    def to_python(self, value):
        try:
            return super().to_python(value)
        except forms.ValidationError as wrong:
            raise forms.ValidationError(
                _("请写出年份和月份，例如2024年6月。"), code="invalid"
            ) from wrong


class IdNumber(forms.TextInput):
    """One box for the 18 characters, grouped as typed (6 8 4)."""

    template_name = "components/widgets/id_number.html"

    def __init__(self, attrs=None):
        super().__init__(
            {
                "autocomplete": "off",
                "inputmode": "text",
                "maxlength": 24,
                "spellcheck": "false",
                **(attrs or {}),
            }
        )

    def value_from_datadict(self, data, files, name):
        value = super().value_from_datadict(data, files, name)
        return "".join(value.split()) if value else value


class Phone(forms.TextInput):
    """A mobile number: telephone keypad, no arrows."""

    input_type = "tel"

    def __init__(self, attrs=None):
        super().__init__(
            {"autocomplete": "tel", "inputmode": "tel", "maxlength": 20, **(attrs or {})}
        )


class Yuan(forms.TextInput):
    """A sum in yuan: the unit stands beside the box."""

    template_name = "components/widgets/with_unit.html"
    unit = _("元")

    def __init__(self, attrs=None, *, unit=None):
        super().__init__({"inputmode": "decimal", "autocomplete": "off", **(attrs or {})})
        if unit is not None:
            self.unit = unit

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        context["widget"]["unit"] = self.unit
        return context


class FileCapture(forms.ClearableFileInput):
    """Take a photo or choose a file; a photo taken here is made smaller before sending."""

    template_name = "components/widgets/file_capture.html"

    def __init__(self, attrs=None):
        super().__init__({"accept": "image/*,application/pdf", **(attrs or {})})


class Signature(forms.TextInput):
    """Sign with finger or mouse; without JavaScript the typed name counts.

    The value is a PNG data URL, or the name typed.
    """

    template_name = "components/widgets/signature.html"


class CodeField(forms.CharField):
    """Six digits read from a message.

    Full-width digits, spaces within, and the words pasted along with the code make no difference.
    """

    def __init__(self, **kwargs):
        kwargs.setdefault(
            "widget",
            forms.TextInput(
                {"inputmode": "numeric", "autocomplete": "one-time-code", "class": "yz-w10"}
            ),
        )
        super().__init__(max_length=60, **kwargs)

    def to_python(self, value):
        typed = "".join(unicodedata.normalize("NFKC", super().to_python(value) or "").split())
        runs = re.findall(r"[0-9]+", typed)
        return runs[0] if len(runs) == 1 else typed
