"""寄存: every field comes back, at any desk of the office, after any loss of a session."""

import threading

import pytest
from django.db import connections

from applications import desk_sheets, states
from applications.models import Application, DeskSheet
from core.identity import ciphers
from core.models import AuditEntry
from tests.applications import at_window
from tests.factories import accounts
from tests.factories import applications as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(client):
    staff = accounts.staff("window", name="窗口甲")
    client.force_login(staff.user)
    return staff


@pytest.fixture
def relatives(monkeypatch):
    return at_window.family(monkeypatch)


def typed(row, **more):
    """What stands in the boxes of the accept form."""
    return {"programme": "rental_subsidy", "actual_rent": "1234.5", "papers": "2", **more}


def test_parking_keeps_every_box_and_another_desk_restores_it(client, clerk, relatives, registers):
    row, path = at_window.open_desk(client, queue_no="A007")
    spouse = row.members.get(relation="10")
    reason = {f"reason_{spouse.pk}": "分居多年"}
    client.post(f"{path}keep/household/", reason)
    client.post(f"{path}keep/add/", {"name": "写了一半", "relation": "52", "add": "1"})
    answer = client.post(f"{path}park/", typed(row))
    assert answer.url == "/window/"
    home = client.get("/window/").content.decode()
    assert "寄存的1件" in home and "A007" in home and "林一" in home
    colleague = accounts.staff("window", bureau=clerk.bureau)
    client.logout()
    client.force_login(colleague.user)
    sheet = DeskSheet.objects.get()
    assert client.post(f"/window/parked/{sheet.pk}/take-up/").url == path
    text = client.get(path).content.decode()
    for kept in ("1234.5", "分居多年", "写了一半", 'value="rental_subsidy"'):
        assert kept in text
    form = client.get(path).context["accept_form"]
    assert form["programme"].value() == "rental_subsidy"
    child = row.members.get(relation="20")
    inside = {one["row"].pk: one["inside"] for one in client.get(path).context["members"]}
    assert inside[spouse.pk] is False and inside[child.pk] is False  # as the boxes stood


def test_what_is_typed_outlives_the_session_without_parking(client, clerk, relatives, registers):
    row, path = at_window.open_desk(client)
    assert client.post(f"{path}keep/accept/", typed(row)).status_code == 204
    client.session.flush()
    client.force_login(clerk.user)
    assert "1234.5" in client.get(path).content.decode()


