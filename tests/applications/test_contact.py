"""联系方式: a code confirms a number, the old one is told, who has no phone is served alike."""

import re
import threading
from datetime import timedelta

import pytest
from django.db import connection

from accounts.roles import Role
from applications import contact, likeness_keys, states
from applications.models import LikenessKey, PhoneChange
from core import clock
from core.models import AuditEntry, Contact, Notice, OutboxMessage
from tests.factories import accounts
from tests.factories import applications as make

pytestmark = pytest.mark.django_db
OLD, NEW = "13800001111", "13900002222"


@pytest.fixture
def me():
    return accounts.citizen(phone=OLD)


def sms_to(phone):
    rows = OutboxMessage.objects.filter(destination="sms").order_by("pk")
    return [one.payload["text"] for one in rows if one.payload["phone"] == phone]


def code_to(phone):
    return re.search(r"\d{6}", sms_to(phone)[-1]).group()


def later(monkeypatch, **wait):
    at = clock.now() + timedelta(**wait)
    monkeypatch.setattr(clock, "now", lambda: at)


def change(me, phone=NEW):
    contact.send_code(me.id_index, phone, by=me.user)
    return contact.confirm(me.id_index, code_to(phone), by=me.user)


def test_a_number_is_in_force_once_its_code_came_back(me):
    case = make.application(applicant=me, state=states.JOINT_REVIEW)
    contact.send_code(me.id_index, NEW, by=me.user)
    assert contact.phone_of(me.id_index) != NEW
    contact.confirm(me.id_index, code_to(NEW), by=me.user)
    assert contact.phone_of(me.id_index) == NEW
    assert case.members.get(is_applicant=True).phone == NEW
    entries = AuditEntry.objects.filter(verb="contact.phone_changed")
    assert {one.case_no for one in entries} == {"", case.case_no}
    assert NEW not in str([one.detail for one in entries])


def test_with_the_new_number_the_keys_of_likeness_are_made_anew(me):
    case = make.application(applicant=me, state=states.JOINT_REVIEW)
    likeness_keys.write(case)
    assert LikenessKey.objects.filter(member=case.applicant).exists()
    change(me)
    assert not LikenessKey.objects.filter(member=case.applicant).exists()


def test_the_old_number_is_told_and_learns_nothing(me):
    change(me)
    (text,) = sms_to(OLD)
    assert "不再接收" in text and NEW not in text and me.name not in text
    told = Notice.objects.get(code="contact.phone_changed")
    assert "139****2222" in told.text


@pytest.mark.parametrize("typed", ["12345", "1390000222", "19000", "", "abc", "23900002222"])
def test_a_number_that_is_none_is_asked_for_again(me, typed):
    with pytest.raises(contact.ContactRefused, match="11位") as refused:
        contact.send_code(me.id_index, typed, by=me.user)
    assert refused.value.field == "phone"
    assert not PhoneChange.objects.exists() and not OutboxMessage.objects.exists()


def test_a_number_may_be_typed_with_blanks_and_a_country_code(me):
    contact.send_code(me.id_index, "+86 139-0000-2222", by=me.user)
    assert sms_to(NEW)


def test_a_wrong_code_is_counted_and_after_five_none_helps(me):
    contact.send_code(me.id_index, NEW, by=me.user)
    right = code_to(NEW)
    wrong = "000000" if right != "000000" else "111111"
    for left in (4, 3, 2, 1):
        with pytest.raises(contact.ContactRefused, match=f"还可以试{left}次"):
            contact.confirm(me.id_index, wrong, by=me.user)
    with pytest.raises(contact.ContactRefused, match="重新发送"):
        contact.confirm(me.id_index, wrong, by=me.user)
    with pytest.raises(contact.ContactRefused, match="重新发送"):
        contact.confirm(me.id_index, right, by=me.user)
    assert not Contact.objects.exists()


def test_a_code_expires(me, monkeypatch):
    contact.send_code(me.id_index, NEW, by=me.user)
    later(monkeypatch, minutes=10)
    with pytest.raises(contact.ContactRefused, match="过期"):
        contact.confirm(me.id_index, code_to(NEW), by=me.user)
    assert contact.open_change(me.id_index) is None


def test_a_newer_code_voids_the_older(me, monkeypatch):
    contact.send_code(me.id_index, NEW, by=me.user)
    first = code_to(NEW)
    with pytest.raises(contact.ContactRefused, match="1分钟"):
        contact.send_code(me.id_index, NEW, by=me.user)
    later(monkeypatch, seconds=61)
    contact.send_code(me.id_index, NEW, by=me.user)
    if first != code_to(NEW):
        with pytest.raises(contact.ContactRefused):
            contact.confirm(me.id_index, first, by=me.user)
    contact.confirm(me.id_index, code_to(NEW), by=me.user)


def test_no_more_than_five_codes_a_day(me, monkeypatch):
    for _n in range(contact.A_DAY):
        contact.send_code(me.id_index, NEW, by=me.user)
        later(monkeypatch, minutes=2)
    with pytest.raises(contact.ContactRefused, match="明天"):
        contact.send_code(me.id_index, NEW, by=me.user)
    later(monkeypatch, days=1)
    contact.send_code(me.id_index, NEW, by=me.user)


