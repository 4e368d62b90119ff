"""How long a session lasts, and which one of a person's is in force.

Real minutes count here, not the demo's movable clock. Three ends (等保三级):
idle too long, open too long, replaced by a newer sign-in.
"""

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.models import User
from core import clock

_STARTED, _SEEN, _MARK = "signed_in_at", "last_seen_at", "session_mark"
_BACKEND = "accounts.backends.AccountBackend"
_SEEN_EVERY = 60  # seconds; a session is not written on each request


def begin(request: HttpRequest, user: User, *, alone: bool = True) -> None:
    """Signs the account in with a new session key; an older session of staff ends by it.

    Not ``alone`` (the demo's one click): neither ends another nor is ended by one.
    """
    login(request, user, backend=_BACKEND)
    now = clock.real_seconds()
    mark = secrets.token_hex(16) if alone else ""
    request.session.update({_STARTED: now, _SEEN: now, _MARK: mark})
    request.session.set_expiry(_limit(user))
    if user.is_staff_member and alone:
        User.objects.filter(pk=user.pk).update(session_mark=mark)


def why_over(request: HttpRequest) -> str:
    """The sentence that says why this session is over, or nothing; notes that it is in use."""
    user = request.user
    if not user.is_authenticated:
        return ""
    ended = _why_staff_over(request, user) if user.is_staff_member else ""
    if not ended and "X-Poll" not in request.headers:  # a page that asks by itself is nobody's use
        _touch(request)
    return ended


def _why_staff_over(request: HttpRequest, user: User) -> str:
    session, now = request.session, clock.real_seconds()
    if now - session.get(_SEEN, now) > settings.STAFF_IDLE_LIMIT.total_seconds():
        return _("您有一段时间没有操作，已自动退出，请重新登录。")
    if now - session.get(_STARTED, now) > settings.STAFF_SESSION_LIMIT.total_seconds():
        return _("本次登录时间已满，请重新登录。")
    if _replaced(user, session.get(_MARK, "")):
        return _("这个账号刚在别处登录，本处已退出。如果不是您本人，请立即联系安全管理员。")
    return ""


def _touch(request: HttpRequest) -> None:
    """Notes once a minute that the session is in use; that also moves the cookie's end."""
    session, now = request.session, clock.real_seconds()
    if now - session.get(_SEEN, 0) >= _SEEN_EVERY:
        session[_SEEN] = now
        session.setdefault(_STARTED, now)


def _replaced(user: Any, mark: str) -> bool:
    one_only = getattr(settings, "STAFF_ONE_SESSION", True)
    return bool(one_only and mark and user.session_mark and mark != user.session_mark)


def _limit(user: User) -> int:
    if user.is_staff_member:
        return int(settings.STAFF_SESSION_LIMIT.total_seconds())
    return int(settings.CITIZEN_SESSION_LIMIT.total_seconds())