def test_what_is_typed_is_not_readable_in_the_database(client, clerk, relatives, registers):
    from django.db import connection

    _row, path = at_window.open_desk(client)
    client.post(f"{path}keep/add/", {"name": "写了一半"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT typed FROM applications_desksheet")
        (stored,) = cursor.fetchone()
    assert "写了一半".encode() not in bytes(stored)


def test_somebody_is_parked_before_anything_is_asked(client, clerk, registers):
    someone = make.person(name="林一")
    boxes = {"id_number": someone.id_number, "name": "林一", "queue_no": "B3", "remark": "待补"}
    client.post("/window/park/", boxes)
    assert not Application.objects.exists() and not registers.asked
    sheet = DeskSheet.objects.get()
    text = client.get(f"/window/?sheet={sheet.pk}").content.decode()
    assert someone.id_number in text and "待补" in text
    answer = client.post("/window/", {**boxes, "sheet": sheet.pk, "agreed": "on"})
    assert answer.status_code == 302
    assert not DeskSheet.objects.filter(application=None).exists()


def test_a_parked_person_who_does_not_come_back_leaves_nothing(client, clerk, registers):
    client.post("/window/park/", {"name": "林一"})
    sheet = DeskSheet.objects.get()
    client.post(f"/window/parked/{sheet.pk}/drop/")
    assert not DeskSheet.objects.exists()


def test_empty_boxes_are_not_parked(client, clerk):
    client.post("/window/park/", {"name": "", "id_number": ""})
    assert not DeskSheet.objects.exists()
    assert "还没有填写，不用寄存。" in client.get("/window/").content.decode()


def test_another_office_neither_sees_nor_takes_it(client, clerk, relatives, registers):
    _row, path = at_window.open_desk(client)
    client.post(f"{path}park/")
    codes = ("330212001", "330212002")
    other = accounts.bureau(next(one for one in codes if one != clerk.bureau.code))
    stranger = accounts.staff("window", bureau=other)
    client.force_login(stranger.user)
    sheet = DeskSheet.objects.get()
    assert "林一" not in client.get("/window/").content.decode()
    client.post(f"/window/parked/{sheet.pk}/take-up/")
    sheet.refresh_from_db()
    assert sheet.parked_at is not None
    assert client.post(f"{path}keep/accept/", {"papers": "1"}).status_code == 404
    with pytest.raises(desk_sheets.NotOnTheSheet):
        desk_sheets.take_up(sheet, by=stranger)


def test_the_clerks_own_household_is_not_taken_up(client, clerk, relatives, registers):
    _row, path = at_window.open_desk(client)
    client.post(f"{path}park/")
    clerk.id_index = ciphers.blind_index(relatives[0].id_number)
    clerk.save(update_fields=["id_index"])
    sheet = DeskSheet.objects.get()
    assert client.post(f"/window/parked/{sheet.pk}/take-up/").status_code == 403
    assert client.post(f"{path}park/").status_code == 403
    assert client.post(f"{path}keep/accept/", {"papers": "1"}).status_code == 403
    sheet.refresh_from_db()
    assert sheet.parked_at is not None and "accept" not in sheet.typed


def test_accepting_clears_the_sheet(client, clerk, relatives, registers):
    row, path = at_window.open_desk(client)
    client.post(f"{path}park/", typed(row))
    client.post(f"{path}accept/", {"programme": "public_rental", "street": clerk.bureau.pk})
    row.refresh_from_db()
    sheet = DeskSheet.objects.get()
    assert row.state == states.ACCEPTED and sheet.typed == {} and sheet.parked_at is None


def test_a_refused_change_of_the_household_loses_no_box(client, clerk, relatives, registers):
    row, path = at_window.open_desk(client)
    spouse, child = row.members.get(relation="10"), row.members.get(relation="20")
    boxes = {f"with_{child.pk}": "yes", f"reason_{spouse.pk}": " ", f"reason_{child.pk}": "留着"}
    client.post(f"{path}household/", {**boxes, "confirm": "1"})
    text = client.get(path).content.decode()
    assert "请写明周二不一起申请的原因。" in text and "留着" in text
    assert row.members.filter(excluded=False).count() == 3


def test_a_form_that_is_not_on_the_desk_is_not_kept(client, clerk, relatives, registers):
    _row, path = at_window.open_desk(client)
    assert client.post(f"{path}keep/other/", {"a": "b"}).status_code == 404


def test_parking_and_taking_up_are_in_the_audit_log(client, clerk, relatives, registers):
    _row, path = at_window.open_desk(client)
    client.post(f"{path}park/")
    client.post(f"/window/parked/{DeskSheet.objects.get().pk}/take-up/")
    look = AuditEntry.objects.filter(verb="looked").latest("id")
    assert set(look.subjects) == set(_row.members.values_list("id_index", flat=True))
    verbs = set(AuditEntry.objects.values_list("verb", flat=True))
    assert {"window.parked", "window.taken_up"} <= verbs


@pytest.mark.django_db(transaction=True)
def test_two_desks_that_take_one_up_at_once_agree_on_who_has_it():
    first = accounts.staff("window", name="窗口甲")
    second = accounts.staff("window", name="窗口乙", bureau=first.bureau)
    row = make.application(1, channel="window")
    sheet = desk_sheets.park(desk_sheets.sheet_of(row, first), by=first)
    said: list[str] = []
    start = threading.Barrier(2)

    def take(staff):
        try:
            start.wait()
            desk_sheets.take_up(sheet, by=staff)
            said.append("taken")
        except desk_sheets.NotOnTheSheet as refusal:
            said.append(str(refusal))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=take, args=(one,)) for one in (first, second)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(said) == sorted(["taken", "这一件已经由同事取回。"])
