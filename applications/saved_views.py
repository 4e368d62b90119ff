"""常用筛选: filters of the queue under a name of one's own; one of them may open by itself."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Staff
from applications.models import SavedView
from applications.queue_counts import FACETS
from core import clock, locks
from core.refusals import Refusal

KEPT = (*FACETS, "holder", "scope")  # a search for somebody is no view to be kept
MOST = 20


class ViewRefused(Refusal):
    """The view cannot be kept under this name."""


def of(staff: Staff) -> QuerySet[SavedView]:
    """The person's own views, the oldest first."""
    return SavedView.objects.filter(staff=staff)


def query_in(asked: Mapping[str, str]) -> str:
    """The part of an address that a view keeps, in one order, so that equal views are equal."""
    return urlencode([(name, asked[name]) for name in KEPT if asked.get(name)])


def keep(staff: Staff, *, name: str, query: str) -> SavedView:
    """Keeps the filters under a name. Raises ViewRefused."""
    with transaction.atomic():
        locks.fresh(staff)  # two tabs: one name once
        query = query_in(dict(parse_qsl(query)))
        if not query:
            raise ViewRefused(_("请先选一个筛选，再保存。"), "name")
        if of(staff).count() >= MOST:
            raise ViewRefused(_("最多保存%(n)d个常用筛选，请先删去不用的。") % {"n": MOST}, "name")
        return SavedView.objects.create(
            staff=staff, name=_checked(staff, name), query=query, made_at=clock.now()
        )


def rename(view: SavedView, *, name: str) -> SavedView:
    """Raises ViewRefused."""
    with transaction.atomic():
        locks.fresh(view.staff)
        row = locks.fresh(view)
        row.name = _checked(view.staff, name, but=row)
        row.save(update_fields=["name"])
        return row


def make_default(view: SavedView, *, on: bool = True) -> SavedView:
    """Opens this view where the queue is opened without filters, and no other one."""
    with transaction.atomic():
        locks.fresh(view.staff)
        of(view.staff).filter(is_default=True).update(is_default=False)
        row = locks.fresh(view)
        row.is_default = on
        row.save(update_fields=["is_default"])
        return row


def remove(view: SavedView) -> None:
    """Forgets a view; it filters nothing any more and that is all."""
    with transaction.atomic():
        of(view.staff).filter(pk=view.pk).delete()


def _checked(staff: Staff, name: str, but: SavedView | None = None) -> str:
    name = " ".join(name.split())[:30]
    if not name:
        raise ViewRefused(_("请给它一个名称。"), "name")
    same = of(staff).filter(name=name)
    if but is not None:
        same = same.exclude(pk=but.pk)
    if same.exists():
        raise ViewRefused(_("您已有同名的常用筛选，请换一个名称。"), "name")
    return name
