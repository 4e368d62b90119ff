"""谁查过我的数据: every call, reading and refusal, with what it changed, of nobody else."""

from datetime import UTC, datetime, timedelta

import pytest

from applications import authority, consent, look_questions, looks, states
from applications.models import Consent, Decision, EvidenceAnswer, LookQuestion
from core import audit, clock
from core.models import Notice
from datashare.models import Call, GivenConsent
from tests.factories import accounts
from tests.factories import applications as make

pytestmark = pytest.mark.django_db
WANTED = looks.Wanted()


@pytest.fixture
def me(client):
    citizen = accounts.citizen(name="林一")
    client.force_login(citizen.user)
    return citizen


@pytest.fixture
def case(me):
    return make.application(applicant=me, state=states.JOINT_REVIEW)


def called(member, source="property", *, outcome="found", by="worker", at=None, **fields):
    """A call as the log keeps it."""
    given = authority.in_force(member)
    fields.setdefault("basis", f"consent:{given.digest}" if given else "consent:x")
    fields.setdefault("case_no", member.application.case_no)
    return Call.objects.create(
        source=source, purpose="公共服务", by=by, person_index=member.id_index,
        started_at=at or clock.now(), duration_ms=5, outcome=outcome,
        error_kind="timeout" if outcome == "unavailable" else "", **fields,
    )  # fmt: skip


def answered(call, member, records, *, round="apply"):
    """What the register said in that call, in the archive."""
    row = member.application.evidence.filter(member=member, source=call.source, round=round).first()
    row = row or make.evidence(
        member.application, call.source, member=member, status="found", round=round
    )
    return EvidenceAnswer.objects.create(
        evidence=row, status="found", content={"rows": [], "records": records},
        digest=str(records), fetched_at=call.started_at, asked_at=call.started_at,
        recorded_at=call.started_at,
    )  # fmt: skip


def assessed(case, at, *findings):
    made = make.assessment(case, findings=[make.finding(**one) for one in findings])
    type(made).objects.filter(pk=made.pk).update(created_at=at)
    return made


def lines(index, wanted=WANTED, number=1):
    return [one for day in looks.page(index, wanted, number).object_list for one in day.looks]


def line(index, source):
    call = Call.objects.filter(source=source).latest("started_at")
    return looks.one(index, looks.CALL, call.pk)


# -- What it changed -------------------------------------------------------------------------------


def test_the_first_answer_says_which_conditions_read_it(me, case):
    member, at = case.applicant, clock.now() - timedelta(hours=2)
    answered(called(member, at=at), member, [{"area": "50.00"}])
    assessed(
        case, at + timedelta(minutes=1),
        {"rule": "HOUSING_AREA", "result": "pass", "evidence": ["property"]},
        {"rule": "INCOME", "result": "pass", "evidence": ["income_check"]},
    )  # fmt: skip
    effect = line(me.id_index, "property").effect
    assert effect.word == "第一次得到答复"
    assert "住房" in effect.line and "符合" in effect.line and "收入" not in effect.line


def test_the_same_answer_again_changed_nothing(me, case):
    member, at = case.applicant, clock.now() - timedelta(days=2)
    answered(called(member, at=at), member, [{"area": "50.00"}])
    answered(called(member, at=at + timedelta(days=1)), member, [{"area": "50.00"}])
    assert line(me.id_index, "property").effect.word == "没有变化"


def test_another_answer_names_the_verdict_that_became_another(me, case):
    member, at = case.applicant, clock.now() - timedelta(days=2)
    answered(called(member, at=at), member, [])
    assessed(
        case, at, {"rule": "VEHICLE", "result": "pass", "evidence": ["vehicle", "property"],
                   "person": member.id_number},
    )  # fmt: skip
    later = at + timedelta(days=1)
    answered(called(member, at=later), member, [{"area": "90.00"}])
    assessed(
        case, later, {"rule": "VEHICLE", "result": "fail", "evidence": ["vehicle", "property"],
                      "person": member.id_number},
    )  # fmt: skip
    effect = line(me.id_index, "property").effect
    assert effect.word == "和以前不同"
    assert "由“符合”变为“核对中”" in effect.line  # nobody has signed a decision
    Decision.objects.create(
        application=case, kind=Decision.Kind.REFUSE, text="x", letter_no="T1", check_code="C1",
        drafted_by=accounts.staff("district"), drafted_at=at,
        signed_by=accounts.staff("district"), signed_at=later,
    )  # fmt: skip
    told = line(me.id_index, "property").effect.line
    assert "由“符合”变为“核对中”" in told  # signed, and nobody has the letter yet
    Decision.objects.update(served_at=clock.now())
    assert "由“符合”变为“不符合”" in line(me.id_index, "property").effect.line


