"""Changes from acceptance on: what is kept, asked, written and left alone."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from accounts.roles import BureauKind, Role
from applications import (
    authority,
    change_settling,
    changes,
    consent,
    majority,
    open_changes,
    opinions,
    periods,
    review,
    states,
    submission,
    tasks,
    verification,
    waiting,
)
from applications.change_effects import Told, preview
from applications.models import Application, Benefit, Change, Evidence, Member, WaitEntry
from applications.models.review import Stage
from core import clock
from core.identity import ciphers
from core.models import AuditEntry, Notice
from datashare.models import GivenConsent
from tests.applications.registers import registers
from tests.factories import accounts, families
from tests.factories import applications as make
from tests.factories import review as desk

__all__ = ["registers"]
pytestmark = pytest.mark.django_db
Kind = Change.Kind


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    """Tasks are run by hand here."""
    from applications import tasks_changes

    monkeypatch.setattr(tasks.check_application, "apply_async", lambda *_a, **_k: None)
    monkeypatch.setattr(tasks_changes.go_on, "apply_async", lambda *_a, **_k: None)


@pytest.fixture(autouse=True)
def _day():
    with families.on("H02"):
        yield


def child_number(born: date = date(2021, 8, 1)) -> str:
    return accounts.id_number(born=born, male=False)


def told_of(row: Application, kind: str) -> Told:
    """A plausible event of each kind in the household H02."""
    today, spouse = clock.today(), row.members.filter(relation="10").first()
    child = row.members.filter(relation="30").first()
    details = {
        Kind.BIRTH: {"name": "王小雪", "id_number": child_number(), "relation": "30",
                     "guardian": True},
        Kind.MARRIAGE: {"name": "试配偶", "id_number": accounts.id_number(), "phone": ""},
        Kind.DIVORCE: {"leave": [spouse.id_number] if spouse else []},
        Kind.AID: {"aid": ""},
        Kind.WORK: {"monthly_income": "9000"},
        Kind.HOME: {"what": "bought", "area": "89.50"},
        Kind.MOVED: {"street": accounts.bureau("street").pk},
    }.get(kind, {})  # fmt: skip
    about = {Kind.DEATH: spouse, Kind.WORK: row.applicant, Kind.HOME: row.applicant,
             Kind.MAJORITY: child}.get(kind)  # fmt: skip
    return Told(kind, today, about, details)


def report(row: Application, told: Told, **more) -> Change:
    user = more.pop("by", None) or row.created_by
    return changes.report(row, told, by=user, key=more.pop("key", uuid4()), **more).change


def reviewing(name: str = "H02") -> Application:
    return families.household(name, states.STREET_REVIEW)


def waiting_family(name: str = "H02") -> Application:
    return families.household(name, states.WAITLISTED)


def married() -> Application:
    """A single mother with her daughter, who may marry."""
    row = waiting_family()
    Member.objects.filter(application=row, relation="10").update(excluded=True, holding=False)
    return row


REPORTED = [Kind.BIRTH, Kind.DEATH, Kind.MARRIAGE, Kind.DIVORCE, Kind.AID, Kind.WORK, Kind.HOME,
            Kind.MOVED]  # fmt: skip


# -- The queue date survives -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", REPORTED)
def test_place_and_date_in_the_queue_survive_every_kind(kind, registers):
    others = [waiting_family_of_nobody() for _n in range(2)]
    row = married() if kind == Kind.MARRIAGE else waiting_family()
    later = waiting_family_of_nobody()
    before = places(*others, row, later)
    change = report(row, told_of(row, kind))
    finish(change)
    assert places(*others, row, later) == before
    row.refresh_from_db()
    assert row.state == states.WAITLISTED


def waiting_family_of_nobody() -> Application:
    case = make.application(state=states.PUBLICITY)
    make.assessment(case, tier="DB", priority=["DB"])
    waiting.register(case, by=desk.WORKER)
    return case


def places(*rows) -> list:
    entries = [WaitEntry.objects.get(application=row) for row in rows]
    return [(one.registered_at, waiting.place_of(one), one.ended_at) for one in entries]


def finish(change: Change) -> Change:
    """Consents come, registers answer, the machine goes on, a person does the rest."""
    newcomer = change.member if change.kind == Kind.MARRIAGE else None
    if newcomer is not None:
        consent.give(newcomer, method="online", by=change.reported_by)
    for _n in range(2):
        pump(change.application)
        change.refresh_from_db()
        change_settling.go_on(change)
        change.refresh_from_db()
    if change.state == states.CHANGE_CHECKING:
        heirs = change_settling.successors(change.application, change)
        change_settling.confirm(change, by=desk.district(), successor=heirs[0] if heirs else None)
        change.refresh_from_db()
    return change


def pump(row: Application) -> None:
    rounds = set(Evidence.objects.filter(application=row).values_list("round", flat=True))
    for name in sorted(rounds):
        for one in Evidence.objects.filter(application=row, round=name, status="pending"):
            Evidence.objects.filter(pk=one.pk).update(
                status="found" if one.rows else "no_record", fetched_at=clock.now()
            )


# -- Reporting -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", REPORTED)
def test_each_kind_is_kept_with_its_effect_and_the_case_stays_where_it_is(kind):
    row = reviewing()
    if kind == Kind.MARRIAGE:
        Member.objects.filter(application=row, relation="10").update(excluded=True, holding=False)
    change = report(row, told_of(row, kind))
    assert change.state in (states.CHANGE_CHECKING, states.CHANGE_UPDATED)
    assert change.case_state == states.STREET_REVIEW and change.effect["word"]
    row.refresh_from_db()
    assert row.state == states.STREET_REVIEW
    entry = AuditEntry.objects.get(verb="change.reported")
    assert entry.detail["kind"] == kind and entry.case_no == row.case_no


def test_the_same_form_sent_twice_is_one_report():
    row, key = reviewing(), uuid4()
    told = told_of(row, Kind.AID)
    first, again = report(row, told, key=key), report(row, told, key=key)
    assert first == again and Change.objects.count() == 1
    assert Notice.objects.filter(code="change.reported").count() == 1


def test_the_same_event_from_a_second_tab_is_refused_and_changes_nothing():
    row = reviewing()
    told = told_of(row, Kind.DEATH)
    report(row, told)
    questions = Evidence.objects.filter(status="pending").count()
    with pytest.raises(changes.ChangeRefused, match="已经报告过"):
        report(row, told)
    assert Change.objects.count() == 1
    assert Evidence.objects.filter(status="pending").count() == questions


@pytest.mark.parametrize(
    "state", [states.DRAFT, states.WITHDRAWN, states.REFUSED, states.SUBMITTED]
)
def test_before_acceptance_and_after_the_end_nothing_is_reported(state):
    row = make.application(state=state)
    with pytest.raises(changes.ChangeRefused):
        report(row, Told(Kind.AID, clock.today(), None, {"aid": ""}))
    assert not Change.objects.exists()


def test_a_day_to_come_is_refused_by_name_of_the_field():
    row = reviewing()
    told = Told(Kind.AID, clock.today() + timedelta(days=1), None, {"aid": ""})
    with pytest.raises(changes.ChangeRefused) as refused:
        report(row, told)
    assert refused.value.field == "happened_on"


def test_only_an_adult_of_the_household_reports():
    row = reviewing()
    child, stranger = families.member(row, "30"), accounts.citizen()
    for number, name in ((child.id_number, child.name), (stranger.id_number, stranger.name)):
        who = accounts.citizen(name=name, number=number)
        with pytest.raises(changes.ChangeRefused, match="成年"):
            report(row, told_of(row, Kind.AID), by=who.user)
    assert not Change.objects.exists()


def test_what_would_not_fit_is_never_said_not_to_matter():
    """Also where the rules found something before: a person looks."""
    row = waiting_family()
    families.member(row, "01").evidence.filter(source__in=["low_income_aid"]).update(rows=[])
    big = Told(Kind.HOME, clock.today(), row.applicant, {"what": "bought", "area": "300"})
    effect = preview(row, big)
    assert effect.word == "loses" and effect.adverse and "HOUSING_AREA" in effect.changed


def test_a_cancelled_contract_is_previewed_as_the_rules_will_read_it():
    """H07b: off-plan contract cancelled, and no transfer of a home."""
    with families.on("H07"):
        row = families.household("H07", states.JOINT_REVIEW)
        with clock.held_at(clock.now() + timedelta(days=30)):
            day = clock.today() - timedelta(days=5)
            told = Told(Kind.HOME, day, row.applicant, {"what": "cancelled"})
            effect = preview(row, told)
    assert effect.word == "gains" and effect.tier[1] == "ZPX"
    assert "HOUSING_OFFPLAN" not in effect.changed and not effect.adverse


def test_aid_that_ended_last_month_is_never_read_as_a_failure():
    """No income report was ordered for a household on aid: unknown, not unfit."""
    row = waiting_family()
    effect = preview(row, Told(Kind.AID, clock.today(), None, {"aid": ""}))
    assert effect.word == "unknown" and "INCOME" in effect.changed


def test_a_new_aid_is_previewed_with_its_tier_and_rent():
    with families.on("H03"):
        row = families.household("H03", states.WAITLISTED)
        effect = preview(row, Told(Kind.AID, clock.today(), None, {"aid": "DBBY"}))
    assert effect.tier == ("ZPX", "DBBY") and effect.word == "terms"
    assert effect.rent[0] != effect.rent[1]


# -- Birth -----------------------------------------------------------------------------------------


def test_a_child_is_in_at_once_and_agreed_for_when_the_register_names_it():
    row = reviewing()
    told = told_of(row, Kind.BIRTH)
    change = report(row, told)
    child = change.member
    assert child.holding and not child.excluded and child.joined_at
    assert authority.word_of(child) == "none"
    register_child(row, told.details)
    pump(row)
    change_settling.go_on(change)
    child.refresh_from_db()
    assert child.origin == "register"
    assert child.consents.get().method == "guardian"
    assert child.evidence.filter(round="apply").exists()


def register_child(row: Application, details: dict) -> None:
    one = row.evidence.get(source="household_register", member__relation="01", round="apply")
    one.rows[0]["czrkzn"].append({"czrkxm": details["name"], "czrkgmsfhm": details["id_number"]})
    one.save()


def test_a_child_whom_no_register_names_waits_for_the_window_and_nobody_is_worse_off():
    row = reviewing()
    change = report(row, told_of(row, Kind.BIRTH))
    pump(row)
    change_settling.go_on(change)
    change.refresh_from_db()
    assert change.state == states.CHANGE_CHECKING
    assert not change.member.evidence.exists()


def test_the_register_is_asked_once_a_day_until_it_names_the_child():
    row = reviewing()
    told = told_of(row, Kind.BIRTH)
    change = report(row, told)
    pump(row)
    change_settling.go_on(change)
    assert not row.evidence.filter(status="pending").exists()
    with clock.held_at(clock.now() + timedelta(days=1)):
        change_settling.go_on(change)
        asked = row.evidence.filter(status="pending")
        assert set(asked.values_list("source", flat=True)) == {"household_register"}
        register_child(row, told.details)
        pump(row)
        change_settling.go_on(change)
    assert change.member.consents.exists()


def test_an_adult_is_no_child_to_report():
    row = reviewing()
    told = Told(Kind.BIRTH, clock.today(), None,
                {"name": "试", "id_number": accounts.id_number(), "relation": "20"})  # fmt: skip
    with pytest.raises(changes.ChangeRefused) as refused:
        report(row, told)
    assert refused.value.field == "id_number" and row.members.count() == 3


def test_a_child_more_is_previewed_with_more_people_and_a_sum():
    row = waiting_family()
    effect = preview(row, told_of(row, Kind.BIRTH))
    assert effect.persons == (3, 4)
    assert effect.result["rent_sum"] and effect.clauses
    assert effect.from_month == "2021-10-01"
    assert not Change.objects.exists() and row.assessments.count() == 1


# -- Death -----------------------------------------------------------------------------------------


def test_a_death_is_answered_with_decency_and_takes_nobody_out_by_itself():
    row = reviewing()
    change = report(row, told_of(row, Kind.DEATH))
    change_settling.go_on(change)
    assert not change.member.excluded
    told = Notice.objects.get(code="change.condolence")
    assert "请节哀" in told.text and "死亡" not in told.text
    assert told.person_index == row.applicant.id_index


def test_only_the_registers_of_a_death_are_asked_anew():
    row = reviewing()
    report(row, told_of(row, Kind.DEATH))
    asked = row.evidence.filter(status="pending").values_list("source", "member__relation")
    assert set(asked) == {("death", "10"), ("cremation", "10"), ("household_register", "10")}


def test_a_person_writes_a_death_into_the_case_and_the_rules_read_who_is_left():
    row = reviewing()
    change = report(row, told_of(row, Kind.DEATH))
    pump(row)
    change_settling.confirm(change, by=desk.district(), note="")
    gone = families.member(row, "10")
    assert gone.excluded and not gone.holding and gone.left_because == "death"
    assert len(row.assessments.first().inputs["household"]) == 2
    change.refresh_from_db()
    assert change.state == states.CHANGE_UPDATED and change.settled_by is not None


def test_the_case_of_an_applicant_who_has_died_goes_on_with_the_spouse():
    row = waiting_family()
    entry = row.wait_entry
    spouse = families.member(row, "10")
    user = accounts.citizen(name=spouse.name, number=spouse.id_number).user
    told = Told(Kind.DEATH, clock.today(), row.applicant)
    change = report(row, told, by=user)
    with pytest.raises(change_settling.SettlingRefused) as refused:
        change_settling.confirm(change, by=desk.district())
    assert refused.value.field == "successor" and row.applicant.relation == "01"
    change_settling.confirm(change, by=desk.district(), successor=spouse)
    row.refresh_from_db()
    assert row.applicant == spouse and row.applicant.relation == "01"
    assert row.members.get(relation="30", excluded=False)
    assert WaitEntry.objects.get(application=row).registered_at == entry.registered_at
    assert Notice.objects.filter(code="change.updated").get().person_index == spouse.id_index
    assert not Notice.objects.filter(person_index=told.member.id_index, code="change.updated")


def test_a_minor_does_not_take_a_case_over():
    row = waiting_family()
    change = report(row, Told(Kind.DEATH, clock.today(), row.applicant))
    with pytest.raises(change_settling.SettlingRefused, match="未成年"):
        change_settling.confirm(change, by=desk.district(), successor=families.member(row, "30"))
    assert row.applicant.relation == "01"


def test_a_file_read_as_of_an_earlier_day_still_has_who_has_died():
    row = reviewing()
    change = report(row, told_of(row, Kind.DEATH))
    pump(row)
    moment = clock.now()
    with clock.held_at(moment + timedelta(days=2)):
        change_settling.confirm(change, by=desk.district())
        assert len(verification.case_at(row, "apply", moment).household) == 3
        assert len(verification.case_at(row, "apply", clock.now()).household) == 2


# -- Marriage --------------------------------------------------------------------------------------


def test_a_spouse_joins_and_is_asked_about_only_after_their_own_word():
    row = married()
    told = told_of(row, Kind.MARRIAGE)
    change = report(row, told)
    spouse = change.member
    assert spouse.relation == "10" and spouse.holding
    assert not spouse.evidence.exists()
    invited = Notice.objects.get(person_index=spouse.id_index)
    assert consent.code_for(spouse) in invited.text
    consent.give(spouse, method="online", by=row.created_by)
    change_settling.go_on(change)
    assert spouse.evidence.filter(round=change.round).exists()


def test_a_spouse_in_another_case_is_told_of_in_a_sentence_and_nothing_is_kept():
    row = married()
    other = make.application(state=states.STREET_REVIEW)
    told = Told(Kind.MARRIAGE, clock.today(), None,
                {"name": other.applicant.name, "id_number": other.applicant.id_number})  # fmt: skip
    with pytest.raises(submission.AlreadyInAnother) as refused:
        report(row, told)
    assert other.applicant.name not in str(refused.value)
    assert not Change.objects.exists()
    assert not row.members.filter(id_index=other.applicant.id_index).exists()


def test_the_preview_of_a_marriage_looks_nothing_up_about_the_spouse():
    row = married()
    told = told_of(row, Kind.MARRIAGE)
    index = ciphers.blind_index(told.details["id_number"])
    Benefit.objects.create(person_index=index, kind="home", case_no="X", began_on=clock.today())
    effect = preview(row, told)
    about = [one for one in effect.result["findings"] if one["rule"] == "DUPLICATE"]
    assert about and all(one["result"] == "pass" for one in about)
    assert "DUPLICATE" not in effect.changed


# -- Divorce ---------------------------------------------------------------------------------------


def test_who_stays_keeps_number_date_and_place_and_who_goes_is_free_to_apply():
    row = waiting_family()
    entry, spouse = row.wait_entry, families.member(row, "10")
    change = report(row, told_of(row, Kind.DIVORCE))
    change_settling.confirm(change, by=desk.district())
    spouse.refresh_from_db()
    assert spouse.excluded and not spouse.holding and spouse.left_because == "divorce"
    assert WaitEntry.objects.get(application=row).registered_at == entry.registered_at
    assert GivenConsent.objects.get(person_index=spouse.id_index).ends_at
    later = make.application([make.Person(spouse.name, spouse.id_number)], state=states.PUBLICITY)
    make.assessment(later, tier="DB")
    with clock.held_at(clock.now() + timedelta(days=30)):
        made = waiting.register(later, by=desk.WORKER)
    assert made.registered_at > entry.registered_at


def test_where_the_rule_says_so_the_other_keeps_the_date_too(monkeypatch):
    row = waiting_family()
    spouse = families.member(row, "10")
    change = report(row, told_of(row, Kind.DIVORCE))
    change_settling.confirm(change, by=desk.district())
    kept = {**periods.table()}
    kept["divorce_keeps_date"] = periods.Period("divorce_keeps_date", "x", 1, "flag")
    monkeypatch.setattr(periods, "table", lambda: kept)
    later = make.application([make.Person(spouse.name, spouse.id_number)], state=states.PUBLICITY)
    make.assessment(later, tier="DB")
    with clock.held_at(clock.now() + timedelta(days=30)):
        entry = waiting.register(later, by=desk.WORKER)
    assert entry.registered_at == row.wait_entry.registered_at


def test_the_applicant_may_be_the_one_who_goes():
    row = waiting_family()
    applicant, spouse = row.applicant, families.member(row, "10")
    told = Told(Kind.DIVORCE, clock.today(), None, {"leave": [applicant.id_number]})
    change_settling.confirm(report(row, told), by=desk.district(), successor=spouse)
    assert row.applicant == spouse
    assert row.members.get(pk=applicant.pk).left_because == "divorce"


def test_who_has_left_reads_and_withdraws_nothing_more_though_they_had_typed_it(client):
    row = waiting_family()
    applicant, spouse = row.applicant, families.member(row, "10")
    typed = row.created_by
    told = Told(Kind.DIVORCE, clock.today(), None, {"leave": [applicant.id_number]})
    change_settling.confirm(report(row, told), by=desk.district(), successor=spouse)
    row.refresh_from_db()
    assert row.created_by.as_citizen.id_index == spouse.id_index
    client.force_login(typed)
    assert client.get(f"/my/case/{row.case_no}/").status_code == 404


@pytest.mark.parametrize("leave", [[], "both", "stranger"])
def test_exactly_one_of_the_couple_goes(leave):
    row = waiting_family()
    couple = [row.applicant.id_number, families.member(row, "10").id_number]
    gone = {"both": couple, "stranger": [couple[0], accounts.id_number()]}.get(str(leave), [])
    with pytest.raises(changes.ChangeRefused) as refused:
        report(row, Told(Kind.DIVORCE, clock.today(), None, {"leave": gone}))
    assert refused.value.field == "stays"


# -- Majority --------------------------------------------------------------------------------------


def grown_up(on: date) -> tuple[Application, Member]:
    """A family whose daughter is eighteen on the day, on her guardian's consent."""
    number = accounts.id_number(born=on.replace(year=on.year - 18), male=False)
    people = [make.person(), make.person("10"), make.Person("试女", number, "31")]
    row = make.application(people, state=states.JOINT_REVIEW, consents=False)
    for one in row.members.all():
        make.consent(one, method="guardian" if one.relation == "31" else "online")
    return row, row.members.get(relation="31")


