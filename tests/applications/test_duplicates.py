"""Possible duplicates: found by index, judged by a person, undone; nothing happens by itself."""

import logging

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from applications import (
    duplicate_run,
    duplicates,
    evaluation,
    likeness_keys,
    states,
    submission,
    tasks_duplicates,
)
from applications.duplicates import ResolutionRefused
from applications.models import (
    Application,
    Ban,
    Benefit,
    DuplicateResolution,
    DuplicateRun,
    LikenessKey,
    PossibleDuplicate,
)
from core import clock
from core.models import AuditEntry, Notice, Transition
from tests.applications.test_submission import draft_of
from tests.factories import accounts
from tests.factories import applications as make
from tests.factories import duplicates as pairs

pytestmark = pytest.mark.django_db
SAME, DIFFERENT = "same", "different"


def resolve(pair, outcome=SAME, by=None, **fields):
    words = {"reason_code": "id_seen", "text": "看了两本证件", **fields}
    return duplicates.resolve(pair, outcome, by=by or pairs.judge(), **words)


def strangers(count):
    """Cases of people who have nothing in common with anybody."""
    rows = [make.application(state=states.ACCEPTED) for _n in range(count)]
    for one in rows:
        likeness_keys.write(one)
    return rows


# -- Finding -------------------------------------------------------------------------------------


def test_one_person_typed_twice_is_laid_before_a_person_and_both_cases_go_on():
    first, second = pairs.two_entries()
    before = list(Application.objects.order_by("pk").values())
    assert duplicates.check(first) == 0
    assert duplicates.check(second) == 1
    pair = PossibleDuplicate.objects.get()
    assert {pair.low.application, pair.high.application} == {first, second}
    assert pair.state == states.DUPLICATE_OPEN and pair.levels["name"] == "sound"
    assert list(Application.objects.order_by("pk").values()) == before
    assert not Notice.objects.exists()


def test_looking_again_adds_nothing():
    first, second = pairs.two_entries()
    for _time in range(3):
        duplicates.check(first)
        duplicates.check(second)
    assert PossibleDuplicate.objects.count() == 1
    assert AuditEntry.objects.filter(verb="duplicate.found").count() == 1


def test_a_withdrawn_application_is_compared_with_nobody():
    first, second = pairs.two_entries()
    duplicates.check(first)
    submission.withdraw(first, by=first.created_by)
    assert duplicates.check(second) == 0


def test_who_lives_in_a_home_of_ours_is_compared_too():
    housed = pairs.case_of("曾建国", pairs.number("141"), address=pairs.HOME, state=states.CLOSED)
    Benefit.objects.create(
        person_index=housed.applicant.id_index, kind="home", case_no=housed.case_no,
        began_on=clock.today(),
    )  # fmt: skip
    second = pairs.case_of("增建国", pairs.number("114"), address=pairs.HOME)
    duplicates.check(housed)
    assert duplicates.check(second) == 1


def test_who_left_it_is_not():
    housed = pairs.case_of("曾建国", pairs.number("141"), address=pairs.HOME, state=states.CLOSED)
    Benefit.objects.create(
        person_index=housed.applicant.id_index, kind="home", case_no=housed.case_no,
        began_on=clock.today(), ended_on=clock.today(),
    )  # fmt: skip
    second = pairs.case_of("增建国", pairs.number("114"), address=pairs.HOME)
    duplicates.check(housed)
    assert duplicates.check(second) == 0


def test_twins_in_two_cases_of_one_address_are_left_alone():
    one = pairs.case_of("陈佳明", pairs.number("141"), address=pairs.HOME)
    other = pairs.case_of("陈佳亮", pairs.number("143"), address=pairs.HOME)
    duplicates.check(one)
    assert duplicates.check(other) == 0


def test_twins_of_one_sound_are_two_people_once_their_parents_register_names_both():
    twin = make.Person("陈佳仪", pairs.number("146"), "20")
    one = pairs.case_of("陈佳怡", pairs.number("142"), address=pairs.HOME)
    other = pairs.case_of("陈佳仪", twin.id_number, address=pairs.HOME)
    # the register named the sister; she does not apply with this household
    one.members.create(
        position=1, name=twin.name, id_number=twin.id_number, relation="79", excluded=True
    )
    duplicates.check(one)
    assert duplicates.check(other) == 0


