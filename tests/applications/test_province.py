"""What the province's portal is told of a case, over HTTP to the mock in a process of its own."""

import json
import urllib.request
from datetime import timedelta

import pytest

from applications import consent, correction_lists, province, ratings, review, states, submission
from applications.models.review import Stage
from core import clock, outbox
from core.models import OutboxMessage
from tests import stack as parts
from tests.factories import accounts
from tests.factories import review as desk

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def processes(tmp_path_factory):
    running = parts.Stack(tmp_path_factory.mktemp("province"))
    yield running
    running.stop()


@pytest.fixture
def portal(processes, transactional_db, settings):
    """The real process; the settings point at it, and it begins without a fault."""
    address = processes.url("portal")
    known = {"province": f"{address}/cases/"}
    settings.OUTBOX_DESTINATIONS = {**settings.OUTBOX_DESTINATIONS, **known}
    if "portal" not in processes.programs:
        processes.start_portal()
        processes.wait_for("portal")
    fault(address, "ok")
    return address


def ask(address, content=None):
    body = None if content is None else json.dumps(content).encode()
    with urllib.request.urlopen(urllib.request.Request(address, body), timeout=10) as answer:
        return json.load(answer)


def fault(address, mode):
    ask(f"{address}/_mock/cases/fault", {"mode": mode})


def received(address, case):
    return ask(f"{address}/_mock/cases")["cases"].get(case.case_no)


def accepted():
    citizen = accounts.citizen()
    return submission.submit(draft_of(citizen), by=citizen.user)


def draft_of(citizen):
    row = submission.start_draft(by=citizen.user, channel="online", person=citizen)
    consent.give(row.applicant, method="online", by=citizen.user)
    submission.confirm_household(row, [], by=citizen.user)
    return submission.save_step(row, "check", by=citizen.user, street=accounts.bureau("street"))


def kinds(case):
    rows = OutboxMessage.objects.filter(destination="province", case_no=case.case_no)
    return [(one.kind, one.payload.get("status", "")) for one in rows.order_by("pk")]


def test_a_case_has_its_number_and_its_status_at_the_portal(portal):
    case = accepted()
    assert kinds(case) == [
        ("case.status", "received"), ("case.status", "accepted"), ("case.number", ""),
    ]  # fmt: skip
    assert outbox.deliver_due() == 3
    assert province.note_numbers() == 1
    case.refresh_from_db()
    told = received(portal, case)
    assert case.unified_no == told["projId"] and case.unified_no.startswith("330212")
    assert [one["status"] for one in told["statuses"]] == ["received", "accepted"]
    assert province.note_numbers() == 0


def test_every_step_is_told_in_order_and_an_end_once(portal):
    case = desk.at_district()
    letter = desk.district()
    review.opine(desk.task_of(case, Stage.DISTRICT), by=letter, verdict="agree", text="同意公示")
    outbox.deliver_due()
    told = received(portal, case)["statuses"]
    words = [one["word"] for one in told]
    assert words == ["街道审核中", "部门核对中", "区里审核中", "公示中"]
    assert [one["seq"] for one in told] == sorted(one["seq"] for one in told)


def test_a_correction_and_a_withdrawal_are_told(portal):
    case = desk.under_review()
    task = desk.task_of(case, Stage.STREET)
    correction_lists.write(task, by=desk.reviewer_for(task), items=desk.missing("户口簿"))
    submission.withdraw(case, by=case.created_by)
    outbox.deliver_due()
    statuses = [one["status"] for one in received(portal, case)["statuses"]]
    assert statuses == ["step", "correction", "closed_withdrawn"]


@pytest.mark.parametrize("mode", ["down", "http_500", "garbage", "refuse"])
def test_a_portal_that_fails_delays_and_holds_up_nobody(portal, monkeypatch, mode):
    fault(portal, mode)
    case = accepted()
    assert case.state == states.ACCEPTED  # accepted all the same, within the second
    assert outbox.deliver_due() == 0
    assert received(portal, case) is None
    fault(portal, "ok")
    later = clock.now() + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert outbox.deliver_due() == 3
    told = received(portal, case)
    assert [one["status"] for one in told["statuses"]] == ["received", "accepted"]


def test_a_portal_that_is_gone_loses_nothing(portal, processes, monkeypatch):
    processes.stop("portal")
    case = accepted()
    assert outbox.deliver_due() == 0
    processes.start_portal()
    processes.wait_for("portal")
    later = clock.now() + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert outbox.deliver_due() == 3
    assert received(portal, case)["statuses"]


def test_what_was_lost_on_the_way_back_is_received_once(portal):
    case = accepted()
    outbox.deliver_due()
    rows = OutboxMessage.objects.filter(case_no=case.case_no, destination="province")
    rows.update(state="pending", confirmed_at=None, next_attempt_at=clock.now())
    assert outbox.deliver_due() == 3  # sent again, as after a lost receipt
    assert len(received(portal, case)["statuses"]) == 2
    province.note_numbers()
    case.refresh_from_db()
    assert case.unified_no


def test_a_rating_reaches_the_portal_with_its_newest_word(portal):
    case = accepted()
    for level in (3, 5):
        ratings.rate(case, "accepted", by=case.created_by, level=level)
    outbox.deliver_due()
    (told,) = received(portal, case)["ratings"]
    assert (told["step"], told["level"], told["revision"]) == ("accepted", 5, 2)


def test_a_draft_tells_the_province_nothing(portal):
    citizen = accounts.citizen()
    draft = draft_of(citizen)
    submission.withdraw(draft, by=citizen.user)
    assert draft.case_no
    assert not OutboxMessage.objects.filter(destination="province").exists()