def test_majority_comes_at_midnight_and_not_a_minute_before():
    birthday = clock.today() + timedelta(days=1)
    _row, daughter = grown_up(birthday)
    midnight = clock.local_midnight(birthday)
    with clock.held_at(midnight - timedelta(minutes=1)):
        assert majority.find(clock.today()) == 0
    with clock.held_at(midnight):
        assert majority.find(clock.today()) == 1
        assert majority.find(clock.today()) == 0
    assert daughter.changes.get().happened_on == birthday


def test_the_clock_runs_on_and_what_was_answered_stays_good():
    row, daughter = grown_up(clock.today())
    make.evidence(row, "property", member=daughter)
    majority.find(clock.today())
    assert not row.pauses.exists() and not authority.pending(row)
    assert authority.word_of(daughter) == "given"
    assert daughter.evidence.get().status == "no_record"


def test_nothing_more_is_asked_about_the_new_adult_before_their_own_word():
    row, daughter = grown_up(clock.today())
    majority.find(clock.today())
    assert authority.basis(daughter) == "" and not authority.bases({daughter.pk})
    verification.request_checks(row, by=desk.WORKER)
    assert not daughter.evidence.exists()
    told = Notice.objects.get(code="change.majority")
    assert told.person_index == daughter.id_index and consent.code_for(daughter) in told.text
    user = accounts.citizen(name=daughter.name, number=daughter.id_number).user
    consent.give(daughter, method="online", by=user)
    assert authority.basis(daughter) and daughter.evidence.filter(status="pending").exists()


