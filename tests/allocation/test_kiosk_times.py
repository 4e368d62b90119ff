"""Times at the machines: seats, changed on the phone, brought to mind, missed and given anew."""

from datetime import time, timedelta

import pytest
from django.urls import reverse

from allocation import appointment_times, bookings, offers, rounds, slots
from allocation.models import Appointment, Kiosk, OpeningHours
from core import clock, workdays
from core.models import Notice, OutboxMessage
from tests.factories import accounts
from tests.factories import allocation as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked")]
BY = offers.SYSTEM
PLACE = "测试服务中心"  # of the factory's machine


@pytest.fixture
def machine():
    return make.kiosk()


def serve(**changes):
    return OpeningHours.objects.create(
        **{"place": PLACE, "opens": time(9), "closes": time(11), "minutes": 30, **changes}
    )


def booked(round_):
    return list(Appointment.objects.filter(entrant__round=round_).order_by("starts_at", "pk"))


def notices(row, template):
    person = row.entrant.application.applicant.id_index
    return Notice.objects.filter(person_index=person, code=template.code)


def day_of(row):
    return row.starts_at.astimezone(clock.LOCAL).date()


def to_the_morning_of(day):
    make.wait_for(clock.local_midnight(day) + timedelta(hours=8))


def test_as_many_households_at_a_time_as_the_place_serves(machine):
    serve(capacity=2)
    times = [one.starts_at for one in booked(make.frozen(5, 1))]
    assert [times.count(at) for at in sorted(set(times))] == [2, 2, 1]
    local = [at.astimezone(clock.LOCAL) for at in times]
    assert all(time(9) <= at.time() <= time(10, 30) for at in local)


@pytest.mark.parametrize("weekends", [False, True])
def test_a_day_off_has_times_only_where_the_place_says_so(machine, weekends):
    hours = serve(weekends=weekends)
    day = clock.today()
    while workdays.is_workday(day):
        day += timedelta(days=1)
    assert bool(slots.starts(hours, day)) is weekends


def test_two_rounds_share_the_seats_and_a_void_one_gives_them_back(machine):
    serve()
    first = booked(make.frozen(2, 1))
    second = booked(make.frozen(2, 1))
    taken = [(one.starts_at, one.seat) for one in first + second]
    assert len(set(taken)) == 4
    round_ = first[0].entrant.round
    rounds.propose_void(round_, by=make.administrator(), reason="x")
    rounds.void(round_, by=make.administrator())
    assert booked(make.frozen(1, 1))[0].starts_at == first[0].starts_at


def test_the_household_chooses_another_time_and_the_old_one_is_free(machine, client):
    one, other = booked(make.frozen(2, 1))
    old = one.starts_at
    applicant = one.entrant.application.applicant
    client.force_login(accounts.citizen(name=applicant.name, number=applicant.id_number).user)
    page = client.get(reverse("my_slot"))
    free = [slot for slot in appointment_times.choices(one) if slot.left]
    assert free[0].value in page.content.decode()
    answer = client.post(reverse("my_slot"), {"slot": free[3].value})
    assert answer.url == reverse("my_draw")
    one.refresh_from_db()
    assert one.starts_at == free[3].starts_at
    assert old in [slot.starts_at for slot in appointment_times.choices(other) if slot.left]
    assert notices(one, appointment_times.CHANGED).count() == 1


def test_what_cannot_be_chosen_is_refused_and_changes_nothing(machine, client):
    one, other = booked(make.frozen(2, 1))
    before = one.starts_at
    event = one.entrant.round.entropy_at
    cases = [
        (PLACE, other.starts_at),  # full
        (PLACE, event - timedelta(days=1)),  # before the event
        (PLACE, other.starts_at + timedelta(minutes=1)),  # no time of this place
        ("别处", other.starts_at),  # no machine there
        (PLACE, one.starts_at + timedelta(days=60)),  # after the last day
    ]
    for place, at in cases:
        with pytest.raises(appointment_times.AppointmentRefused):
            appointment_times.change(one, place=place, starts_at=at, by=BY)
    one.refresh_from_db()
    assert one.starts_at == before
    applicant = one.entrant.application.applicant
    client.force_login(accounts.citizen(name=applicant.name, number=applicant.id_number).user)
    for typed in ("", "abc", f"{other.starts_at.isoformat()}|{PLACE}"):
        assert client.post(reverse("my_slot"), {"slot": typed}).status_code == 422


def test_who_has_been_there_or_whose_days_are_over_needs_no_time(machine):
    one = booked(make.revealed(1, 1))[0]
    free = appointment_times.choices(one)[-1]
    Appointment.objects.update(came_at=clock.now())
    with pytest.raises(appointment_times.AppointmentRefused, match="看过结果"):
        appointment_times.change(one, place=free.place, starts_at=free.starts_at, by=BY)
    Appointment.objects.update(came_at=None)
    make.wait_for(one.entrant.offers.get().due_at)
    with pytest.raises(appointment_times.AppointmentRefused, match="期限已过"):
        appointment_times.change(one, place=free.place, starts_at=free.starts_at, by=BY)


