"""Objections to a published roster: taken in, answered in public, and what they hold."""

import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.roles import Role
from allocation import ledger, ledgers, roster_objections, rounds, states
from allocation.models import RosterObjection
from allocation.roster_objections import Outcome, RosterObjectionRefused, Said
from applications import periods
from applications.objections import ObjectionRefused
from core import clock
from core.models import OutboxMessage
from tests.factories import accounts
from tests.factories import allocation as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked")]
TEXT, CONTACT = "名单里少了一套已经公布的房源", "周明 13800001111"


def said(**changes):
    return Said(**{"about": "homes", "text": TEXT, "contact": CONTACT, **changes})


def objected(row, **changes):
    return roster_objections.raise_(row, said(**changes))


def answered(made, outcome, by=None):
    by = by or make.administrator()
    return roster_objections.answer(made, by=by, outcome=outcome, text="核对了公布的清单")


def test_it_gets_a_number_a_day_of_working_days_and_a_message():
    row = make.frozen(2, 1)
    made = objected(row)
    assert (made.line, made.named, made.channel) == (1, True, "online")
    assert made.due_on == periods.of("roster_objection").after(clock.today())
    sent = OutboxMessage.objects.get(kind="round_objection_received")
    assert sent.payload["phone"] == "13800001111" and made.number[:5] in sent.payload["text"]


def test_the_same_words_sent_twice_are_one_objection():
    row = make.frozen(2, 1)
    assert objected(row) == objected(row)
    assert objected(row, about="event").line == 2


@pytest.mark.parametrize(
    ("changes", "refusal", "field"),
    [
        ({"text": "不对"}, ObjectionRefused, "text"),
        ({"contact": "找我"}, ObjectionRefused, "contact"),
        ({"ticket": "T0000000000"}, RosterObjectionRefused, "ticket"),
    ],
)
def test_what_cannot_be_checked_is_refused_at_its_field(changes, refusal, field):
    row = make.frozen(2, 1)
    with pytest.raises(refusal) as refused:
        objected(row, **changes)
    assert refused.value.field == field
    assert not RosterObjection.objects.exists()


def test_the_ticket_may_be_typed_in_any_case():
    row = make.frozen(1, 1)
    ticket = row.entrants.get().ticket
    assert objected(row, about="ticket", ticket=f" {ticket.lower()} ").ticket == ticket


def test_the_window_opens_with_the_roster_and_ends_with_its_last_day():
    row = make.planned(2, 1)
    with pytest.raises(RosterObjectionRefused, match="还没有公布"):
        objected(row)
    make.freeze(row, by=row.created_by)
    make.wait_for(clock.local_midnight(row.objection_until + timedelta(days=1)) - timedelta(0, 60))
    assert objected(row).line == 1  # one minute before midnight
    clock.advance(timedelta(minutes=2))
    with pytest.raises(RosterObjectionRefused, match="已经结束"):
        objected(row, text=TEXT + "和别的")


def test_an_open_objection_holds_the_reveal_until_it_is_answered():
    row = make.frozen(2, 1)
    made = objected(row)
    make.wait_for(row.entropy_at)
    with pytest.raises(rounds.RoundRefused, match="1条名单异议"):
        rounds.reveal(row, by=row.created_by, entropy=make.ENTROPY)
    row.refresh_from_db()
    assert (row.state, row.result) == (states.R_FROZEN, "")
    answered(made, Outcome.NO_EFFECT)
    assert rounds.reveal(row, by=row.created_by, entropy=make.ENTROPY).state == states.R_REVEALED


def test_a_wrong_roster_is_never_revealed_and_leaves_only_the_void_by_two():
    row = make.frozen(2, 1)
    answered(objected(row), Outcome.ROSTER_WRONG)
    make.wait_for(row.entropy_at)
    with pytest.raises(rounds.RoundRefused, match="由两个人作废"):
        rounds.reveal(row, by=row.created_by, entropy=make.ENTROPY)
    rounds.propose_void(row, by=make.administrator(), reason="第1号异议：名单有误")
    assert rounds.void(row, by=make.administrator()).state == states.R_VOID