def test_the_own_word_of_the_new_adult_settles_it():
    row, daughter = grown_up(clock.today())
    majority.find(clock.today())
    user = accounts.citizen(name=daughter.name, number=daughter.id_number).user
    consent.give(daughter, method="online", by=user)
    pump(row)
    change_settling.sweep()
    assert daughter.changes.get().state == states.CHANGE_UPDATED


# -- In review: the desks are told -----------------------------------------------------------------


def test_a_lost_aid_is_asked_again_and_the_departments_see_the_new_answer():
    row = desk.in_joint_review([])
    row.assessments.all().delete()
    answers = families.CASES["H02"]["records"]
    families.answer(row, answers)
    change = report(row, Told(Kind.AID, clock.today(), None, {"aid": ""}))
    waiting_ = set(row.evidence.filter(status="pending").values_list("source", flat=True))
    assert waiting_ == {"low_income_aid", "extreme_poverty", "social_assistance"}
    pump(row)
    change_settling.go_on(change)
    assert row.assessments.exists()


def test_another_street_goes_on_with_its_own_task():
    row = desk.under_review([])
    street = accounts.bureau("street")
    other = type(street).objects.streets().exclude(pk=street.pk).first()
    report(row, Told(Kind.MOVED, clock.today(), None, {"street": other.pk}))
    row.refresh_from_db()
    tasks_ = {task.bureau_id: task.state for task in row.tasks.filter(stage=Stage.STREET)}
    assert row.street == other
    assert tasks_ == {street.pk: states.TASK_CANCELLED, other.pk: states.TASK_OPEN}


