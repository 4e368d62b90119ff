"""The pages around the queue, asked for over HTTP: desk, hand-over, absences, kin, recusals."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from applications import absences, conflicts, hand_overs, review, saved_views, states
from applications.models import Absence, Kin, Recusal, ReviewTask
from applications.models.review import Stage
from core import clock
from tests.factories import accounts
from tests.factories import review as desk

pytestmark = pytest.mark.django_db
FLAGGED = "330212004"  # 梅墟街道, run by the high-tech zone


def signed_in(staff):
    client = Client()
    client.force_login(staff.user)
    return client


def text(response):
    assert response.status_code == 200, response.status_code
    return response.content.decode()


@pytest.fixture
def task():
    return desk.task_of(desk.under_review(), Stage.STREET)


@pytest.fixture
def me(task):
    return desk.reviewer_for(task)


def parts(day):
    return {"year": day.year, "month": day.month, "day": day.day}


def absence_answers(staff, deputy, first, last):
    dates = {
        f"{name}_{part}": value
        for name, day in (("starts_on", first), ("ends_on", last))
        for part, value in parts(day).items()
    }
    return {"staff": staff.pk, "deputy": deputy.pk, **dates}


# -- The queue -----------------------------------------------------------------------------------


def test_a_free_task_is_claimed_and_given_back_from_the_queue(me, task):
    client = signed_in(me)
    page = text(client.get(reverse("review_queue")))
    assert f'action="{reverse("review_claim", args=[task.pk])}"' in page
    client.post(reverse("review_claim", args=[task.pk]))
    page = text(client.get(reverse("review_queue")))
    assert f'action="{reverse("review_release", args=[task.pk])}"' in page
    answer = client.post(reverse("review_release", args=[task.pk]), {"back": "queue"})
    assert answer.url == reverse("review_queue")
    assert ReviewTask.objects.get(pk=task.pk).state == states.TASK_OPEN


def test_a_claim_that_ran_out_shows_as_free(me, task):
    other = desk.reviewer_for(task)
    review.claim(task, by=other)
    assert other.name in text(signed_in(me).get(reverse("review_queue")))
    ReviewTask.objects.update(claim_expires_at=clock.now() - timedelta(minutes=1))
    page = signed_in(me).get(reverse("review_queue"), {"state": "open"})
    assert [row.holder for row in page.context["rows"]] == [""]
    assert other.name not in text(page)
    (one,) = signed_in(me).get("/api/v1/queue/", {"state": "open"}).json()["results"]
    assert (one["state"], one["claimed_by"]) == ("open", None)


def test_the_flag_of_a_street_run_by_others_stands_in_queue_facet_head_and_api():
    for code in (FLAGGED, "330212101"):
        case = desk.in_joint_review(street=accounts.bureau(code))
    task = desk.task_of(case, Stage.JOINT, "housing")
    client = signed_in(desk.reviewer_for(task))
    page = text(client.get(reverse("review_queue")))
    assert "由宁波国家高新区管理，可能要转交" in page and "梅墟街道（代管）" in page
    flagged, plain = ReviewTask.objects.filter(bureau=task.bureau).order_by("pk")
    assert "由其他管委会管理" in text(client.get(reverse("review_task", args=[flagged.pk])))
    assert "由其他管委会管理" not in text(client.get(reverse("review_task", args=[plain.pk])))
    body = client.get("/api/v1/queue/").json()["results"]
    assert [one["run_by"] for one in body] == ["宁波国家高新区", ""]
    assert body[0]["street"]["code"] == FLAGGED and body[0]["workdays_left"] > 0


def test_the_api_pages_by_the_same_key_and_counts_alike():
    for _n in range(5):
        task = desk.task_of(desk.under_review(), Stage.STREET)
    client = signed_in(desk.reviewer_for(task))
    seen, address = [], "/api/v1/queue/?page_size=2"
    while address:
        body = client.get(address).json()
        assert body["counts"]["total"] == 5 and not body["counts"]["capped"]
        seen += [one["id"] for one in body["results"]]
        address = body["next"]
    page = client.get(reverse("review_queue"))
    assert seen == [row.task.pk for row in page.context["rows"]] and len(seen) == 5
    key = f"{task.due_on.isoformat()}.{seen[2]}"
    rows = client.get(reverse("review_queue"), {"after": key}).context["rows"]
    assert [row.task.pk for row in rows] == seen[3:]
    api = client.get("/api/v1/queue/", {"after": key}).json()["results"]
    assert [one["id"] for one in api] == seen[3:]
    assert client.get("/api/v1/queue/", {"after": "x"}).status_code == 404


@pytest.mark.parametrize(
    "after", ["", "x", "2026-13-01.4", "2026-01-01.", "2026-01-01.9" + "9" * 30]
)
def test_a_key_that_is_none_shows_the_beginning(me, task, after):
    page = signed_in(me).get(reverse("review_queue"), {"after": after})
    assert [row.task.pk for row in page.context["rows"]] == [task.pk]


@pytest.mark.parametrize("query", [
    {"bureau": "nowhere"}, {"street": "1"}, {"holder": "you"}, {"urgency": "never"},
])  # fmt: skip
def test_a_filter_that_is_not_understood_is_a_400_in_the_api(me, query):
    assert signed_in(me).get("/api/v1/queue/", query).status_code == 400


def test_another_desk_asked_for_by_name_stays_closed(me, task):
    desk.in_joint_review()
    body = signed_in(me).get("/api/v1/queue/", {"bureau": "housing"}).json()
    assert body["results"] == [] and body["counts"]["total"] == 0
    body = signed_in(desk.district()).get("/api/v1/queue/", {"bureau": "housing"}).json()
    assert len(body["results"]) == body["counts"]["total"] == 1


def test_the_queue_tells_what_was_handed_over_and_who_is_away(me, task):
    other = desk.reviewer_for(task)
    review.claim(task, by=other)
    hand_overs.give(task, by=other, to=me, note="下午再打")
    today = clock.today()
    absences.enter(other, deputy=me, starts_on=today, ends_on=today, by=other)
    page = text(signed_in(me).get(reverse("review_queue")))
    assert "有1件任务转给了您" in page and "下午再打" in page and other.name in page
    assert "您在代办" in page
    assert "您登记了不在岗" in text(signed_in(other).get(reverse("review_queue")))
    signed_in(me).post(reverse("review_handed"))
    assert "转给了您" not in text(signed_in(me).get(reverse("review_queue")))


# -- Desk, hand-over, absences -------------------------------------------------------------------


def test_the_desk_shows_everybody_and_the_lead_gives_out(me, task):
    lead = accounts.staff([Role.STREET, Role.ADMIN], bureau=task.bureau)
    page = text(signed_in(me).get(reverse("review_desk")))
    assert me.name in page and "没有人认领的1件" in page and "平均分派" not in page
    client = signed_in(lead)
    assert "平均分派" in text(client.get(reverse("review_desk")))
    answer = client.post(reverse("review_desk"), {"act": "next", "count": "1", "to": me.pk})
    assert answer.status_code == 302
    assert ReviewTask.objects.get(pk=task.pk).claimed_by == me
    assert "没有要分派的任务" in text(client.get(reverse("review_desk")))
    desk.under_review(street=task.bureau)
    client.post(reverse("review_desk"), {"act": "spread"})
    assert not ReviewTask.objects.filter(bureau=task.bureau, state=states.TASK_OPEN).exists()


@pytest.mark.parametrize("answers", [
    {"act": "next", "count": "0", "to": ""}, {"act": "next", "count": "x"}, {"act": "next"},
])  # fmt: skip
def test_a_wrong_number_or_nobody_is_said_at_the_field(me, task, answers):
    lead = accounts.staff([Role.STREET, Role.ADMIN], bureau=task.bureau)
    assert signed_in(lead).post(reverse("review_desk"), answers).status_code == 422
    assert ReviewTask.objects.get(pk=task.pk).state == states.TASK_OPEN


def test_who_does_not_lead_gives_out_nothing(me, task):
    client = signed_in(me)
    client.post(reverse("review_desk"), {"act": "spread"})
    client.post(reverse("review_desk"), {"act": "next", "count": "1", "to": me.pk})
    assert ReviewTask.objects.get(pk=task.pk).state == states.TASK_OPEN


def test_a_task_is_handed_over_on_its_page(me, task):
    other = desk.reviewer_for(task)
    client, address = signed_in(me), reverse("review_give", args=[task.pk])
    assert "只能转办自己认领的任务" in text(client.get(address))
    review.claim(task, by=me)
    assert address in text(client.get(reverse("review_task", args=[task.pk])))
    assert other.name in text(client.get(address))
    assert client.post(address, {"to": ""}).status_code == 422
    assert client.post(address, {"to": other.pk, "note": "请看"}).status_code == 302
    assert ReviewTask.objects.get(pk=task.pk).claimed_by == other


def test_an_absence_is_entered_shown_and_ended(me, task):
    other = desk.reviewer_for(task)
    review.claim(task, by=me)
    client, today = signed_in(me), clock.today()
    address = reverse("review_absences")
    answers = absence_answers(me, other, today, today + timedelta(days=2))
    assert client.post(address, {**answers, "deputy": me.pk}).status_code == 422
    assert client.post(address, answers).status_code == 302
    assert ReviewTask.objects.get(pk=task.pk).claimed_by == other
    row = Absence.objects.get()
    assert "现在不在岗" in text(client.get(address))
    assert "不在岗，由" in text(signed_in(other).get(reverse("review_give", args=[task.pk])))
    assert signed_in(other).post(reverse("review_absence_end", args=[row.pk])).status_code == 302
    row.refresh_from_db()
    assert row.ended_at is None  # not the deputy's to end
    client.post(reverse("review_absence_end", args=[row.pk]))
    assert "没有人登记不在岗" in text(client.get(address))


def test_an_absence_of_somebody_else_is_not_offered_to_who_does_not_lead(me, task):
    other, third = desk.reviewer_for(task), desk.reviewer_for(task)
    today = clock.today()
    answers = absence_answers(other, third, today, today)
    assert signed_in(me).post(reverse("review_absences"), answers).status_code == 422
    assert not Absence.objects.exists()


# -- Recusals ------------------------------------------------------------------------------------


def test_kin_are_declared_and_ended_on_their_page(me, task):
    client, address = signed_in(me), reverse("review_kin")
    assert "您还没有申报亲属" in text(client.get(address))
    number = task.application.applicant.id_number
    assert client.post(address, {"relation": "", "id_number": number}).status_code == 422
    answer = client.post(address, {"relation": "sibling", "id_number": "123"})
    assert answer.status_code == 422 and "号码可能有一位填错" in answer.content.decode()
    client.post(address, {"relation": "sibling", "id_number": number})
    page = text(client.get(address))
    assert "兄弟姐妹" in page and number not in page
    kin = Kin.objects.get()
    other = desk.reviewer_for(task)
    assert signed_in(other).post(reverse("review_kin_end", args=[kin.pk])).status_code == 404
    client.post(reverse("review_kin_end", args=[kin.pk]))
    assert "兄弟姐妹" not in text(client.get(address)).split("<form", 1)[0]


def test_one_case_is_declared_on_its_page(me, task):
    client, address = signed_in(me), reverse("review_recuse", args=[task.pk])
    assert address in text(client.get(reverse("review_task", args=[task.pk])))
    review.claim(task, by=me)
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "申请人是我的邻居"}).status_code == 302
    assert Recusal.objects.get().staff == me
    assert client.get(reverse("review_task", args=[task.pk])).status_code == 403
    assert ReviewTask.objects.get(pk=task.pk).state == states.TASK_OPEN


# -- Queries -------------------------------------------------------------------------------------


def queries(client, address):
    client.get(address)  # what is read once: session, calendar, streets
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def fill(task, me, times):
    """More of everything that the pages list."""
    today = clock.today()
    for n in range(times):
        one, two = desk.reviewer_for(task), desk.reviewer_for(task)
        absences.enter(one, deputy=two, starts_on=today, ends_on=today, by=one)
        more = desk.task_of(desk.under_review(street=task.bureau), Stage.STREET)
        review.claim(more, by=two)
        hand_overs.give(more, by=two, to=me)
        saved_views.keep(me, name=f"{two.name}{n}", query="tone=doubt")
        number = accounts.id_number()
        conflicts.declare_kin(me, id_number=number, relation="in_law", by=me)
        conflicts.recuse(desk.under_review(street=task.bureau), by=two, reason="邻居")


@pytest.mark.parametrize("name", [
    "review_queue", "review_views", "review_desk", "review_absences", "review_kin",
    "audit_recusals", "review_give", "review_recuse",
])  # fmt: skip
def test_no_page_asks_more_where_there_is_more(me, task, name):
    address = reverse(name, args=[task.pk] if name in ("review_give", "review_recuse") else [])
    client = signed_in(accounts.staff(Role.AUDITOR) if name == "audit_recusals" else me)
    fill(task, me, 2)
    few = queries(client, address)
    fill(task, me, 4)
    assert queries(client, address) == few < 25
