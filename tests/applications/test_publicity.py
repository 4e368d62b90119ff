"""Public notice, objections and the way onto the waiting list."""

from datetime import datetime, timedelta

import pytest

from accounts.roles import Role
from applications import deadlines, decision, publicity, states
from applications.models import Objection, Publicity
from applications.models.review import Stage
from core import clock
from core.identity.masking import mask_in_public
from core.models import AuditEntry, Notice
from tests.factories import accounts, applications
from tests.factories import review as desk

pytestmark = pytest.mark.django_db
WORDS = {"text": "他家在别的区还有一套住房，请核查。", "contact": "0574-00000000"}


def posted(**fields) -> Publicity:
    case = desk.at_district(**fields)
    desk.agree(desk.task_of(case, Stage.DISTRICT))
    return case.publicities.get()


def state_of(notice: Publicity) -> str:
    notice.application.refresh_from_db()
    return notice.application.state


def on(monkeypatch, day, hour=12, minute=0) -> None:
    moment = datetime(day.year, day.month, day.day, hour, minute, tzinfo=clock.LOCAL)
    monkeypatch.setattr(clock, "now", lambda: moment)


def test_a_notice_stands_seven_days_after_the_day_of_posting():
    notice = posted()
    assert notice.starts_on == clock.today()
    assert notice.ends_on == clock.today() + timedelta(days=7)


def test_the_clock_stands_during_the_notice():
    notice = posted()
    assert deadlines.clock_of(notice.application, clock.today()).paused.reason == "publicity"


def test_the_family_is_told():
    notice = posted()
    index = notice.application.applicant.id_index
    assert Notice.objects.filter(person_index=index, code="publicity.posted").count() == 1


def test_on_the_last_day_the_notice_still_stands(monkeypatch):
    notice = posted()
    assert publicity.close_due(notice.ends_on) == 0
    assert state_of(notice) == states.PUBLICITY


def test_the_day_after_it_registers_the_household_once(monkeypatch):
    notice = posted()
    after = notice.ends_on + timedelta(days=1)
    on(monkeypatch, after)
    assert publicity.close_due(after) == 1
    assert publicity.close_due(after) == 0
    assert state_of(notice) == states.WAITLISTED
    assert notice.application.wait_entry.draw_tier == 3
    assert deadlines.clock_of(notice.application, clock.today()).paused is None


def test_an_objection_on_the_last_day_at_a_minute_to_midnight_counts(monkeypatch):
    notice = posted()
    on(monkeypatch, notice.ends_on, 23, 59)
    publicity.object_to(notice, **WORDS)
    assert state_of(notice) == states.OBJECTION_CHECK
    after = notice.ends_on + timedelta(days=1)
    on(monkeypatch, after)
    assert publicity.close_due(after) == 0
    assert state_of(notice) == states.OBJECTION_CHECK


def test_an_objection_a_minute_later_is_refused(monkeypatch):
    notice = posted()
    on(monkeypatch, notice.ends_on + timedelta(days=1), 0, 0)
    entries = AuditEntry.objects.count()
    with pytest.raises(publicity.ObjectionRefused, match="结束"):
        publicity.object_to(notice, **WORDS)
    assert state_of(notice) == states.PUBLICITY
    assert (Objection.objects.count(), AuditEntry.objects.count()) == (0, entries)


@pytest.mark.parametrize("words", [{"text": "不行"}, {"contact": "找不到我"}])
def test_an_objection_must_say_what_and_a_contact_must_reach_somebody(words):
    notice = posted()
    with pytest.raises(publicity.ObjectionRefused):
        publicity.object_to(notice, **{**WORDS, **words})
    assert state_of(notice) == states.PUBLICITY


def test_an_objection_that_is_not_upheld_lets_the_notice_go_on():
    notice = posted()
    objection = publicity.object_to(notice, **WORDS)
    publicity.answer(objection, by=desk.district(), upheld=False, text="已核查，没有其他住房")
    assert state_of(notice) == states.PUBLICITY


def test_with_two_objections_both_must_be_answered():
    notice = posted()
    first, second = (
        publicity.object_to(notice, text=WORDS["text"] + again, contact=WORDS["contact"])
        for again in ("", "他自己说的。")
    )
    publicity.answer(first, by=desk.district(), upheld=False, text="不属实")
    assert state_of(notice) == states.OBJECTION_CHECK
    publicity.answer(second, by=desk.district(), upheld=False, text="不属实")
    assert state_of(notice) == states.PUBLICITY


def test_an_answer_after_the_last_day_registers_the_household(monkeypatch):
    notice = posted()
    objection = publicity.object_to(notice, **WORDS)
    on(monkeypatch, notice.ends_on + timedelta(days=2))
    publicity.answer(objection, by=desk.district(), upheld=False, text="不属实")
    assert state_of(notice) == states.WAITLISTED


def test_an_upheld_objection_needs_a_signed_refusal():
    notice = posted()
    objection = publicity.object_to(notice, **WORDS)
    checker = desk.district()
    publicity.answer(objection, by=checker, upheld=True, text="查实另有住房一套")
    assert state_of(notice) == states.OBJECTION_CHECK
    draft = decision.draft_refusal(
        notice.application, by=checker, confirmed={"HOUSING_AREA": "查实另有住房一套，89.50平方米"}
    )
    desk.agrees_to_electronic_service(notice.application)
    decision.sign(draft, by=desk.district())
    assert state_of(notice) == states.REFUSED
    notice.refresh_from_db()
    assert notice.closed_at is not None


def test_only_the_district_answers_objections():
    notice = posted()
    objection = publicity.object_to(notice, **WORDS)
    with pytest.raises(publicity.AnswerRefused):
        publicity.answer(objection, by=accounts.staff(Role.REVIEWER), upheld=False, text="不属实")
    objection.refresh_from_db()
    assert objection.answered_at is None


def test_the_public_row_names_nobody():
    people = applications.couple_with_child()
    notice = posted(members=people)
    shown = publicity.visible(clock.today()).get(pk=notice.pk)
    row = str(publicity.row_of(shown, clock.today()))
    assert people[0].name not in row and mask_in_public(people[0].name) in row
    for someone in people:
        assert someone.id_number not in row
    assert people[2].name[-2:] not in row.replace(mask_in_public(people[0].name), "")


def test_a_childs_name_is_not_shown_at_all():
    notice = posted(members=[applications.person("01", name="测小满", child=True)])
    assert "小满" not in publicity.shown_name(notice.application, clock.today())


def test_an_ended_notice_is_gone_from_the_list():
    notice = posted()
    assert notice not in publicity.visible(notice.ends_on + timedelta(days=1))
