"""The six digits that open a household's result."""

import re
from datetime import timedelta

import pytest

from allocation import appointments, rounds
from allocation.models import Appointment
from core import clock, workdays
from core.models import AuditEntry, Notice
from tests.factories import allocation as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked")]
BY = appointments.SYSTEM


def told(entrant) -> str:
    """The code in the household's notice."""
    applicant = entrant.application.applicant
    text = Notice.objects.filter(person_index=applicant.id_index, code="appointment_booked")[0].text
    return re.search(r"摇号码是(\d{6})", text)[1]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_number_and_code_open_the_entry_of_every_member():
    entrant = make.frozen(2, 1).entrants.all()[0]
    for member in entrant.application.members.all():
        assert appointments.identify(member.id_index, told(entrant), by=BY) == entrant


def test_only_a_keyed_hash_stands_beside_the_appointment():
    entrant = make.frozen(1, 1).entrants.get()
    row = Appointment.objects.get()
    assert told(entrant) not in str(row.__dict__)
    assert not AuditEntry.objects.filter(detail__icontains=told(entrant)).exists()


def test_a_stranger_and_a_wrong_code_read_the_same_sentence():
    entrant = make.frozen(1, 1).entrants.get()
    code = told(entrant)
    index = entrant.application.applicant.id_index
    sentences = set()
    for person, typed in ((index, wrong(code)), ("0" * 64, code)):
        with pytest.raises(appointments.CodeRefused) as refused:
            appointments.identify(person, typed, by=BY)
        sentences.add(str(refused.value))
    assert len(sentences) == 1


def test_five_wrong_codes_lock_even_the_right_one_for_a_while():
    entrant = make.frozen(1, 1).entrants.get()
    code, index = told(entrant), entrant.application.applicant.id_index
    for _n in range(appointments.TRIES):
        with pytest.raises(appointments.CodeRefused):
            appointments.identify(index, wrong(code), by=BY)
    with pytest.raises(appointments.CodeRefused, match="试的次数多了"):
        appointments.identify(index, code, by=BY)
    clock.advance(appointments.LOCKED_FOR + timedelta(seconds=1))
    assert appointments.identify(index, code, by=BY) == entrant


def test_a_new_code_replaces_the_old_one_and_is_counted():
    entrant = make.frozen(1, 1).entrants.get()
    old, index = told(entrant), entrant.application.applicant.id_index
    new = appointments.renew_code(entrant.appointment, by=BY)
    assert appointments.identify(index, new, by=BY) == entrant
    if new != old:
        with pytest.raises(appointments.CodeRefused):
            appointments.identify(index, old, by=BY)
    entrant.appointment.refresh_from_db()
    assert entrant.appointment.reprints == 1
    assert not Notice.objects.filter(text__contains=new, code=appointments.REPRINTED.code).exists()


def test_times_lie_on_working_days_after_the_event_and_no_machine_has_two_at_once():
    make.kiosk("KIOSK-A", "a" * 20)
    round_ = make.frozen(3, 1)
    taken = [(one.place, one.starts_at) for one in Appointment.objects.all()]
    assert len(set(taken)) == 3
    for _place, at in taken:
        assert at > round_.entropy_at
        assert workdays.is_workday(at.astimezone(clock.LOCAL).date())


def test_a_void_round_opens_nothing():
    round_ = make.frozen(1, 1)
    entrant = round_.entrants.get()
    rounds.propose_void(round_, by=make.administrator(), reason="x")
    rounds.void(round_, by=make.administrator())
    with pytest.raises(appointments.CodeRefused):
        appointments.identify(entrant.application.applicant.id_index, told(entrant), by=BY)