def test_a_home_bought_while_waiting_is_a_persons_question_and_ends_nothing():
    row = waiting_family()
    change = report(row, told_of(row, Kind.HOME))
    pump(row)
    home = row.evidence.get(source="property", round=change.round, member=row.applicant)
    home.rows = [{"qlrzjh": row.applicant.id_number, "xzqhdm": "330212", "fwyt": "住宅",
                  "qszt": "现势", "zl": "试", "bdcqzh": "1", "jzmj": "120"}]  # fmt: skip
    home.status = "found"
    home.save()
    change_settling.go_on(change)
    change.refresh_from_db()
    row.refresh_from_db()
    assert change.state == states.CHANGE_CHECKING and row.state == states.WAITLISTED
    assert row.assessments.filter(round=change.round).first().outcome == "ineligible"
    assert change in open_changes.waiting_for_desk(desk.district())


def test_the_machine_settles_only_what_the_registers_say_as_told():
    """A home that no register knows yet is not brushed aside: a person looks."""
    row = reviewing()
    change = report(row, told_of(row, Kind.HOME))
    pump(row)
    change_settling.go_on(change)
    change.refresh_from_db()
    assert change.state == states.CHANGE_CHECKING
    again = report(row, Told(Kind.WORK, clock.today(), row.applicant, {"monthly_income": "0"}))
    pump(row)
    change_settling.go_on(again)
    again.refresh_from_db()
    assert again.state == states.CHANGE_UPDATED


