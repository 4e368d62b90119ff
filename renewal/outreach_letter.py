"""联系函: what is left at the door; no name, no finding, nothing a neighbour may not read."""

from pathlib import Path

from django.conf import settings
from django.utils import translation

from applications import letters
from renewal.models import Outreach

_TEMPLATE = Path(__file__).parent / "letters" / "outreach.typ"


def pdf(row: Outreach) -> bytes:
    """The letter of the street as PDF; its QR opens the public page of conditions.

    Without an address of our own (SITE_URL) there is none to print.
    """
    address = f"{settings.SITE_URL}/check/" if settings.SITE_URL else ""
    with translation.override("zh-hans"):
        data = {
            "street": row.street.name if row.street else letters.OFFICE,
            "qr": letters.qr(address) if address else "",
            "qr_label": "扫码看条件",
            "check": "",
            "address": address,
        }
        return letters.pdf(_TEMPLATE, data)