def test_a_clue_holds_nothing_unless_it_proves_right():
    row = make.frozen(2, 1)
    clue = objected(row, contact="")
    assert not clue.named and not roster_objections.holding(row).exists()
    answered(clue, Outcome.ROSTER_WRONG)
    assert roster_objections.holding(row).get() == clue


def test_clues_are_turned_away_in_a_flood_and_named_objections_never(monkeypatch):
    rows = {**periods.table()}
    rows["objection_clues"] = periods.Period("objection_clues", "", 1, "times")
    monkeypatch.setattr(periods, "table", lambda: rows)
    row = make.frozen(2, 1)
    objected(row, contact="")
    with pytest.raises(RosterObjectionRefused, match="匿名线索已经很多"):
        objected(row, contact="", text=TEXT + "又一条")
    assert objected(row).named


def test_the_answer_is_a_line_of_the_public_log_and_names_nobody():
    row = make.frozen(2, 1)
    made = objected(row)
    by = make.administrator()
    with pytest.raises(RosterObjectionRefused, match="反映人"):
        roster_objections.answer(made, by=by, outcome="no_effect", text="周明说的情况属实")
    answered(made, Outcome.NOT_UPHELD, by)
    last = row.ledger.last().text
    assert json.loads(last)["event"] == "objection" and json.loads(last)["outcome"] == "not_upheld"
    assert "周明" not in last and TEXT not in last
    assert ledger.verify_ledger(ledgers.file(row)) == []
    told = OutboxMessage.objects.get(kind="round_objection_answered")
    assert told.payload["phone"] == "13800001111"


def test_it_is_answered_once_by_a_person_of_the_centre_who_is_not_related():
    household = make.waiting()
    row = make.frozen([household, make.waiting()], 1)
    made = objected(row)
    street, related = accounts.staff(Role.STREET), make.administrator()
    related.id_index = household.applicant.id_index
    related.save()
    for staff, words in ((street, "区住房保障管理中心"), (related, "回避")):
        with pytest.raises(RosterObjectionRefused, match=words):
            answered(made, Outcome.NOT_UPHELD, staff)
    made.refresh_from_db()
    assert made.answered_at is None
    answered(made, Outcome.NOT_UPHELD)
    with pytest.raises(RosterObjectionRefused, match="已经答复"):
        answered(made, Outcome.NO_EFFECT)


def test_who_claimed_it_answers_it():
    row = make.frozen(2, 1)
    made, one, other = objected(row), make.administrator(), make.administrator()
    roster_objections.claim(made, by=one)
    with pytest.raises(RosterObjectionRefused, match=one.name):
        answered(made, Outcome.NO_EFFECT, other)
    assert answered(made, Outcome.NO_EFFECT, one).answered_by == one


def test_a_void_closes_what_was_not_answered():
    row = make.frozen(2, 1)
    made = objected(row)
    rounds.propose_void(row, by=make.administrator(), reason="名单有误")
    second = make.administrator()
    rounds.void(row, by=second)
    made.refresh_from_db()
    assert (made.outcome, made.answered_by) == (Outcome.LAPSED, second)


def test_the_database_keeps_an_answer_with_its_person():
    made = objected(make.frozen(1, 1))
    wrong = pytest.raises(IntegrityError, match="roster_objection_answered_by_person")
    with wrong, transaction.atomic():
        RosterObjection.objects.filter(pk=made.pk).update(outcome=Outcome.NO_EFFECT)


def test_the_objectors_words_are_not_readable_in_the_database():
    made = objected(make.frozen(1, 1))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT text, contact FROM allocation_rosterobjection WHERE id = %s", [made.pk]
        )
        stored = b"".join(bytes(one) for one in cursor.fetchone())
    assert TEXT.encode() not in stored and "周明".encode() not in stored
