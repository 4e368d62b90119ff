"""Letters and objections in the same instant, on a real database."""

from datetime import timedelta

import pytest

from applications import decision, objections, publicity, reconsiderations, serving, states
from applications.models import Application, Delivery, Objection, WaitEntry
from applications.models.review import Stage
from core import clock
from core.models import Transition
from tests.concurrency.test_review import at_once, refusals
from tests.factories import review as desk

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = {"text": "他家在别的区还有一套住房，请核查。", "contact": "0574-00000000"}


def posted():
    case = desk.at_district()
    desk.agree(desk.task_of(case, Stage.DISTRICT))
    return case.publicities.get()


def state_of(application) -> str:
    return Application.objects.get(pk=application.pk).state


def test_an_objection_against_the_closing_at_midnight_wins_or_is_refused_whole(monkeypatch):
    notice = posted()
    late = clock.local_midnight(notice.ends_on) + timedelta(hours=23, minutes=59, seconds=59)
    monkeypatch.setattr(clock, "now", lambda: late)
    results = at_once(
        lambda: publicity.object_to(notice, **WORDS),
        lambda: publicity.close(notice.pk, today=notice.ends_on + timedelta(days=1)),
    )
    held = Objection.objects.filter(publicity=notice).exists()
    registered = WaitEntry.objects.filter(application=notice.application).exists()
    assert held is not registered
    expected = states.OBJECTION_CHECK if held else states.WAITLISTED
    assert state_of(notice.application) == expected
    assert len(refusals(results)) == (0 if held else 1)


def test_two_proofs_at_once_serve_once():
    letter = decision.sign(desk.refusal_drafted(electronic=False), by=desk.district())
    row = serving.send(
        letter, by=desk.district(), channel="post", address="某路1号", tracking_no="EM1"
    )
    who = [desk.district() for _n in range(2)]
    results = at_once(
        lambda: serving.record(row, by=who[0], proof="signed", on=clock.today(), note="本人"),
        lambda: serving.record(row, by=who[1], proof="returned", on=clock.today(), note="退回"),
    )
    (why,) = refusals(results)
    assert "已经记录" in why
    row.refresh_from_db()
    letter.refresh_from_db()
    served = row.state == states.DELIVERY_SERVED
    assert (letter.served_at is not None) is served
    assert (state_of(letter.application) == states.REFUSED) is served


def test_a_hand_over_against_a_receipt_serves_once():
    letter = decision.sign(desk.refusal_drafted(electronic=False), by=desk.district())
    row = serving.send(
        letter, by=desk.district(), channel="post", address="某路1号", tracking_no="EM1"
    )
    who = [desk.district() for _n in range(2)]
    results = at_once(
        lambda: serving.record(row, by=who[0], proof="signed", on=clock.today(), note="本人"),
        lambda: serving.hand_over(letter, by=who[1], note="本人，身份证"),
    )
    assert len(refusals(results)) == 1
    assert Delivery.objects.filter(state=states.DELIVERY_SERVED).count() == 1
    moves = Transition.objects.filter(case_no=letter.case_no, to_state=states.REFUSED)
    assert moves.count() == 1


def test_service_against_a_re_consideration_asks_only_about_what_was_served():
    letter = decision.sign(desk.refusal_drafted(electronic=False), by=desk.district())
    clerk, citizen = desk.district(), letter.application.created_by
    results = at_once(
        lambda: serving.hand_over(letter, by=clerk, note="本人，身份证"),
        lambda: reconsiderations.ask(letter, by=citizen, text="合同已经退了"),
    )
    letter.refresh_from_db()
    assert letter.served_at is not None
    asked = hasattr(letter, "reconsideration")
    expected = states.RECONSIDERATION if asked else states.REFUSED
    assert state_of(letter.application) == expected
    assert len(refusals(results)) == (0 if asked else 1)


def test_two_sendings_at_once_make_one_try():
    letter = decision.sign(desk.refusal_drafted(electronic=False), by=desk.district())
    who = [desk.district() for _n in range(2)]
    results = at_once(
        *(
            lambda by=by: serving.send(
                letter, by=by, channel="post", address="某路1号", tracking_no="EM1"
            )
            for by in who
        )
    )
    assert len(refusals(results)) == 1
    assert Delivery.objects.filter(decision=letter).count() == 1


def test_two_checkers_at_once_claim_one_objection_once():
    made = publicity.object_to(posted(), **WORDS)
    who = [desk.district() for _n in range(2)]
    results = at_once(*(lambda by=by: objections.claim(made, by=by) for by in who))
    assert len(refusals(results)) == 1
    made.refresh_from_db()
    assert made.claimed_by in who


def test_answers_to_two_objections_at_once_let_the_notice_go_on_once():
    notice = posted()
    first = publicity.object_to(notice, **WORDS)
    second = publicity.object_to(notice, text=WORDS["text"] + "又一件", contact=WORDS["contact"])
    who = [desk.district() for _n in range(2)]
    results = at_once(
        lambda: publicity.answer(first, by=who[0], upheld=False, text="不属实"),
        lambda: publicity.answer(second, by=who[1], upheld=False, text="不属实"),
    )
    assert refusals(results) == []
    assert state_of(notice.application) == states.PUBLICITY
