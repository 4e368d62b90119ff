"""To-dos of desks that live elsewhere, over HTTP to the mock in a process of its own (浙政钉)."""

import hmac
import json
import urllib.error
import urllib.request
from datetime import timedelta
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from accounts.roles import BureauKind, Role
from applications import review, states, todos
from applications.models import ReviewTask
from applications.models.review import Stage
from core import clock, outbox, workflow
from core.models import OutboxMessage
from tests import stack as parts
from tests.factories import accounts
from tests.factories import review as desk

pytestmark = pytest.mark.django_db(transaction=True)
PUSHED = (
    BureauKind.REAL_ESTATE, BureauKind.HUMAN_RESOURCES, BureauKind.FLOATING_POPULATION,
)  # fmt: skip


@pytest.fixture(scope="module")
def processes(tmp_path_factory):
    running = parts.Stack(tmp_path_factory.mktemp("todos"))
    yield running
    running.stop()


@pytest.fixture
def portal(processes, transactional_db, settings):
    """The real process; the settings point at it, and it begins without a fault."""
    address = processes.url("portal")
    settings.OUTBOX_DESTINATIONS = {
        **settings.OUTBOX_DESTINATIONS,
        "zhezhengding": f"{address}/todos/",
    }
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
    ask(f"{address}/_mock/todos/fault", {"mode": mode})


def received(address, task):
    return ask(f"{address}/_mock/todos")["todos"].get(f"task-{task.pk}")


def task_at(kind=BureauKind.REAL_ESTATE):
    case = desk.in_joint_review(members=2)
    return desk.task_of(case, Stage.JOINT, kind)


def queued():
    return OutboxMessage.objects.filter(destination="zhezhengding")


def test_only_the_desks_of_the_table_are_told_and_it_is_data():
    assert todos.desks() == set(PUSHED)
    case = desk.in_joint_review()
    told = {one.bureau.kind for one in case.tasks.filter(todo="open").select_related("bureau")}
    assert told == set(PUSHED) and queued().count() == len(PUSHED)


def test_a_to_do_names_case_stage_day_and_link_and_nobody():
    task = task_at()
    payload = queued().get(key=f"task-{task.pk}-open").payload
    assert set(payload) == {"todo", "caseNo", "seq", "stage", "bureau", "due", "link"}
    assert payload["caseNo"] == task.case_no and payload["link"].endswith(f"/review/{task.pk}/")
    for one in task.application.members.all():
        assert one.name not in str(payload) and one.id_number not in str(payload)


def test_a_to_do_is_told_and_ends_with_its_task(portal):
    task = task_at()
    assert outbox.deliver_due() == len(PUSHED)
    known = received(portal, task)
    assert (known["state"], known["case_no"]) == ("open", task.case_no)
    assert known["due"] == task.due_on.isoformat() and known["stage"] == "部门联审"
    desk.settle(task, {})
    outbox.deliver_due()
    assert received(portal, task)["state"] == "done"


def test_a_case_that_ends_elsewhere_cancels_its_to_dos(portal):
    task = task_at()
    review.leave(task.application, by=task.application.created_by, reason="withdrawn")
    outbox.deliver_due()
    assert received(portal, task)["state"] == "cancelled"


def test_a_task_ended_by_any_other_verb_is_told_by_the_sweep():
    task = task_at()
    workflow.advance(task, states.TASK_CANCELLED, by=desk.WORKER)
    assert not queued().filter(key=f"task-{task.pk}-end").exists()
    assert todos.settle() == 1
    assert queued().get(key=f"task-{task.pk}-end").kind == "todo.cancelled"
    assert todos.settle() == 0


def test_a_task_that_no_verb_announced_is_told_by_the_sweep():
    task = task_at()
    queued().delete()
    ReviewTask.objects.update(todo="")
    assert todos.settle() == len(PUSHED)
    assert queued().filter(key=f"task-{task.pk}-open").exists()
    assert todos.settle() == 0