def test_the_district_decides_after_the_change_was_looked_at_and_a_birthday_holds_nothing():
    case = desk.at_district([])
    told = Told(Kind.HOME, clock.today(), case.applicant, {"what": "bought", "area": "90"})
    change = report(case, told)
    task = desk.task_of(case, Stage.DISTRICT)
    with pytest.raises(review.OpinionRefused, match="变化"):
        review.opine(task, by=desk.district(), verdict="agree", text="同意")
    change_settling.no_effect(change, by=desk.district(), note="合同没有签")
    assert opinions.why_not_yet(task) == ""
    grown, _daughter = grown_up(clock.today())
    majority.find(clock.today())
    assert not open_changes.holding(grown).exists()


# -- Rosters, homes --------------------------------------------------------------------------------


def test_a_frozen_roster_stays_and_the_change_follows_after_the_round():
    row = families.household("H02", states.IN_ROUND)
    change = report(row, told_of(row, Kind.BIRTH))
    assert change.waits_for == "round" and row.members.count() == 3
    assert "名单" in Notice.objects.get(code="change.later").text
    change_settling.sweep()
    assert row.members.count() == 3
    Application.objects.filter(pk=row.pk).update(state=states.WAITLISTED)
    change_settling.sweep()
    change.refresh_from_db()
    assert change.state == states.CHANGE_CHECKING and row.members.count() == 4


