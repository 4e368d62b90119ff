"""Who cannot sign, who has not signed yet, and who does not want to."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from applications import (
    authority,
    consent,
    consent_waits,
    leaving_out,
    periods,
    signing_routes,
    stand_ins,
    states,
    submission,
    tasks,
    tasks_family,
)
from applications.models import MissingConsent, StandIn
from core import clock
from core.models import AuditEntry, Notice, OutboxMessage
from tests.applications.test_submission import draft_of
from tests.factories import accounts
from tests.factories import applications as make

pytestmark = pytest.mark.django_db


def sent(relation="10", phone="13800000002"):
    citizen, other = accounts.citizen(phone="13800000001"), make.person(relation)
    row = draft_of(citizen, make.Person(other.name, other.id_number, relation))
    row.members.filter(position=1).update(phone=None)
    member = row.members.get(position=1)
    submission.keep_phone(member, phone, by=citizen.user)
    row = submission.submit(row, by=citizen.user)
    return row, row.members.get(position=1)


def clerk_of(row, role="window"):
    return accounts.staff(role, bureau=row.street)


# -- The listed routes -------------------------------------------------------------------------


def test_every_route_names_evidence_and_source_and_what_was_not_read_says_so():
    routes = signing_routes.table()
    assert {"illness", "custody", "incapacity", "abroad"} <= set(routes)
    assert all(one.evidence and one.law for one in routes.values())
    assert all(one.unverified for one in routes.values())  # none was read at its source


def test_the_route_says_how_somebody_is_and_is_unreadable_at_rest_and_in_the_log(registers):
    row, member = sent()
    stand_ins.name(member, "custody", "prison", signer="本人", note="某监狱", by=row.created_by)
    with connection.cursor() as cursor:
        cursor.execute("SELECT route, evidence, note FROM applications_standin")
        stored = b" ".join(bytes(value) for value in cursor.fetchone())
    for word in ("custody", "prison", "监狱"):
        assert word.encode() not in stored
    entry = AuditEntry.objects.get(verb="stand_in.named")
    assert entry.detail == {} and stand_ins.of_member(member).route == "custody"


def test_each_text_of_the_routes_is_marked_for_translation():
    with translation.override("en"):
        for route in signing_routes.table().values():
            for text in (route.title, route.who, route.law, *route.evidence.values()):
                assert str(text).isascii() or "…" in str(text), text


def test_a_route_named_by_the_family_asks_nothing_until_a_person_has_checked(registers):
    row, member = sent()
    stand_ins.name(member, "illness", "hospital", signer="某子", by=row.created_by)
    assert authority.word_of(member) == "none" and registers.asked == []
    assert row.pauses.filter(reason="consent", ended_at=None).exists()
    assert not row.evidence.filter(member=member).exists()
    clerk = clerk_of(row)
    one = stand_ins.to_check(clerk).get()
    with pytest.raises(stand_ins.StandInRefused) as refused:
        stand_ins.accept(one, by=clerk)
    assert "先看过证明原件" in str(refused.value)
    assert authority.word_of(member) == "none"
    stand_ins.see_paper(one, by=clerk)
    stand_ins.accept(one, by=clerk)
    assert member.consents.get().method == "stand_in"
    assert not row.pauses.filter(ended_at=None).exists()
    assert row.evidence.filter(member=member, status="pending").exists()


def test_the_database_takes_no_stand_in_whose_paper_nobody_saw(registers):
    row, member = sent()
    one = stand_ins.name(member, "illness", "hospital", signer="某子", by=row.created_by)
    with pytest.raises(IntegrityError), transaction.atomic():
        StandIn.objects.filter(pk=one.pk).update(verdict="accepted", checked_at=clock.now())


def test_nobody_signs_for_who_cannot_be_found_and_a_person_goes_on(registers):
    row, member = sent()
    clerk = clerk_of(row)
    one = stand_ins.name(member, "missing", "police", by=clerk.user)
    assert one.seen_at_window
    stand_ins.accept(one, by=clerk)
    assert authority.word_of(member) == "refused"
    assert not row.evidence.filter(member=member).exists()
    row.refresh_from_db()
    assert row.is_open


def test_what_is_not_enough_comes_back_with_a_reason_and_can_be_named_again(registers):
    row, member = sent()
    clerk = clerk_of(row)
    one = stand_ins.name(member, "abroad", "notarised", signer="某弟", by=row.created_by)
    with pytest.raises(stand_ins.StandInRefused):
        stand_ins.send_back(one, " ", by=clerk)
    stand_ins.send_back(one, "公证书没有认证页", by=clerk)
    assert "没有认证页" in Notice.objects.get(code="stand_in.returned").text
    again = stand_ins.name(member, "abroad", "consulate", signer="某弟", by=row.created_by)
    assert again.pk != one.pk and stand_ins.of_member(member).evidence == "consulate"


def test_an_unknown_route_a_child_and_who_agreed_have_no_stand_in(registers):
    row, member = sent()
    for route, evidence in (("magic", "x"), ("illness", "police")):
        with pytest.raises(stand_ins.StandInRefused):
            stand_ins.name(member, route, evidence, signer="某", by=row.created_by)
    consent.give(member, method="online", by=row.created_by)
    with pytest.raises(stand_ins.StandInRefused):
        stand_ins.name(member, "illness", "hospital", signer="某", by=row.created_by)
    child = make.application(make.couple_with_child(), consents=False).members.get(position=2)
    assert "监护人" in str(stand_ins.why_not_name(child, child.application))


def test_a_citizen_cannot_record_a_stand_in_consent_by_himself(registers):
    row, member = sent()
    with pytest.raises(consent.ConsentRefused):
        consent.give(member, method="stand_in", by=row.created_by)
    assert authority.word_of(member) == "none"


def test_another_streets_clerk_and_the_family_itself_do_not_check(registers):
    row, member = sent()
    stand_ins.name(member, "illness", "hospital", signer="某子", by=row.created_by)
    other = accounts.staff("window", bureau=accounts.bureau("centre"))
    assert not stand_ins.to_check(other).exists()
    relative = clerk_of(row)
    type(relative).objects.filter(pk=relative.pk).update(id_index=member.id_index)
    relative.refresh_from_db()
    assert not stand_ins.to_check(relative).exists()


# -- The missing consent -----------------------------------------------------------------------


def test_a_missing_consent_is_an_item_with_a_day_and_settles_with_the_answer(registers):
    row, member = sent()
    wait = MissingConsent.objects.get()
    assert wait.due_on == periods.of("consent_wait").after(clock.today())
    assert consent_waits.due_of(row) == wait.due_on
    consent.give(member, method="online", by=row.created_by)
    wait.refresh_from_db()
    assert wait.settled_as == "given" and consent_waits.open_of(row) == []
    consent.withdraw(member, by=row.created_by)
    assert MissingConsent.objects.filter(settled_at=None).count() == 0  # withdrawn is an answer


def climb(day):
    """The periodic work as on that day."""
    for one in consent_waits.to_remind(day):
        consent_waits.remind(one, day)
    for one in consent_waits.to_pass(day):
        consent_waits.pass_on(one, day)


def test_three_rungs_each_once_then_a_person_and_nobody_loses_anything(registers):
    row, member = sent()
    wait = MissingConsent.objects.get()
    OutboxMessage.objects.all().delete()
    for day in range((wait.due_on - wait.began_on).days + 5):
        climb(wait.began_on + timedelta(days=day))
        climb(wait.began_on + timedelta(days=day))
    wait.refresh_from_db()
    assert wait.reminded == ["first", "second", "last"] and wait.passed_at
    told = Notice.objects.filter(code="consent.member_reminded", person_index=member.id_index)
    assert told.count() == 3
    assert Notice.objects.filter(code="consent.reminded").count() == 3
    assert Notice.objects.filter(code="consent.passed").count() == 1
    row.refresh_from_db()
    assert row.state == states.ACCEPTED and authority.word_of(member) == "none"
    assert row.pauses.filter(reason="consent", ended_at=None).exists()
    texts = [one.payload["text"] for one in OutboxMessage.objects.filter(destination="sms")]
    assert len(texts) == 6
    for text in texts:
        assert len(text) <= 70 and "http" not in text and member.name not in text


def test_who_answered_is_not_reminded(registers):
    row, member = sent()
    wait = MissingConsent.objects.get()
    consent.refuse(member, by=row.created_by)
    wait.refresh_from_db()
    assert wait.settled_as == "refused" and not consent_waits.remind(wait, wait.due_on)
    assert not Notice.objects.filter(code="consent.member_reminded").exists()
    assert Notice.objects.filter(code="consent.refused", person_index=row.applicant.id_index)


def test_who_cannot_sign_is_not_pressed_by_messages(registers):
    row, member = sent()
    stand_ins.name(member, "illness", "hospital", signer="某子", by=row.created_by)
    wait = MissingConsent.objects.get()
    assert consent_waits.remind(wait, wait.due_on)
    assert not Notice.objects.filter(code="consent.member_reminded").exists()


def test_the_task_runs_the_ladder_of_today(registers):
    sent()
    MissingConsent.objects.update(began_on=clock.today() - timedelta(days=3))
    tasks_family.remind_missing_consents()
    assert MissingConsent.objects.get().reminded == ["first"]
    MissingConsent.objects.update(due_on=clock.today() - timedelta(days=1))
    tasks_family.remind_missing_consents()
    assert MissingConsent.objects.get().passed_at


def test_a_case_that_waited_before_there_was_a_list_is_listed_once(registers):
    row, member = sent()
    MissingConsent.objects.all().delete()
    assert consent_waits.catch_up() == 1 and consent_waits.catch_up() == 0
    assert MissingConsent.objects.get().member == member
    assert consent_waits.due_of(row)


def test_the_street_gives_more_time_and_the_ladder_begins_anew(registers):
    row, _member = sent()
    wait = MissingConsent.objects.get()
    clerk = clerk_of(row, "street")
    climb(wait.due_on + timedelta(days=1))
    with pytest.raises(consent_waits.WaitRefused):
        consent_waits.extend(wait, " ", by=clerk)
    longer = consent_waits.extend(wait, "在外地，月底回来", by=clerk)
    assert longer.due_on > wait.due_on and longer.passed_at is None and longer.reminded == []
    assert Notice.objects.filter(code="consent.extended").exists()
    assert longer.contacts[0]["note"] == "在外地，月底回来"


def test_a_case_that_ends_ends_the_waiting(registers):
    row, _member = sent()
    submission.withdraw(row, by=row.created_by)
    assert MissingConsent.objects.get().settled_as == "ended"


# -- Leaving out, refusing ---------------------------------------------------------------------


def test_a_grown_brother_is_left_out_by_the_family_and_is_free_again(registers):
    row, brother = sent("70")
    with pytest.raises(leaving_out.LeaveOutRefused):
        leaving_out.leave_out(brother, " ", by=row.created_by)
    leaving_out.leave_out(brother, "他自己有房", by=row.created_by)
    brother.refresh_from_db()
    assert brother.excluded and not brother.holding
    assert MissingConsent.objects.get().settled_as == "left_out"
    assert not row.pauses.filter(ended_at=None).exists()


def test_a_spouse_is_left_out_by_a_clerk_who_writes_why_and_not_by_the_family(registers):
    row, spouse = sent()
    with pytest.raises(leaving_out.LeaveOutRefused):
        leaving_out.leave_out(spouse, "吵架", by=row.created_by)
    spouse.refresh_from_db()
    assert not spouse.excluded and spouse.holding
    leaving_out.leave_out(spouse, "已离婚，看过离婚证", by=clerk_of(row).user)
    spouse.refresh_from_db()
    assert spouse.excluded


def test_who_has_agreed_is_not_taken_out_by_the_back_door(registers):
    row, brother = sent("70")
    consent.give(brother, method="online", by=row.created_by)
    with pytest.raises(leaving_out.LeaveOutRefused):
        leaving_out.leave_out(brother, "不想要了", by=row.created_by)


# -- Pages -------------------------------------------------------------------------------------


def test_the_family_sees_the_day_the_code_and_the_ways(client, registers):
    row, member = sent()
    client.force_login(row.created_by)
    text = client.get(f"/my/case/{row.case_no}/").content.decode()
    assert "还差的家人授权" in text and "申请不会因此作废" in text
    text = client.get(f"/my/case/{row.case_no}/family/").content.decode()
    assert consent.code_for(member) in text and f"/apply/family/{member.pk}/cannot/" in text
    assert "不一起申请</a>" not in text  # a spouse
    page = client.get(f"/apply/family/{member.pk}/cannot/?route=abroad").content.decode()
    assert "公证认证的委托书" in page and "条文待核实" in page
    data = {"evidence": "notarised", "signer": "某弟", "note": "在新加坡"}
    address = f"/apply/family/{member.pk}/cannot/?route=abroad"
    assert client.post(address, {"note": ""}).status_code == 422
    answer = client.post(address, data)
    assert answer.url == f"/my/case/{row.case_no}/family/"
    assert "按代签办理，请把证明原件带到" in client.get(answer.url).content.decode()
    again = client.get(f"/apply/family/{member.pk}/cannot/").content.decode()
    assert "本人能签了，收回代签" in again
    client.post(f"/apply/family/{member.pk}/can/")
    assert stand_ins.of_member(member) is None


def test_whoever_has_not_agreed_is_never_asked_about_by_any_step_of_theirs(client, registers):
    """The call log of a whole month: reminders, a stand-in, a refusal, every page of the family."""
    row, member = sent()
    tasks.check_application(row.pk, "apply")
    stand_ins.name(member, "illness", "hospital", signer="某子", by=row.created_by)
    wait = MissingConsent.objects.get()
    for day in range(40):
        climb(wait.began_on + timedelta(days=day))
    client.force_login(row.created_by)
    for page in (
        f"/my/case/{row.case_no}/", f"/my/case/{row.case_no}/family/",
        f"/apply/family/{member.pk}/cannot/", f"/apply/family/{member.pk}/cannot/?route=illness",
        f"/apply/family/{member.pk}/refused/", f"/apply/family/{member.pk}/out/",
    ):  # fmt: skip
        assert client.get(page).status_code == 200, page
    consent.refuse(member, by=row.created_by)
    tasks.check_application(row.pk, "apply")
    asked = {question.person.id_number for question, _purpose in registers.asked}
    assert asked == {row.applicant.id_number}


def test_a_refusal_is_explained_and_asks_nothing(client, registers):
    row, member = sent()
    consent.refuse(member, by=row.created_by)
    client.force_login(row.created_by)
    assert "没有同意的家人" in client.get(f"/my/case/{row.case_no}/family/").content.decode()
    text = client.get(f"/apply/family/{member.pk}/refused/").content.decode()
    assert "您没有因此被拒绝" in text and "有三个办法" in text
    assert registers.asked == []
    # he changes his mind with the same code
    other = accounts.citizen(name=member.name, number=member.id_number)
    client.force_login(other.user)
    client.post("/apply/family/join/", {"code": consent.code_for(member), "answer": "yes"})
    assert authority.word_of(member) == "given"


def test_pages_about_a_relative_are_closed_to_others(client, registers):
    _row, member = sent()
    spouse = accounts.citizen(name=member.name, number=member.id_number)
    for user in (accounts.citizen().user, spouse.user):
        client.force_login(user)
        for page in ("cannot", "refused", "out"):
            assert client.get(f"/apply/family/{member.pk}/{page}/").status_code == 404
        assert client.post(f"/apply/family/{member.pk}/can/").status_code == 404


def test_the_window_checks_and_settles_what_waits(client, registers):
    row, member = sent()
    stand_ins.name(member, "illness", "hospital", signer="某子", by=row.created_by)
    clerk = clerk_of(row)
    client.force_login(clerk.user)
    page = client.get("/window/family/").content.decode()
    assert member.name in page and "没看过" in page and row.case_no in page
    one = StandIn.objects.get()
    address = f"/window/family/signing/{one.pk}/"
    assert client.post(address, {"do": "accept"}).url == address
    assert authority.word_of(member) == "none"
    assert client.post(address, {"do": "seen"}).url == address
    assert client.post(address, {"do": "accept"}).url == "/window/family/"
    assert authority.word_of(member) == "given"
    assert client.get(address).status_code == 404


def test_the_window_notes_a_call_and_leaves_the_spouse_out_after_hearing(client, registers):
    row, member = sent()
    wait = MissingConsent.objects.get()
    client.force_login(clerk_of(row, "street").user)
    address = f"/window/family/consent/{wait.pk}/"
    assert client.post(address, {"do": "contacted", "note": ""}).status_code == 422
    client.post(address, {"do": "contacted", "note": "电话没有接"})
    assert "电话没有接" in client.get(address).content.decode()
    client.post(address, {"do": "leave_out", "note": "已离婚，看过离婚证"})
    member.refresh_from_db()
    assert member.excluded and member.excluded_reason == "已离婚，看过离婚证"