def test_a_code_is_kept_as_a_digest_only(me):
    contact.send_code(me.id_index, NEW, by=me.user)
    row = PhoneChange.objects.get()
    assert code_to(NEW) not in row.code_digest
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone::text FROM applications_phonechange")
        assert NEW not in cursor.fetchone()[0]


def test_somebody_else_cannot_confirm_with_my_code(me):
    contact.send_code(me.id_index, NEW, by=me.user)
    other = accounts.citizen()
    with pytest.raises(contact.ContactRefused, match="没有等待确认"):
        contact.confirm(other.id_index, code_to(NEW), by=other.user)


def test_who_has_no_phone_is_told_in_the_app_alone(me):
    contact.have_none(me.id_index, by=me.user)
    assert contact.phone_of(me.id_index) == ""
    OutboxMessage.objects.all().delete()
    make.application(applicant=me, state=states.JOINT_REVIEW)
    contact.choose(me.id_index, by=me.user, address="某路1号", language="en", text_size="large",
                   sms=True)  # fmt: skip
    row = Contact.objects.get()
    assert (row.phone, row.address, row.language) == ("", "某路1号", "en")
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize("wrong", [{"language": "fr"}, {"text_size": "tiny"}])
def test_a_choice_that_is_none_changes_nothing(me, wrong):
    said = {"address": "", "language": "zh-hans", "text_size": "", "sms": True} | wrong
    with pytest.raises(contact.ContactRefused):
        contact.choose(me.id_index, by=me.user, **said)
    assert not Contact.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_tabs_with_one_code_change_the_number_once():
    me = accounts.citizen(phone=OLD)
    contact.send_code(me.id_index, NEW, by=me.user)
    code, done, refused = code_to(NEW), [], []

    def confirm():
        try:
            done.append(contact.confirm(me.id_index, code, by=me.user))
        except contact.ContactRefused as refusal:
            refused.append(refusal)
        finally:
            connection.close()

    tabs = [threading.Thread(target=confirm) for _n in range(2)]
    for one in tabs:
        one.start()
    for one in tabs:
        one.join()
    assert (len(done), len(refused)) == (1, 1)
    assert Notice.objects.filter(code="contact.phone_changed").count() == 1


# -- Pages ---------------------------------------------------------------------------------------


def test_the_pages_lead_from_number_to_code_to_done(me, client):
    client.force_login(me.user)
    assert client.get("/my/contact/code/").url == "/my/contact/phone/"
    assert client.post("/my/contact/phone/", {"phone": NEW}).url == "/my/contact/code/"
    wrong = client.post("/my/contact/code/", {"code": "12"})
    assert wrong.status_code == 422 and "还可以试4次" in wrong.content.decode()
    assert client.post("/my/contact/code/", {"code": code_to(NEW)}).url == "/my/contact/"
    assert "139****2222" in client.get("/my/contact/").content.decode()


def test_what_was_typed_stays_where_it_is_refused(me, client):
    client.force_login(me.user)
    answer = client.post("/my/contact/phone/", {"phone": "139"})
    assert answer.status_code == 422 and 'value="139"' in answer.content.decode()


def test_language_and_size_hold_in_this_browser_and_the_next(me, client):
    client.force_login(me.user)
    said = {"address": "某路1号", "language": "en", "text_size": "xlarge"}
    assert client.post("/my/contact/choices/", said).url == "/my/contact/"
    assert client.cookies["yz_size"].value == "xlarge"
    row = Contact.objects.get()
    assert (row.language, row.sms) == ("en", False)


def test_a_message_that_did_not_arrive_is_said_on_the_page(me, client):
    Notice.objects.create(
        person_index=me.id_index, code="x", title="t", text="t", created_at=clock.now(),
        sms_state=Notice.Sms.UNKNOWN,
    )  # fmt: skip
    client.force_login(me.user)
    assert "最近一条短信没有送到" in client.get("/my/contact/").content.decode()


def test_a_clerk_writes_it_down_with_the_card_in_hand(client):
    case = make.application(state=states.JOINT_REVIEW)
    person = case.applicant
    client.force_login(accounts.staff(Role.WINDOW).user)
    said = {"id_number": person.id_number, "name": person.name, "phone": "", "sms": "",
            "address": "某路1号", "seen": "on"}  # fmt: skip
    assert client.post("/window/contact/", {**said, "seen": ""}).status_code == 422
    assert not Contact.objects.exists()
    assert client.post("/window/contact/", said).status_code == 302
    row = Contact.objects.get(person_index=person.id_index)
    assert (row.phone, row.address, row.sms) == ("", "某路1号", False)
    assert AuditEntry.objects.filter(verb="contact.phone_changed", actor_kind="staff").exists()


def test_a_clerk_changes_nothing_for_a_stranger_or_for_themselves(client):
    case = make.application(state=states.JOINT_REVIEW)
    person = case.applicant
    clerk = accounts.staff(Role.WINDOW)
    client.force_login(clerk.user)
    said = {"id_number": person.id_number, "name": "别人", "phone": NEW, "seen": "on"}
    assert client.post("/window/contact/", said).status_code == 422
    type(clerk).objects.filter(pk=clerk.pk).update(id_index=person.id_index)
    assert client.post("/window/contact/", {**said, "name": person.name}).status_code == 422
    assert not Contact.objects.exists()