def test_what_is_on_public_notice_stays_and_the_change_follows_after_it():
    row = families.household("H02", states.PUBLICITY)
    change = report(row, told_of(row, Kind.BIRTH))
    assert change.waits_for == "notice" and row.members.count() == 3
    change_settling.sweep()
    assert row.members.count() == 3
    row.refresh_from_db()
    waiting.register(row, by=desk.WORKER)
    change_settling.sweep()
    assert row.members.count() == 4


def put(row: Application, state: str) -> None:
    Application.objects.filter(pk=row.pk).update(state=state)


@pytest.mark.parametrize("state", [states.IN_ROUND, states.ALLOTTED, states.PUBLICITY])
def test_a_check_begun_before_the_roster_or_the_notice_stands_until_its_end(state):
    row = waiting_family()
    change = report(row, told_of(row, Kind.DEATH))
    pump(row)
    due, terms = change.due_on, WaitEntry.objects.filter(application=row).values().get()
    put(row, state)
    change_settling.go_on(change)
    change.refresh_from_db()
    assert change.state == states.CHANGE_CHECKING and change.waits_for
    assert row.assessments.filter(round=change.round).count() == 0
    assert change not in open_changes.waiting_for_desk(desk.district())
    with pytest.raises(change_settling.SettlingRefused, match="结束"):
        change_settling.confirm(change, by=desk.district())
    assert not families.member(row, "10").excluded
    assert WaitEntry.objects.filter(application=row).values().get() == terms
    put(row, states.WAITLISTED)
    with clock.held_at(clock.now() + timedelta(days=30)):
        change_settling.sweep()
        change.refresh_from_db()
        assert change.waits_for == "" and change.due_on > due
        assert change in open_changes.waiting_for_desk(desk.district())
        change_settling.confirm(change, by=desk.district())
    assert families.member(row, "10").excluded


