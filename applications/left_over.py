"""What is left to do (还差什么): facts no register could tell, each with its promise.

Only what cannot be shared is asked, and only as a promise (告知承诺) or a paper that may follow
(容缺). A register that is merely late is not asked of the family at all.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications.models import Application, Evidence, Supplement
from core import clock, locks, workdays
from core.identity import kinship

SUPPLEMENT_WORKDAYS = 10  # process.md B2 [assumed]
CHECK_WORKDAYS = 60


@dataclass(frozen=True)
class Item:
    """One open fact: the rule it settles, the words of the promise, why it is open."""

    fact: str
    title: Any
    promise: Any
    why: Any


_ITEMS = {
    "MEMBERS": Item(
        "MEMBERS",
        _("婚姻和家庭成员"),
        _("填写的配偶和子女就是我的全部配偶和未成年子女，婚姻状况属实。"),
        _("婚姻登记在外省，或者登记部门没有查到。"),
    ),
    "EMPLOYMENT": Item(
        "EMPLOYMENT",
        _("学历"),
        _("填写的学历和毕业时间属实。"),
        _("学历登记没有查到。"),
    ),
}


def items(application: Application) -> list[Item]:
    """The facts still open after the registers were asked; empty when nothing is left."""
    return [_ITEMS[fact] for fact in _ITEMS if _IS_OPEN[fact](application)]


def settled(application: Application) -> set[str]:
    """Facts for which a promise or a later paper is on file."""
    promised = application.commitments.values_list("fact", flat=True)
    return {*promised, *application.supplements.values_list("item", flat=True)}


def follow_later(application: Application, item: Item, *, by: Any) -> Supplement:
    """Notes that a paper may follow (容缺受理), with its day."""
    with transaction.atomic():
        row = locks.fresh(application)
        made, _new = Supplement.objects.get_or_create(
            application=row,
            item=item.fact,
            defaults={"text": str(item.title), "due_on": supplement_due(clock.today())},
        )
        return made


def supplement_due(today: date) -> date:
    """Until when a paper may follow, counted in working days."""
    return workdays.add_workdays(today, SUPPLEMENT_WORKDAYS)


def _members_open(application: Application) -> bool:
    rows = application.evidence.filter(source__in=("marriage", "marriage_national"))
    silent = set(
        rows.filter(status=Evidence.Status.NO_RECORD).values_list("member_id", flat=True)
    ) - set(rows.filter(status=Evidence.Status.FOUND).values_list("member_id", flat=True))
    couple = application.members.filter(excluded=False, relation__in=kinship.SPOUSES)
    return bool(silent) and couple.exists()


def _degree_open(application: Application) -> bool:
    rows = application.evidence.filter(source="education", member__is_applicant=True)
    wanted = application.declared.get("category") == "new_employee"
    return wanted and rows.filter(status=Evidence.Status.NO_RECORD).exists()


_IS_OPEN = {"MEMBERS": _members_open, "EMPLOYMENT": _degree_open}
