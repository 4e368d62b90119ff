"""Citizens sign in through the province's portal: here its mock, over HTTP."""

import json
import urllib.request
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from accounts import portal as protocol
from accounts.models import Citizen
from core.models import AuditEntry
from tests.factories import accounts as make

pytestmark = pytest.mark.django_db

CALLBACK = "/accounts/citizen/callback/"
START = "/accounts/citizen/start/"


def ticket_for(portal, *, name="测试甲", number="", fault="") -> str:
    """A ticket as the portal hands it out when this person signs in there."""
    asked = {"name": name, "id_number": number or make.id_number(), "fault": fault}
    request = urllib.request.Request(
        f"{portal.url}/_mock/tickets",
        json.dumps(asked).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.load(answer)["ticket"]


def goto_of(answer) -> str:
    """Where the portal is asked to lead back to."""
    return parse_qs(urlsplit(answer.url).query)["goto"][0]


def sign_in(client, portal, *, wanted="", **person):
    """The whole way of one citizen, but for the page on the other side."""
    sp = goto_of(client.get(START, {"next": wanted}))
    return client.get(CALLBACK, {"ticket": ticket_for(portal, **person), "sp": sp})


def signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def test_the_button_leads_to_the_portal_with_our_service_code(client, portal, settings):
    address = urlsplit(client.get(START, {"next": "/apply/"}).url)
    query = parse_qs(address.query)
    assert f"{address.scheme}://{address.netloc}" == portal.url
    assert query["action"] == ["ssoLogin"]
    assert query["servicecode"] == [settings.PORTAL_SERVICE_CODE]
    assert query["goto"][0].startswith("/apply/?state=")


def test_a_citizen_comes_back_signed_in_on_the_page_that_was_wanted(client, portal):
    number = make.id_number()
    answer = sign_in(client, portal, wanted="/apply/?step=2", name="测试甲", number=number)
    assert answer.url == "/apply/?step=2"
    assert signed_in(client)
    citizen = Citizen.objects.with_number(number)
    assert (citizen.name, citizen.authlevel, len(citizen.phone)) == ("测试甲", 3, 11)
    entry = AuditEntry.objects.get(verb="signed_in")
    assert entry.subjects == [citizen.id_index]
    assert number not in str(entry.detail) + entry.actor


def test_the_second_sign_in_finds_the_same_citizen(client, portal):
    number = make.id_number()
    sign_in(client, portal, number=number)
    sign_in(Client(), portal, name="测试新名", number=number)
    assert Citizen.objects.get().name == "测试新名"


def test_the_session_key_changes_at_sign_in(client, portal):
    sp = goto_of(client.get(START))
    before = client.session.session_key
    client.get(CALLBACK, {"ticket": ticket_for(portal), "sp": sp})
    assert client.session.session_key != before


def test_a_ticket_is_not_taken_in_a_browser_that_did_not_ask(client, portal):
    sp = goto_of(client.get(START))
    stranger = Client()
    answer = stranger.get(CALLBACK, {"ticket": ticket_for(portal), "sp": sp})
    assert answer.status_code == 403
    assert not signed_in(stranger)
    assert not Citizen.objects.exists()


@pytest.mark.parametrize("sp", ["", "/my/", "/my/?state=guessed", "https://evil.example/?state=x"])
def test_a_ticket_without_our_state_is_not_taken(client, portal, sp):
    client.get(START)
    assert client.get(CALLBACK, {"ticket": ticket_for(portal), "sp": sp}).status_code == 403
    assert not signed_in(client)


def test_a_state_is_good_once(client, portal):
    sp = goto_of(client.get(START))
    client.get(CALLBACK, {"ticket": ticket_for(portal), "sp": sp})
    answer = client.get(CALLBACK, {"ticket": ticket_for(portal, name="测试乙"), "sp": sp})
    assert answer.status_code == 403
    assert Citizen.objects.count() == 1


def test_a_ticket_is_good_once(client, portal):
    ticket = ticket_for(portal)
    for status in (302, 403):
        sp = goto_of(client.get(START))
        assert client.get(CALLBACK, {"ticket": ticket, "sp": sp}).status_code == status


def test_a_state_lives_a_quarter_of_an_hour(client, portal, wall):
    sp = goto_of(client.get(START))
    wall.advance(15 * 60 + 1)
    answer = client.get(CALLBACK, {"ticket": ticket_for(portal), "sp": sp})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/a", "/\\evil.example", "javascript:x()"]
)
def test_no_link_leads_to_another_site_after_sign_in(client, portal, elsewhere):
    assert sign_in(client, portal, wanted=elsewhere).url == "/my/"