def test_an_old_number_and_a_new_one_of_a_person_are_found():
    old = pairs.number("141")
    first = pairs.case_of("王伟", old[:6] + old[8:17])
    duplicates.check(first)
    assert duplicates.check(pairs.case_of("王伟", old)) == 1


def test_a_name_carried_before_marriage_is_found_with_the_phone():
    first = pairs.case_of("林芳", pairs.number("142"), phone="13900000001")
    duplicates.check(first)
    second = pairs.case_of(
        "李芳", pairs.number("168"), phone="13900000001", address=pairs.HOME, former="林芳"
    )
    assert duplicates.check(second) == 1


def test_two_registers_that_tell_nothing_leave_name_birth_date_and_phone():
    first = pairs.case_of("王䶮", pairs.number("141"), phone="13900000001")
    duplicates.check(first)
    assert duplicates.check(pairs.case_of("王龑", pairs.number("969"), phone="13900000001")) == 1


def test_an_address_that_a_register_tells_later_is_compared_then():
    first, second = pairs.two_entries()
    address = second.evidence.get()
    address.delete()
    duplicates.check(first)
    duplicates.check(second)
    assert not likeness_keys.is_stale(second)
    make.evidence(second, "household_register", status="found", rows=address.rows)
    assert likeness_keys.is_stale(second)
    tasks_duplicates.look_again(second.pk)
    assert PossibleDuplicate.objects.get().levels["address"] == "same"


def test_a_new_phone_makes_the_keys_anew():
    first, _second = pairs.two_entries()
    likeness_keys.write(first)
    submission.keep_phone(first.applicant, "13900000009", by=first.created_by)
    assert not LikenessKey.objects.filter(member=first.applicant).exists()


def test_a_key_that_a_crowd_shares_leads_to_nobody(monkeypatch):
    first, second = pairs.two_entries()
    duplicates.check(first)
    keys = likeness_keys.keys_of(likeness_keys.sketches_of([second.applicant])[second.applicant.pk])
    for one in strangers(60):
        LikenessKey.objects.filter(member__application=one).update(keys=sorted(keys))
    assert duplicates.check(second) == 0


def test_the_check_asks_the_same_number_of_questions_among_many(django_assert_max_num_queries):
    first, second = pairs.two_entries()
    duplicates.check(first)
    duplicates.check(second)  # the pair is known from here on
    with CaptureQueriesContext(connection) as few:
        duplicates.check(second)
    strangers(40)
    with CaptureQueriesContext(connection) as many:
        duplicates.check(second)
    assert len(few) == len(many) <= 16


def test_candidates_come_from_the_index_of_keys():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {likeness_keys._HOLDERS}", [[1, 2]])
        assert "likeness_keys" in str(cursor.fetchall())


def test_a_case_that_is_sent_is_looked_at_once_it_is_committed(
    registers, django_capture_on_commit_callbacks, monkeypatch
):
    sent = []
    monkeypatch.setattr(tasks_duplicates.look_for_duplicates, "delay", sent.append)
    citizen = accounts.citizen()
    with django_capture_on_commit_callbacks(execute=True):
        row = submission.submit(draft_of(citizen), by=citizen.user)
        assert sent == []
    assert sent == [row.pk]


def test_keys_and_reasons_hold_no_number_name_or_phone(caplog):
    caplog.set_level(logging.DEBUG)
    pair = pairs.found(phone="13900000001")
    resolve(pair)
    number = pair.low.id_number
    stored = str(LikenessKey.objects.values_list("keys")) + str(pair.levels)
    told = caplog.text + str(list(AuditEntry.objects.values_list("detail", flat=True)))
    for secret in (number, pair.high.id_number, "13900000001", "建国"):
        assert secret not in stored and secret not in told


# -- Everybody -----------------------------------------------------------------------------------


def test_the_nights_run_finds_what_nobody_looked_for_and_is_done_once_a_day():
    pairs.two_entries()
    strangers(3)
    LikenessKey.objects.all().delete()
    row = duplicate_run.run(clock.today())
    assert (row.found, row.compared, row.pairs) == (1, 1, 1) and row.finished_at
    assert LikenessKey.objects.count() == 5
    assert duplicate_run.run(clock.today()) == row and DuplicateRun.objects.count() == 1


