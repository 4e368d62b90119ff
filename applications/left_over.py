"""What is left to do (还差什么): facts no register could tell, each with its ways.

Only what cannot be shared is asked, and only as a paper, a promise (告知承诺) or a paper that may
follow (容缺). A register that is merely late is not asked of the family at all.
"""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications import material_list, periods, promises, submission
from applications.material_items import LATER, PROMISE, Item
from applications.models import Application, Supplement
from core import audit, clock, locks
from core.refusals import Refusal


class MayNotFollow(Refusal):
    """The item is not in the list of what may follow later (容缺目录)."""


def items(application: Application) -> list[Item]:
    """The facts still open after the registers were asked; empty when nothing is left."""
    return [line.item for line in material_list.left(application)]


def settled(application: Application) -> set[str]:
    """Facts for which a paper, a promise or a later paper is on file."""
    return {
        line.item.key
        for line in material_list.left(application)
        if line.state != material_list.OPEN
    }


def choose(application: Application, item: Item, way: str, *, by: Any) -> None:
    """Settles an open fact of a draft by one way; what was chosen before falls away.

    Raises MayNotFollow, and NotReady once the application was sent.
    """
    if way not in item.ways:
        raise MayNotFollow(_("这一样不能以后再交，请上传或者作出承诺。"))
    with transaction.atomic():
        row = submission.open_draft(application)
        if way != PROMISE and row.commitments.filter(fact=item.fact).delete()[0]:
            audit.record("commitment.withdrawn", by=by, thing=row, fact=item.fact)
        if way != LATER:
            row.supplements.filter(item=item.key).delete()
        if way == PROMISE:
            promises.give(row, item, by=by)
        if way == LATER:
            follow_later(row, item, by=by)


def follow_later(application: Application, item: Item, *, by: Any) -> Supplement:
    """Notes that a paper may follow (容缺受理), with its day. Raises MayNotFollow."""
    if LATER not in item.ways:
        raise MayNotFollow(_("这一样不能以后再交，请上传或者作出承诺。"))
    with transaction.atomic():
        row = locks.fresh(application)
        made, _new = Supplement.objects.get_or_create(
            application=row,
            item=item.key,
            defaults={"text": item.shown_by, "due_on": supplement_due(clock.today())},
        )
        return made


def supplement_due(today: date) -> date:
    """Until when a paper may follow, counted in working days."""
    return periods.of("supplement").after(today)
