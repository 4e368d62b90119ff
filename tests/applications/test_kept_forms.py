"""A sign-in that ran out never costs what was typed; a sheet of paper brings the draft along."""

import pytest
from django.conf import settings

from applications import drafts, household, kept_forms, submission, tasks_family
from applications.models import KeptForm
from core.models import AuditEntry
from tests.applications.test_apply_pages import fill, relatives, seen, signed_in
from tests.factories import accounts
from tests.factories import applications as make

__all__ = ["relatives", "signed_in"]
pytestmark = pytest.mark.django_db
PERSON = {"name": "林外婆", "relation": "52", "phone": "13800000009"}


def on_the_page(client):
    fill(client, "/apply/for/", whom="self")
    fill(client, "/apply/consent/", agree="on")
    return seen(client.get("/apply/household/add/"))


def session_ends(client):
    """As after two hours: the cookie of the writer stays, the sign-in does not."""
    del client.cookies[settings.SESSION_COOKIE_NAME]


def test_a_form_posted_after_the_sign_in_ran_out_stands_there_again(
    client, signed_in, relatives, registers
):
    version = on_the_page(client)
    number = make.person().id_number
    session_ends(client)
    answer = client.post("/apply/household/add/", {**PERSON, "id_number": number, "seen": version})
    assert answer.url == "/accounts/citizen/sign-in/?next=%2Fapply%2Fhousehold%2Fadd%2F"
    client.force_login(signed_in.user)
    text = client.get("/apply/household/add/").content.decode()
    assert "登录过期前填的都在" in text
    assert "林外婆" in text and "13800000009" in text and number in text.replace(" ", "")
    assert not KeptForm.objects.exists()  # given back once
    assert (
        fill(client, "/apply/household/add/", **PERSON, id_number=number).url == "/apply/household/"
    )


def test_the_first_page_gives_back_what_was_typed_of_the_relative(client, signed_in, registers):
    client.get("/apply/for/")
    session_ends(client)
    data = {"whom": "relative", "name": "林外婆", "id_number": "33021219", "mandate": "on"}
    assert client.post("/apply/for/", data).url.endswith("next=%2Fapply%2Ffor%2F")
    client.force_login(signed_in.user)
    text = client.get("/apply/for/").content.decode()
    assert "林外婆" in text and "您填了8位" in text


def test_somebody_else_at_the_same_device_sees_nothing(client, signed_in, relatives, registers):
    version = on_the_page(client)
    session_ends(client)
    client.post("/apply/household/add/", {**PERSON, "seen": version})
    other = accounts.citizen()
    submission.start_draft(by=other.user, channel="online", person=other)
    client.force_login(other.user)
    assert "林外婆" not in client.get("/apply/household/add/").content.decode()
    assert KeptForm.objects.get().user_id == signed_in.user.pk


def test_what_is_kept_is_unreadable_at_rest_and_holds_no_signature(
    client, signed_in, relatives, registers
):
    from django.db import connection

    on_the_page(client)
    session_ends(client)
    client.post("/apply/check/", {"signature": "林一", "truthful": "on", "seen": "3"})
    assert set(KeptForm.objects.get().fields) == {"truthful", "seen"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT fields FROM applications_keptform")
        assert b"truthful" not in bytes(cursor.fetchone()[0])


@pytest.mark.parametrize("cookie", ["", "forged:x:y"])
def test_without_a_genuine_cookie_nothing_is_kept(client, signed_in, registers, cookie):
    fill(client, "/apply/for/", whom="self")
    client.logout()
    client.cookies[kept_forms.COOKIE] = cookie
    answer = client.post("/apply/household/add/", PERSON)
    assert answer.url == "/accounts/citizen/sign-in/" and not KeptForm.objects.exists()


def test_an_older_form_that_was_kept_is_still_told(client, signed_in, relatives, registers):
    version = on_the_page(client)
    session_ends(client)
    client.post("/apply/household/add/", {**PERSON, "seen": version})
    client.force_login(signed_in.user)
    row = household.current_for(signed_in.user)
    submission.save_step(row, "family", by=signed_in.user)  # another device went on
    assert seen(client.get("/apply/household/add/")) == version


def test_what_nobody_comes_for_is_forgotten(client, signed_in, relatives, registers):
    version = on_the_page(client)
    session_ends(client)
    client.post("/apply/household/add/", {**PERSON, "seen": version})
    tasks_family.tidy_up()
    assert KeptForm.objects.exists()
    KeptForm.objects.update(kept_at="2020-01-01T00:00:00Z")
    tasks_family.tidy_up()
    assert not KeptForm.objects.exists()


# -- Paper -------------------------------------------------------------------------------------


def test_the_code_on_the_sheet_restores_the_very_draft_at_the_window(
    client, signed_in, relatives, registers
):
    on_the_page(client)
    row = household.current_for(signed_in.user)
    pdf = client.get("/apply/paper.pdf")
    assert pdf.content.startswith(b"%PDF") and pdf["Cache-Control"] == "private, no-store"
    code = drafts.code_of(row, by=signed_in.user)
    assert len(code) == 8 and drafts.code_of(row, by=signed_in.user) == code
    assert drafts.by_code(f" {code[:4].lower()}-{code[4:]} ") == row
    clerk = accounts.staff("window")
    client.force_login(clerk.user)
    assert client.post("/window/family/paper/", {"code": "22222222"}).status_code == 422
    answer = client.post("/window/family/paper/", {"code": code})
    assert answer.url == f"/window/{row.ref}/"
    text = client.get(answer.url).content.decode()
    assert "周二" in text and "林三" in text
    assert AuditEntry.objects.filter(verb="paper.taken").exists()
    client.force_login(signed_in.user)
    assert "您的申请在窗口办理" in client.get("/apply/").content.decode()


def test_a_sheet_is_taken_by_one_office_and_never_by_the_family_itself(signed_in, relatives):
    row = submission.start_draft(by=signed_in.user, channel="online", person=signed_in)
    drafts.code_of(row, by=signed_in.user)
    relative = accounts.staff("window")
    type(relative).objects.filter(pk=relative.pk).update(id_index=row.applicant.id_index)
    relative.refresh_from_db()
    with pytest.raises(drafts.PaperRefused):
        drafts.take_to_window(row, by=relative)
    clerk = accounts.staff("window")
    drafts.take_to_window(row, by=clerk)
    assert drafts.take_to_window(row, by=clerk).created_by == clerk.user
    elsewhere = accounts.staff("window", bureau=accounts.bureau("centre"))
    with pytest.raises(drafts.PaperRefused):
        drafts.take_to_window(row, by=elsewhere)
    row.refresh_from_db()
    assert row.created_by == clerk.user


def test_a_sent_application_has_no_sheet(signed_in):
    row = make.application(applicant=signed_in, state="accepted")
    with pytest.raises(submission.NotReady):
        drafts.code_of(row, by=signed_in.user)
    assert drafts.by_code("") is None


def test_the_empty_sheet_is_open_to_everybody(client):
    assert client.get("/paper/application.pdf").content.startswith(b"%PDF")
