"""Many reviewers on one queue over the real server: nothing twice, nothing lost, no deadlock."""

import json
import random
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from accounts.roles import BureauKind, Role
from applications import claims, conflicts, queue_counts, states
from applications.models import Opinion, ReviewTask
from applications.models.review import Stage
from core import clock
from core.models import Transition
from tests import stack as parts
from tests.factories import accounts, applications

pytestmark = pytest.mark.django_db(transaction=True)

SEED = 20261129
# reviewers, seconds, tasks
SIZES = [
    pytest.param((6, 12, 60), id="small"),
    pytest.param((20, 60, 1500), id="full", marks=pytest.mark.soak),
]
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Reviewer:
    """One person at the desk with a session of their own, asking as browser and API do."""

    def __init__(self, staff, site, seed):
        client = Client()
        client.force_login(staff.user)
        self.staff, self.site, self.chance = staff, site, random.Random(seed)
        self.token = "t" * 32
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.cookie = (
            f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={self.token}"
        )
        self.seen = Counter()
        self.decided, self.claimed = [], []
        self.broken = []

    def ask(self, address, content=None, *, form=False):
        """The status and the body; a refusal is an answer like another."""
        kind = "application/x-www-form-urlencoded" if form else "application/json"
        body = None
        if content is not None:
            body = (urllib.parse.urlencode(content) if form else json.dumps(content)).encode()
        request = urllib.request.Request(
            self.site + address, body,
            {"Cookie": self.cookie, "X-CSRFToken": self.token, "Content-Type": kind},
        )  # fmt: skip
        try:
            with _DIRECT.open(request, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def work(self, until, colleagues):
        while time.monotonic() < until:
            try:
                if not self.step(colleagues):
                    return
            except OSError as error:
                self.broken.append(repr(error))

    def step(self, colleagues):
        """Looks at the queue, claims something near its head, and decides, returns or hands it."""
        status, body = self.ask("/api/v1/queue/?state=open&page_size=30")
        self.note("list", status)
        rows = json.loads(body)["results"] if status == 200 else []
        if not rows:
            return False
        if self.chance.random() < 0.1:
            self.note("page", self.ask("/review/")[0])
        pk = self.chance.choice(rows)["id"]
        status, _body = self.ask(f"/api/v1/queue/{pk}/claim/", {})
        self.note("claim", status)
        if status == 200:
            self.claimed.append(pk)
            self.act(pk, colleagues)
        return True

    def act(self, pk, colleagues):
        luck = self.chance.random()
        if luck < 0.65:
            answer = {"verdict": "agree", "text": "符合"}
            status, _body = self.ask(f"/api/v1/queue/{pk}/opinion/", answer)
            self.note("opinion", status)
            if status == 201:
                self.decided.append(pk)
        elif luck < 0.85:
            self.note("release", self.ask(f"/api/v1/queue/{pk}/release/", {})[0])
        elif luck < 0.95:
            to = self.chance.choice(colleagues).pk
            self.note("give", self.ask(f"/review/{pk}/give/", {"to": to}, form=True)[0])

    def note(self, what, status):
        self.seen[what, status] += 1
        if status >= 500:
            self.broken.append((what, status))


@pytest.fixture
def site(transactional_db, tmp_path):
    running = parts.Stack(tmp_path)
    try:
        running.start_web()
        running.wait_for("web")
        yield running
    finally:
        running.stop()


def tasks_of_one_desk(count):
    """Cases whose one department has not answered yet; the last answer hands them on."""
    bureau = accounts.bureau(BureauKind.CIVIL_AFFAIRS)
    now, made = clock.now(), []
    for _n in range(count):
        case = applications.application(state=states.JOINT_REVIEW)
        applications.assessment(case)
        made.append(
            ReviewTask(
                application=case, stage=Stage.JOINT, bureau=bureau, state_since=now, opened_at=now,
                due_on=clock.today(),
            )
        )  # fmt: skip
    return ReviewTask.objects.bulk_create(made)


def deadlocks():
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]


@pytest.mark.parametrize("size", SIZES)
def test_no_task_is_decided_twice_none_is_lost_and_nobody_waits_for_ever(site, size):
    people, seconds, count = size
    tasks = tasks_of_one_desk(count)
    staff = [accounts.staff(Role.REVIEWER) for _n in range(people)]
    before = deadlocks()
    reviewers = [Reviewer(one, site.url("web"), SEED + n) for n, one in enumerate(staff)]
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=one.work, args=(until, staff)) for one in reviewers]
    for one in threads:
        one.start()
    while any(one.is_alive() for one in threads) and time.monotonic() < until + 60:
        queue_counts.fold()  # what the periodic tasks do meanwhile
        claims.expire_due()
        conflicts.give_back_everywhere()
        time.sleep(0.5)
    for one in threads:
        one.join(1)
        assert not one.is_alive(), "a request never came back"

    seen = sum((one.seen for one in reviewers), Counter())
    assert not [one.broken for one in reviewers if one.broken], site.tell()
    decided = [pk for one in reviewers for pk in one.decided]
    assert len(decided) == len(set(decided)) == Opinion.objects.count() > 0
    wanted = {task.pk for task in tasks}
    left = dict(ReviewTask.objects.filter(pk__in=wanted).values_list("pk", "state"))
    assert set(left) == wanted
    assert {pk for pk, state in left.items() if state == states.TASK_DONE} == set(decided)
    assert set(left.values()) <= {states.TASK_OPEN, states.TASK_CLAIMED, states.TASK_DONE}
    ends = Transition.objects.filter(thing_id__in=map(str, wanted), to_state=states.TASK_DONE)
    assert ends.count() == len(decided)
    handed_on = ReviewTask.objects.filter(stage=Stage.DISTRICT, application__tasks__in=decided)
    assert handed_on.count() == len(decided)  # each case moved on exactly once
    assert queue_counts.drift() == []
    assert deadlocks() == before
    shown = ", ".join(f"{what} {status}: {n}" for (what, status), n in sorted(seen.items()))
    print(f"{people} reviewers, {seconds} s, seed {SEED}: {shown}")
