"""小区在哪里、怎么去: address, nearest metro and bus, a sentence, and a point for a phone's map.

The point is WGS 84, as a geo: address asks for (RFC 5870). Maps in the country draw on GCJ-02 and
may show it some hundred metres off: the address is what counts, and the pages say so.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import segno
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Staff
from allocation import standards
from allocation.models import Estate
from core import audit, locks

Pair = tuple[Any, str]


@dataclass(frozen=True)
class Way:
    """How one gets to an estate; empty where nobody has written it down."""

    metro: str = ""
    bus: str = ""
    way: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None


def set_way(estate: Estate, told: Way, *, by: Staff) -> Estate:
    """Writes down how one gets there. Raises StandardRefused."""
    if why := standards.why_not(by):
        raise standards.StandardRefused(why)
    if (told.latitude is None) != (told.longitude is None):
        field = "latitude" if told.latitude is None else "longitude"
        raise standards.StandardRefused(_("纬度和经度要一起填，或者都不填。"), field)
    if told.latitude is not None and told.longitude is not None:
        if not 18 <= told.latitude <= 54:
            raise standards.StandardRefused(_("纬度在18到54之间；是不是和经度填反了？"), "latitude")
        if not 73 <= told.longitude <= 136:
            raise standards.StandardRefused(_("经度在73到136之间。"), "longitude")
    with transaction.atomic():
        row = locks.fresh(estate)
        row.metro, row.bus, row.way = (one.strip() for one in (told.metro, told.bus, told.way))
        row.latitude, row.longitude = told.latitude, told.longitude
        row.save(update_fields=["metro", "bus", "way", "latitude", "longitude"])
        audit.record("estate.way_set", by=by.user, thing=row, code=row.code)
        return row


def lines(estate: Estate) -> list[Pair]:
    """What is known of the way, a line each."""
    address = f"{estate.name}，{estate.address}"
    return [(_("地址"), address), *ways(estate), (_("看房电话"), estate.phone)]


def ways(estate: Estate) -> list[Pair]:
    """Metro, bus and the sentence, as far as they are written down."""
    told = [(_("地铁"), estate.metro), (_("公交"), estate.bus), (_("怎么走"), estate.way)]
    return [(head, body) for head, body in told if body]


def geo(estate: Estate) -> str:
    """The point as a geo: address that opens a phone's own map; empty where none is known."""
    if estate.latitude is None or estate.longitude is None:
        return ""
    point = f"{estate.latitude:.6f},{estate.longitude:.6f}"
    return f"geo:{point}?q={point}({quote(estate.name)})"


def qr(estate: Estate) -> str:
    """The same as an image for a phone's camera; empty where no point is known."""
    address = geo(estate)
    return segno.make(address, error="m").svg_data_uri(scale=5, border=2) if address else ""