def test_the_machine_writes_no_new_terms_into_a_frozen_roster():
    row = waiting_family()
    change = report(row, Told(Kind.WORK, clock.today(), row.applicant, {"monthly_income": "0"}))
    pump(row)
    put(row, states.IN_ROUND)
    change_settling.go_on(change)
    change.refresh_from_db()
    assert (change.state, change.waits_for) == (states.CHANGE_CHECKING, "round")
    put(row, states.WAITLISTED)
    change_settling.sweep()
    change.refresh_from_db()
    assert change.state == states.CHANGE_UPDATED


def test_what_was_asked_before_the_move_in_is_the_rechecks():
    row = waiting_family()
    change = report(row, told_of(row, Kind.DEATH))
    change_settling.ask(change, by=desk.district(), question="请问是哪一天？")
    put(row, states.CLOSED)
    row.refresh_from_db()
    assert list(open_changes.for_renewal(row)) == [change]
    with pytest.raises(change_settling.SettlingRefused, match="年度复核"):
        change_settling.no_effect(change, by=desk.district(), note="x")
    assert change_settling.settle_at_renewal(row, by=desk.WORKER, note="x") == 1


def test_a_birthday_found_in_review_is_settled_after_the_notice():
    """Its questions belonged to the review, which is over by then."""
    row, daughter = grown_up(clock.today())
    majority.find(clock.today())
    put(row, states.PUBLICITY)
    user = accounts.citizen(name=daughter.name, number=daughter.id_number).user
    consent.give(daughter, method="online", by=user)
    change_settling.sweep()
    assert daughter.changes.get().state == states.CHANGE_CHECKING
    put(row, states.WAITLISTED)
    for _n in range(2):
        change_settling.sweep()
        pump(row)
    assert daughter.changes.get().state == states.CHANGE_UPDATED


