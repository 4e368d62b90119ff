"""Staff sign in by password and six digits; five wrong answers lock the account."""

import pytest
from django.urls import reverse

from accounts import second_factor, staff_sign_in
from core.models import AuditEntry
from tests.factories import accounts as make

PASSWORD = make.PASSWORD

pytestmark = pytest.mark.django_db

SIGN_IN = "/accounts/staff/sign-in/"
CODE = "/accounts/staff/code/"
ENROL = "/accounts/staff/enrol/"


def give_password(client, username, password=PASSWORD, **query):
    return client.post(SIGN_IN, {"username": username, "password": password}, query_params=query)


def signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def verbs() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))


def test_password_and_code_lead_to_the_page_that_was_wanted(client, reviewer):
    answer = give_password(client, reviewer.username, next="/review/?late=1")
    assert answer.url.startswith(CODE)
    assert not signed_in(client)
    answer = client.post(answer.url, {"code": reviewer.code()})
    assert answer.url == "/review/?late=1"
    assert signed_in(client)
    assert verbs() == ["signed_in"]


def test_without_a_wanted_page_people_arrive_at_their_own_face(client, reviewer):
    give_password(client, reviewer.username)
    assert client.post(CODE, {"code": reviewer.code()}).url == "/review/"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example"]
)
def test_no_link_leads_to_another_site_after_sign_in(client, reviewer, elsewhere):
    answer = give_password(client, reviewer.username, next=elsewhere)
    assert "evil" not in answer.url
    answer = client.post(f"{CODE}?next={elsewhere}", {"code": reviewer.code()})
    assert answer.url == "/review/"


def test_a_password_alone_opens_nothing(client, reviewer):
    give_password(client, reviewer.username)
    assert client.get("/accounts/staff/code/").status_code == 200
    assert not signed_in(client)


def test_the_code_page_without_a_password_leads_back(client, reviewer):
    assert client.get(CODE).url == SIGN_IN
    assert client.post(CODE, {"code": reviewer.code()}).url == SIGN_IN
    assert client.get(ENROL).url == SIGN_IN


def test_the_code_may_be_given_for_five_minutes_only(client, reviewer, wall):
    give_password(client, reviewer.username)
    wall.advance(301)
    assert client.post(CODE, {"code": reviewer.code()}).url == SIGN_IN
    assert not signed_in(client)


def test_a_wrong_password_and_an_unknown_name_get_the_same_sentence(client, reviewer):
    wrong = give_password(client, reviewer.username, "not this one").content.decode()
    unknown = give_password(client, "nobody", "not this one").content.decode()
    sentence = str(staff_sign_in.WrongPassword())
    assert sentence in wrong
    assert sentence in unknown
    assert verbs() == ["sign_in_failed", "sign_in_failed"]


def test_a_citizen_has_no_password_sign_in(client):
    citizen = make.citizen()
    answer = give_password(client, citizen.user.username, "")
    assert answer.status_code == 422
    assert not signed_in(client)


def test_five_wrong_passwords_lock_the_account_also_for_the_right_one(client, reviewer):
    for _attempt in range(4):
        assert give_password(client, reviewer.username, "wrong").status_code == 422
    assert give_password(client, reviewer.username, "wrong").status_code == 429
    answer = give_password(client, reviewer.username)
    assert answer.status_code == 429
    assert "30" in answer.content.decode()
    assert "locked_out" in verbs()


def test_wrong_codes_count_like_wrong_passwords(client, reviewer):
    give_password(client, reviewer.username, "wrong")
    give_password(client, reviewer.username, "wrong")
    give_password(client, reviewer.username)
    statuses = [client.post(CODE, {"code": "000000"}).status_code for _attempt in range(3)]
    assert statuses == [422, 422, 429]
    assert client.post(CODE, {"code": reviewer.code()}).status_code == 429
    assert not signed_in(client)


def test_another_spelling_of_the_name_is_the_same_account(client, reviewer):
    for _attempt in range(4):
        give_password(client, f" {reviewer.username.upper()} ", "wrong")
    assert give_password(client, reviewer.username, "wrong").status_code == 429


def test_a_colleague_behind_the_same_address_is_not_locked(client, reviewer):
    for _attempt in range(6):
        give_password(client, reviewer.username, "wrong")
    colleague = make.staff("reviewer", password=PASSWORD)
    assert give_password(client, colleague.user.username).url == ENROL


def test_an_id_number_typed_as_a_name_is_not_written_down(client):
    from axes.models import AccessAttempt

    number = make.id_number()
    give_password(client, number, "wrong")
    attempt = AccessAttempt.objects.get()
    assert number not in f"{attempt.username}{attempt.post_data}{attempt.get_data}"
    assert not AuditEntry.objects.filter(detail__icontains=number).exists()


def test_the_first_sign_in_binds_a_second_factor_before_anything_else(client, wall):
    user = make.staff("district", password=PASSWORD).user
    assert give_password(client, user.username).url == ENROL
    assert client.get(CODE).url == ENROL
    page = client.get(ENROL)
    secret = client.session["staff_new_secret"]
    assert " ".join(secret[at : at + 4] for at in range(0, 32, 4)) in page.content.decode()
    assert client.post(ENROL, {"code": "000000"}).status_code == 422
    assert not second_factor.enrolled(user)
    assert client.post(ENROL, {"code": second_factor.code_at(secret)}).url == "/review/"
    assert second_factor.enrolled(user)
    assert verbs() == ["sign_in_failed", "second_factor_bound", "signed_in"]
    assert "staff_new_secret" not in client.session


def test_who_is_enrolled_cannot_bind_another_authenticator_by_password_alone(client, reviewer):
    give_password(client, reviewer.username)
    assert client.get(ENROL).url == CODE
    assert client.post(ENROL, {"code": "000000"}).url == CODE


def test_signing_in_gives_a_new_session_key(client, reviewer):
    give_password(client, reviewer.username)
    before = client.session.session_key
    client.post(CODE, {"code": reviewer.code()})
    assert client.session.session_key != before


def test_signing_out_ends_the_session_and_is_recorded(client, reviewer):
    give_password(client, reviewer.username)
    client.post(CODE, {"code": reviewer.code()})
    assert client.get(reverse("accounts:sign_out")).status_code == 405
    assert client.post(reverse("accounts:sign_out")).url == SIGN_IN
    assert not signed_in(client)
    assert verbs() == ["signed_in", "signed_out"]


def test_a_stopped_account_does_not_sign_in(client, reviewer):
    user = reviewer.staff.user
    user.is_active = False
    user.save()
    assert give_password(client, user.username).status_code == 422
