"""The office's list of leases: what waits for somebody, by facet, counted in one query each."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from allocation import states
from allocation.leases import filing, renewing
from allocation.models import Lease, LeaseRequest, LeaseSignature
from applications import periods, permissions

TODO = "todo"
Facet = tuple[str, Any, Callable[[QuerySet[Lease], date], QuerySet[Lease]]]


def visible_to(staff: Staff) -> QuerySet[Lease]:
    """Leases of the cases that this person may see."""
    cases = permissions.applications_visible_to(staff)
    rows = Lease.objects.filter(application__in=cases)
    return rows.select_related("home__estate", "application__street").prefetch_related("rent_terms")


def _to_sign(rows: QuerySet[Lease], _today: date) -> QuerySet[Lease]:
    return rows.filter(texts__state=states.T_TO_SIGN).distinct()


def _lessor(rows: QuerySet[Lease], _today: date) -> QuerySet[Lease]:
    slots = LeaseSignature.objects.filter(
        text__lease=OuterRef("pk"), party="lessor", signed_at=None, text__fixed_at__isnull=False
    ).exclude(text__state=states.T_WITHDRAWN)
    return rows.filter(Exists(slots))


def _unfiled(rows: QuerySet[Lease], _today: date) -> QuerySet[Lease]:
    return rows.filter(pk__in=filing.unfiled().values("pk"))


def _late(rows: QuerySet[Lease], today: date) -> QuerySet[Lease]:
    return rows.filter(pk__in=filing.late(today).order_by().values("pk"))


def _asked(rows: QuerySet[Lease], _today: date) -> QuerySet[Lease]:
    asked = LeaseRequest.objects.filter(lease=OuterRef("pk"), state=states.Q_ASKED)
    return rows.filter(Exists(asked))


def _approved(rows: QuerySet[Lease], _today: date) -> QuerySet[Lease]:
    ready = LeaseRequest.objects.filter(lease=OuterRef("pk"), state=states.Q_APPROVED).exclude(
        kind="renewal"
    )
    return rows.filter(Exists(ready))


def _ending(rows: QuerySet[Lease], today: date) -> QuerySet[Lease]:
    soon = today + timedelta(days=periods.of("lease_remind_first").value)
    return rows.filter(pk__in=renewing.ending_by(soon).order_by().values("pk"))


def _silent(rows: QuerySet[Lease], today: date) -> QuerySet[Lease]:
    return rows.filter(pk__in=renewing.silent(today).order_by().values("pk"))


def _deposit(rows: QuerySet[Lease], _today: date) -> QuerySet[Lease]:
    # what follows another lease took its deposit along
    return rows.filter(state__in=states.L_IN_FORCE, previous=None).exclude(
        deposit_entries__kind="received"
    )


FACETS: tuple[Facet, ...] = (
    ("to_sign", _("有文本待签"), _to_sign),
    ("lessor", _("待出租人签字"), _lessor),
    ("unfiled", _("待备案"), _unfiled),
    ("late", _("备案超期"), _late),
    ("asked", _("请求待审核"), _asked),
    ("move", _("换房待办理"), _approved),
    ("ending", _("快到期"), _ending),
    ("silent", _("到期没有提出续租"), _silent),
    ("deposit", _("押金没有登记"), _deposit),
)


def chosen(staff: Staff, query: Any, today: date) -> QuerySet[Lease]:
    """The leases that a link asks for, the newest first; unknown words narrow nothing."""
    rows = visible_to(staff)
    for key, _word, narrow in FACETS:
        if query.get(TODO) == key:
            rows = narrow(rows, today)
    if query.get("state") in dict(states.LEASE.choices):
        rows = rows.filter(state=query["state"])
    if word := str(query.get("q", "")).strip():
        rows = rows.filter(
            Q(number__icontains=word)
            | Q(application__case_no__icontains=word)
            | Q(home__code__icontains=word)
        )
    return rows.order_by("-created_at", "-pk")


def facets(staff: Staff, query: Any, today: date) -> list[tuple[Any, list[Any]]]:
    """Titles with their choices: word, link, count, whether it is the present one."""
    rows = visible_to(staff).order_by()
    present = query.get(TODO), query.get("state")
    todo = [
        (word, f"?{TODO}={key}", narrow(rows, today).count(), present[0] == key)
        for key, word, narrow in FACETS
    ]
    by_state = [(one.tag, f"?state={one.id}", None, present[1] == one.id) for one in states.LEASE]
    return [(_("要办的"), todo), (_("状态"), by_state)]