def test_a_changed_answer_that_no_condition_minds_says_so(me, case):
    member, at = case.applicant, clock.now() - timedelta(days=2)
    answered(called(member, at=at), member, [])
    answered(called(member, at=at + timedelta(days=1)), member, [{"area": "1.00"}])
    assessed(
        case, at + timedelta(days=1),
        {"rule": "INCOME", "result": "pass", "evidence": ["income_check"]},
    )  # fmt: skip
    assert "没有变化" in line(me.id_index, "property").effect.line


def test_a_verdict_about_somebody_else_of_the_family_is_never_told(me):
    wife = make.person("10")
    case = make.application([make.person("01"), wife], applicant=me, state=states.JOINT_REVIEW)
    member, at = case.applicant, clock.now() - timedelta(hours=1)
    answered(called(member, at=at), member, [])
    assessed(
        case, at, {"rule": "VEHICLE", "result": "fail", "evidence": ["property"],
                   "person": wife.id_number},
    )  # fmt: skip
    assert "没有哪一项" in line(me.id_index, "property").effect.line


def test_an_answer_that_did_not_come_changed_nothing(me, case):
    called(case.applicant, outcome="unavailable")
    effect = line(me.id_index, "property").effect
    assert effect.word == "没有变化" and "可用的答复" in effect.line


def test_without_a_kept_answer_no_more_is_said_than_is_known(me, case):
    at = clock.now() - timedelta(days=400)
    called(case.applicant, at=at)
    called(case.applicant)
    assert line(me.id_index, "property").effect.word == "已记入办件"


# -- Who and why -----------------------------------------------------------------------------------


def test_a_line_says_who_why_and_on_which_consent(me, case):
    called(case.applicant)
    (one,) = lines(me.id_index)
    assert one.who == "平台自动核对" and one.why == "审核住房保障申请"
    assert "您的授权" in one.basis and "本人网上授权" in one.basis


def test_a_call_by_duty_names_its_law(me, case):
    called(case.applicant, basis="duty:annual_recheck")
    (one,) = lines(me.id_index)
    assert "年度复核" in one.why and "第31条" in one.basis


def test_calls_about_me_in_somebody_elses_case_are_shown_with_whose_it_is(client, me):
    other = make.application(
        [make.person("01", name="周二三"), make.person("10", name=me.name, number=me.id_number)],
        state=states.JOINT_REVIEW,
    )
    member = other.members.get(is_applicant=False)
    called(member)
    called(other.applicant, "vehicle")
    text = client.get("/my/data/").content.decode()
    assert other.case_no in text and "您是家庭成员" in text
    assert "不动产" in text and "机动车" not in text
    assert other.applicant.name not in text


def test_a_reading_by_staff_stands_with_its_purpose(client, me, case):
    clerk = accounts.staff("reviewer", name="王审")
    audit.looked(case, by=clerk.user, purpose="联审", subjects=[me.id_index])
    text = client.get("/my/data/").content.decode()
    assert "王审" in text and "联审" in text and "只是查看" in text


def test_a_question_that_was_refused_is_shown_as_not_asked(client, me, case):
    audit.record(
        "call.refused", by=audit.System("worker"), case_no=case.case_no, subjects=[me.id_index],
        missing="没有本人有效的授权：没有登记、已经撤回或已经到期。", sources=["property"],
    )  # fmt: skip
    text = client.get("/my/data/").content.decode()
    assert "没有放行" in text and "没有查询" in text and "已经撤回" in text
    assert not Call.objects.exists()


# -- Finding one's way -----------------------------------------------------------------------------


