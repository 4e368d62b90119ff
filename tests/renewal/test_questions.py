"""What a household is asked, how it answers, and that silence leads nowhere."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from applications import consent, mandates, periods
from core import clock, workdays
from core.models import AuditEntry, Notice
from renewal import ladder, questions, recheck, states, tasks_household
from renewal.models import ContactTask, ExitCase, HouseholdQuestion, Recheck, RecheckReminder
from tests.factories import accounts, tenancies
from tests.renewal import household

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]
morning = household.morning
Choice = HouseholdQuestion.Choice


def signed_in(client, member):
    client.force_login(accounts.citizen(name=member.name, number=member.id_number).user)
    return client


def page_of(client, row):
    row.refresh_from_db()
    response = signed_in(client, row.lease.application.applicant).get("/my/recheck/")
    assert response.status_code == 200
    return response.content.decode()


def send(client, question, **fields):
    body = {f"q{question.pk}-{name}": value for name, value in fields.items()}
    return client.post("/my/recheck/", {"question": question.pk, **body})


def test_a_household_whose_registers_agree_reads_who_confirmed_what_and_has_nothing_to_do(
    client, registers, households
):
    lease, day = household.housed(registers, households, "H02", tier="DB")
    row = household.rechecked(lease, day)
    html = page_of(client, row)
    assert row.state == states.K_CLEAN and not row.questions.exists()
    assert "各部门已经确认的" in html and "住房面积" in html and "不动产" in html
    assert "保存这一项" not in html


def test_a_permit_that_ran_out_is_one_question_of_procedure_and_no_clue(
    client, registers, households
):
    row = household.lapsed(registers, households)
    asked = row.questions.get()
    assert row.state == states.K_QUESTION and row.assessment.outcome == "ineligible"
    assert (asked.rule, asked.kind, asked.basis) == ("PERMIT", "proof", "procedural")
    assert asked.due_on == periods.of("recheck_answer").after(clock.today())
    assert not ExitCase.objects.exists()
    assert Notice.objects.get(code="recheck_questions").text.startswith("今年复核只差1个问题")
    html = page_of(client, row)
    assert html.count("保存这一项") == 1 and "居住证" in html


def test_an_answer_is_kept_at_once_and_goes_to_a_person(client, registers, households):
    row = household.lapsed(registers, households)
    asked = row.questions.get()
    signed_in(client, row.lease.application.applicant)
    empty = send(client, asked, choice="paper", text=" ")
    assert empty.status_code == 422 and "请拍照上传" in empty.content.decode()
    wrong = send(client, asked, choice="right", text="新证号330212202105310001")
    assert wrong.status_code == 422 and "新证号330212202105310001" in wrong.content.decode()
    assert send(client, asked, choice="paper", text="新证2021年5月签注").status_code == 302
    asked.refresh_from_db()
    row.refresh_from_db()
    assert (asked.state, asked.channel) == (states.Q_ANSWERED, "online")
    assert row.state == states.K_QUESTION
    assert "已回答，正在核对" in page_of(client, row)


def test_what_a_person_accepts_is_read_by_the_same_rules_and_confirms_the_household(
    registers, households
):
    row = household.lapsed(registers, households)
    asked = row.questions.get()
    questions.answer(asked, choice="paper", text="新证", by=accounts.citizen().user)
    by = accounts.staff(Role.DISTRICT)
    questions.accept(asked, by=by, note="看过原件")
    row.refresh_from_db()
    asked.refresh_from_db()
    assert (row.state, asked.state) == (states.K_CLEAN, states.Q_ACCEPTED)
    assert asked.settled_by == by.user.audit_label and not ExitCase.objects.exists()
    permit = [one for one in row.assessment.result["findings"] if one["rule"] == "PERMIT"]
    assert permit[0]["reason"] == "SETTLED_MET"


def test_an_answer_sent_back_is_asked_again_with_the_reason(client, registers, households):
    row = household.lapsed(registers, households)
    asked = row.questions.get()
    questions.answer(asked, choice="paper", text="新证", by=accounts.citizen().user)
    by = accounts.staff(Role.DISTRICT)
    with pytest.raises(questions.AnswerRefused):
        questions.send_back(asked, by=by, note=" ")
    questions.send_back(asked, by=by, note="请写新证的有效期")
    asked.refresh_from_db()
    assert asked.state == states.Q_OPEN
    assert "请写新证的有效期" in page_of(client, row)
    assert Notice.objects.filter(code="recheck_sent_back").count() == 1


def test_what_is_registered_may_be_called_right_or_wrong_and_a_person_looks(
    client, registers, households
):
    row = household.doubted(registers, households)
    asked = row.questions.get()
    assert (asked.rule, asked.kind, asked.basis) == ("HOUSING_AREA", "explain", "substantive")
    signed_in(client, row.lease.application.applicant)
    assert send(client, asked, choice="wrong").status_code == 422
    assert send(client, asked, choice="wrong", text="2019年已经卖掉").status_code == 302
    row.refresh_from_db()
    assert row.state == states.K_QUESTION and not ExitCase.objects.exists()


def test_only_a_person_makes_a_case_of_an_answered_fact(registers, households):
    row = household.doubted(registers, households)
    admin = accounts.staff(Role.ADMIN).user
    with pytest.raises(recheck.RecheckRefused):
        recheck.find_against(row, by=admin, note="没有答复")
    questions.answer(row.questions.get(), choice="right", by=accounts.citizen().user)
    recheck.find_against(row, by=admin, note="本人确认有这套房")
    row.refresh_from_db()
    case = ExitCase.objects.get(recheck=row)
    assert row.state == states.K_SUSPECT and case.state == states.X_FLAGGED
    assert [one["rule"] for one in case.flags] == ["HOUSING_AREA"]


def test_the_desk_sees_everything_settles_by_two_buttons_and_its_look_is_recorded(
    client, registers, households
):
    row = household.doubted(registers, households)
    asked = row.questions.get()
    questions.answer(asked, choice="wrong", text="2019年已经卖掉", by=accounts.citizen().user)
    by = accounts.staff(Role.DISTRICT)
    client.force_login(by.user)
    address = reverse("office_recheck_settle", args=[row.pk])
    html = client.get(address).content.decode()
    assert "2019年已经卖掉" in html and "核对属实" in html and "请家庭再补充" in html
    looked = AuditEntry.objects.filter(verb="looked").last()
    assert looked.case_no == row.case_no and looked.actor_id == by.user.pk
    form = {"of": asked.pk, f"a{asked.pk}-note": "", "act": "return"}
    assert client.post(address, form).status_code == 422
    form |= {f"a{asked.pk}-note": "已看买卖合同", "act": "accept"}
    assert client.post(address, form).status_code == 302
    row.refresh_from_db()
    assert row.state in (states.K_CLEAN, states.K_CHANGED)


def test_a_clerk_fills_it_in_for_a_household_at_the_window(client, registers, households):
    row = household.lapsed(registers, households)
    asked = row.questions.get()
    client.force_login(accounts.staff(Role.WINDOW).user)
    found = client.post("/window/recheck/", {"number": row.lease.number})
    assert found.url == reverse("window_recheck_one", args=[row.pk])
    body = {"question": asked.pk, f"q{asked.pk}-choice": "paper", f"q{asked.pk}-text": "看过新证"}
    assert client.post(found.url, body).status_code == 302
    asked.refresh_from_db()
    assert (asked.state, asked.channel) == (states.Q_ANSWERED, "window")
    last = AuditEntry.objects.filter(verb="looked").last()
    assert row.lease.application.applicant.id_index in last.subjects


def test_a_missing_word_is_asked_of_the_adult_alone_and_settles_by_their_own_consent(
    client, registers, households
):
    lease, day = household.housed(registers, households, "H09d")
    spouse = lease.application.members.get(is_applicant=False)
    consent.withdraw(spouse, by=lease.application.created_by)
    row = household.rechecked(lease, day)
    asked = row.questions.get(rule="CONSENT")
    assert row.state == states.K_QUESTION and asked.basis == "procedural"
    assert not ExitCase.objects.exists()
    html = page_of(client, row)
    assert "要由本人登录后" in html and "我同意查询" not in html
    posted = client.post("/my/recheck/", {"question": asked.pk, "agree": "1"})
    assert posted.status_code == 302
    asked.refresh_from_db()
    assert asked.state == states.Q_OPEN
    signed_in(client, spouse)
    assert "我同意查询" in client.get("/my/recheck/").content.decode()
    client.post("/my/recheck/", {"question": asked.pk, "agree": "1"})
    asked.refresh_from_db()
    assert asked.state == states.Q_ACCEPTED and asked.choice == Choice.CONSENT


def test_a_promise_will_do_where_no_register_here_can_know_and_is_checked_later(
    client, registers, households
):
    row = household.lapsed(registers, households, promised=False)
    permit, marriage = row.questions.get(rule="PERMIT"), row.questions.get(rule="MEMBERS")
    assert questions.choices(permit) == ["paper"]
    assert questions.choices(marriage) == ["paper", "promise"]
    signed_in(client, row.lease.application.applicant)
    assert send(client, marriage, choice="promise", text="").status_code == 302
    marriage.refresh_from_db()
    promised = row.lease.application.commitments.get(fact="MEMBERS")
    assert marriage.state == states.Q_ACCEPTED and promised.check_due is not None
    questions.answer(permit, choice="paper", text="新证", by=accounts.citizen().user)
    questions.accept(permit, by=accounts.staff(Role.DISTRICT), note="看过新证")
    row.refresh_from_db()
    assert (row.state, row.assessment.outcome) == (states.K_CLEAN, "conditional")


def test_who_has_a_mandate_answers_for_the_household_and_agrees_for_nobody(
    client, registers, households
):
    row = household.lapsed(registers, households)
    owner = row.lease.application.applicant
    principal = accounts.citizen(name=owner.name, number=owner.id_number)
    helper = accounts.citizen()
    client.force_login(helper.user)
    assert "保存这一项" not in client.get("/my/recheck/").content.decode()
    mandate = mandates.give(principal, helper, by=principal.user)
    client.post(f"/my/helpers/{mandate.pk}/act/", {"go": "follow"})
    assert "保存这一项" in client.get("/my/recheck/").content.decode()
    asked = row.questions.get()
    assert send(client, asked, choice="paper", text="新证").status_code == 302
    asked.refresh_from_db()
    assert asked.state == states.Q_ANSWERED
    mandates.revoke(mandate, by=principal.user)
    assert "已回答" not in client.get("/my/recheck/").content.decode()


# -- Silence ---------------------------------------------------------------------------------


def test_silence_of_registers_and_people_in_any_combination_never_makes_a_case(
    registers, households
):
    """Each register, and every few of them, and a missing consent: always a question."""
    lease, day = household.housed(registers, households, "H02", tier="DB")
    row = household.rechecked(lease, day)
    sources = sorted(set(lease.application.evidence.values_list("source", flat=True)))
    sets = [sources[i::n] for n in range(1, 5) for i in range(n)]
    for chosen in [*[[one] for one in sources], *sets]:
        household.silence(row, chosen)
        household.settled_again(row)
        assert row.state in (states.K_QUESTION, states.K_CLEAN, states.K_CHANGED), chosen
        if row.state == states.K_QUESTION:
            assert recheck.why_not_find_against(row)
    consent.withdraw(lease.application.applicant, by=lease.application.created_by)
    household.settled_again(row)
    assert row.state == states.K_QUESTION and recheck.why_not_find_against(row)
    assert not ExitCase.objects.exists()


def test_the_ladder_takes_each_rung_once_and_ends_at_a_person(registers, households):
    row = household.lapsed(registers, households)
    start = clock.today()
    for days in range(61):
        day = start + timedelta(days=days)
        ladder.climb(day)
        assert ladder.climb(day) == 0
    steps = list(RecheckReminder.objects.values_list("step", flat=True).order_by("pk"))
    assert steps == ["asked", "first", "second", "call", "visit", "person"]
    assert Notice.objects.filter(code="recheck_reminded").count() == 2
    assert list(ContactTask.objects.values_list("kind", flat=True)) == ["call", "visit"]
    row.refresh_from_db()
    assert row.state == states.K_QUESTION and list(ladder.for_a_person()) == [row]
    assert not ExitCase.objects.exists()
    with pytest.raises(recheck.RecheckRefused):
        recheck.find_against(row, by=accounts.staff(Role.ADMIN).user, note="一直没有答复")
    recheck.settle_by_hand(row, by=accounts.staff(Role.ADMIN).user, note="上门看过，居住证已续")
    row.refresh_from_db()
    assert row.state == states.K_SETTLED and row.questions.get().state == states.Q_DROPPED


def test_a_rung_is_due_on_its_working_day_and_not_before(registers, households):
    row = household.lapsed(registers, households)
    due = workdays.add_workdays(clock.today(), periods.of("recheck_remind_first").value)
    assert ladder.climb(due - timedelta(days=1)) == 0
    assert ladder.climb(due) == 1
    assert row.reminders.last().step == "first"


def test_who_answers_leaves_the_ladder_and_the_streets_list(registers, households):
    row = household.lapsed(registers, households)
    late = clock.today() + timedelta(days=60)
    for _rung in range(3):
        ladder.climb(late)
    assert ContactTask.objects.filter(outcome="").count() == 1
    questions.answer(row.questions.get(), choice="paper", text="新证", by=accounts.citizen().user)
    assert ladder.climb(late) == 0
    tasks_household.remind_households()
    assert ContactTask.objects.get().outcome == ContactTask.Outcome.NOT_NEEDED


def test_the_street_writes_down_what_came_of_its_call(client, registers, households):
    row = household.lapsed(registers, households)
    late = clock.today() + timedelta(days=60)
    for _rung in range(3):
        ladder.climb(late)
    task = ContactTask.objects.get()
    by = accounts.staff(Role.STREET, bureau=row.lease.application.street)
    client.force_login(by.user)
    assert "打电话" in client.get("/office/contacts/").content.decode()
    page = client.get(f"/office/contacts/{task.pk}/").content.decode()
    assert "边问边代填" in page
    assert client.post(f"/office/contacts/{task.pk}/", {"outcome": "nobody"}).status_code == 422
    sent = client.post(f"/office/contacts/{task.pk}/", {"outcome": "nobody", "note": "没人接"})
    assert sent.status_code == 302
    task.refresh_from_db()
    row.refresh_from_db()
    assert (task.outcome, row.state) == ("nobody", states.K_QUESTION)
    looked = AuditEntry.objects.filter(verb="looked", actor_id=by.user.pk)
    assert looked.exists() and not ExitCase.objects.exists()


def test_another_streets_calls_are_not_to_be_seen(client, registers, households):
    row = household.lapsed(registers, households)
    ladder.open_task(row.lease, kind="call", about="questions", today=clock.today(), recheck=row)
    street = accounts.another_street(row.lease.application.street)
    elsewhere = accounts.staff(Role.STREET, bureau=street)
    client.force_login(elsewhere.user)
    assert client.get(f"/office/contacts/{ContactTask.objects.get().pk}/").status_code == 404


# -- The database says no, too -----------------------------------------------------------------


def test_a_point_is_asked_once_and_an_answer_is_whole(registers, households):
    row = household.lapsed(registers, households)
    asked = row.questions.get()
    now = clock.now()
    with pytest.raises(IntegrityError, match="household_asked_once"), transaction.atomic():
        HouseholdQuestion.objects.create(
            recheck=row, member=asked.member, rule=asked.rule, kind="proof", basis="procedural",
            finding=asked.finding, state_since=now, asked_at=now, due_on=clock.today(),
        )  # fmt: skip
    with pytest.raises(IntegrityError, match="question_answered_has"), transaction.atomic():
        HouseholdQuestion.objects.filter(pk=asked.pk).update(state=states.Q_ANSWERED)
    assert questions.make(Recheck.objects.get(pk=row.pk), by=recheck.SYSTEM) == []


def test_the_streets_list_costs_the_same_for_any_length(client):
    client.force_login(accounts.staff(Role.DISTRICT).user)
    counts = []
    for _n in range(3):
        for _m in range(2):
            ladder.open_task(tenancies.lease(), kind="call", about="renewal", today=clock.today())
        with CaptureQueriesContext(connection) as seen:
            assert client.get("/office/contacts/").status_code == 200
        counts.append(len(seen))
    assert counts[1] == counts[2], [one["sql"] for one in seen.captured_queries]
