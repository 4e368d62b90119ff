"""The mock portal's page: anybody of the city may sign in, whoever typed it."""

import urllib.error
import urllib.parse
import urllib.request

import pytest

from tests.factories import accounts as make


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args, **kwargs):
        return None


_OPENER = urllib.request.build_opener(_Stay())


def ask(portal, path, form=None):
    """Status, text and Location of an answer."""
    data = urllib.parse.urlencode(form).encode() if form else None
    try:
        with _OPENER.open(f"{portal.url}{path}", data, timeout=5) as answer:
            return answer.status, answer.read().decode(), ""
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(), error.headers.get("Location", "")


def choice(settings, **fields):
    callback = "http://testserver/accounts/citizen/callback/"
    person = {"name": "测试甲", "id_number": make.id_number(), "goto": "/my/?state=s"}
    return {"callback": callback, **person, **fields}


def test_the_page_asks_for_name_and_number(portal, settings):
    query = f"action=ssoLogin&servicecode={settings.PORTAL_SERVICE_CODE}&goto=%2Fmy%2F"
    status, page, _ = ask(portal, f"/sso/usp.do?{query}")
    assert status == 200
    assert 'name="id_number"' in page


def test_an_unknown_service_is_declined(portal):
    status, page, _ = ask(portal, "/sso/usp.do?action=ssoLogin&servicecode=other")
    assert status == 400
    assert "没有在演示门户登记" in page


def test_a_chosen_person_goes_back_with_a_ticket(portal, settings):
    status, _, location = ask(portal, "/sso/usp.do", choice(settings))
    assert status == 303
    assert location.startswith("http://testserver/accounts/citizen/callback/?ticket=ST-")
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(location).query)
    assert query["sp"] == ["/my/?state=s"]


def test_a_mistyped_number_is_asked_for_again_and_what_was_typed_stays(portal, settings):
    typed = choice(settings, id_number="330212199001010000", name='<b>"甲"')
    status, page, _ = ask(portal, "/sso/usp.do", typed)
    assert status == 422
    assert "可能有一位填错" in page
    assert "<b>" not in page
    assert "&lt;b&gt;&quot;甲&quot;" in page


def test_nobody_is_sent_to_an_address_that_is_not_registered(portal, settings):
    typed = choice(settings, callback="https://evil.example/")
    assert ask(portal, "/sso/usp.do", typed)[0] == 400


@pytest.mark.parametrize("method", ["ticketValidation", "getUserInfo"])
def test_an_unsigned_question_is_not_answered(portal, method):
    status, answer, _ = ask(portal, "/sso/servlet/simpleauth", {"method": method, "st": "x"})
    assert status == 200
    assert '"6099"' in answer