def test_years_cases_and_departments_narrow_the_list(client, me, case):
    member = case.applicant
    called(member, at=datetime(2021, 3, 1, 8, tzinfo=UTC))
    called(member, "marriage", at=datetime(2022, 3, 1, 8, tzinfo=UTC))
    called(member, "vehicle", case_no="YZ-ANOTHER", at=datetime(2022, 4, 1, 8, tzinfo=UTC))
    clerk = accounts.staff("reviewer")
    audit.looked(case, by=clerk.user, purpose="联审", subjects=[me.id_index])
    by_year = lines(me.id_index, looks.Wanted(year=2021))
    assert [one.at.year for one in by_year] == [2021]
    by_case = lines(me.id_index, looks.Wanted(case_no="YZ-ANOTHER"))
    assert [one.case_no for one in by_case] == ["YZ-ANOTHER"]
    by_owner = lines(me.id_index, looks.Wanted(owner="民政"))
    assert len(by_owner) == 1 and "婚姻" in by_owner[0].what
    by_staff = lines(me.id_index, looks.Wanted(owner=looks.STAFF))
    assert [one.kind for one in by_staff] == [looks.ENTRY]
    found = looks.choices(me.id_index)
    assert {2021, 2022} < set(found.years) and "YZ-ANOTHER" in found.cases
    assert {"民政", looks.STAFF} <= {value for value, _word in found.owners}
    text = client.get("/my/data/?office=民政").content.decode()
    assert "婚姻登记" in text and "查询机动车" not in text


def test_nothing_is_cut_off_and_no_line_comes_twice(me, case):
    for n in range(looks.PAGE * 11):  # more than four hundred
        called(case.applicant, at=clock.now() - timedelta(minutes=n))
    first = looks.page(me.id_index, WANTED, 1)
    assert first.paginator.count == looks.PAGE * 11 and first.paginator.num_pages == 11
    seen = [one.ref for n in range(1, 12) for one in lines(me.id_index, number=n)]
    assert len(seen) == len(set(seen)) == looks.PAGE * 11


