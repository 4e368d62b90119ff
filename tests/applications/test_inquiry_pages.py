"""The desks' pages of questions of fact, and what the family reads of them."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import BureauKind, Role
from applications import archive, inquiry_answers, states
from applications.inquiries import Kind
from applications.models.review import Stage
from core import clock
from core.models import AuditEntry
from tests.factories import accounts, applications
from tests.factories import inquiries as desk
from tests.factories import review as tasks

pytestmark = pytest.mark.django_db
CIVIL, LAND = BureauKind.CIVIL_AFFAIRS, BureauKind.REAL_ESTATE
HOUSING, PEOPLE = BureauKind.HOUSING, BureauKind.FLOATING_POPULATION
QUEUE, LIST = "review_queue", "review_inquiries"


def signed_in(someone) -> Client:
    client = Client()
    client.force_login(someone.user)
    return client


def text(response) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def joint(case):
    tasks.agree(tasks.task_of(case, Stage.STREET))
    case.refresh_from_db()
    return case


def task_page(case, kind, client=None) -> str:
    task = tasks.task_of(case, Stage.JOINT, kind)
    client = client or signed_in(desk.at_desk(kind))
    return text(client.get(reverse("review_task", args=[task.pk])))


# -- The queue and the list ----------------------------------------------------------------------


def test_the_queue_tells_of_questions_and_marks_their_cases():
    case = joint(desk.disputed_aid())
    page = text(signed_in(desk.at_desk(CIVIL)).get(reverse(QUEUE)))
    assert reverse(LIST) in page and "两路不一致" in page and case.case_no in page
    assert reverse(LIST) not in text(signed_in(desk.at_desk(LAND)).get(reverse(QUEUE)))


def test_the_list_holds_a_family_in_one_line_and_no_other_desks_question():
    case = desk.disputed_aid(applications.couple_with_child())
    page = text(signed_in(desk.at_desk(CIVIL)).get(reverse(LIST)))
    assert page.count("<tr data-row>") == 1
    for member in case.members.filter(relation__in=("01", "10")):
        assert member.name in page
    assert case.case_no not in text(signed_in(desk.at_desk(LAND)).get(reverse(LIST)))


def test_the_list_chooses_by_kind_and_says_when_it_is_empty():
    client = signed_in(desk.at_desk(CIVIL))
    assert "没有要核实的" in text(client.get(reverse(LIST)))
    case = desk.disputed_aid()
    assert case.case_no in text(client.get(reverse(LIST), {"kind": "two_routes"}))
    assert case.case_no not in text(client.get(reverse(LIST), {"kind": "silent_source"}))
    assert case.case_no in text(client.get(reverse(LIST), {"kind": "nonsense"}))


def test_the_number_of_queries_of_the_list_does_not_grow():
    desk.disputed_aid()
    client = signed_in(desk.at_desk(CIVIL))
    client.get(reverse(LIST))
    with CaptureQueriesContext(connection) as few:
        client.get(reverse(LIST))
    for _n in range(4):
        desk.disputed_aid(2)
    with CaptureQueriesContext(connection) as many:
        client.get(reverse(LIST))
    assert len(many) == len(few) < 14


# -- One question --------------------------------------------------------------------------------


def test_both_sides_stand_beside_each_other_without_an_id_number():
    case = desk.disputed_aid()
    row = desk.only(case)
    page = text(signed_in(desk.at_desk(CIVIL)).get(reverse("review_inquiry", args=[row.pk])))
    for word in ("低保", "没有登记", "省大救助快照", "以区民政登记为准", "两处不同"):
        assert word in page, word
    assert case.applicant.id_number not in page


def test_each_look_is_recorded_about_the_person():
    case = desk.disputed_aid()
    row = desk.only(case)
    signed_in(desk.at_desk(CIVIL)).get(reverse("review_inquiry", args=[row.pk]))
    entry = AuditEntry.objects.filter(thing_type="applications.inquiry").latest("pk")
    assert case.applicant.id_index in entry.subjects


def test_another_desk_finds_nothing_there():
    row = desk.only(desk.disputed_aid())
    page = signed_in(desk.at_desk(LAND)).get(reverse("review_inquiry", args=[row.pk]))
    assert page.status_code == 404


def test_answering_leads_to_the_next_question_or_back_to_the_task():
    first, second = desk.disputed_aid(), desk.disputed_aid()
    client = signed_in(desk.at_desk(CIVIL))
    told = {"outcome": "left", "reason_code": "lag", "text": "名单下月更新"}
    row, other = desk.only(first), desk.only(second)
    done = client.post(reverse("review_inquiry", args=[row.pk]), told)
    assert done.headers["Location"] == reverse("review_inquiry", args=[other.pk])
    done = client.post(reverse("review_inquiry", args=[other.pk]), told | {"task": "7"})
    assert done.headers["Location"] == reverse("review_task", args=[7])
    row.refresh_from_db()
    assert (row.state, row.text) == (states.INQUIRY_SETTLED, "名单下月更新")


def test_a_refused_answer_says_why_at_its_field_and_keeps_what_was_typed():
    row = desk.only(desk.disputed_aid())
    client = signed_in(desk.at_desk(CIVIL))
    told = {"outcome": "left", "text": "我打过电话"}
    page = text(client.post(reverse("review_inquiry", args=[row.pk]), told))
    assert "请选择怎么核实的" in page and "我打过电话" in page


def test_only_those_who_are_ticked_are_answered():
    case = desk.disputed_aid(applications.couple_with_child())
    client = signed_in(desk.at_desk(CIVIL))
    spouse = desk.only(case, member__relation="10")
    told = {"outcome": "left", "reason_code": "lag", "text": "x", "also": [str(spouse.pk)]}
    first = desk.only(case, member__relation="01")
    client.post(reverse("review_inquiry", args=[first.pk]), told)
    left = case.inquiries.filter(state=states.INQUIRY_OPEN)
    assert [one.member.relation for one in left] == ["01"]


# -- The evidence screen -------------------------------------------------------------------------


def test_the_screen_shows_agree_disagree_and_silent():
    case = desk.accepted()
    desk.answered(case, "low_income_aid", [desk.aid(case.applicant)])
    applications.evidence(case, "property", status="unavailable")
    register = {"czrkxm": case.applicant.name, "czrkgmsfhm": case.applicant.id_number}
    desk.answered(case, "household_register", [register])
    task = tasks.task_of(desk.opened(case), Stage.STREET)
    page = text(signed_in(tasks.reviewer_for(task)).get(reverse("review_task", args=[task.pk])))
    for word in ("两路印证", "两路不一致", "未印证", "一致"):
        assert word in page, word


def test_a_department_reads_only_its_own_side_of_anothers_pair():
    case = desk.accepted()
    paid = (clock.today() - timedelta(days=400)).isoformat()
    tax = {"NSRSBH": case.applicant.id_number, "ZSPMMC": "存量房", "NSRQ": paid, "KSSL": "21.37"}
    desk.answered(case, "deed_tax", [tax])
    joint(desk.opened(case))
    assert "21.37" in task_page(case, LAND)
    other = task_page(case, HOUSING)
    assert "21.37" not in other and "两路不一致" in other
    assert "两路印证" not in task_page(case, BureauKind.HUMAN_RESOURCES)
    assert "两路不一致" not in task_page(case, CIVIL)


def test_the_desk_answers_on_the_case_itself_and_only_then_gives_its_opinion():
    case = joint(desk.disputed_aid())
    client = signed_in(desk.at_desk(CIVIL))
    row, task = desk.only(case), tasks.task_of(case, Stage.JOINT, CIVIL)
    page = task_page(case, CIVIL, client)
    address = reverse("review_inquiry", args=[row.pk])
    assert f'action="{address}"' in page
    assert re.search(r"data-disabled><span>提交意见", page)
    told = {"outcome": "left", "reason_code": "lag", "text": "属实", "task": str(task.pk)}
    assert client.post(address, told).headers["Location"] == reverse("review_task", args=[task.pk])
    page = task_page(case, CIVIL, client)
    assert "以区民政登记为准" in page and f'action="{address}"' not in page
    assert not re.search(r"data-disabled><span>提交意见", page)


def test_the_district_sees_whose_question_is_open_and_cannot_close():
    case = desk.accepted()
    desk.silent(case, "marriage")
    joint(desk.opened(case))
    inquiry_answers.answer(
        desk.only(case), by=desk.at_desk(CIVIL), outcome="supplement", reason_code="asked_family"
    )
    for kind in tasks.duties.DEPARTMENTS:
        task = tasks.task_of(case, Stage.JOINT, kind)
        tasks.settle(task, dict.fromkeys(task.findings, "verified_pass"))
    task = tasks.task_of(case, Stage.DISTRICT)
    page = text(signed_in(tasks.district()).get(reverse("review_task", args=[task.pk])))
    assert accounts.bureau(CIVIL).name in page
    assert re.search(r"data-disabled><span>提交意见", page)


def test_the_screen_shows_how_fresh_an_answer_is_and_what_the_person_says_beside_it():
    case = desk.accepted()
    row = desk.answered(case, "property", [{"zl": "某路1号", "jzmj": "20.00"}])
    row.valid_to = clock.today() - timedelta(days=1)
    row.save()
    archive.correct(row, reason="这套房已经卖了", claim="名下没有住房", by=case.created_by)
    page = task_page(joint(desk.opened(case)), LAND)
    for word in ("取得过程", "已过期", "这套房已经卖了", "名下没有住房", "某路1号"):
        assert word in page, word


def test_the_history_of_an_answer_is_open_to_the_department_that_reads_the_register():
    case = desk.accepted()
    row = desk.answered(case, "property", [{"zl": "某路1号", "qlrzjh": case.applicant.id_number}])
    archive.correct(row, reason="这套房已经卖了", by=case.created_by)
    joint(desk.opened(case))

    def history(kind):
        task = tasks.task_of(case, Stage.JOINT, kind)
        address = reverse("review_history", args=[task.pk, row.pk])
        return signed_in(desk.at_desk(kind)).get(address)

    page = text(history(LAND))
    assert "某路1号" in page and "这套房已经卖了" in page
    assert case.applicant.id_number not in page
    assert history(CIVIL).status_code == 404


def test_the_number_of_queries_of_the_screen_does_not_grow_with_the_household():
    def queries(members):
        case = desk.accepted(members)
        for member in case.members.all():
            for source in ("property", "low_income_aid", "death"):
                desk.answered(case, source, [], member=member)
            desk.answered(case, "deed_tax", [{"KSSL": "20.00"}], member=member)
        task = tasks.task_of(joint(desk.opened(case)), Stage.JOINT, LAND)
        client = signed_in(desk.at_desk(LAND))
        client.get(reverse(QUEUE))
        with CaptureQueriesContext(connection) as asked:
            text(client.get(reverse("review_task", args=[task.pk])))
        return len(asked)

    queries(1)  # the calendar, the policy and how long stages take are kept for minutes
    one, five = queries(1), queries(5)
    assert five == one
    assert one < 45


# -- The family ----------------------------------------------------------------------------------


def my_case(case, member=None) -> str:
    client = Client()
    client.force_login(case.created_by)
    return text(client.get(reverse("my_case", args=[case.case_no])))


def test_the_family_reads_that_two_entries_differ_without_blame():
    case = desk.disputed_aid()
    page = my_case(case)
    assert "两处信息不同，核对中" in page
    for word in ("两路不一致", "不符合条件", "核实单", "异常"):
        assert word not in page, word
    row = desk.only(case)
    inquiry_answers.answer(
        row, by=desk.at_desk(CIVIL), outcome="left", reason_code="lag", text="属实"
    )
    assert "两处信息不同" not in my_case(case)


def test_somebody_elses_difference_is_not_told():
    case = desk.accepted(applications.couple_with_child())
    spouse = case.members.get(relation="10")
    death = {"idCardCode": spouse.id_number, "deathDate": "20210901"}
    register = {"czrkxm": spouse.name, "czrkgmsfhm": spouse.id_number}
    for member in case.members.all():
        for source in ("death", "cremation"):
            desk.answered(case, source, [], member=member)
    desk.answered(case, "death", [death], member=spouse)
    desk.answered(case, "household_register", [register], member=spouse)
    desk.opened(case)
    assert desk.only(case).member == spouse
    assert "两处信息不同" not in my_case(case)


def test_the_family_brings_a_paper_by_its_day():
    case = desk.accepted()
    desk.silent(case, "marriage")
    desk.opened(case)
    inquiry_answers.answer(
        desk.only(case), by=desk.at_desk(CIVIL), outcome="supplement", reason_code="asked_family"
    )
    address = reverse("my_bring", args=[case.case_no])
    page = my_case(case)
    assert "待补交" in page and address in page
    client = Client()
    client.force_login(case.created_by)
    (paper,) = inquiry_answers.open_supplements(case)
    assert "补交" in text(client.post(address, {}))
    done = client.post(address, {f"item_{paper.pk}": "结婚证 J330212-2014"})
    assert done.status_code == 302
    assert "现在没有要您补的" in text(client.get(address))
    page = text(
        signed_in(desk.at_desk(CIVIL)).get(
            reverse("review_inquiry", args=[desk.only(case, kind=Kind.SILENT).pk])
        )
    )
    assert "J330212-2014" in page


def test_strangers_cannot_bring_papers():
    case = desk.disputed_aid()
    stranger = Client()
    stranger.force_login(accounts.citizen().user)
    assert stranger.get(reverse("my_bring", args=[case.case_no])).status_code == 404


@pytest.mark.parametrize("role", [Role.WINDOW, Role.LEADER, Role.STREET])
def test_who_settles_nothing_has_no_list(role):
    assert signed_in(accounts.staff(role)).get(reverse(LIST)).status_code == 403


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (states.REFUSED, "已经有了结果"),
        (states.CLOSED, "已经有了结果"),
        (states.WITHDRAWN, "可以重新申请"),
    ],
)
def test_a_case_that_has_ended_takes_no_paper_and_its_page_asks_for_none(state, words):
    case = applications.application(state=states.STREET_REVIEW)
    paper = case.supplements.create(item="silent-marriage-1", text="结婚证", due_on=clock.today())
    address = reverse("my_bring", args=[case.case_no])
    client = Client()
    client.force_login(case.created_by)
    assert "<form" in text(client.get(address)).split("<main", 1)[1]
    type(case).objects.filter(pk=case.pk).update(state=state, closed_at=clock.now())
    shown = text(client.get(address)).split("<main", 1)[1]
    assert words in shown and "textarea" not in shown
    sent = client.post(address, {f"item_{paper.pk}": "结婚证 J330212"})
    assert sent.status_code == 409
    with pytest.raises(inquiry_answers.InquiryRefused, match=words):
        inquiry_answers.bring(case, by=case.created_by, answers={paper.pk: "结婚证"})
    paper.refresh_from_db()
    assert paper.received_at is None
