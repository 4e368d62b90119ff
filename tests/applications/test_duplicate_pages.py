"""疑似重复 on the desk: masked, recorded, judged and undone by form alone."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Bureau
from applications import duplicate_run, duplicates, states
from applications.models import Application, PossibleDuplicate
from core import clock
from core.models import AuditEntry
from tests.browsing import enter, look_again, look_at
from tests.factories import accounts
from tests.factories import duplicates as pairs

pytestmark = pytest.mark.django_db


def signed_in(staff):
    client = Client()
    client.force_login(staff.user)
    return client


@pytest.fixture
def pair():
    return pairs.found(phone="13900000001")


@pytest.fixture
def desk():
    return signed_in(pairs.judge())


def judged(pair, desk, **fields):
    data = {"outcome": "different", "reason_code": "asked", "text": "两个人都来过窗口", **fields}
    return desk.post(reverse("duplicate_resolve", args=[pair.pk]), data)


def test_an_empty_list_says_that_nothing_is_to_be_judged(desk):
    page = desk.get(reverse("duplicates")).content.decode()
    assert "没有要判断的疑似重复" in page
    assert "还没有判断过的" in desk.get(reverse("duplicates") + "?done=1").content.decode()


def test_the_list_shows_names_masked_and_why(pair, desk):
    duplicate_run.run(clock.today())
    page = desk.get(reverse("duplicates")).content.decode()
    assert "*建国" in page and "曾建国" not in page
    assert "出生日期相同" in page and str(pair.score) in page
    assert "最近一次全部比对" in page


def test_the_likeliest_stands_on_top(desk):
    weak = pairs.found()
    PossibleDuplicate.objects.filter(pk=weak.pk).update(score=14)
    strong = pairs.case_of("吴海波", pairs.number("555"), phone="13900000005")
    duplicates.check(strong)
    duplicates.check(pairs.case_of("吴海波", pairs.number("557"), phone="13900000005"))
    rows = desk.get(reverse("duplicates")).context["rows"]
    assert [one.duplicate.score for one in rows] == sorted(
        (one.duplicate.score for one in rows), reverse=True
    )
    assert rows[-1].duplicate == weak


def test_side_by_side_nothing_stands_in_full(pair, desk):
    page = desk.get(reverse("duplicate", args=[pair.pk])).content.decode()
    for one in pair.sides:
        assert one.id_number not in page and one.name not in page
        assert one.application.case_no in page
    assert "13900000001" not in page and "139****0001" in page
    assert "501" not in page.split("<main")[1] and "海创路****" in page
    assert "身份证号只差一位或两位颠倒" in page
    assert "此数值尚待核实原文" in page


def test_each_look_is_recorded_for_each_of_the_two_and_names_the_own_case_alone(pair, desk):
    desk.get(reverse("duplicate", args=[pair.pk]))
    looks = AuditEntry.objects.filter(verb="looked", thing_type__endswith="possibleduplicate")
    assert sorted((one.subjects, one.case_no) for one in looks) == sorted(
        ([one.id_index], one.application.case_no) for one in pair.sides
    )


def test_a_judgement_and_its_undoing_by_form(pair, desk):
    assert judged(pair, desk).status_code == 302
    page = desk.get(reverse("duplicate", args=[pair.pk])).content.decode()
    assert "不同人" in page and "两个人都来过窗口" in page and "撤销判断" in page
    desk.post(reverse("duplicate_undo", args=[pair.pk]), {"why": "看错了"})
    pair.refresh_from_db()
    assert pair.state == states.DUPLICATE_OPEN
    assert "看错了" in desk.get(reverse("duplicate", args=[pair.pk])).content.decode()


def test_what_was_typed_stays_when_a_reason_is_missing(pair, desk):
    answer = judged(pair, desk, reason_code="")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "请选择怎样核实的" in page and "两个人都来过窗口" in page
    pair.refresh_from_db()
    assert pair.state == states.DUPLICATE_OPEN


def test_undoing_needs_a_reason(pair, desk):
    judged(pair, desk)
    answer = desk.post(reverse("duplicate_undo", args=[pair.pk]), {"why": ""})
    assert answer.status_code == 422 and "请写明为什么撤销" in answer.content.decode()


def test_who_comes_second_is_told_and_changes_nothing(pair, desk):
    judged(pair, desk)
    answer = judged(pair, signed_in(pairs.judge()), outcome="same")
    assert answer.status_code == 422 and "刚才已经有人判断过了" in answer.content.decode()
    pair.refresh_from_db()
    assert pair.state == states.DUPLICATE_DIFFERENT


def test_a_street_sees_its_own_territory_and_does_not_judge(pair):
    own, other = Bureau.objects.streets()[:2]
    Application.objects.update(street=own)
    here = signed_in(accounts.staff("street", bureau=own))
    page = here.get(reverse("duplicate", args=[pair.pk])).content.decode()
    assert "由区住房保障管理中心判断" in page and "<textarea" not in page
    assert judged(pair, here).status_code == 403
    there = signed_in(accounts.staff("street", bureau=other))
    assert there.get(reverse("duplicate", args=[pair.pk])).status_code == 404
    assert "*建国" not in there.get(reverse("duplicates")).content.decode()


def test_nobody_opens_a_pair_of_the_own_household(pair):
    judge = pairs.judge()
    judge.id_index = pair.low.id_index
    judge.save()
    answer = signed_in(judge).get(reverse("duplicate", args=[pair.pk]))
    assert answer.status_code == 403
    assert not AuditEntry.objects.filter(verb="looked").exists()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_pages_pass_axe_fit_their_width_and_work_by_keyboard(live_server, page, client):
    pair = pairs.found(phone="13900000001")
    enter(page, client, live_server, pairs.judge().user)
    for one in (reverse("duplicates"), reverse("duplicate", args=[pair.pk])):
        look_at(page, live_server, one)
    page.get_by_label("不同人").focus()
    page.keyboard.press("Space")
    page.get_by_label("怎样核实的").focus()
    page.keyboard.press("ArrowDown")
    page.get_by_label("理由").focus()
    page.keyboard.type("两个人都来过窗口")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="撤销判断").wait_for()
    look_again(page, name="judged")
    pair.refresh_from_db()
    assert pair.state == states.DUPLICATE_DIFFERENT
