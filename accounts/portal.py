"""The province's sign-in (浙里办统一登录, ticket mode): its protocol, seen from our side.

The citizen signs in over there and comes back with a ticket; our back end turns the ticket into a
token and the token into the person. Nothing here knows requests, sessions or tables.
"""

import hashlib
import json
import logging
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core import clock
from core.identity import numbers
from core.refusals import Refusal

log = logging.getLogger(__name__)
_TIMEOUT = 5  # seconds for each of the two questions
_LARGEST = 64 * 1024
_IDENTITY_CARD = "1"
_REAL_NAME = 3  # 高级实名; below that a name is only what somebody typed


class PortalSilent(Refusal):
    """The portal does not answer, or not in its own language."""

    def __init__(self) -> None:
        super().__init__(_("浙里办暂时没有答复。请过几分钟再试，或带身份证到就近窗口办理。"))


class TicketExpired(Refusal):
    """6001, 6501: the ticket or token lived too long."""

    def __init__(self) -> None:
        super().__init__(_("登录等候的时间太长，请重新登录一次。"))


class TicketRefused(Refusal):
    """The portal knows no such ticket, or not for this service, or it was used."""

    def __init__(self) -> None:
        super().__init__(_("浙里办没有认可这次登录，请重新登录一次。"))


class LevelTooLow(Refusal):
    """The account's real-name level is under 3."""

    def __init__(self) -> None:
        super().__init__(_("您的浙里办账号还没有完成高级实名认证。完成后再登录，姓名才算核实过。"))


class NotAnIdentityCard(Refusal):
    """The account was verified with another document than a resident's identity card."""

    def __init__(self) -> None:
        super().__init__(_("网上申请目前只支持居民身份证。请带证件到就近窗口，我们当面为您办理。"))


class BadNumber(Refusal):
    """The portal passed an ID number that cannot be one."""

    def __init__(self) -> None:
        super().__init__(_("浙里办传来的证件号码可能有一位填错，请到就近窗口核对。"))


@dataclass(frozen=True)
class Person:
    """The person the portal vouches for."""

    name: str
    id_number: str = field(repr=False)
    phone: str = field(default="", repr=False)
    authlevel: int = _REAL_NAME


_EXPIRED = {"6001", "6501"}


def entrance(goto: str) -> str:
    """The address at which the citizen signs in; the portal hands ``goto`` back as ``sp``."""
    query = {"action": "ssoLogin", "servicecode": settings.PORTAL_SERVICE_CODE, "goto": goto}
    return f"{settings.PORTAL_URL.rstrip('/')}/sso/usp.do?{urllib.parse.urlencode(query)}"


def upgrade_page() -> str:
    """Where a citizen raises the real-name level of the account."""
    query = {"action": "zfRedirect", "servicecode": settings.PORTAL_SERVICE_CODE}
    return f"{settings.PORTAL_URL.rstrip('/')}/sso/usp.do?{urllib.parse.urlencode(query)}"


def person_of(ticket: str) -> Person:
    """The person behind a ticket: two questions to the portal, at most ten seconds.

    Raises PortalSilent, TicketExpired, TicketRefused, LevelTooLow, NotAnIdentityCard, BadNumber.
    """
    token = _ask("ticketValidation", st=ticket).get("token")
    if not token:
        raise TicketRefused
    return read_person(_ask("getUserInfo", token=token))


def read_person(fields: dict[str, Any]) -> Person:
    """The portal's fields as a person. Raises LevelTooLow, NotAnIdentityCard, BadNumber."""
    level = str(fields.get("authlevel", ""))
    if not level.isdigit() or int(level) < _REAL_NAME:
        raise LevelTooLow
    if str(fields.get("idtype", "")) != _IDENTITY_CARD:
        raise NotAnIdentityCard
    name = str(fields.get("username") or "").strip()
    try:
        number = numbers.parse(str(fields.get("idnum") or ""))
    except numbers.IdNumberError:
        raise BadNumber from None  # the cause would carry nothing a reader may see
    if not name:
        raise BadNumber
    return Person(name, number.text, str(fields.get("mobile") or ""), int(level))


def signature(service_code: str, password: str, stamp: str) -> str:
    """``md5(servicecode+servicepwd+time)``, lower case, as the portal's protocol lays down."""
    text = f"{service_code}{password}{stamp}".encode()
    return hashlib.md5(text, usedforsecurity=False).hexdigest()


def _ask(method: str, **question: str) -> dict[str, Any]:
    answer = _read(_send(_signed(method, question)))
    result = str(answer.get("result", ""))
    if result == "0":
        return answer
    log.warning("portal: %s answered %s", method, result)
    raise TicketExpired if result in _EXPIRED else TicketRefused


def _signed(method: str, question: dict[str, str]) -> dict[str, str]:
    code, password = settings.PORTAL_SERVICE_CODE, settings.PORTAL_SERVICE_PASSWORD
    stamp = clock.now().astimezone(clock.LOCAL).strftime("%Y%m%d%H%M%S")
    return {
        "method": method,
        "servicecode": code,
        "time": stamp,
        "sign": signature(code, password, stamp),
        "datatype": "json",
        **question,
    }


def _send(form: dict[str, str]) -> bytes:
    address = f"{settings.PORTAL_BACKEND_URL.rstrip('/')}/sso/servlet/simpleauth"
    request = urllib.request.Request(address, urllib.parse.urlencode(form).encode())
    try:
        with _OPENER.open(request, timeout=_TIMEOUT) as answer:
            content: bytes = answer.read(_LARGEST)
            return content
    except (urllib.error.URLError, OSError, ValueError) as error:
        log.warning("portal: %s", type(error).__name__)
        raise PortalSilent from None


def _read(content: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(content)
    except ValueError:
        raise PortalSilent from None
    if not isinstance(answer, dict):
        raise PortalSilent
    return answer


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A portal that sends our back end elsewhere is not the portal."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Refuses: the answer then counts as an error."""


# The portal stands in the government's network: no proxy of the environment lies between.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())