def test_a_run_that_was_stopped_goes_on_behind_the_last_pair(monkeypatch):
    for n in range(4):
        pairs.case_of("曾建国", pairs.number(f"{n}41"), phone="13900000001")
    monkeypatch.setattr(duplicate_run, "_AT_ONCE", 2)
    alike, calls = duplicates.alike, []

    def stopped(some, table):
        calls.append(some)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return alike(some, table)

    monkeypatch.setattr(duplicates, "alike", stopped)
    with pytest.raises(KeyboardInterrupt):
        duplicate_run.run(clock.today())
    assert PossibleDuplicate.objects.count() == 2
    DuplicateRun.objects.update(leased_until=clock.now())
    row = duplicate_run.run(clock.today())
    assert PossibleDuplicate.objects.count() == 6 == row.found == row.compared
    assert [len(some) for some in calls] == [2, 2, 2, 2]  # the second portion once more


def test_while_a_worker_has_the_run_another_one_leaves_it_alone():
    now = clock.now()
    held = DuplicateRun.objects.create(
        day=clock.today(), began_at=now, leased_until=now.replace(year=now.year + 1)
    )
    pairs.two_entries()
    assert duplicate_run.run(clock.today()) == held
    assert not PossibleDuplicate.objects.exists()


def test_the_run_drops_keys_and_questions_of_people_who_left():
    pair = pairs.found()
    later = pair.applications[-1]
    submission.withdraw(later, by=later.created_by)
    duplicate_run.run(clock.today())
    pair.refresh_from_db()
    assert pair.state == states.DUPLICATE_LAPSED
    assert not LikenessKey.objects.filter(member__application=later).exists()


def test_found_again_after_a_new_application_it_is_open_again():
    pair = pairs.found()
    later = pair.applications[-1]
    submission.withdraw(later, by=later.created_by)
    duplicates.lapse_gone()
    again = pairs.case_of("增建国", pairs.number("114"), address=pairs.HOME)
    assert duplicates.check(again) == 0
    pair.refresh_from_db()
    assert pair.state == states.DUPLICATE_OPEN and again in pair.applications


def test_a_run_shows_its_progress(capsys):
    from django.core.management import call_command

    pairs.two_entries()
    call_command("find_duplicates")
    told = capsys.readouterr().out
    assert "keys 2" in told and "pairs 1/1" in told and "1 new" in told


# -- Judging -------------------------------------------------------------------------------------


def test_a_judgement_has_a_person_a_reason_and_a_place_in_the_log():
    pair, judge = pairs.found(), pairs.judge()
    made = resolve(pair, DIFFERENT, by=judge, reason_code="same_name", text="  两个人都来过窗口 ")
    pair.refresh_from_db()
    assert pair.state == states.DUPLICATE_DIFFERENT
    assert (made.by, made.text, made.reason_code) == (judge, "两个人都来过窗口", "same_name")
    assert Transition.objects.get(thing_id=pair.pk, to_state="different").by
    entry = AuditEntry.objects.get(verb="duplicate.resolved")
    assert entry.subjects == sorted([pair.low_index, pair.high_index])
    assert not Notice.objects.exists()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"text": "  "}, "text"),
        ({"reason_code": ""}, "reason_code"),
        ({"outcome": "lapsed"}, "outcome"),
    ],
)
def test_without_a_reason_nothing_is_judged(fields, field):
    pair = pairs.found()
    with pytest.raises(ResolutionRefused) as refused:
        resolve(pair, **fields)
    assert refused.value.field == field
    pair.refresh_from_db()
    assert pair.state == states.DUPLICATE_OPEN and not DuplicateResolution.objects.exists()


@pytest.mark.parametrize("role", ["window", "street", "reviewer", "leader", "auditor"])
def test_only_the_district_and_the_administrators_judge(role):
    pair = pairs.found()
    with pytest.raises(ResolutionRefused):
        resolve(pair, by=accounts.staff(role))
    pair.refresh_from_db()
    assert pair.state == states.DUPLICATE_OPEN


def test_nobody_judges_about_the_own_household():
    pair, judge = pairs.found(), pairs.judge()
    judge.id_index = pair.high.id_index
    judge.save()
    with pytest.raises(ResolutionRefused, match="回避"):
        resolve(pair, by=judge)


def test_what_is_judged_different_is_not_asked_again():
    pair = pairs.found()
    resolve(pair, DIFFERENT)
    for one in pair.applications:
        duplicates.check(one)
    duplicate_run.run(clock.today())
    pair.refresh_from_db()
    assert pair.state == states.DUPLICATE_DIFFERENT and PossibleDuplicate.objects.count() == 1


