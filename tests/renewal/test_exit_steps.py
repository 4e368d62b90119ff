"""Each step of an exit: its letter, its clock, its way to object."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from allocation import bans
from allocation import states as allocation_states
from allocation.models import LeaseText
from applications import decision as letters
from applications import legal_days, materials, periods, reconsiderations, service_consents, serving
from applications.models import Ban, Benefit, Decision, Member
from core import clock
from core.models import AuditEntry, Notice, OutboxMessage
from core.refusals import Refusal
from renewal import exits, states
from renewal.exits import chain, deaths, extending, papers
from renewal.models import ExitCase
from tests.applications.test_materials import photo
from tests.factories import accounts, tenancies
from tests.renewal.test_exits import FLAG, case, ended, heard, other, staff

__all__ = ["case", "other", "staff"]

pytestmark = pytest.mark.django_db


def on_paper(case):
    application = case.lease.application
    service_consents.withdraw(application.applicant.id_index, by=application.created_by)
    return case


def after(day, **more):
    return clock.held_at(clock.local_midnight(day) + timedelta(days=1, hours=9, **more))


# -- The notice ----------------------------------------------------------------------------------


def test_the_notice_is_a_letter_with_number_code_and_each_finding(case, staff):
    exits.confirm(case, by=staff, second_route="契税已完税")
    row = exits.serve_notice(case, by=staff)
    letter = row.notice
    assert letter.kind == Decision.Kind.NOTICE and letter.letter_no.startswith("YZ-TG-")
    assert letters.by_check_code(letters.grouped(letter.check_code)) == letter
    [reason] = letter.reasons
    assert "78.00" in reason["sentence"] and "令11号 §31" in reason["basis"]
    assert "契税已完税" in letter.text and "还没有决定" in letter.text
    assert letters.pdf(letter).startswith(b"%PDF") and letters.remedies(letter.kind) == []
    assert letters.title_of(letter) == "退出核对告知书"


def test_on_paper_the_time_to_speak_runs_from_the_proof_of_service(case, staff):
    on_paper(case)
    exits.confirm(case, by=staff, second_route="契税已完税")
    row = exits.serve_notice(case, by=staff)
    assert row.state == states.X_NOTICE and row.hearing_due is None
    with after(clock.today() + timedelta(days=60)):
        assert exits.served_due() == 0
        with pytest.raises(exits.ExitRefused, match="送达"):
            exits.close_hearing(row, by=staff)
        serving.hand_over(row.notice, by=staff, note="本人，身份证")
        assert (exits.served_due(), exits.served_due()) == (1, 0)
        row.refresh_from_db()
        assert row.hearing_due == periods.of("hearing").after(clock.today())


def test_no_decision_is_drafted_while_there_is_time_to_speak(case, staff):
    exits.confirm(case, by=staff, second_route="契税已完税")
    exits.serve_notice(case, by=staff)
    exits.hear(case, by=staff.user, channel="phone", text="还有材料要交")
    with pytest.raises(exits.ExitRefused, match="期限还没有到"):
        exits.draft_end(case, by=staff, text="理由")
    case.refresh_from_db()
    with after(case.hearing_due):
        assert exits.draft_end(case, by=staff, text="理由").drafted_by == staff


def test_a_wished_meeting_is_held_before_anything_is_decided(case, staff):
    heard(case, staff)
    wish = exits.ask_meeting(case, by=case.lease.application.created_by, wish="周三下午")
    assert exits.ask_meeting(case, by=staff.user) == wish
    with pytest.raises(exits.ExitRefused, match="当面听取"):
        exits.draft_end(case, by=staff, text="理由")
    at = clock.now() + timedelta(days=2)
    exits.set_meeting(wish, by=staff, at=at, place="区住保中心")
    assert Notice.objects.filter(code="exit_meeting").count() == 1
    with pytest.raises(exits.ExitRefused, match="还没有到"):
        exits.drop_meeting(wish, by=staff.user, reason="没有来")
    exits.hear(case, by=staff.user, channel="window", text="当面说了")
    wish.refresh_from_db()
    assert wish.closed_at is not None and exits.draft_end(case, by=staff, text="理由")


def test_more_time_to_speak_is_answered_in_writing_and_only_adds(case, staff):
    exits.confirm(case, by=staff, second_route="契税已完税")
    row = exits.serve_notice(case, by=staff)
    asked = extending.ask(row, of="hearing", by=case.lease.application.created_by, reason="住院")
    with pytest.raises(exits.ExitRefused, match="已经提过"):
        extending.ask(row, of="hearing", by=staff.user, reason="又")
    with pytest.raises(exits.ExitRefused):
        extending.answer(asked, by=staff, granted=True, text="同意", until=row.hearing_due)
    until = row.hearing_due + timedelta(days=20)
    extending.answer(asked, by=staff, granted=True, text="请安心治疗", until=until)
    row.refresh_from_db()
    assert row.hearing_due == until
    assert [one.heading for one in row.letters.order_by("pk")] == ["退出核对告知书", "延期答复书"]


# -- Decision, move-out, rent ----------------------------------------------------------------------


def test_what_the_rent_is_afterwards_is_written_before_the_signature(case, staff, other):
    heard(case, staff)
    letter = exits.draft_end(case, by=staff, text="理由", rent_after="market")
    case.refresh_from_db()
    assert case.rent_after_monthly == Decimal("1375.00")  # 55 ㎡ × 25 元
    assert "1,375.00" in letter.text or "1375.00" in letter.text
    assert case.rent_after_from is None


def test_a_known_other_home_speaks_for_the_court(case, staff):
    heard(case, staff)
    exits.draft_end(case, by=staff, text="理由")
    case.refresh_from_db()
    assert case.rent_after == "court" and case.rent_after_monthly is None


def test_market_rent_begins_by_a_person_after_the_move_out_alone(case, staff, other):
    heard(case, staff)
    exits.draft_end(case, by=staff, text="理由", rent_after="market")
    row = exits.sign_end(case, by=other)
    with pytest.raises(exits.ExitRefused, match="搬迁期还没有到"):
        exits.start_market_rent(row, by=staff)
    with after(row.move_out_until):
        assert row.lease.rent_now == Decimal("962.50")
        row = exits.start_market_rent(row, by=staff)
        assert row.lease.agreed(row.rent_after_from)[1] == Decimal("1375.00")
        assert row.rent_after_from > clock.today() and row.rent_after_from.day == 1
        with pytest.raises(exits.ExitRefused, match="已经开始"):
            exits.start_market_rent(row, by=staff)


def test_a_draft_goes_back_and_another_follows(case, staff, other):
    heard(case, staff)
    exits.draft_end(case, by=staff, text="理由")
    row = exits.return_draft(case, by=other, reason="写清楚面积")
    assert row.decision is None and row.state == states.X_HEARD
    assert exits.draft_end(row, by=staff, text="更清楚的理由").letter_no.startswith("YZ-ZZ-")


# -- The court -------------------------------------------------------------------------------------


def test_the_court_is_asked_by_a_person_and_its_enforcement_ends_access(case, staff, other):
    row = ended(case, staff, other)
    with pytest.raises(Refusal):
        exits.refer(row, by=staff, court="区法院", reason="没有交还")
    with after(row.move_out_until):
        row = exits.refer(row, by=staff, court="鄞州区人民法院", reason="没有交还")
        assert row.state == states.X_COURT
        assert not row.lease.grants.filter(state="revoked").exists()
        with pytest.raises(exits.ExitRefused, match="立案"):
            exits.enforce(row, by=staff, document="执1号")
        exits.note_filing(row, by=staff, filing_no="（2026）浙0212民初1号")
        row = exits.enforce(row, by=staff, document="（2026）浙0212执1号")
    row.lease.refresh_from_db()
    assert row.lease.ended_by == "court" and row.lease.access_end.ground == "enforced"


def test_a_household_before_the_court_may_still_hand_back(case, staff, other):
    row = ended(case, staff, other)
    with after(row.move_out_until):
        exits.refer(row, by=staff, court="区法院", reason="没有交还")
        row = exits.hand_back(row, by=staff.user, note="交房单9号")
    row.lease.refresh_from_db()
    assert row.lease.access_end.ground == "handed_back"


# -- 复核 ------------------------------------------------------------------------------------------


def ask_again(row):
    return reconsiderations.ask(
        row.decision, by=row.lease.application.created_by, text="房子已经退了"
    )


def test_the_letter_names_every_way_to_object(case, staff, other):
    row = ended(case, staff, other)
    ways = [one.name for one in legal_days.of(row.decision, today=clock.today())]
    assert ways == ["reconsideration_ask", "administrative_review", "litigation"] or set(ways) == {
        "reconsideration_ask", "administrative_review", "litigation",
    }  # fmt: skip
    assert "复核" in letters.remedies(row.decision.kind)[0]


def test_nothing_adverse_goes_on_while_it_is_looked_at_again(case, staff, other):
    row = ended(case, staff, other)
    asked = ask_again(row)
    assert asked.due_on == periods.of("reconsideration").after(clock.today())
    with after(row.move_out_until):
        with pytest.raises(exits.ExitRefused, match="复核"):
            exits.refer(row, by=staff, court="区法院", reason="没有交还")
        with pytest.raises(Refusal):
            exits.start_market_rent(row, by=staff)
    row.refresh_from_db()
    assert row.state == states.X_MOVING


def test_the_days_of_an_upheld_answer_are_added_to_the_move_out(case, staff, other):
    row = ended(case, staff, other)
    before = row.move_out_until
    asked = ask_again(row)
    with clock.held_at(clock.now() + timedelta(days=10)):
        reconsiderations.answer(asked, by=accounts.staff("district"), overturned=False, text="维持")
        assert (exits.settle_answers(), exits.settle_answers()) == (1, 0)
    row.refresh_from_db()
    assert row.move_out_until == before + timedelta(days=10)
    row.lease.application.refresh_from_db()
    assert row.lease.application.state == "closed"


def test_an_overturned_decision_gives_the_household_everything_back(case, staff, other):
    row = ended(case, staff, other)
    asked = ask_again(row)
    with pytest.raises(Refusal):
        reconsiderations.answer(asked, by=other, overturned=True, text="自己改自己")
    reconsiderations.answer(asked, by=accounts.staff("district"), overturned=True, text="已退房")
    assert exits.settle_answers() == 1
    row.refresh_from_db()
    row.lease.refresh_from_db()
    assert row.state == states.X_CLEARED and row.decision.replaced
    assert row.lease.state in (allocation_states.L_FILED, allocation_states.L_SIGNED)


# -- After the hand-back, reminders ----------------------------------------------------------------


def test_a_file_is_archived_once_deposit_and_home_are_settled(case, staff, other):
    row = exits.hand_back(ended(case, staff, other), by=staff.user, note="交房单1号")
    assert "检查" in exits.why_not_archive(row)
    with pytest.raises(exits.ExitRefused):
        exits.archive(row, by=staff)
    type(row.lease.home).objects.filter(pk=row.lease.home_id).update(state="repair")
    row = exits.archive(ExitCase.objects.get(pk=row.pk), by=staff)
    assert row.archived_by == staff
    assert row.letters.filter(heading="住房交还结算告知书").exists()


def test_each_last_day_is_spoken_of_once(case, staff, other):
    exits.confirm(case, by=staff, second_route="契税已完税")
    row = exits.serve_notice(case, by=staff)
    assert exits.reminding.remind_due(row.hearing_due) == 1
    assert exits.reminding.remind_due(row.hearing_due) == 0
    row.refresh_from_db()
    assert row.state == states.X_NOTICE
    assert Notice.objects.filter(code="exit_hearing_soon").count() == 1


def test_a_ban_is_by_rule_alone_and_has_a_hearing_of_its_own(case, staff, other):
    row = exits.hand_back(ended(case, staff, other), by=staff.user, note="交房单1号")
    with pytest.raises(exits.ExitRefused, match="只有违反"):
        exits.banning.propose(row, by=staff, grounds="转租")
    lease = tenancies.lease(1)
    service_consents.give(lease.application.applicant.id_index, by=lease.application.created_by)
    flag = {**FLAG, "rule": "SUBLET", "actual": "由他人居住", "evidence": ["入户记录"]}
    second = exits.open_case(lease, ground=exits.Ground.VIOLATION, flags=[flag], by=staff.user)
    row = exits.hand_back(ended(second, staff, other), by=staff.user, note="交房单2号")
    proposal = exits.banning.propose(row, by=staff, grounds="把住房转租给别人")
    assert (proposal.reason, proposal.years) == ("sublet", 5)
    assert not Ban.objects.exists()
    bans.serve_notice(proposal, by=staff)
    bans.hear(proposal, by=staff.user, channel="phone", text="知道错了")
    bans.draft(proposal, by=staff, text="转租")
    bans.sign(proposal, by=other)
    made = Ban.objects.get()
    assert made.reason == "sublet"
    assert made.until == periods.months_later(clock.today(), 60)
    assert exits.banning.proposal_of(row) == proposal


# -- Their own wish --------------------------------------------------------------------------------


def test_who_wishes_to_leave_signs_may_change_their_mind_and_ends_by_the_hand_back(staff, client):
    lease = tenancies.lease(1)
    wish = {"signed_by": "本人", "document": "退出申请书1号", "until": clock.today()}
    case = exits.open_case(lease, ground=exits.Ground.LEFT, flags=[], by=staff.user, note="电话")
    with pytest.raises(exits.ExitRefused, match="谁签的字"):
        exits.leaving.accept(case, by=staff, **{**wish, "signed_by": " "})
    row = exits.leaving.accept(case, by=staff, **wish)
    assert row.state == states.X_LEAVING and row.letters.get().heading == "自愿退出确认书"
    lease.refresh_from_db()
    assert lease.state == allocation_states.L_ENDING
    client.force_login(lease.application.created_by)
    assert "可以收回" in client.get(reverse("my_hearing")).content.decode()
    client.post(reverse("my_hearing"), {"action": "stay"})
    row.refresh_from_db()
    lease.refresh_from_db()
    assert row.state == states.X_CLEARED and lease.state != allocation_states.L_ENDING
    again = exits.open_case(lease, ground=exits.Ground.LEFT, flags=[], by=staff.user)
    row = exits.leaving.accept(again, by=staff, **wish)
    row = exits.hand_back(row, by=staff.user, note="交房单5号")
    assert row.state == states.X_HANDED_BACK and row.decision is None
    with pytest.raises(IntegrityError, match="exit_only_by_the_book"), transaction.atomic():
        ExitCase.objects.filter(pk=row.pk).update(wish_signed_by="")


# -- A death (case H12) ----------------------------------------------------------------------------


def death(people):
    lease = tenancies.lease(people)
    flag = {**FLAG, "rule": "DECEASED", "actual": None, "limit": None,
            "person": lease.application.applicant.id_number}  # fmt: skip
    return exits.open_case(
        lease, ground=exits.Ground.DECEASED, flags=[flag], by=accounts.staff("district").user
    )


def test_one_register_of_a_death_is_a_question_and_nobody_is_heard_against_the_dead(staff):
    case = death(1)
    with pytest.raises(exits.ExitRefused):
        deaths.to_relatives(case, by=staff)
    with pytest.raises(exits.ExitRefused):
        exits.confirm(case, by=staff, second_route=" ")
    exits.confirm(case, by=staff, second_route="火化登记一致")
    with pytest.raises(exits.ExitRefused, match="不对逝者"):
        exits.serve_notice(case, by=staff)
    assert not Decision.objects.exists() and not Notice.objects.exists()


def test_a_survivor_takes_the_lease_over_and_nothing_ends(staff):
    case = death(2)
    gone, stays = case.lease.application.members.order_by("position")
    exits.confirm(case, by=staff, second_route="家属来电确认")
    with pytest.raises(exits.ExitRefused, match="家里还有人"):
        deaths.to_relatives(case, by=staff)
    with pytest.raises(exits.ExitRefused):
        deaths.take_over(case, by=staff, successor=gone)
    row = deaths.take_over(case, by=staff, successor=stays)
    application = row.lease.application
    application.refresh_from_db()
    assert row.state == states.X_CLEARED and application.applicant.pk == stays.pk
    assert Member.objects.get(pk=gone.pk).left_because == "death"
    assert row.lease.texts.filter(kind=LeaseText.Kind.TENANT).exists()
    row.lease.refresh_from_db()
    assert row.lease.state == allocation_states.L_FILED
    open_ = Benefit.objects.filter(case_no=row.case_no, ended_on=None)
    assert [one.person_index for one in open_] == [stays.id_index]
    assert not OutboxMessage.objects.filter(kind="revoke").exists()


def test_relatives_have_long_and_a_letter_that_asks_for_nothing(staff):
    case = death(1)
    application = case.lease.application
    service_consents.give(application.applicant.id_index, by=application.created_by)
    exits.confirm(case, by=staff, second_route="火化登记一致")
    row = deaths.to_relatives(case, by=staff)
    [letter] = row.letters.all()
    assert letter.heading == "慰问信" and letter.addressee.endswith("的家人")
    assert letter.served_at is None and "哀悼" in letter.text  # never into the app of the dead
    assert not [word for word in ("请交", "欠", "必须", "逾期") if word in letter.text]
    assert row.move_out_until == periods.of("relatives_clear").after(clock.today())
    assert not Notice.objects.filter(person_index=application.applicant.id_index).exists()
    with pytest.raises(exits.ExitRefused, match="亲属"):
        exits.hand_back(row, by=staff.user, note="交房单2号")
    row = exits.hand_back(row, by=staff.user, note="交房单2号", signed_by="侄子赵某")
    row.lease.refresh_from_db()
    assert row.state == states.X_HANDED_BACK and row.lease.access_end.signed_by == "侄子赵某"


# -- Pages -----------------------------------------------------------------------------------------


def test_the_page_shows_the_chain_and_what_would_be_wrong_now(case, staff, client):
    exits.confirm(case, by=staff, second_route="契税已完税")
    exits.serve_notice(case, by=staff)
    client.force_login(staff.user)
    page = client.get(reverse("office_exit", args=[case.pk])).content.decode()
    assert "停用门禁" in page and "听取说明之后" in page and "拟终止决定<" not in page
    row = ExitCase.objects.get(pk=case.pk)
    shown = [(one.title, one.state) for one in chain.steps(row, clock.today())]
    assert shown[2] == ("书面告知", "met") and shown[3] == ("听取说明", "current")
    letter = client.get(reverse("office_exit_letter", args=[case.pk, row.notice.pk]))
    assert letter.content.startswith(b"%PDF")
    index = row.lease.application.applicant.id_index
    looks = AuditEntry.objects.filter(verb="looked", subjects__contains=[index])
    assert looks.count() == 2


def test_steps_are_taken_on_the_page(case, staff, other, client):
    client.force_login(staff.user)
    page = reverse("office_exit", args=[case.pk])
    empty = client.post(page, {"action": "confirm", "words": ""})
    assert empty.status_code == 422
    client.post(page, {"action": "confirm", "words": "契税已完税"})
    client.post(page, {"action": "notice"})
    client.post(page, {"action": "hear", "channel": "phone", "words": "没有了", "all_said": "on"})
    client.post(page, {"action": "draft", "words": "理由", "rent_after": "court"})
    client.post(page, {"action": "sign"})
    case.refresh_from_db()
    assert case.state == states.X_HEARD and case.decision.signed_at is None  # not by the drafter
    client.force_login(other.user)
    client.post(page, {"action": "sign"})
    case.refresh_from_db()
    assert case.state == states.X_MOVING
    until = case.move_out_until + timedelta(days=30)
    client.post(page, {"action": "longer", "until_year": until.year, "until_month": until.month,
                       "until_day": until.day, "text": "孩子上学"})  # fmt: skip
    case.refresh_from_db()
    assert case.move_out_until == until
    client.post(page, {"action": "handback", "words": "交房单3号", "signed_by": ""})
    case.refresh_from_db()
    assert case.state == states.X_HANDED_BACK
    assert client.get(page).status_code == 200


def test_the_household_speaks_asks_and_sees_its_ways_on_one_page(case, staff, other, client):
    exits.confirm(case, by=staff, second_route="契税已完税")
    exits.serve_notice(case, by=staff)
    client.force_login(case.lease.application.created_by)
    page = reverse("my_hearing")
    first = client.get(page).content.decode()
    assert "现在还没有决定" in first and "12348" in first
    client.post(page, {"action": "more", "words": "住院"})
    client.post(page, {"action": "meet", "words": "周三"})
    client.post(page, {"action": "say", "words": "房子退了", "all_said": "on"})
    assert case.extensions.count() == case.appointments.count() == case.hearings.count() == 1
    again = client.get(page).content.decode()
    assert "房子退了" in again and "听完以前不作决定" in again
    extending.answer(case.extensions.get(), by=staff, granted=False, text="可以打电话")
    exits.hear(case, by=staff.user, channel="window", text="当面说了")
    exits.draft_end(case, by=staff, text="理由")
    exits.sign_end(case, by=other)
    last = client.get(page).content.decode()
    assert "申请复核" in last and "申请行政复议" in last and "搬迁期" in last
    assert client.post(page, {"action": "say", "words": "晚了"}).status_code in (200, 422)


def test_a_paper_goes_with_what_is_said_and_none_after_the_decision(case, staff, other, client):
    exits.confirm(case, by=staff, second_route="契税已完税")
    exits.serve_notice(case, by=staff)
    client.force_login(case.lease.application.created_by)
    paper = SimpleUploadedFile("a.jpg", photo(), content_type="image/jpeg")
    sent = {"action": "say", "words": "见材料", "all_said": "on", "paper": paper}
    client.post(reverse("my_hearing"), sent)
    application = case.lease.application
    assert materials.pages_of(application, papers.key_of(case)).count() == 1
    assert "paper" in client.get(reverse("my_hearing")).content.decode()
    exits.draft_end(case, by=staff, text="理由")
    exits.sign_end(case, by=other)
    assert papers.why_not_add(application, papers.key_of(case), application.created_by)


def test_a_decision_without_proof_of_the_notice_is_refused_by_the_database(case, staff, other):
    row = ended(case, staff, other)
    with pytest.raises(IntegrityError, match="exit_only_by_the_book"), transaction.atomic():
        ExitCase.objects.filter(pk=row.pk).update(notice_served_at=None)


def test_a_list_of_many_exits_asks_the_database_no_more(
    staff, client, django_assert_max_num_queries
):
    for _n in range(5):
        exits.open_case(
            tenancies.lease(1), ground=exits.Ground.ARREARS, by=staff.user,
            flags=[{**FLAG, "rule": "ARREARS", "evidence": ["租金台账"]}],
        )  # fmt: skip
    client.force_login(staff.user)
    with django_assert_max_num_queries(20):
        page = client.get(reverse("office_exits")).content.decode()
    assert page.count("欠租") == 5
