"""Forms of outreach."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Bureau, Staff
from accounts.roles import Role
from core.forms import Phone, PlainWords
from renewal import outreach
from renewal.models import Outreach, OutreachAttempt


class AttemptForm(PlainWords, forms.Form):
    """One attempt: how, what came of it."""

    prefix = "attempt"
    way = forms.ChoiceField(
        label=_("怎么联系的"), choices=OutreachAttempt.Way.choices, widget=forms.RadioSelect
    )
    result = forms.ChoiceField(
        label=_("结果"), choices=OutreachAttempt.Result.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=_("记录（可以不填）"), required=False, max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("只写和联系有关的，例如什么时候方便。"),
    )  # fmt: skip


class BeginForm(PlainWords, forms.Form):
    """A draft for the person who wants one."""

    prefix = "begin"
    way = forms.ChoiceField(label=_("怎么申请"), widget=forms.RadioSelect)
    phone = forms.CharField(
        label=_("手机号（可以不填）"), required=False, max_length=11, widget=Phone(),
    )  # fmt: skip
    agreed = forms.BooleanField(label=_("本人说了愿意申请"))

    def __init__(self, *args: Any, staff: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ways = [("online", _("备一份网上草稿，本人登录后接着填"))]
        if Role.WINDOW in staff.roles:
            ways.append(("window", _("本人带身份证在窗口，现在办")))
        self.fields["way"].choices = ways  # type: ignore[attr-defined]


class NoForm(PlainWords, forms.Form):
    """The person does not want it."""

    prefix = "no"
    never = forms.BooleanField(
        label=_("本人说以后不要再联系"), required=False,
        help_text=_("不打勾，12个月以后有新情况时还可能联系。"),
    )  # fmt: skip
    note = forms.CharField(label=_("记录（可以不填）"), required=False, max_length=500)


class GiveForm(PlainWords, forms.Form):
    """Another colleague of the street."""

    prefix = "give"
    to = forms.ModelChoiceField(label=_("转给"), queryset=Staff.objects.none())

    def __init__(self, *args: Any, row: Outreach, staff: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = colleagues(row, staff)  # type: ignore[attr-defined]
        self.fields["to"].label_from_instance = lambda one: one.name  # type: ignore[attr-defined]


class PlaceForm(PlainWords, forms.Form):
    """The street that a household belongs to."""

    prefix = "place"
    street = forms.ModelChoiceField(label=_("镇街"), queryset=Bureau.objects.streets())


def colleagues(row: Outreach, staff: Staff) -> Any:
    """Who else of the street contacts households."""
    roles = [role.value for role in outreach.WORKERS]
    people = Staff.objects.filter(bureau=row.street, roles__overlap=roles)
    return people.filter(user__is_active=True).exclude(pk=staff.pk).order_by("name")
