"""Takes an import back whole, while nothing was done with any of it.

What counts as done is read from the tables themselves: any row, of whatever kind, that points at a
household, its lease or its home since. A new kind of row is looked at without a line here.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection, models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts.models import Staff
from allocation import states as allocation_states
from allocation.models import Home, Lease
from applications import states as application_states
from applications.models import Application, Benefit, LikenessKey, Member, SearchWord
from core import audit, clock, display, locks
from core.refusals import Refusal
from core.workflow import advance
from renewal import states
from renewal.models import StockEntry, StockImport
from renewal.stock import imports, take_in

_NAMED = 5
_ALSO_OURS = (Application, Member, Lease, StockEntry)
_DERIVED = (SearchWord, LikenessKey)  # written by the database or by sweeps, from what is there
State, Kind = StockEntry.State, StockEntry.Kind


class NotUndone(Refusal):
    """The import cannot be taken back; all of it stays."""


def undo(row: StockImport, *, by: Staff, reason: str) -> StockImport:
    """Deletes every household of an import, sets its homes free. Raises NotUndone."""
    with transaction.atomic():
        here = locks.fresh(row)
        if here.state == states.S_UNDONE:
            return here
        _lock(here)  # nobody begins to use one now
        if why := why_not_undo(here, by):
            raise NotUndone(why)
        if not reason.strip():
            raise NotUndone(_("请写明为什么撤销，记录里会留着。"), "reason")
        gone = take_in.progress(here)[State.TAKEN]
        _delete(here, by)
        here.undone_by, here.undone_at = by, clock.now()
        here.undo_reason = reason.strip()[:400]
        here.save(update_fields=["undone_by", "undone_at", "undo_reason"])
        here = advance(here, states.S_UNDONE, by=by.user, reason=here.undo_reason)
        audit.record(
            "stock.undone", by=by.user, thing=here, households=gone, reason=here.undo_reason
        )
        return here


def why_not_undo(row: StockImport, staff: Staff) -> str:
    """Why this import cannot be taken back by this person: who did what with which household."""
    if why := imports.why_not(staff):
        return why
    if row.state not in (states.S_DONE, states.S_STOPPED):
        return str(row.STATES[row.state].line)
    busy = list(_used(row))
    if not busy:
        return ""
    numbers = sorted({number for number, _what in busy})
    named = numbers[:_NAMED]
    words = sorted({str(what) for number, what in busy if number in named})
    return _("已经有%(n)d户办过事，不能撤销：合同%(numbers)s（%(what)s）。请逐户更正。") % {
        "n": len(numbers), "numbers": display.listed(named), "what": "、".join(words),
    }  # fmt: skip


def _used(row: StockImport) -> Iterator[tuple[str, Any]]:
    """Lease number and what was done with it; the number of queries does not grow with rows."""
    taken = row.entries.filter(state=State.TAKEN, kind=Kind.IN_FORCE)
    leases, cases = taken.values("lease"), taken.values("application")
    homes = taken.values("home")
    yield from _changed(taken)
    yield from _pointing(Lease, leases, lambda pks: Q(pk__in=pks))
    yield from _pointing(Application, cases, lambda pks: Q(application__in=pks))
    people = Member.objects.filter(application__in=cases).values("pk")
    yield from _pointing(Member, people, lambda pks: Q(application__members__in=pks))
    yield from _pointing(Home, homes, lambda pks: Q(home__in=pks), since=row)
    benefits = [pk for some in row.entries.values_list("benefits", flat=True) for pk in some]
    ended = Benefit.objects.filter(pk__in=benefits, ended_on__isnull=False)
    ever = set(row.entries.filter(kind=Kind.EVER).values_list("pk", flat=True))
    if ever:
        known = [pk for one in row.entries.filter(pk__in=ever) for pk in one.benefits]
        ended = ended.exclude(pk__in=known)
    for case_no in ended.values_list("case_no", flat=True).distinct():
        number = Lease.objects.filter(application__case_no=case_no).values_list("number", flat=True)
        yield from ((one, _("保障已结束")) for one in number)


def _changed(taken: Any) -> Iterator[tuple[str, Any]]:
    moved = taken.exclude(
        lease__state=allocation_states.L_FILED, application__state=application_states.CLOSED,
        home__state=allocation_states.H_LET, lease__state_since=F("taken_at"),
        home__state_since=F("taken_at"),
    )  # fmt: skip
    for number in moved.values_list("lease__number", flat=True):
        yield number, _("状态有变化")


def _pointing(
    model: type[models.Model], mine: Any, leases: Any, *, since: StockImport | None = None
) -> Iterator[tuple[str, Any]]:
    """Rows of other tables that point at ours."""
    for relation in model._meta.related_objects:
        other: Any = relation.related_model
        if other in (*_ALSO_OURS, *_DERIVED) or relation.many_to_many:
            continue
        name = relation.field.name
        rows = other._base_manager.filter(**{f"{name}__in": mine})
        if since is not None:  # a home may have a history from before
            rows = _after(rows, other, since)
        used = list(rows.values_list(name, flat=True).distinct()[: _NAMED * 20])
        if used:
            for number in Lease.objects.filter(leases(used)).values_list("number", flat=True):
                yield number, other._meta.verbose_name


def _after(rows: Any, model: type[models.Model], since: StockImport) -> Any:
    """Rows about a home made since the import began; those without a time are older."""
    for name in ("created_at", "opened_at", "at", "reported_at"):
        if any(one.name == name for one in model._meta.fields):
            return rows.filter(**{f"{name}__gte": since.started_at})
    return rows.none()


def _lock(row: StockImport) -> None:
    taken = row.entries.filter(state=State.TAKEN)
    for model, name in ((Application, "application"), (Lease, "lease"), (Home, "home")):
        rows = model._base_manager.filter(pk__in=taken.values(name)).order_by("pk")
        list(rows.select_for_update(of=("self",)).values_list("pk", flat=True))


def _delete(row: StockImport, by: Staff) -> None:
    entries = list(row.entries.filter(state=State.TAKEN).select_related("home"))
    _forget(row, entries)
    _free([one for one in entries if one.home_was], by)
    made = [one.home_id for one in entries if one.home_id and not one.home_was]
    leases = [one.lease_id for one in entries if one.lease_id]
    cases = [one.application_id for one in entries if one.application_id]
    Benefit.objects.filter(pk__in=[pk for one in entries for pk in one.benefits]).delete()
    for model, pks in ((Lease, leases), (Application, cases), (Home, made)):
        for some in _chunks(pks):
            model._base_manager.filter(pk__in=some).delete()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # the database has the last word, now
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _forget(row: StockImport, entries: list[StockEntry]) -> None:
    """What the old system said of them goes with them; that there was a line stays."""
    row.entries.filter(pk__in=[one.pk for one in entries]).update(
        application=None, lease=None, home=None, benefits=[], taken_at=None, state=State.REFUSED,
    )  # fmt: skip


def _free(entries: list[StockEntry], by: Staff) -> None:
    now, moves = clock.now(), []
    for one in entries:
        home = one.home
        assert home is not None
        moves.append((home, home.state, one.home_was))
        home.state, home.state_since = one.home_was, now
    Home.objects.bulk_update([home for home, _was, _to in moves], ["state", "state_since"],
                             batch_size=imports.CHUNK)  # fmt: skip
    take_in.note_moves(moves, by, now)


def _chunks(keys: list[Any]) -> Iterable[list[Any]]:
    return (keys[at : at + 500] for at in range(0, len(keys), 500))
