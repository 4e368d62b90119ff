"""Sign-in of citizens (群众登录) by the province's ticket flow.

A ticket is only taken in the browser that asked for it: the state that travels through the portal
must be the one kept in the session. Otherwise somebody could sign a citizen in as somebody else.
"""

import hmac
import secrets
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import landing, portal, sessions
from accounts.models import Citizen
from core import audit, clock, locks
from core.identity.ciphers import blind_index
from core.refusals import Refusal

_WAITING = "citizen_waiting"
_PATIENCE = 15 * 60  # seconds a citizen may take on the portal's page


class NotAskedFor(Refusal):
    """The ticket came to a browser that had not asked, or too late, or a second time."""

    def __init__(self) -> None:
        super().__init__(_("这次登录没有接上，可能是等得太久或换了浏览器。请重新登录一次。"))


class AccountClosed(Refusal):
    """The account was stopped."""

    def __init__(self) -> None:
        super().__init__(_("这个账号已停用。请带身份证到就近窗口，我们当面为您办理。"))


def begin(request: HttpRequest, *, wanted: str) -> str:
    """Notes the state in the session and returns the portal's address.

    ``wanted`` is where the citizen was going; anything that is not a local path is dropped.
    """
    state = secrets.token_urlsafe(24)
    request.session[_WAITING] = {"state": state, "until": clock.real_seconds() + _PATIENCE}
    path = landing.local(wanted) or "/my/"
    joint = "&" if urlsplit(path).query else "?"
    return portal.entrance(f"{path}{joint}{urlencode({'state': state})}")


def finish(request: HttpRequest, *, ticket: str, returned: str) -> tuple[Citizen, str]:
    """Signs the citizen in and says where to go on.

    Raises NotAskedFor, AccountClosed and the refusals of `accounts.portal`; the ticket is spent
    and the state is gone in any case.
    """
    path = _expected_path(request, returned)
    try:
        person = portal.person_of(ticket)
        citizen = arrive(person)
    except Refusal as refusal:
        audit.record("sign_in_failed", by=audit.System("portal"), reason=type(refusal).__name__)
        raise
    sessions.begin(request, citizen.user)
    return citizen, path


@transaction.atomic
def arrive(person: portal.Person) -> Citizen:
    """The citizen the portal vouches for, made or brought up to date. Raises AccountClosed."""
    index = blind_index(person.id_number)
    locks.advisory("citizen", index)  # two first sign-ins at once make one citizen
    citizen = Citizen.objects.ensure(
        name=person.name,
        id_number=person.id_number,
        phone=person.phone,
        authlevel=person.authlevel,
    )
    if not citizen.user.is_active:
        raise AccountClosed
    audit.record("signed_in", by=citizen.user, subjects=[index], way="portal")
    return citizen


def _expected_path(request: HttpRequest, returned: str) -> str:
    waiting = request.session.pop(_WAITING, None) or {}
    path, state = _split(landing.local(returned))
    expected = waiting.get("state", "")
    in_time = waiting.get("until", 0) >= clock.real_seconds()
    if not expected or not in_time or not hmac.compare_digest(state.encode(), expected.encode()):
        raise NotAskedFor
    return path


def _split(address: str) -> tuple[str, str]:
    """The address without its state, and the state."""
    parts = urlsplit(address)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    state = next((value for name, value in pairs if name == "state"), "")
    rest = urlencode([(name, value) for name, value in pairs if name != "state"])
    return parts.path + (f"?{rest}" if rest else ""), state
