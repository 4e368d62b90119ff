"""Forms of 谁查过我的数据, of the questions about it and of its deferrals."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from accounts.roles import GUARDIANS
from applications.models import Application, Member
from core.forms import DateField, PlainWords
from core.identity import masking


class AskForm(PlainWords, forms.Form):
    """对一条记录提出疑问."""

    text = forms.CharField(
        label=_("您想问什么"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("例如：为什么查这一项；这个人为什么看我的办件。"),
    )


class AnswerForm(PlainWords, forms.Form):
    """答复疑问."""

    text = forms.CharField(
        label=_("答复"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("写明谁、为什么、依据哪一条；当事人会原样看到。"),
    )


class DeferralForm(PlainWords, forms.Form):
    """申请暂缓展示: whose page, whose looks, on which document, until when."""

    member = forms.ChoiceField(label=_("暂缓向谁展示"), widget=forms.RadioSelect)
    staff = forms.MultipleChoiceField(
        label=_("由谁查阅"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("只暂缓这些人的查阅；别人的查阅和平台自动核对照常展示。"),
    )
    office = forms.CharField(label=_("办案机关"), max_length=80)
    legal_basis = forms.CharField(
        label=_("法律依据和条款"), max_length=160, help_text=_("写到条、款。")
    )
    document_no = forms.CharField(label=_("文书编号"), max_length=60)
    reason = forms.CharField(
        label=_("理由"),
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("期满以后，当事人会看到办案机关、依据、文书编号和这条理由。"),
    )
    looks_from = DateField(label=_("从哪天的查阅起"))
    ends_on = DateField(label=_("暂缓到哪天"))
    quiet = forms.BooleanField(
        label=_("也不提示“有记录暂不显示”（只在提示本身会妨碍办案时选）"), required=False
    )

    def __init__(self, application: Application, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.people = list(application.members.filter(excluded=False).order_by("position"))
        self.fields["member"].choices = [  # type: ignore[attr-defined]
            (str(one.pk), masking.mask_name(one.name)) for one in self.people
        ]
        self.crew = [one for one in _staff() if not set(one.roles) & set(GUARDIANS)]
        self.fields["staff"].choices = [  # type: ignore[attr-defined]
            (str(one.pk), str(one)) for one in self.crew
        ]

    def chosen_member(self) -> Member:
        """The person whose page it is about; only of a valid form."""
        return next(one for one in self.people if str(one.pk) == self.cleaned_data["member"])

    def chosen_staff(self) -> tuple[Staff, ...]:
        """Who looks; only of a valid form."""
        return tuple(one for one in self.crew if str(one.pk) in self.cleaned_data["staff"])


class RefuseDeferralForm(PlainWords, forms.Form):
    """不批准."""

    why = forms.CharField(label=_("不批准的理由"), max_length=200)


def _staff() -> list[Staff]:
    rows = Staff.objects.filter(user__is_active=True).select_related("bureau", "user")
    return list(rows.order_by("bureau__name", "name"))