def test_the_end_that_overtakes_its_beginning_stays_the_end(portal):
    task = task_at()
    later = clock.now() + timedelta(hours=1)
    queued().filter(key=f"task-{task.pk}-open").update(next_attempt_at=later)
    desk.settle(task, {})
    outbox.deliver_due()
    assert received(portal, task)["state"] == "done"
    queued().update(next_attempt_at=clock.now())
    outbox.deliver_due()
    known = received(portal, task)
    assert known["state"] == "done" and known["link"]  # its words came, its state stayed


def test_the_same_message_twice_is_one_to_do(portal):
    task = task_at()
    outbox.deliver_due()
    first = queued().get(key=f"task-{task.pk}-open")
    OutboxMessage.objects.filter(pk=first.pk).update(
        state="pending", next_attempt_at=clock.now(), confirmed_at=None
    )
    outbox.deliver_due()
    again = OutboxMessage.objects.get(pk=first.pk)
    assert again.receipt == first.receipt and again.state == "confirmed"
    assert ask(f"{portal}/_mock/todos")["posts"][first.key] == 2


@pytest.mark.parametrize("mode", ["http_500", "garbage", "down", "refuse"])
def test_a_receiver_in_trouble_blocks_nobody_and_gets_it_later(portal, mode):
    fault(portal, mode)
    task = task_at()
    assert outbox.deliver_due() == 0
    desk.settle(task, {})  # the desk's own queue does not wait
    assert queued().filter(state="confirmed").count() == 0
    fault(portal, "ok")
    queued().update(next_attempt_at=clock.now())
    outbox.deliver_due()
    assert received(portal, task)["state"] == "done"


def test_a_dead_to_do_stands_on_the_operations_page_and_can_be_sent_again():
    task = task_at()
    queued().filter(key=f"task-{task.pk}-open").update(state="dead", attempts=30, error="URLError")
    system = Client()
    system.force_login(accounts.staff(Role.SYSTEM).user)
    page = system.get("/office/ops/").content.decode()
    assert "zhezhengding" in page and "todo.created" in page and task.case_no in page
    message = queued().get(key=f"task-{task.pk}-open")
    system.post(f"/office/ops/outbox/{message.pk}/retry/")
    message.refresh_from_db()
    assert message.state == "pending"


# -- The receiver's side of the contract -----------------------------------------------------------


def post(portal, settings, message, *, sign=True):
    body = json.dumps(message).encode()
    mark = hmac.new(settings.OUTBOX_SECRET.encode(), body, sha256).hexdigest() if sign else "x"
    request = urllib.request.Request(f"{portal}/todos/", body, {"X-Signature": mark})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


GOOD = {"kind": "todo.created", "key": "k1", "todo": "task-1", "caseNo": "YZ2026-000001", "seq": 1}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"kind": "todo.moved"}, "TODO-BAD-KIND"),
        ({"caseNo": ""}, "TODO-BAD-FORMAT"),
        ({"seq": "1"}, "TODO-BAD-FORMAT"),
        ({"name": "张三"}, "TODO-PERSONAL-DATA"),
        ({"stage": "330212197001010018"}, "TODO-PERSONAL-DATA"),
    ],
)
def test_the_receiver_refuses_what_is_no_to_do(portal, settings, changed, code):
    answer = post(portal, settings, {**GOOD, **changed})
    assert answer == {"success": False, "errorCode": code}
    assert "task-1" not in ask(f"{portal}/_mock/todos")["todos"]


def test_the_receiver_takes_nothing_unsigned(portal, settings):
    with pytest.raises(urllib.error.HTTPError) as refused:
        post(portal, settings, GOOD, sign=False)
    refused.value.close()
    assert refused.value.code == 403


# -- The link --------------------------------------------------------------------------------------


def test_the_link_asks_to_sign_in_and_lands_at_the_task():
    task = task_at()
    path = urlsplit(todos.address(task)).path
    asked = Client().get(path)
    assert asked.status_code == 302 and asked.url.startswith("/accounts/staff/sign-in/")
    assert parse_qs(urlsplit(asked.url).query)["next"] == [path]
    signed_in = Client()
    signed_in.force_login(desk.reviewer_for(task).user)
    assert signed_in.get(asked.url).url == path  # who is signed in already goes straight on
    assert task.case_no in signed_in.get(path).content.decode()
