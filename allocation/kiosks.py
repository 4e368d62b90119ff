"""Self-service machines (一体机): bound to a device token, one household's visit at a time.

A visit lives in the session only: the blind index of who is standing there, then the entry that
the code opened. It ends by a button, by silence, or when the next person begins; then nothing of
it remains on the machine.
"""

import secrets
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from allocation import appointments, offers
from allocation.models import Entrant, Kiosk, Offer
from core import audit, clock
from core.identity import ciphers, numbers
from core.preferences import ELDER_COOKIE, SIZE_COOKIE
from core.workflow import Refusal

COOKIE = "yz_kiosk"
_YEAR = 365 * 24 * 3600
_SILENT = 150  # seconds: 90 of silence, 30 of asking, and a margin for a slow machine
_PERSON, _ENTRY, _SEEN = "kiosk_person", "kiosk_entry", "kiosk_seen"


class PairingRefused(Refusal):
    """No machine has this token."""


def known(token: str) -> Kiosk | None:
    """The active machine of a device token."""
    if not token:
        return None
    return Kiosk.objects.filter(token_hash=digest(token), active=True).first()


def digest(token: str) -> str:
    """What is stored of a device token."""
    return sha256(token.encode()).hexdigest()


def register(name: str, place: str, *, by: Any) -> str:
    """A new machine; its token is returned once and not stored."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        row = Kiosk.objects.create(name=name, place=place, token_hash=digest(token))
        audit.record("kiosk.registered", by=by, thing=row, name=name)
    return token


def pair(response: HttpResponse, token: str) -> Kiosk:
    """Binds the browser that gets this response to the machine of the token."""
    machine = known(token.strip())
    if machine is None:
        raise PairingRefused(_("没有这个设备码，请核对后再输。"), field="token")
    Kiosk.objects.filter(pk=machine.pk).update(seen_at=clock.now())
    audit.record("kiosk.paired", by=actor(machine), thing=machine)
    response.set_cookie(
        COOKIE, token.strip(), max_age=_YEAR, httponly=True, samesite="Strict",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip
    return machine


def actor(machine: Kiosk) -> audit.System:
    """The machine as it stands in logs."""
    return audit.System(machine.name)


# -- One visit ------------------------------------------------------------------------------


def greet(request: HttpRequest, id_number: str) -> None:
    """Begins a visit with an ID number; only its blind index is kept. Raises IdNumberError."""
    number = numbers.parse(id_number)
    clear(request)
    request.session[_PERSON] = ciphers.blind_index(number.text)
    touch(request)


def identify(request: HttpRequest, code: str) -> Entrant:
    """The household of the person in front, by its code. Raises CodeRefused."""
    person = request.session.get(_PERSON, "")
    entrant = appointments.identify(person, code, by=actor(request.kiosk))  # type: ignore[attr-defined]
    request.session[_ENTRY] = entrant.pk
    touch(request)
    return entrant


def has_greeted(request: HttpRequest) -> bool:
    """Whether somebody has given an ID number and the visit is not over."""
    return not _over(request) and bool(request.session.get(_PERSON))


def entrant_of(request: HttpRequest) -> Entrant | None:
    """The entry opened in this visit, or None when the visit is over."""
    if _over(request) or not (pk := request.session.get(_ENTRY)):
        return None
    touch(request)
    rows = Entrant.objects.select_related("round", "application__wait_entry")
    return rows.filter(pk=pk).first()


def reveal(request: HttpRequest, entrant: Entrant) -> Offer | None:
    """Opens the household's result; the first opening is recorded, later ones show the same."""
    offer = current_offer(entrant)
    if offer is None:
        return None
    machine = request.kiosk  # type: ignore[attr-defined]
    return offers.open_result(offer, by=actor(machine), via=machine.name)


def current_offer(entrant: Entrant) -> Offer | None:
    """The newest home offered to the household in this round."""
    return (
        entrant.offers.select_related("home__estate", "entrant__round", "entrant__application")
        .order_by("-pk")
        .first()
    )


def touch(request: HttpRequest) -> None:
    """Somebody is here."""
    request.session[_SEEN] = clock.real_seconds()


def clear(request: HttpRequest) -> None:
    """Forgets the person on the server."""
    request.session.flush()


def end(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Forgets the person on the server and on the machine; only the machine's own token stays."""
    clear(request)
    for name in (settings.LANGUAGE_COOKIE_NAME, SIZE_COOKIE, ELDER_COOKIE):
        response.delete_cookie(name, samesite="Lax")
    return response


def _over(request: HttpRequest) -> bool:
    seen = request.session.get(_SEEN, 0)
    if not seen:
        return True
    if clock.real_seconds() - seen > _SILENT:
        clear(request)
        return True
    return False