def test_a_page_needs_as_many_queries_for_many_lines_as_for_few(
    client, me, case, django_assert_max_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count():
        with CaptureQueriesContext(connection) as caught:
            assert client.get("/my/data/").status_code == 200
        return len(caught)

    clerk = accounts.staff("reviewer")
    member, at = case.applicant, clock.now() - timedelta(days=3)
    for n, source in enumerate(("property", "vehicle")):
        answered(called(member, source, at=at), member, [n])
        answered(called(member, source, at=at + timedelta(hours=1)), member, [n + 1])
    assessed(case, at + timedelta(hours=2))
    audit.looked(case, by=clerk.user, purpose="联审", subjects=[me.id_index])
    client.get("/my/data/")
    few = count()
    for n in range(30):
        answered(called(member, "vehicle", at=at + timedelta(hours=3, minutes=n)), member, [n])
        audit.looked(case, by=clerk.user, purpose="联审", subjects=[me.id_index])
    assert count() == few
    assert few < 40


def test_the_whole_list_unfolds_for_printing(client, me, case):
    called(case.applicant)
    assert '<details class="yz-more" open' not in client.get("/my/data/").content.decode()
    text = client.get("/my/data/?all=1").content.decode()
    assert '<details class="yz-more" open' in text and "data-print" in text


# -- Whose list ------------------------------------------------------------------------------------


@pytest.fixture
def family(me):
    wife = accounts.citizen(name="周二")
    people = [
        make.person("01"),
        make.person("10", name=wife.name, number=wife.id_number),
        make.person("20", name="林小三", child=True),
    ]
    return make.application(people, applicant=me, state=states.JOINT_REVIEW), wife


def test_a_minors_list_is_read_by_the_parents(client, me, family):
    case, wife = family
    child = case.members.get(relation="20")
    called(child, "education")
    client.force_login(wife.user)
    own = client.get("/my/data/").content.decode()
    assert f"?of={child.pk}" in own and "查询学历" not in own
    text = client.get(f"/my/data/?of={child.pk}").content.decode()
    assert "监护人" in text and "没有人查过" not in text
    assert looks.page(child.id_index, WANTED, 1).paginator.count == 1


def test_another_adults_list_is_nobody_elses(client, me, family):
    case, _wife = family
    wife = case.members.get(relation="10")
    called(wife)
    assert client.get(f"/my/data/?of={wife.pk}").status_code == 404
    call = Call.objects.get()
    assert client.get(f"/my/data/ask/call/{call.pk}/").status_code == 404


def test_a_child_who_comes_of_age_reads_alone(client, me, family, monkeypatch):
    case, _wife = family
    child = case.members.get(relation="20")
    assert client.get(f"/my/data/?of={child.pk}").status_code == 200
    grown = clock.today().replace(year=2040)
    monkeypatch.setattr(clock, "today", lambda: grown)
    assert client.get(f"/my/data/?of={child.pk}").status_code == 404


# -- Questions about a line ------------------------------------------------------------------------


def test_a_question_about_a_line_is_answered_there(client, me, case):
    call = called(case.applicant)
    path = f"/my/data/ask/call/{call.pk}/"
    assert client.get(path).status_code == 200
    assert client.post(path, {"text": ""}).status_code == 422
    assert client.post(path, {"text": "为什么查我的房子？"}).status_code == 302
    row = LookQuestion.objects.get()
    assert row.due_on > clock.today()
    assert "为什么查我的房子" in client.get("/my/data/").content.decode()
    officer = accounts.staff("district")
    client.force_login(officer.user)
    assert "为什么查我的房子" in client.get("/office/data/").content.decode()
    sheet = f"/office/data/{row.pk}/"
    assert "不动产" in client.get(sheet).content.decode()
    assert client.post(sheet, {"text": "审核面积需要。"}).status_code == 302
    assert Notice.objects.filter(person_index=me.id_index, code="look.answered").count() == 1
    client.force_login(me.user)
    assert "审核面积需要" in client.get("/my/data/").content.decode()


def test_a_line_is_asked_about_once(me, case):
    call = called(case.applicant)
    look = looks.one(me.id_index, looks.CALL, call.pk)
    look_questions.ask(look, me.id_index, text="为什么", by=me.user)
    with pytest.raises(look_questions.QuestionRefused):
        look_questions.ask(look, me.id_index, text="还是为什么", by=me.user)
    assert LookQuestion.objects.get().text == "为什么"


def test_nobody_answers_for_their_own_look(me, case):
    officer, colleague = accounts.staff("district"), accounts.staff("district")
    entry = audit.looked(case, by=officer.user, purpose="复审", subjects=[me.id_index])
    look = looks.one(me.id_index, looks.ENTRY, entry.pk)
    row = look_questions.ask(look, me.id_index, text="为什么看", by=me.user)
    with pytest.raises(look_questions.QuestionRefused, match="您本人的查阅"):
        look_questions.answer(row, text="工作需要", by=officer.user)
    row.refresh_from_db()
    assert row.answered_at is None
    look_questions.answer(row, text="复审需要", by=colleague.user)
    with pytest.raises(look_questions.QuestionRefused, match="已经答复"):
        look_questions.answer(row, text="再答", by=colleague.user)


# -- Consents --------------------------------------------------------------------------------------


def test_a_consent_is_withdrawn_from_here_with_its_effect_said_first(client, me, case, registers):
    given = authority.in_force(case.applicant)
    path = f"/my/data/consents/{given.pk}/withdraw/"
    assert path in client.get("/my/data/").content.decode()
    assert "撤回以后" in client.get(path).content.decode()
    assert client.post(path).status_code == 302
    assert authority.in_force(case.applicant) is None
    ended = GivenConsent.objects.get(digest=given.digest)
    assert ended.ended_because == "withdrawn"
    assert client.get(path).status_code == 404


def test_nobody_withdraws_another_adults_consent(client, me, family):
    case, _wife = family
    wife = case.members.get(relation="10")
    given = authority.in_force(wife)
    assert client.post(f"/my/data/consents/{given.pk}/withdraw/").status_code == 404
    assert authority.in_force(wife) == given


def test_the_end_of_the_case_ends_its_consents(me, case):
    consent.lapse(case)
    assert set(GivenConsent.objects.values_list("ended_because", flat=True)) == {"case_ended"}
    assert Consent.objects.filter(withdrawn_at=None).exists()
