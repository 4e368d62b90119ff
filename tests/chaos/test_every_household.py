"""20 % of all calls fail, in every way there is, and two workers are killed: nobody is lost."""

from collections import Counter
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db.models import Count, F

from applications import states, verification
from applications.models import (
    Application,
    Assessment,
    Decision,
    Evidence,
    EvidenceAnswer,
    Pause,
    ReviewTask,
)
from core import clock
from core.models import Notice, Transition
from datashare.models import Call
from tests.chaos.conftest import family
from tests.factories import applications as make

pytestmark = pytest.mark.django_db(transaction=True)

SHARE = 0.2  # of all calls
SEED = 7
ANSWERED = ("found", "no_record")
AFTER_THE_LEASE = verification.LEASE + timedelta(seconds=1)
SIZES = [
    pytest.param((40, 60), id="small"),
    pytest.param((300, 420), id="full", marks=pytest.mark.soak),
]


@pytest.mark.parametrize("size", SIZES)
def test_every_household_is_answered_or_waits_with_a_reason_and_nobody_is_lost(chaos, client, size):
    households, city_size = size
    chaos.start_gateway(households=city_size, report_days="1-10")
    chaos.wait_for("gateway")
    modes = break_everything(chaos, households)
    city = chaos.city()
    applicants = city.situations["without_benefit"][:households]
    cases = [make.application(family(city, one), state=states.ACCEPTED) for one in applicants]
    for case in cases:
        verification.request_checks(case, by=case.created_by)
    questions = Evidence.objects.count()
    assert len(cases) == households
    one_register_is_down_for(chaos, cases[0])

    # two workers, each killed in the middle of the work; others take their place
    chaos.add_workers(2)
    for share in (0.2, 0.5):
        chaos.until(lambda share=share: put() >= share * questions, 240)
        chaos.kill_a_worker()
        assert Evidence.objects.filter(status="pending").exists()
        chaos.add_workers(1)
    chaos.pass_time(AFTER_THE_LEASE)
    chaos.until(lambda: not Evidence.objects.filter(status="pending").exists(), 240)
    chaos.finish_workers()

    # while departments still fail: every household is answered, or waits for a named reason
    every_household_stands_somewhere(client, cases)
    nothing_is_there_twice(questions)
    assert nobody_was_refused(cases)
    during = chaos.meters()
    no_call_outside_its_quota(during)

    # departments work again: everybody is answered by itself
    hits = struck(during)
    chaos.mend()
    chaos.add_workers(2)
    chaos.until(lambda: is_over(chaos), 240)
    chaos.finish_workers()
    everybody_is_answered(cases)
    nothing_is_there_twice(questions)
    assert nobody_was_refused(cases)
    after = chaos.meters()
    no_call_outside_its_quota(after)
    assert set(hits) == modes
    assert sum(hits.values()) > 0.8 * SHARE * sum(during["calls"].values())
    assert Call.objects.filter(error_kind="somebody_else").exists()  # refused and on record
    call_command("audit_verify")
    print(
        f"{households} households, {questions} questions, {sum(after['calls'].values())} calls, "
        f"{sum(hits.values())} failed in {len(hits)} ways, {after['repeats']} asked again, "
        f"at most {max(one['most'] for one in after['quota'].values())} a second at a source"
    )


# -- Breaking ---------------------------------------------------------------------------------