def test_a_posted_ticket_is_brought_by_redirect_so_that_the_cookie_comes_along(client, portal):
    sp = goto_of(client.get(START))
    fields = {"ticket": ticket_for(portal), "sp": sp}
    answer = Client(enforce_csrf_checks=True).post(CALLBACK, fields)
    assert answer.status_code == 303
    assert client.get(answer.url).url == "/my/"


@pytest.mark.parametrize(
    ("fault", "refusal", "status"),
    [
        ("ticket_expired", protocol.TicketExpired, 403),
        ("ticket_unknown", protocol.TicketRefused, 403),
        ("other_service", protocol.TicketRefused, 403),
        ("token_expired", protocol.TicketExpired, 403),
        ("level_2", protocol.LevelTooLow, 403),
        ("other_document", protocol.NotAnIdentityCard, 403),
        ("bad_number", protocol.BadNumber, 403),
        ("silent", protocol.PortalSilent, 503),
        ("broken", protocol.PortalSilent, 503),
        ("error_500", protocol.PortalSilent, 503),
    ],
)
def test_each_failure_has_its_sentence_and_changes_nothing(
    client, portal, monkeypatch, fault, refusal, status
):
    monkeypatch.setattr(protocol, "_TIMEOUT", 0.5)
    answer = sign_in(client, portal, fault=fault)
    assert answer.status_code == status
    assert str(refusal()) in answer.content.decode()
    assert not Citizen.objects.exists()
    assert not signed_in(client)
    assert AuditEntry.objects.get().detail == {"reason": refusal.__name__}


def test_with_a_low_level_the_way_to_raise_it_is_shown(client, portal):
    answer = sign_in(client, portal, fault="level_2")
    assert "zfRedirect" in answer.content.decode()


def test_a_portal_that_is_down_is_said_so(client, portal, settings):
    sp = goto_of(client.get(START))
    settings.PORTAL_BACKEND_URL = "http://127.0.0.1:9"
    assert client.get(CALLBACK, {"ticket": "ST-x", "sp": sp}).status_code == 503


def test_a_wrong_service_password_is_refused_by_the_portal(client, portal, settings):
    settings.PORTAL_SERVICE_PASSWORD = "another"
    assert sign_in(client, portal).status_code == 403


def test_a_stopped_account_is_sent_to_the_window(client, portal):
    citizen = make.citizen()
    citizen.user.is_active = False
    citizen.user.save()
    answer = sign_in(client, portal, number=citizen.id_number, name="测试新名")
    assert answer.status_code == 403
    citizen.refresh_from_db()
    assert citizen.name != "测试新名"


def test_the_signature_is_the_one_the_portal_documents():
    # md5("codepwd20210924080000"), computed apart
    expected = "0b4b1370fe387e83d351acbf84594606"
    assert protocol.signature("code", "pwd", "20210924080000") == expected


def test_a_person_shows_no_number_where_it_is_printed():
    number = make.id_number()
    assert number not in repr(protocol.Person("测试甲", number))


def test_signing_out_confirms_it(client, portal):
    sign_in(client, portal)
    assert client.post(reverse("accounts:sign_out")).url == reverse("accounts:signed_out")
    assert not signed_in(client)
    assert client.get(reverse("accounts:signed_out")).status_code == 200