def test_every_judgement_can_be_taken_back_and_given_anew():
    pair = pairs.found()
    resolve(pair, DIFFERENT)
    with pytest.raises(ResolutionRefused) as refused:
        duplicates.undo(pair, why=" ", by=pairs.judge())
    assert refused.value.field == "why"
    undone = duplicates.undo(pair, why="看错了证件", by=pairs.judge())
    pair.refresh_from_db()
    assert pair.state == states.DUPLICATE_OPEN
    assert undone.undone_why == "看错了证件" and undone.undone_by and undone.undone_at
    resolve(pair, SAME)
    assert list(pair.resolutions.values_list("outcome", flat=True)) == [DIFFERENT, SAME]
    assert pair.resolutions.get(undone_at=None).outcome == SAME


def test_there_is_nothing_to_take_back_from_an_open_question():
    with pytest.raises(ResolutionRefused):
        duplicates.undo(pairs.found(), why="试试", by=pairs.judge())


def test_the_same_person_tells_the_later_family_alone_and_moves_no_case():
    pair = pairs.found()
    first, later = pair.applications
    before = {one.pk: one.state for one in pair.applications}
    resolve(pair, SAME)
    notice = Notice.objects.get(code="duplicate.same")
    assert notice.person_index == later.applicant.id_index and notice.case_no == later.case_no
    assert first.case_no not in notice.text and "没有作出决定" in notice.text
    assert "建国" not in notice.text.replace("*建国", "")
    assert {one.pk: one.state for one in Application.objects.all()} == before


def test_taken_back_the_family_is_told_so():
    pair = pairs.found()
    resolve(pair, SAME)
    duplicates.undo(pair, why="核错了", by=pairs.judge())
    codes = list(Notice.objects.order_by("pk").values_list("code", flat=True))
    assert codes == ["duplicate.same", "duplicate.undone"]


def test_the_rule_reads_what_is_in_force_under_the_other_number_until_it_is_taken_back():
    pair = pairs.found()
    first, later = pair.applications
    today = clock.today()
    other = next(one for one in pair.sides if one.application == first)
    Benefit.objects.create(person_index=other.id_index, kind="subsidy", case_no="B1",
                           began_on=today)  # fmt: skip
    Ban.objects.create(
        person_index=other.id_index, reason="x", case_no="C1", starts_on=today,
        until=today.replace(year=today.year + 1), decided_by="x",
    )  # fmt: skip

    def known(case):
        return evaluation.case_of(case, "apply", today).platform[case.applicant.id_number]

    assert known(later)["active_benefit"] is None and "active_application" not in known(later)
    resolve(pair, SAME)
    assert known(later)["active_benefit"] == "B1" and known(later)["ban_until"]
    assert known(later)["active_application"] == "…" + first.case_no[-4:]
    assert "active_application" not in known(first)
    duplicates.undo(pair, why="核错了", by=pairs.judge())
    assert known(later)["active_benefit"] is None and "active_application" not in known(later)


def test_a_case_under_review_gets_a_finding_for_its_desk_and_no_decision():
    pair = pairs.found(state=states.STREET_REVIEW)
    later = pair.applications[-1]
    resolve(pair, SAME)
    later.refresh_from_db()
    found = later.assessments.first().result["findings"]
    assert [one["result"] for one in found if one["rule"] == "DUPLICATE"] == ["fail"]
    assert later.state == states.STREET_REVIEW and not later.decisions.exists()
    duplicates.undo(pair, why="核错了", by=pairs.judge())
    found = later.assessments.first().result["findings"]
    assert [one["result"] for one in found if one["rule"] == "DUPLICATE"] == ["pass"]


# -- The database says no too ----------------------------------------------------------------------


def test_the_database_refuses_a_pair_in_the_other_order_and_twice():
    pair = pairs.found()
    values = {"score": 1, "levels": {}, "table": "x", "state_since": clock.now(),
              "found_at": clock.now()}  # fmt: skip
    for low, high in ((pair.high, pair.low), (pair.low, pair.high)):
        with pytest.raises(IntegrityError), transaction.atomic():
            PossibleDuplicate.objects.create(
                low=low, high=high, low_index=low.id_index, high_index=high.id_index, **values
            )


def test_the_database_refuses_two_judgements_that_stand():
    pair = pairs.found()
    resolve(pair, DIFFERENT)
    with pytest.raises(IntegrityError), transaction.atomic():
        DuplicateResolution.objects.create(
            duplicate=pair, outcome=SAME, reason_code="asked", text="x", by=pairs.judge(),
            at=clock.now(),
        )  # fmt: skip
