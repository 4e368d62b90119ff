"""The reviewers' and the public pages, asked for over HTTP."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Staff
from accounts.roles import BureauKind, Role
from applications import decision, publicity, reconsiderations, review, states
from applications.models import Member, Objection, ReviewTask
from applications.models.review import Stage
from applications.views import queue as view
from core import clock
from core.models import AuditEntry
from tests.factories import accounts, applications
from tests.factories import review as desk

pytestmark = pytest.mark.django_db


def signed_in(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff.user)
    return client


def at_desk(task: ReviewTask) -> Client:
    return signed_in(desk.reviewer_for(task))


def text(response) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


# -- Queue ---------------------------------------------------------------------------------------


def test_the_queue_shows_the_tasks_of_my_desk_alone():
    case = desk.in_joint_review([desk.OFFPLAN])
    mine = desk.task_of(case, Stage.JOINT, BureauKind.HOUSING)
    page = text(at_desk(mine).get(reverse("review_queue")))
    assert case.case_no in page and reverse("review_task", args=[mine.pk]) in page
    other = desk.task_of(case, Stage.JOINT, BureauKind.CIVIL_AFFAIRS)
    assert reverse("review_task", args=[other.pk]) not in page


def test_a_street_sees_its_own_territory_only():
    case = desk.under_review(street=accounts.bureau("330212101"))
    elsewhere = accounts.staff(Role.STREET, bureau=accounts.bureau("330212102"))
    assert case.case_no not in text(signed_in(elsewhere).get(reverse("review_queue")))


def test_the_district_may_look_at_every_desk():
    case = desk.in_joint_review()
    client = signed_in(desk.district())
    assert case.case_no not in text(client.get(reverse("review_queue")))
    assert case.case_no in text(client.get(reverse("review_queue"), {"scope": "all"}))


def test_a_reviewer_gains_nothing_by_asking_for_every_desk():
    case = desk.under_review()
    client = signed_in(accounts.staff(Role.REVIEWER))
    assert case.case_no not in text(client.get(reverse("review_queue"), {"scope": "all"}))


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ({"tone": "doubt"}, True),
        ({"tone": "clean"}, False),
        ({"urgency": "late"}, False),
        ({"urgency": "later"}, True),
        ({"channel": "online"}, True),
        ({"channel": "window"}, False),
        ({"q": "nobody"}, False),
        ({"state": "nonsense"}, False),
    ],
)
def test_filters_choose(query, seen):
    case = desk.in_joint_review([desk.OFFPLAN])
    task = desk.task_of(case, Stage.JOINT, BureauKind.HOUSING)
    page = text(at_desk(task).get(reverse("review_queue"), query))
    assert (case.case_no in page) is seen


def test_the_queue_finds_by_number_and_pinyin():
    case = desk.in_joint_review(members=[applications.person(name="陈广福")])
    client = at_desk(desk.task_of(case, Stage.JOINT, BureauKind.HOUSING))
    for words in (case.case_no[-4:], "陈广", "chen", "cgf"):
        assert case.case_no in text(client.get(reverse("review_queue"), {"q": words})), words


def test_the_number_of_queries_does_not_grow_with_the_queue():
    for _n in range(2):
        desk.under_review(members=2)
    task = ReviewTask.objects.first()
    client = at_desk(task)
    client.get(reverse("review_queue"))  # what is read once: session, calendar
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("review_queue"))
    for _n in range(6):
        desk.under_review(members=3)
    with CaptureQueriesContext(connection) as many:
        client.get(reverse("review_queue"))
    assert len(many) == len(few)
    assert len(many) < 24  # lists and counts of every kind of work at the desk, once each


def test_pages_by_key_show_every_task_once(monkeypatch):
    monkeypatch.setattr(view, "PAGE", 2)
    cases = {desk.under_review().case_no for _n in range(5)}
    client = at_desk(ReviewTask.objects.first())
    address, seen = reverse("review_queue"), []
    while address:
        response = client.get(address)
        seen += [row.task.case_no for row in response.context["rows"]]
        address = response.context["next_href"]
    assert sorted(seen) == sorted(cases)


def test_an_empty_queue_says_so():
    assert "今天的待办已办完" in text(signed_in(desk.district()).get(reverse("review_queue")))


# -- Evidence ------------------------------------------------------------------------------------


def test_the_screen_shows_value_limit_clause_and_drafts_a_sentence():
    case = desk.in_joint_review([desk.OFFPLAN])
    task = desk.task_of(case, Stage.JOINT, BureauKind.HOUSING)
    page = text(at_desk(task).get(reverse("review_task", args=[task.pk])))
    for word in ("29.83", "18.00", "令11号 §7", "期房合同", "经核实", "how__HOUSING_OFFPLAN"):
        assert word in page, word


def test_no_id_number_stands_in_the_page_source():
    people = applications.couple_with_child()
    case = desk.in_joint_review(members=people)
    row = {"qlrmc": people[0].name, "qlrzjh": people[0].id_number, "mj": "52.00"}
    applications.evidence(case, "property", status="found", rows=[row])
    task = desk.task_of(case, Stage.JOINT, BureauKind.REAL_ESTATE)
    page = text(at_desk(task).get(reverse("review_task", args=[task.pk])))
    assert "52.00" in page
    assert all(one.id_number not in page for one in people)


def test_a_department_reads_only_its_own_registers():
    case = desk.in_joint_review()
    applications.evidence(case, "income_check", status="found", rows=[{"sr": "4321.00"}])
    other = desk.task_of(case, Stage.JOINT, BureauKind.REAL_ESTATE)
    assert "4321.00" not in text(at_desk(other).get(reverse("review_task", args=[other.pk])))
    own = desk.task_of(case, Stage.JOINT, BureauKind.CIVIL_AFFAIRS)
    assert "4321.00" in text(at_desk(own).get(reverse("review_task", args=[own.pk])))


INCOME = applications.finding(
    "INCOME", "fail", actual="62345.00", limit="54406.40", op="<=", evidence=["income_check"]
)


def page_at(case, kind):
    task = desk.task_of(case, Stage.JOINT, kind)
    return text(at_desk(task).get(reverse("review_task", args=[task.pk])))


def test_of_anothers_rule_a_department_sees_title_and_verdict_alone():
    declared = {"income": {"salary": "61111.00"}, "actual_rent": "1717.00"}
    case = desk.in_joint_review([desk.OFFPLAN, INCOME], declared=declared)
    values = ("62345", "62,345", "54406", "61111", "61,111", "1717", "1,717", "29.83", "18.00")
    page = page_at(case, BureauKind.REAL_ESTATE)
    assert all(word in page for word in ("家庭收入", "期房合同", "不符"))
    assert not [one for one in values if one in page]
    own = page_at(case, BureauKind.CIVIL_AFFAIRS)
    assert "62345" in own and "61,111" in own and "29.83" not in own


def test_a_rule_of_another_department_is_one_line_and_names_nobody():
    people = applications.couple_with_child()
    cars = [
        applications.finding("VEHICLE", result, person=one.id_number, actual=str(n))
        for n, (one, result) in enumerate(zip(people, ("pass", "fail", "pass"), strict=True))
    ]
    case = desk.in_joint_review(cars, members=people)
    task = desk.task_of(case, Stage.JOINT, BureauKind.HOUSING)
    screen = at_desk(task).get(reverse("review_task", args=[task.pk])).context["screen"]
    assert [(one.title, one.mark, one.actual) for one in screen.others] == [("机动车", "unmet", "")]
    assert not screen.met


def test_of_anothers_register_a_department_sees_whether_it_answered():
    case = desk.in_joint_review([INCOME])
    applications.evidence(case, "income_check", status="found", rows=[{"sr": "4321.00"}])
    task = desk.task_of(case, Stage.JOINT, BureauKind.REAL_ESTATE)
    screen = at_desk(task).get(reverse("review_task", args=[task.pk])).context["screen"]
    assert screen.matrix[0][1] == [("met", "已取得")] and not screen.records


def test_the_words_of_another_departments_opinion_stay_with_it():
    case = desk.in_joint_review([INCOME])
    task = desk.task_of(case, Stage.JOINT, BureauKind.CIVIL_AFFAIRS)
    how = {"INCOME": {"how": "confirmed_fail", "reason": "年收入62345元"}}
    review.opine(
        task, by=desk.reviewer_for(task), verdict="object", settled=how, text="收入62345元，超过",
        reason_codes=["INCOME.over_limit"],
    )  # fmt: skip
    page = page_at(case, BureauKind.REAL_ESTATE)
    assert "62345" not in page and "不同意" in page and "核实不符" in page


def test_street_and_district_read_every_value():
    case = desk.at_district(
        [desk.OFFPLAN, INCOME], {"HOUSING_OFFPLAN": "confirmed_fail", "INCOME": "confirmed_fail"}
    )
    for task in (desk.task_of(case, Stage.STREET), desk.task_of(case, Stage.DISTRICT)):
        page = text(at_desk(task).get(reverse("review_task", args=[task.pk])))
        assert "62345.00" in page and "29.83" in page
    joint = desk.task_of(case, Stage.JOINT, BureauKind.REAL_ESTATE)
    page = text(signed_in(desk.district()).get(reverse("review_task", args=[joint.pk])))
    assert "62345.00" in page


def test_each_look_is_recorded_with_everybody_looked_at():
    case = desk.under_review(members=3)
    task = desk.task_of(case, Stage.STREET)
    at_desk(task).get(reverse("review_task", args=[task.pk]))
    look = AuditEntry.objects.get(verb="looked")
    assert set(look.subjects) == set(case.members.values_list("id_index", flat=True))
    assert look.case_no == case.case_no


def test_a_task_of_another_desk_is_not_there():
    task = desk.task_of(desk.under_review(), Stage.STREET)
    client = signed_in(accounts.staff(Role.REVIEWER))
    assert client.get(reverse("review_task", args=[task.pk])).status_code == 404
    assert not AuditEntry.objects.filter(verb="looked").exists()


def test_kin_see_nothing_of_the_case():
    case = desk.under_review(members=2)
    task = desk.task_of(case, Stage.STREET)
    kin = desk.reviewer_for(task)
    kin.id_index = Member.objects.get(application=case, position=1).id_index
    kin.save()
    response = signed_in(kin).get(reverse("review_task", args=[task.pk]))
    assert response.status_code == 403
    assert "回避" in response.content.decode()


def test_an_opinion_given_on_the_page_moves_the_case():
    case = desk.under_review()
    task = desk.task_of(case, Stage.STREET)
    response = at_desk(task).post(
        reverse("review_task", args=[task.pk]), {"verdict": "agree", "text": "符合"}
    )
    assert response.status_code == 302
    case.refresh_from_db()
    assert case.state == states.JOINT_REVIEW


def test_a_refused_opinion_keeps_what_was_typed():
    case = desk.in_joint_review([desk.OFFPLAN])
    task = desk.task_of(case, Stage.JOINT, BureauKind.HOUSING)
    answers = {
        "verdict": "agree", "text": "已打电话问过开发商", "how__HOUSING_OFFPLAN": "overridden_pass",
    }  # fmt: skip
    page = text(at_desk(task).post(reverse("review_task", args=[task.pk]), answers))
    assert "写明理由" in page and "已打电话问过开发商" in page
    assert not hasattr(ReviewTask.objects.get(pk=task.pk), "opinion")


def test_claim_and_release_by_their_buttons():
    task = desk.task_of(desk.under_review(), Stage.STREET)
    client = at_desk(task)
    client.post(reverse("review_claim", args=[task.pk]))
    task.refresh_from_db()
    assert task.state == states.TASK_CLAIMED
    client.post(reverse("review_release", args=[task.pk]))
    task.refresh_from_db()
    assert task.state == states.TASK_OPEN


def test_a_colleagues_task_says_who_has_it_and_offers_no_form():
    task = desk.task_of(desk.under_review(), Stage.STREET)
    review.claim(task, by=desk.reviewer_for(task))
    page = text(at_desk(task).get(reverse("review_task", args=[task.pk])))
    assert "正在办理" in page and "opinion-form" not in page


def test_the_district_sees_all_opinions_and_may_draft():
    case = desk.at_district([desk.OFFPLAN], {"HOUSING_OFFPLAN": "confirmed_fail"})
    task = desk.task_of(case, Stage.DISTRICT)
    client = at_desk(task)
    page = text(client.get(reverse("review_task", args=[task.pk])))
    assert page.count("yz-opinion") >= 6
    client.post(
        reverse("review_task", args=[task.pk]), {"verdict": "object", "text": "见各部门意见"}
    )
    assert case.decisions.get().kind == "refuse"


# -- Signing -------------------------------------------------------------------------------------


def test_the_signing_list_tells_the_drafter_why_not():
    draft = desk.refusal_drafted()
    assert "拟稿人不能签发" in text(signed_in(draft.drafted_by).get(reverse("review_signing")))
    assert "等您签发" in text(signed_in(desk.district()).get(reverse("review_signing")))


def test_signing_on_the_page_serves_the_letter():
    draft = desk.refusal_drafted()
    signed_in(desk.district()).post(reverse("review_sign", args=[draft.pk]), {"act": "sign"})
    draft.refresh_from_db()
    assert draft.served_at is not None


def test_the_drafters_own_post_changes_nothing():
    draft = desk.refusal_drafted()
    signed_in(draft.drafted_by).post(reverse("review_sign", args=[draft.pk]), {"act": "sign"})
    draft.refresh_from_db()
    assert draft.signed_at is None


def test_returning_needs_a_reason():
    draft = desk.refusal_drafted()
    client = signed_in(desk.district())
    address = reverse("review_sign", args=[draft.pk])
    assert client.post(address, {"act": "return", "reason": ""}).status_code == 200
    client.post(address, {"act": "return", "reason": "依据不全"})
    draft.refresh_from_db()
    assert draft.replaced


def test_the_letter_prints_as_pdf():
    draft = desk.refusal_drafted()
    response = signed_in(desk.district()).get(reverse("letter_preview", args=[draft.pk]))
    assert response.content.startswith(b"%PDF")


def test_a_third_person_answers_the_reconsideration_on_the_page():
    letter = decision.sign(desk.refusal_drafted(), by=desk.district())
    asked = reconsiderations.ask(letter, by=letter.application.created_by, text="合同已经退了")
    address = reverse("review_reconsideration", args=[asked.pk])
    assert "合同已经退了" in text(signed_in(letter.drafted_by).get(address))
    signed_in(letter.drafted_by).post(address, {"outcome": "upheld", "text": "维持"})
    signed_in(desk.district()).post(address, {"outcome": "overturned", "text": "合同已注销"})
    letter.application.refresh_from_db()
    assert letter.application.state == states.PUBLICITY


# -- Public --------------------------------------------------------------------------------------


def on_notice(**fields):
    case = desk.at_district(**fields)
    desk.agree(desk.task_of(case, Stage.DISTRICT))
    return case.publicities.get()


def test_anybody_reads_the_notices_and_no_search_engine_keeps_them(client):
    people = applications.couple_with_child()
    notice = on_notice(members=people)
    response = client.get(reverse("public_notices"))
    page = text(response)
    assert notice.application.case_no in page
    assert "noindex" in response["X-Robots-Tag"]
    for someone in people:
        assert someone.name not in page and someone.id_number not in page


def test_an_objection_is_made_without_signing_in(client):
    notice = on_notice()
    address = reverse("public_object", args=[notice.pk])
    text(client.get(address))
    answers = {"text": "他家在别的区还有一套住房，请核查。", "contact": "0574-00000000"}
    assert client.post(address, answers).status_code == 302
    assert Objection.objects.get().publicity == notice
    text(client.get(reverse("public_objected")))


def test_an_ended_notice_takes_no_objection(client, monkeypatch):
    notice = on_notice()
    later = clock.now() + timedelta(days=9)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert client.get(reverse("public_object", args=[notice.pk])).status_code == 410


def test_the_objectors_words_are_for_the_district_alone():
    notice = on_notice()
    made = publicity.object_to(
        notice, text="他家在别的区还有一套住房，请核查。", contact="0574-00000000"
    )
    street = accounts.staff(Role.STREET, bureau=notice.application.street)
    address = reverse("review_objection", args=[made.pk])
    assert signed_in(street).get(address).status_code == 403
    assert "别的区" not in text(signed_in(street).get(reverse("review_notices")))
    assert "别的区" in text(signed_in(desk.district()).get(address))


def test_an_upheld_objection_leads_to_a_draft():
    notice = on_notice()
    made = publicity.object_to(
        notice, text="他家在别的区还有一套住房，请核查。", contact="0574-00000000"
    )
    client = signed_in(desk.district())
    answered = client.post(
        reverse("review_objection", args=[made.pk]), {"outcome": "yes", "text": "查实有住房一套"}
    )
    assert answered.url == reverse("review_refuse", args=[made.pk])
    text(client.get(answered.url))
    client.post(answered.url, {"rule": "HOUSING_AREA", "fact": "查实有住房一套，89.50平方米"})
    assert notice.application.decisions.filter(kind="refuse", replaced=False).count() == 1


def test_a_genuine_letter_is_confirmed_without_a_name(client):
    letter = decision.sign(desk.refusal_drafted(), by=desk.district())
    page = text(client.post(reverse("letter_check"), {"code": decision.grouped(letter.check_code)}))
    assert letter.letter_no in page and "这份文书是真的" in page
    assert letter.application.applicant.name not in page


def test_an_unknown_code_is_told_kindly(client):
    page = text(client.post(reverse("letter_check"), {"code": "AAAA-BBBB-CCCC"}))
    assert "没有找到" in page


def test_the_family_prints_its_own_letter_and_nobody_elses():
    letter = decision.sign(desk.refusal_drafted(), by=desk.district())
    address = reverse("my_decision_pdf", args=[letter.case_no, letter.pk])
    family, stranger = Client(), Client()
    family.force_login(letter.application.created_by)
    stranger.force_login(accounts.citizen().user)
    page = family.get(reverse("my_case", args=[letter.case_no]))
    assert address in text(page)
    assert family.get(address).content.startswith(b"%PDF")
    assert stranger.get(address).status_code == 404


def test_reading_a_letter_or_a_request_is_shown_to_the_household():
    letter = desk.refusal_drafted()
    index = letter.application.applicant.id_index
    client = signed_in(desk.district())
    for name in ("review_sign", "letter_preview"):
        client.get(reverse(name, args=[letter.pk]))
    decision.sign(letter, by=desk.district())
    asked = reconsiderations.ask(letter, by=letter.application.created_by, text="合同撤销了")
    client.get(reverse("review_reconsideration", args=[asked.pk]))
    looks = AuditEntry.objects.filter(verb="looked", subjects__contains=[index])
    assert looks.filter(case_no=letter.case_no).count() == 3
