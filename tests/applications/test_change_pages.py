"""/my/change/ and the desk's pages, page by page, without a browser."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import BureauKind, Role
from applications import change_settling, changes, majority, states
from applications.change_effects import Told
from applications.models import Application, Change
from applications.models.review import Stage
from applications.views import change as views
from core import clock
from core.models import AuditEntry
from tests.applications.test_changes import child_number, grown_up, told_of
from tests.factories import accounts, families
from tests.factories import applications as make
from tests.factories import review as desk

pytestmark = pytest.mark.django_db
Kind = Change.Kind


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    """Tasks are run by hand here."""
    from applications import tasks, tasks_changes

    monkeypatch.setattr(tasks.check_application, "apply_async", lambda *_a, **_k: None)
    monkeypatch.setattr(tasks_changes.go_on, "apply_async", lambda *_a, **_k: None)


@pytest.fixture
def family():
    """H02 on the waiting list, on its day, and its applicant signed in."""
    with families.on("H02"):
        row = families.household("H02", states.WAITLISTED)
        client = Client()
        client.force_login(row.created_by)
        yield row, client


def page(response, status: int = 200) -> str:
    assert response.status_code == status, response.status_code
    return response.content.decode()


def hidden(html: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', html)
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


def birth(**more) -> dict:
    return {
        "name": "王小雪", "id_number": child_number(), "guardian": "on", "happened_on_year": "2021",
        "happened_on_month": "9", "happened_on_day": "1", **more,
    }  # fmt: skip


def test_the_first_page_asks_what_happened_and_says_that_nobody_queues_anew(family):
    row, client = family
    html = page(client.get("/my/change/"))
    assert row.case_no in html and "不会让您家重新排队" in html
    for word in ("孩子出生或收养", "家人离世", "换了手机号"):
        assert word in html
    assert "死亡" not in html
    assert "请选择发生了什么" in page(client.get("/my/change/?next=1"), 422)


def test_a_new_phone_goes_to_the_page_of_phones_or_to_people(family, monkeypatch):
    _row, client = family
    address = "/my/change/?next=1&what=phone"
    monkeypatch.setattr(views, "answered", lambda _path: True)
    assert client.get(address).url == views.CONTACT
    monkeypatch.setattr(views, "answered", lambda _path: False)
    assert "0574-12345" in page(client.get(address), 409)


def test_answers_are_shown_with_their_effect_before_anything_is_kept(family):
    row, client = family
    first = page(client.get("/my/change/?what=birth"))
    html = page(client.post("/my/change/", {**hidden(first), **birth()}))
    assert not Change.objects.exists() and row.members.count() == 3
    for word in ("3人", "4人", "预估", "第1位", "王小雪", "怎么算的", "不是决定"):
        assert word in html, word
    sent = {**hidden(html), "step": "send"}
    answer = client.post("/my/change/", sent)
    change = Change.objects.get()
    assert answer.url == reverse("my_change_one", args=[change.pk])
    again = client.post("/my/change/", sent)
    assert again.url == answer.url and Change.objects.count() == 1
    assert any("已收到" in text for text in notices(row))
    assert "核对中" in page(client.get(answer.url))


def notices(row: Application) -> list[str]:
    from core.models import Notice

    return list(Notice.objects.filter(case_no=row.case_no).values_list("text", flat=True))


def test_back_from_the_preview_keeps_what_was_typed(family):
    _row, client = family
    html = page(client.post("/my/change/", {"what": "birth", "step": "fields", **birth()}))
    back = page(client.post("/my/change/", {**hidden(html), "step": "back"}))
    assert 'value="王小雪"' in back and 'value="2021"' in back


def test_a_wrong_answer_names_its_field_and_nothing_typed_is_lost(family):
    _row, client = family
    typed = birth(id_number="330212202109010011", happened_on_month="13")
    html = page(client.post("/my/change/", {"what": "birth", "step": "fields", **typed}), 422)
    assert "号码可能有一位填错" in html and "没有2021年13月1日这一天" in html
    assert 'value="王小雪"' in html


def test_a_refusal_of_the_verb_stands_at_its_field(family):
    row, client = family
    typed = birth(id_number=families.member(row, "30").id_number)
    preview = page(client.post("/my/change/", {"what": "birth", "step": "fields", **typed}))
    html = page(client.post("/my/change/", {**hidden(preview), "step": "send"}), 422)
    assert "已经在这份申请里" in html and not Change.objects.exists()


@pytest.mark.parametrize(
    ("kind", "answers"),
    [
        ("death", {"member": "10"}),
        ("divorce", {"stays": "01"}),
        ("aid", {"aid": "none"}),
        ("work", {"member": "01", "monthly_income": "20000"}),
        ("home", {"member": "01", "how": "bought", "area": "120"}),
        ("moved", {"street": ""}),
    ],
)
def test_every_kind_has_its_page_its_preview_and_its_receipt(family, kind, answers):
    row, client = family
    for name in ("member", "stays"):
        if name in answers:
            answers = {**answers, name: str(families.member(row, answers[name]).pk)}
    if kind == "moved":
        answers = {"street": accounts.bureau("street").pk}
    day = {f"happened_on_{part}": n for part, n in (("year", 2021), ("month", 9), ("day", 20))}
    page(client.get(f"/my/change/?what={kind}"))
    preview = page(client.post("/my/change/", {"what": kind, "step": "fields", **day, **answers}))
    assert "轮候登记日期2021年9月24日不变" in preview
    if kind == "home":
        assert "要由人核对" in preview and "会先通知您、听您说明" in preview
    sent = client.post("/my/change/", {**hidden(preview), "step": "send"})
    assert "报告时预估的影响" in page(client.get(sent.url))


def test_words_about_a_death_are_gentle_on_every_page(family):
    row, client = family
    spouse = families.member(row, "10")
    ask = page(client.get("/my/change/?what=death"))
    typed = {"what": "death", "step": "fields", "member": spouse.pk, "happened_on_year": 2021,
             "happened_on_month": 9, "happened_on_day": 20}  # fmt: skip
    check = page(client.post("/my/change/", typed))
    sent = client.post("/my/change/", {**hidden(check), "step": "send"})
    receipt = page(client.get(sent.url))
    assert "请节哀" in ask and "请节哀" in receipt
    for html in (ask, check, receipt):
        assert "死亡" not in html and "死者" not in html


def test_a_frozen_round_says_so_before_and_after():
    with families.on("H02"):
        row = families.household("H02", states.IN_ROUND)
        client = Client()
        client.force_login(row.created_by)
        typed = {"what": "birth", "step": "fields", **birth()}
        preview = page(client.post("/my/change/", typed))
        assert "摇号名单已经公布" in preview
        sent = client.post("/my/change/", {**hidden(preview), "step": "send"})
        assert "摇号名单已经公布" in page(client.get(sent.url))
        assert "已经在保障中" not in page(client.get("/my/change/?what=moved"), 409)


def test_nobody_else_reads_a_change_and_the_family_not_what_one_of_them_earns(family):
    row, client = family
    told = told_of(row, Kind.WORK)
    change = changes.report(row, told, by=row.created_by, key=uuid4()).change
    address = reverse("my_change_one", args=[change.pk])
    assert "9,000.00" in page(client.get(address))
    spouse = families.member(row, "10")
    other = Client()
    other.force_login(accounts.citizen(name=spouse.name, number=spouse.id_number).user)
    html = page(other.get(address))
    assert "9,000" not in html and "工作或收入有变化" in html
    stranger = Client()
    stranger.force_login(accounts.citizen().user)
    assert stranger.get(address).status_code == 404
    assert "没有要报告变化的申请" in page(stranger.get("/my/change/"))


def test_the_case_page_leads_to_it_and_lists_what_is_under_way(family):
    row, client = family
    change = changes.report(row, told_of(row, Kind.AID), by=row.created_by, key=uuid4()).change
    html = page(client.get(f"/my/case/{row.case_no}/"))
    assert "/my/change/?case=" in html and reverse("my_change_one", args=[change.pk]) in html


def test_a_grown_up_is_reported_by_hand_and_their_code_stands_on_the_familys_page():
    row, daughter = grown_up(clock.today())
    client = Client()
    client.force_login(row.created_by)
    typed = {"what": "majority", "step": "fields", "member": daughter.pk}
    preview = page(client.post("/my/change/", typed))
    sent = client.post("/my/change/", {**hidden(preview), "step": "send"})
    assert "审核照常进行" in page(client.get(sent.url))
    assert daughter.name in page(client.get(f"/my/case/{row.case_no}/family/"))
    assert majority.find(clock.today()) == 0


def test_who_is_not_eighteen_is_told_that_we_remind():
    row, daughter = grown_up(clock.today() + timedelta(days=3))
    client = Client()
    client.force_login(row.created_by)
    typed = {"what": "majority", "step": "fields", "member": daughter.pk}
    assert "不用您报告" in page(client.post("/my/change/", typed), 422)


# -- The desk --------------------------------------------------------------------------------------


def at(staff) -> Client:
    client = Client()
    client.force_login(staff.user)
    return client


def test_the_desk_reads_said_beside_fetched_and_the_look_is_recorded(family):
    row, _client = family
    change = changes.report(row, told_of(row, Kind.DEATH), by=row.created_by, key=uuid4()).change
    who = at(desk.district())
    assert row.case_no in page(who.get(reverse("review_changes")))
    html = page(who.get(reverse("review_change", args=[change.pk])))
    assert "家人说的" in html and "登记查到的" in html and change.member.name in html
    assert change.member.id_number not in html
    look = AuditEntry.objects.get(verb="looked")
    assert change.member.id_index in look.subjects and look.case_no == row.case_no


def test_the_desk_settles_and_goes_back_to_its_list(family):
    row, client = family
    change = changes.report(row, told_of(row, Kind.DEATH), by=row.created_by, key=uuid4()).change
    who = at(desk.district())
    address = reverse("review_change", args=[change.pk])
    assert "请写明" in page(who.post(address, {"verdict": "no_effect", "note": ""}), 422)
    assert who.post(address, {"verdict": "explain", "note": "请问是哪一天？"}).status_code == 302
    own = reverse("my_change_one", args=[change.pk])
    assert "请问是哪一天" in page(client.get(own))
    assert "请填写「实际情况是」" in page(client.post(own, {"text": " "}), 422)
    client.post(own, {"text": "九月二十日"})
    assert who.post(address, {"verdict": "updated", "note": ""}).status_code == 302
    assert families.member(row, "10").excluded
    assert "已更新" in page(client.get(own))


def test_an_applicant_who_has_died_is_followed_by_whom_the_desk_names(family):
    row, _client = family
    change = changes.report(
        row, Told(Kind.DEATH, clock.today(), row.applicant), by=row.created_by, key=uuid4()
    ).change
    who, spouse = at(desk.district()), families.member(row, "10")
    address = reverse("review_change", args=[change.pk])
    assert "由哪一位接着办" in page(who.get(address))
    assert "请选择由哪一位" in page(who.post(address, {"verdict": "updated", "note": ""}), 422)
    who.post(address, {"verdict": "updated", "note": "", "successor": spouse.pk})
    assert row.applicant == spouse


def test_the_task_says_what_has_changed_since_one_looked():
    case = desk.in_joint_review([])
    task = desk.task_of(case, Stage.JOINT, BureauKind.CIVIL_AFFAIRS)
    who = at(desk.reviewer_for(task))
    address = reverse("review_task", args=[task.pk])
    assert "家庭变化" not in page(who.get(address))
    changes.report(
        case, Told(Kind.AID, clock.today(), None, {"aid": ""}), by=case.created_by, key=uuid4()
    )
    assert "您上次查看之后报告的" in page(who.get(address))
    html = page(who.get(address))
    assert "救助有变化" in html and "您上次查看之后报告的" not in html


def test_a_street_sees_its_own_families_only(family):
    row, _client = family
    change = changes.report(row, told_of(row, Kind.DEATH), by=row.created_by, key=uuid4()).change
    other = type(row.street).objects.streets().exclude(pk=row.street_id).first()
    own = at(accounts.staff(Role.STREET, bureau=row.street))
    foreign = at(accounts.staff(Role.STREET, bureau=other))
    address = reverse("review_change", args=[change.pk])
    assert own.get(address).status_code == 200
    assert foreign.get(address).status_code == 404


def test_staff_keep_away_from_their_own_household(family):
    row, _client = family
    change = changes.report(row, told_of(row, Kind.DEATH), by=row.created_by, key=uuid4()).change
    staff = desk.district()
    staff.id_index = row.applicant.id_index
    staff.save()
    address = reverse("review_change", args=[change.pk])
    assert at(staff).get(address).status_code == 403
    with pytest.raises(change_settling.SettlingRefused):
        change_settling.confirm(change, by=staff)


def test_the_desks_list_costs_the_same_for_more_families(django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    staff = at(desk.district())

    def one_more() -> None:
        row = make.application(state=states.STREET_REVIEW)
        told = Told(Kind.AID, clock.today(), None, {"aid": ""})
        changes.report(row, told, by=row.created_by, key=uuid4())

    one_more()
    staff.get(reverse("review_changes"))
    with CaptureQueriesContext(connection) as few:
        staff.get(reverse("review_changes"))
    for _n in range(3):
        one_more()
    with django_assert_max_num_queries(len(few)):
        staff.get(reverse("review_changes"))
