"""Self-service machines (一体机): bound to a device token, one household's visit at a time.

A visit lives in the session only: the blind index of who is standing there, then the entry that
the code opened. It ends by a button, by silence, or when the next person begins; then nothing of
it remains on the machine.
"""

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from allocation import appointments, by_mandate, offers
from allocation.models import Entrant, Kiosk, Offer
from applications.models import Mandate
from core import audit, clock, locks
from core.identity import ciphers, numbers
from core.preferences import ELDER_COOKIE, SIZE_COOKIE
from core.workflow import Refusal

COOKIE = "yz_kiosk"
_YEAR = 365 * 24 * 3600
_SILENT = 150  # seconds: 90 of silence, 30 of asking, and a margin for a slow machine
SEEN_EVERY = timedelta(seconds=30)
_PERSON, _ENTRY, _SEEN = "kiosk_person", "kiosk_entry", "kiosk_seen"
_VOUCHED, _MANDATE = "kiosk_vouched", "kiosk_mandate"


class PairingRefused(Refusal):
    """No machine waits for this setup code."""


def known(secret: str) -> Kiosk | None:
    """The active machine to which this secret was given; a setup code opens nothing."""
    if not secret:
        return None
    rows = Kiosk.objects.filter(active=True, bound_at__isnull=False)
    return rows.filter(token_hash=digest(secret)).first()


def digest(token: str) -> str:
    """What is stored of a setup code, and of a machine's own secret."""
    return sha256(token.encode()).hexdigest()


def register(name: str, place: str, *, by: Any, kind: str = Kiosk.Kind.MACHINE) -> str:
    """A new machine; its setup code is returned once, not stored, and good for one browser."""
    token = secrets.token_urlsafe(32)
    if Kiosk.objects.filter(name=name).exists():
        raise PairingRefused(_("这个编号已经有了，请换一个。"), field="name")
    with transaction.atomic():
        row = Kiosk.objects.create(name=name, place=place, kind=kind, token_hash=digest(token))
        audit.record("kiosk.registered", by=by, thing=row, name=name)
    return token


def reissue(machine: Kiosk, *, by: Any) -> str:
    """A new setup code: the browser that was bound before is a stranger from now on."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        row = locks.fresh(machine)
        row.token_hash, row.bound_at, row.active = digest(token), None, True
        row.save(update_fields=["token_hash", "bound_at", "active"])
        audit.record("kiosk.reissued", by=by, thing=row, name=row.name)
    return token


def stop(machine: Kiosk, *, by: Any) -> None:
    """Takes a machine out of service at once; it can be bound again by a new setup code."""
    with transaction.atomic():
        row = locks.fresh(machine)
        if row.active:
            row.active = False
            row.save(update_fields=["active"])
            audit.record("kiosk.stopped", by=by, thing=row, name=row.name)


def pair(response: HttpResponse, token: str) -> Kiosk:
    """Binds the browser that gets this response to the machine of the setup code, once.

    The browser gets a secret that nobody has read; the code is spent. Raises PairingRefused.
    """
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        rows = Kiosk.objects.select_for_update().filter(active=True, bound_at=None)
        machine = rows.filter(token_hash=digest(token.strip())).first()
        if machine is None:
            raise PairingRefused(
                _("这个设备码不对，或者已经用过。请管理员再发一个。"), field="token"
            )
        machine.token_hash = digest(secret)
        machine.bound_at = machine.seen_at = clock.now()
        machine.save(update_fields=["token_hash", "bound_at", "seen_at"])
        audit.record("kiosk.paired", by=actor(machine), thing=machine)
    response.set_cookie(
        COOKIE, secret, max_age=_YEAR, httponly=True, samesite="Strict",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip
    return machine


def note_seen(machine: Kiosk) -> None:
    """Notes, twice a minute at most, that the machine is there."""
    now = clock.now()
    if machine.seen_at is None or now - machine.seen_at > SEEN_EVERY:
        Kiosk.objects.filter(pk=machine.pk).update(seen_at=now)


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
    found = appointments.open_entry(person(request), code, by=_by(request))
    _begin(request, found.entrant)
    request.session[_MANDATE] = found.mandate.pk if found.mandate else None
    return found.entrant


def vouched(request: HttpRequest, entrant: Entrant) -> None:
    """The attendant has seen the ID card: the result may be looked at, not answered."""
    _begin(request, entrant)
    request.session[_VOUCHED] = True


def person(request: HttpRequest) -> str:
    """The blind index of who stands there; empty for nobody."""
    return str(request.session.get(_PERSON, ""))


def needs_code(request: HttpRequest) -> bool:
    """Whether an answer still needs the household's own code: no attendant answers for it."""
    return bool(request.session.get(_VOUCHED))


def mandate_of(request: HttpRequest) -> Mandate | None:
    """The mandate under which the person in front acts."""
    pk = request.session.get(_MANDATE)
    return Mandate.objects.filter(pk=pk).first() if pk else None


def answered_as(request: HttpRequest) -> str:
    """How the answer of this visit is noted. Raises MandateOver where the person may only look."""
    mandate = mandate_of(request)
    by_mandate.refuse_unless_choosing(mandate)
    return by_mandate.way(request.kiosk.name, mandate)  # type: ignore[attr-defined]


def tell_principal(request: HttpRequest, offer: Offer) -> None:
    """Tells the principal, and records, that a helper answered in their name."""
    by_mandate.tell_principal(offer, mandate_of(request), by=_by(request))


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
    return offers.open_result(offer, by=_by(request), via=machine.name)


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


def _begin(request: HttpRequest, entrant: Entrant) -> None:
    """The entry of this visit; what an earlier step of it allowed is forgotten."""
    request.session[_ENTRY] = entrant.pk
    for name in (_VOUCHED, _MANDATE):
        request.session.pop(name, None)
    touch(request)


def _by(request: HttpRequest) -> audit.System:
    return actor(request.kiosk)  # type: ignore[attr-defined]


def _over(request: HttpRequest) -> bool:
    seen = request.session.get(_SEEN, 0)
    if not seen:
        return True
    if clock.real_seconds() - seen > _SILENT:
        clear(request)
        return True
    return False