def break_everything(chaos, households):
    """Every way of failing that the departments know; together they hit a fifth of all calls.

    A refusal for the quota (18) stops a source for a while, each time longer: it comes a few times
    and not at a rate, as it would where the quota is kept.
    """
    modes = sorted(set(chaos.meters()["modes"]) - {"mixed"})
    share = 1 - (1 - SHARE) ** (1 / len(modes))
    for mode in modes:
        fault = {"source": "*", "mode": mode, "rate": share, "seed": SEED + modes.index(mode)}
        if mode == "quota":
            fault["calls"] = max(2, households // 40)
        chaos.gateway("faults", fault)
    return set(modes)


def one_register_is_down_for(chaos, case):
    """What fails now and then may have healed by the time of looking; this one is down throughout,
    for one person, so that this family surely waits and the others need not."""
    fault = {"source": "property", "mode": "http_500", "person": case.applicant.id_number}
    chaos.gateway("faults", {**fault, "rate": 1, "seed": SEED})


def struck(meters):
    """By way of failing: how many calls the departments let fail."""
    codes = meters["codes"].items()
    return {name.removeprefix("fault:"): n for name, n in codes if name.startswith("fault:")}


def put():
    """Questions that were put at least once and written back."""
    return Evidence.objects.exclude(status="pending").count()


def is_over(chaos):
    """Whether nobody waits any more; moves the clock on, as the days that pass would."""
    open_rows = Evidence.objects.exclude(status__in=ANSWERED)
    if not open_rows.exists() and not Evidence.objects.filter(unread=True).exists():
        return True
    if not open_rows.filter(due_at__lte=clock.now()).exists():
        chaos.pass_time(timedelta(hours=12))
    return False


# -- What holds -------------------------------------------------------------------------------


def every_household_stands_somewhere(client, cases):
    """Answered, ordered, or silent with the department's name on the family's own page."""
    how = Counter()
    for case in cases:
        case.refresh_from_db()
        silent = case.evidence.filter(status="unavailable", waived_at=None)
        ordered = case.evidence.filter(status="ordered")
        pauses = list(case.pauses.filter(ended_at=None))
        assert case.state in (states.ACCEPTED, states.STREET_REVIEW)
        assert case.pending_sources == silent.exists()
        assert case.assessments.exists()
        if silent.exists():
            how["silent"] += 1
            (pause,) = pauses
            assert pause.reason == Pause.Reason.SOURCE and pause.detail
            names = set(pause.detail.split("、"))
            page = page_of(client, case)
            assert "等部门答复" in page
            assert all(name in page for name in names)
        else:
            assert pauses == []
            assert case.state == states.STREET_REVIEW
            how["ordered" if ordered.exists() else "answered"] += 1
            if ordered.exists():
                assert "民政部门正在核对收入" in page_of(client, case)
    assert sum(how.values()) == len(cases)
    down = Evidence.objects.get(member=cases[0].applicant, source="property")
    assert down.status == "unavailable"
    assert how["silent"] > 0
    assert how["answered"] + how["ordered"] > 0


def page_of(client, case):
    client.force_login(case.created_by)
    return client.get(f"/my/case/{case.case_no}/").content.decode()


def nothing_is_there_twice(questions):
    """One row a person, register and round; one kept answer for each, with its rows."""
    assert Evidence.objects.count() == questions
    triples = Evidence.objects.values("member", "source", "round").distinct().count()
    assert triples == questions
    answered = Evidence.objects.filter(status__in=ANSWERED)
    usable = EvidenceAnswer.objects.filter(status__in=ANSWERED)
    twice = usable.values("evidence").annotate(n=Count("pk")).filter(n__gt=1)
    assert list(twice) == []
    assert usable.count() == answered.count()
    assert not usable.exclude(evidence__status=F("status")).exists()
    kept = {one.evidence_id: one for one in usable}
    for row in answered:
        assert kept[row.pk].content.get("rows", []) == row.rows
        assert kept[row.pk].request_id[:40] == row.call_ref


def nobody_was_refused(cases):
    """No decision, nothing ended, and no department of its own accord."""
    ids = [case.pk for case in cases]
    assert not Decision.objects.exists()
    found = Application.objects.filter(pk__in=ids).values_list("state", flat=True)
    return set(found) <= {states.ACCEPTED, states.STREET_REVIEW}


def no_call_outside_its_quota(meters):
    """The departments' own meters: not one call refused for pace or day."""
    for source, meter in meters["quota"].items():
        assert meter["refused"] == {"pace": 0, "day": 0}, source
        assert meter["most"] <= meter["rate"] + meter["burst"], source


def everybody_is_answered(cases):
    """Each case is on a desk once, told once, read once more at the end, its clock running."""
    assert set(Evidence.objects.values_list("status", flat=True)) <= set(ANSWERED)
    assert not Pause.objects.filter(ended_at=None).exists()
    for case in cases:
        case.refresh_from_db()
        assert case.state == states.STREET_REVIEW and not case.pending_sources
        assert ReviewTask.objects.filter(application=case, stage="street").count() == 1
        moves = Transition.objects.filter(case_no=case.case_no, to_state=states.STREET_REVIEW)
        assert moves.count() == 1
        newest = Assessment.objects.filter(application=case, round="apply").first()
        assert newest.outcome != "pending_source"
        told = Notice.objects.filter(case_no=case.case_no, code="application.source_silent")
        assert told.count() == case.pauses.filter(reason=Pause.Reason.SOURCE).count()
    assert not Call.objects.filter(case_no="").exists()