def test_many_that_wait_for_people_hold_up_none():
    rows = [make.application(2, state=states.STREET_REVIEW) for _n in range(3)]
    made = [
        report(row, Told(Kind.DEATH, clock.today(), row.members.get(relation="10"))) for row in rows
    ]
    for _n in range(3):
        change_settling.sweep(limit=1)
    assert not Change.objects.filter(pk__in=[one.pk for one in made], looked_at=None).exists()


def test_a_household_in_its_home_is_handed_to_the_recheck():
    row = families.household("H02", states.CLOSED)
    change = report(row, told_of(row, Kind.DEATH))
    assert list(open_changes.for_renewal(row)) == [change]
    change_settling.sweep()
    change.refresh_from_db()
    assert change.state == states.CHANGE_REPORTED


# -- The desk --------------------------------------------------------------------------------------


def test_the_desk_asks_the_family_answers_and_silence_ends_nothing():
    row = reviewing()
    change = report(row, told_of(row, Kind.DEATH))
    change_settling.ask(change, by=desk.district(), question="请问是哪一天？")
    change.refresh_from_db()
    assert change.state == states.CHANGE_EXPLAIN
    with clock.held_at(clock.now() + timedelta(days=60)):
        change_settling.sweep()
    change.refresh_from_db()
    assert change.state == states.CHANGE_EXPLAIN
    changes.explain(change, by=row.created_by, text="九月一日")
    change.refresh_from_db()
    assert change.state == states.CHANGE_CHECKING and change.answer == "九月一日"


def test_no_effect_needs_a_reason_and_who_joined_is_not_wiped_away():
    row = reviewing()
    change = report(row, told_of(row, Kind.DEATH))
    with pytest.raises(change_settling.SettlingRefused) as refused:
        change_settling.no_effect(change, by=desk.district(), note=" ")
    assert refused.value.field == "note"
    change_settling.no_effect(change, by=desk.district(), note="同名同姓的另一人")
    change.refresh_from_db()
    assert change.state == states.CHANGE_NO_EFFECT
    born = report(row, told_of(row, Kind.BIRTH))
    with pytest.raises(change_settling.SettlingRefused):
        change_settling.no_effect(born, by=desk.district(), note="x")


def test_another_street_and_a_department_settle_nothing():
    row = reviewing()
    change = report(row, told_of(row, Kind.DEATH))
    street = type(row.street).objects.streets().exclude(pk=row.street_id).first()
    foreign = accounts.staff(Role.STREET, bureau=street)
    department = accounts.staff(Role.REVIEWER, bureau=accounts.bureau(BureauKind.CIVIL_AFFAIRS))
    for who in (foreign, department):
        with pytest.raises(change_settling.SettlingRefused):
            change_settling.confirm(change, by=who)
    assert not families.member(row, "10").excluded
    assert not open_changes.visible_to(foreign).exists()


def test_a_report_by_mistake_is_taken_back_until_the_case_says_it():
    row = reviewing()
    change = report(row, told_of(row, Kind.DEATH))
    changes.retract(change, by=row.created_by)
    change.refresh_from_db()
    assert change.state == states.CHANGE_RETRACTED
    born = report(row, told_of(row, Kind.BIRTH))
    with pytest.raises(changes.ChangeRefused):
        changes.retract(born, by=row.created_by)


def test_a_case_that_ends_takes_its_open_changes_along():
    row = reviewing()
    change = report(row, told_of(row, Kind.DEATH))
    submission.withdraw(row, by=row.created_by)
    change.refresh_from_db()
    assert change.state == states.CHANGE_RETRACTED and change.settled_at


def test_what_is_kept_of_a_change_is_encrypted_at_rest():
    from django.db import connection

    row = reviewing()
    change = report(row, told_of(row, Kind.WORK), proof="解除合同通知 12345")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT details::text, proof::text, effect::text FROM applications_change"
            " WHERE id = %s", [change.pk],
        )  # fmt: skip
        stored = " ".join(cursor.fetchone())
    assert "9000" not in stored and "解除合同" not in stored and "rent" not in stored
