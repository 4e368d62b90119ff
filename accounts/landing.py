"""Where a person arrives after signing in."""

from typing import Any

from django.utils.http import url_has_allowed_host_and_scheme

from accounts.roles import Role

_FACE_OF_ROLE = {
    Role.WINDOW: "/window/",
    Role.STREET: "/review/",
    Role.REVIEWER: "/review/",
    Role.DISTRICT: "/review/",
    Role.ADMIN: "/office/",
    Role.LEADER: "/office/",
    Role.OPERATOR: "/operator/",
    Role.AUDITOR: "/audit/",
    Role.SYSTEM: "/office/",
    Role.SECURITY: "/office/",
    Role.ATTENDANT: "/kiosk/attend/",
}


def home(user: Any) -> str:
    """The face of a person's first role, in the order of Role; for a citizen their own page."""
    staff = user.as_staff
    if staff is None:
        return "/my/"
    return next((_FACE_OF_ROLE[role] for role in Role if role in staff.roles), "/")


def local(path: str | None) -> str:
    """``path`` if it stays on this site, else nothing; so a link cannot lead people elsewhere."""
    path = path or ""
    stays = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if stays and not any(ord(letter) < 32 for letter in path) else ""
