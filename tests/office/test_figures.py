"""Each figure again from the raw rows, in plain Python, and the list behind it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Model

from accounts.roles import Role
from allocation.models import Lease, Round
from applications import states
from applications.models import (
    Application,
    Decision,
    Evidence,
    Objection,
    Pause,
    Reconsideration,
    StepSeen,
    Supplement,
)
from core import clock, workdays
from core.models import Transition
from datashare.models import Call
from office.figures.book import FIGURES
from office.figures.figure import Moment, by_street, measure
from office.figures.oneflow import RUNNING
from office.figures.onestop import FUNNEL
from renewal.models import ExitCase, Outreach
from tests.factories import accounts
from tests.office import reviewed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("district")]

KINDS: dict[str, type[Model]] = {
    "applications": Application, "leases": Lease, "exits": ExitCase, "calls": Call,
    "outreach": Outreach, "rounds": Round, "drafts": Application, "supplements": Supplement,
    "reviewed": Application,
}  # fmt: skip


class Facts:
    """The raw rows, read once, and plain questions about them."""

    def __init__(self) -> None:
        self.now, self.today = clock.now(), clock.today()
        self.year = clock.local_midnight(self.today.replace(month=1, day=1))
        self.went: dict[int, set[str]] = {}
        for line in Transition.objects.filter(thing_type="applications.application"):
            self.went.setdefault(line.thing_id, set()).add(line.to_state)
        self.leases = list(Lease.objects.all())
        self.evidence = list(Evidence.objects.all())
        self.paused = {one.application_id for one in Pause.objects.all() if not one.ended_at}
        self.objected = {
            one.publicity.application_id
            for one in Objection.objects.select_related("publicity")
            if one.answered_at is None
        }
        self.steps: dict[int, list[StepSeen]] = {}
        for step in StepSeen.objects.all():
            self.steps.setdefault(step.application_id, []).append(step)
        self.decisions = list(Decision.objects.all())
        self.asked_again = {
            one.decision.application_id
            for one in Reconsideration.objects.select_related("decision")
            if one.answered_at is None
        }

    def reached(self, row: Application, *wanted: str) -> bool:
        return bool(self.went.get(row.pk, set()) & set(wanted))

    def housed(self, row: Application) -> bool:
        return any(one.application_id == row.pk and one.signed_at for one in self.leases)

    def running(self, row: Application) -> bool:
        return row.state in RUNNING and row.accepted_at is not None

    def counting(self, row: Application) -> bool:
        return self.running(row) and row.pk not in self.paused

    def near(self, row: Application, due: Any) -> bool:
        last = workdays.add_workdays(self.today, 3)
        return self.counting(row) and self.today <= due <= last

    def waits(self, row: Application, status: str) -> bool:
        """Whether a register owes an answer to a case under way, or to a re-check."""
        return any(
            one.application_id == row.pk
            and one.status == status
            and one.waived_at is None
            and (row.is_open or one.round.startswith("recheck"))
            for one in self.evidence
        )

    def put_down(self, row: Application) -> bool:
        """An online draft whose newest page is older than a week."""
        newest = [row.created_at, *(one.last_at for one in self.steps.get(row.pk, []))]
        return max(newest) < self.now - timedelta(days=7)

    def online_draft(self, row: Application) -> bool:
        return row.state == states.DRAFT and row.channel == "online"

    def unsigned(self, row: Application, kind: str) -> bool:
        return any(
            one.application_id == row.pk and one.kind == kind and one.signed_at is None
            for one in self.decisions
        )


Raw = Callable[[Facts, Any], bool]
RAW: dict[str, Raw] = {
    "submitted": lambda f, r: r.state != states.DRAFT,
    "accepted": lambda f, r: r.accepted_at is not None,
    "reviewed": lambda f, r: f.reached(r, "district_review"),
    "approved": lambda f, r: f.reached(r, "publicity"),
    "waitlisted": lambda f, r: f.reached(r, "waitlisted"),
    "housed": lambda f, r: f.housed(r),
    "ever": lambda f, r: f.housed(r),
    "online": lambda f, r: r.state != states.DRAFT and r.channel == "online",
    "window": lambda f, r: r.state != states.DRAFT and r.channel == "window",
    "visits": lambda f, r: r.state != states.DRAFT,
    "papers": lambda f, r: r.state != states.DRAFT,
    "many_visits": lambda f, r: r.visits > 1,
    "drafts_open": lambda f, r: f.online_draft(r) and not f.put_down(r),
    "drafts_left": lambda f, r: f.online_draft(r) and f.put_down(r),
    "timed_online": lambda f, r: (
        r.state != states.DRAFT and r.channel == "online" and r.pk in f.steps
    ),
    "timed_window": lambda f, r: (
        r.state != states.DRAFT and r.channel == "window" and r.pk in f.steps
    ),
    "papers_asked": lambda f, r: r.application.state != states.DRAFT,
    "papers_brought": lambda f, r: (
        r.application.state != states.DRAFT and r.received_at is not None
    ),
    "refused": lambda f, r: f.reached(r, "refused"),
    "withdrawn": lambda f, r: r.state in ("withdrawn", "deemed_withdrawn"),
    "answered": lambda f, r: (
        f.reached(r, "waitlisted", "refused")
        and r.accepted_at is not None
        and bool(r.decided_at or r.closed_at)
    ),
    "in_progress": lambda f, r: f.running(r),
    "paused": lambda f, r: f.running(r) and r.pk in f.paused,
    "near_promised": lambda f, r: f.counting(r) and f.near(r, r.promised_due),
    "late_promised": lambda f, r: f.counting(r) and r.promised_due < f.today,
    "near_statutory": lambda f, r: f.counting(r) and f.near(r, r.statutory_due),
    "late_statutory": lambda f, r: f.counting(r) and r.statutory_due < f.today,
    "objections": lambda f, r: r.pk in f.objected,
    "refusals_to_sign": lambda f, r: f.unsigned(r, "refuse"),
    "approvals_to_sign": lambda f, r: f.unsigned(r, "approve"),
    "reconsiderations": lambda f, r: r.pk in f.asked_again,
    "waiting_source": lambda f, r: f.waits(r, "unavailable"),
    "reports_ordered": lambda f, r: f.waits(r, "ordered"),
    "calls": lambda f, r: True,
    "calls_month": lambda f, r: r.started_at >= f.now - timedelta(days=30),
    "calls_failed": lambda f, r: r.outcome == "unavailable",
    "shared": lambda f, r: r.outcome == "found",
    "in_force": lambda f, r: r.state in ("signed", "filed", "ending"),
    "moved_in": lambda f, r: r.signed_at is not None and r.signed_at >= f.year,
    "from_draw": lambda f, r: bool(r.signed_at and r.signed_at >= f.year and r.offer_id),
    "flagged": lambda f, r: r.state in ("flagged", "verifying"),
    "hearings": lambda f, r: r.state in ("notice_served", "heard"),
    "cleared": lambda f, r: r.state == "cleared",
    "ended": lambda f, r: r.decided_at is not None and r.state != "cleared",
    "ended_year": lambda f, r: bool(
        r.decided_at and r.decided_at >= f.year and r.state != "cleared"
    ),
    "discovered": lambda f, r: True,
    "discovered_applied": lambda f, r: r.state == "applied",
    "discovered_housed": lambda f, r: r.application is not None and f.housed(r.application),
    "clues": lambda f, r: r.state == "flagged",
    "notices_to_serve": lambda f, r: r.state == "verifying",
    "heard": lambda f, r: r.state == "heard" and r.decision_id is None,
    "ends_to_sign": lambda f, r: (
        r.state == "heard" and r.decision_id is not None and r.decision.signed_at is None
    ),
    "rounds_to_freeze": lambda f, r: r.state == "planned" and r.intention_until < f.today,
    **reviewed.RAW,
    "rounds_to_reveal": lambda f, r: r.state == "frozen" and r.entropy_at <= f.now,
}


def raw_rows(key: str) -> list[Any]:
    facts = Facts()
    return [row for row in KINDS[FIGURES[key].population.key].objects.all() if RAW[key](facts, row)]


def amount(key: str, rows: list[Any]) -> int:
    total = FIGURES[key].total
    return sum(getattr(row, total) for row in rows) if total else len(rows)


def test_every_figure_is_computed_here_again():
    assert set(RAW) == set(FIGURES)


def test_every_figure_is_what_the_raw_rows_say():
    numbers = measure(FIGURES.values(), Moment.now())
    assert numbers == {key: amount(key, raw_rows(key)) for key in FIGURES}


def test_the_district_of_this_test_has_something_to_count_almost_everywhere():
    empty = {key for key, number in measure(FIGURES.values(), Moment.now()).items() if not number}
    assert empty <= {
        "from_draw", "near_promised", "near_statutory", "review_in_district",
        "review_in_objection", "review_stood_consent", "review_stood_objection",
        "review_stood_out_of_province", "review_in_notice", "review_in_intake",
    }  # fmt: skip


def test_the_list_behind_each_figure_has_its_rows_and_no_other(client):
    client.force_login(accounts.staff(Role.LEADER).user)
    for key in FIGURES:
        page = client.get("/office/cases/", {"figure": key}).context["page"]
        wanted = raw_rows(key)
        assert {row.pk for row in page.object_list} == {row.pk for row in wanted}, key
        assert page.paginator.count == len(wanted), key


def test_a_sum_names_its_total_beside_its_cases(client):
    client.force_login(accounts.staff(Role.LEADER).user)
    context = client.get("/office/cases/", {"figure": "visits"}).context
    assert context["total"] == amount("visits", raw_rows("visits")) > 0


def test_the_streets_add_up_to_the_figure():
    moment = Moment.now()
    found = by_street(FUNNEL, moment)
    for figure in FUNNEL:
        whole = measure([figure], moment)[figure.key]
        assert sum(row[figure.key] for row in found.values()) == whole


def test_the_list_of_a_street_has_the_streets_number(client, streets):
    client.force_login(accounts.staff(Role.LEADER).user)
    numbers = by_street(FUNNEL, Moment.now())
    for street in streets:
        for figure in FUNNEL:
            answer = client.get("/office/cases/", {"figure": figure.key, "street": street.code})
            assert answer.context["page"].paginator.count == numbers[street.code][figure.key]


def test_the_calls_of_a_source_and_of_a_month_are_those_of_the_table(client):
    client.force_login(accounts.staff(Role.LEADER).user)
    context = client.get("/office/onenet/").context
    for row in [*context["sources"], *context["months"]]:
        assert client.get(row["href"]).context["page"].paginator.count == row["total"]
    assert sum(row["total"] for row in context["months"]) == Call.objects.count()


@pytest.mark.parametrize(
    "query",
    ["figure=nonsense", "", "figure=submitted&month=2026-01", "figure=calls&street=x",
     "figure=calls&month=2026-13", "figure=submitted&desk=x", "figure=calls&stage=joint"],
)  # fmt: skip
def test_a_link_that_names_no_list_is_not_found(client, query):
    client.force_login(accounts.staff(Role.LEADER).user)
    assert client.get(f"/office/cases/?{query}").status_code == 404