def test_a_household_is_reminded_once_the_day_before_and_by_day(machine):
    row = booked(make.revealed(1, 1))[0]
    applicant = row.entrant.application.applicant
    applicant.phone = "13800001111"
    applicant.save()
    to_the_morning_of(day_of(row) - timedelta(days=1))
    assert [appointment_times.remind_due(), appointment_times.remind_due()] == [1, 0]
    assert PLACE in notices(row, appointment_times.REMINDER).get().text
    sms = OutboxMessage.objects.get(kind="appointment_reminder")
    assert sms.daytime and len(sms.payload["text"]) <= 70


def test_who_looked_on_the_phone_is_left_in_peace(machine):
    row = booked(make.revealed(1, 1))[0]
    offers.open_result(row.entrant.offers.get(), by=BY, via="phone")
    to_the_morning_of(day_of(row))
    assert appointment_times.remind_due() == 0
    to_the_morning_of(day_of(row) + timedelta(days=1))
    assert appointment_times.rebook_missed() == 0


def test_a_missed_time_is_followed_by_another_and_nothing_is_lost(machine):
    row = booked(make.revealed(1, 1))[0]
    offer, old = row.entrant.offers.get(), row.starts_at
    to_the_morning_of(day_of(row))
    assert appointment_times.rebook_missed() == 0  # it is not over yet
    to_the_morning_of(day_of(row) + timedelta(days=1))
    assert [appointment_times.rebook_missed(), appointment_times.rebook_missed()] == [1, 0]
    row.refresh_from_db()
    assert row.starts_at > clock.now() and row.reminded_at is None
    assert "没来不算放弃" in notices(row, appointment_times.MISSED).get().text
    state = offer.state
    offer.refresh_from_db()
    assert offer.state == state and row.starts_at != old


def test_with_no_time_left_the_household_hears_that_it_needs_none(machine):
    row = booked(make.revealed(1, 1))[0]
    last = appointment_times.last_day(row.entrant)
    Appointment.objects.update(starts_at=clock.local_midnight(last) - timedelta(hours=8))
    to_the_morning_of(last)
    assert [appointment_times.rebook_missed(), appointment_times.rebook_missed()] == [1, 0]
    assert "不用预约" in notices(row, appointment_times.NO_TIME_LEFT).get().text


@pytest.mark.parametrize(
    "template",
    [
        appointment_times.CHANGED,
        appointment_times.REMINDER,
        appointment_times.MISSED,
        appointment_times.NO_TIME_LEFT,
    ],
)
def test_every_sms_fits_and_names_neither_place_nor_room(template):
    said = template.said(
        {"slot": clock.now(), "place": PLACE, "old": clock.now(), "end": clock.today(),
         "day": "2026年12月31日", "hour": "16:40"}
    )[2]  # fmt: skip
    assert len(said) <= 70 and PLACE not in said and "转账或点链接" in said


# -- The office -----------------------------------------------------------------------------


def test_the_office_registers_a_machine_and_its_code_is_shown_once(client):
    client.force_login(make.administrator().user)
    answer = client.post(
        reverse("office_kiosk_register"), {"name": "KIOSK-8", "place": PLACE, "kind": "machine"}
    )
    token = answer.context["token"]
    assert token in answer.content.decode()
    assert token not in client.get(reverse("office_kiosks")).content.decode()
    again = client.post(
        reverse("office_kiosk_register"), {"name": "KIOSK-8", "place": PLACE, "kind": "machine"}
    )
    assert again.status_code == 422 and "已经有了" in again.content.decode()


def test_hours_are_kept_and_wrong_ones_refused_at_their_field(client, machine):
    client.force_login(make.administrator().user)
    typed = {"place": PLACE, "opens": "08:30", "closes": "17:00", "minutes": "15", "capacity": "3"}
    page = reverse("office_kiosk_hours")
    assert client.get(page, {"place": PLACE}).status_code == 200
    assert client.post(page, typed).url == reverse("office_kiosks")
    assert client.post(page, {**typed, "capacity": "4"}).status_code == 302
    assert OpeningHours.objects.get().capacity == 4
    for wrong in (
        {"closes": "08:00"},
        {"capacity": "0"},
        {"minutes": ""},
        {"opens": "noon"},
        {"minutes": "900"},
    ):
        assert client.post(page, {**typed, **wrong}).status_code == 422
    assert OpeningHours.objects.get().capacity == 4


def test_todays_bookings_and_a_round_that_does_not_fit_are_seen(client, machine):
    serve(closes=time(9, 30))
    rows = booked(make.revealed(6, 1, choose_days=2))
    found = bookings.after_the_last_day()
    assert [one.count for one in found] == [4]
    client.force_login(accounts.staff("leader").user)
    page = client.get(reverse("office_kiosks")).content.decode()
    assert "预约排不下" in page and "登记一台" not in page
    to_the_morning_of(day_of(rows[0]))
    assert [one.count for one in bookings.of_day(clock.today())] == [1]
    assert client.post(reverse("office_kiosk_hours"), {}).status_code == 403
    assert Kiosk.objects.get().active
