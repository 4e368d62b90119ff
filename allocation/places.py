"""Where a home is, as one says it."""

from django.utils.translation import gettext as _

from allocation.models import Home


def address(home: Home) -> str:
    """Estate, building, entrance and room."""
    return _("%(estate)s%(building)s幢%(unit)s单元%(room)s室") % {
        "estate": home.estate.name,
        "building": home.building,
        "unit": home.unit,
        "room": home.room,
    }
