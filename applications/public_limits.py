"""How often one address may read the public notices or object (公开页面的次数限制).

The counts live in the cache for a quarter of an hour, under a keyed digest of the address: nothing
tells afterwards who looked. A cache that is away limits nobody.
"""

import logging

from django.conf import settings
from django.http import HttpRequest

from applications import periods, tries
from core.identity.ciphers import keyed_digest

log = logging.getLogger(__name__)


def spent(request: HttpRequest, what: str) -> bool:
    """Whether this address has none left of ``what``, a line of periods.yaml. Counts this one."""
    key = f"{what}:{keyed_digest(address_of(request), kind='public address')}"
    try:
        if tries.spent(key, periods.of(what).value):
            return True
        tries.note(key)
    except Exception:  # the cache may be anything: it must never close a public page
        log.warning("the cache does not count %s", what, exc_info=True)
    return False


def address_of(request: HttpRequest) -> str:
    """The visitor's address; behind our own proxies the one they passed on."""
    address = str(request.META.get("REMOTE_ADDR") or "")
    passed = [one.strip() for one in request.headers.get("X-Forwarded-For", "").split(",")]
    while address in settings.PROXY_ADDRESSES and passed and passed[-1]:
        address = passed.pop()
    return address
