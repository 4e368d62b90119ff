"""Sign-in of staff (工作人员登录): password, then six digits; only then a session (等保三级).

Between the two steps nobody is signed in: the session only notes whose turn it is, for five
minutes. django-axes counts wrong passwords and wrong codes together and locks the account.
"""

from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib.auth import authenticate, logout
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import second_factor, sessions
from accounts.models import User
from core import audit, clock
from core.identity.masking import mask_text
from core.refusals import Refusal

_PENDING = "staff_pending"
_NEW_SECRET = "staff_new_secret"
_PATIENCE = 300  # seconds between password and code


class WrongPassword(Refusal):
    """Name and password do not belong together; which of the two is wrong is not said."""

    def __init__(self) -> None:
        sentence = gettext(
            "用户名或密码不对，请再核对一次。连续输错%(times)s次会暂停登录%(minutes)s分钟。"
        )
        minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
        super().__init__(sentence % {"times": settings.AXES_FAILURE_LIMIT, "minutes": minutes})


class WrongCode(Refusal):
    """The six digits are wrong, too old, or were used already."""

    def __init__(self) -> None:
        super().__init__(_("验证码不对或已经用过，请等手机上出现新的6位数字再输入。"), "code")


class NothingPending(Refusal):
    """The password was not given, or too long ago."""

    def __init__(self) -> None:
        super().__init__(_("登录中断了，请从用户名和密码重新开始。"))


def counted_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The name under which failures are counted; an ID number typed by mistake is masked."""
    typed = (credentials or {}).get("username") or request.POST.get("username", "")
    return mask_text(str(typed).strip().lower())[:64]


def give_password(request: HttpRequest, *, username: str, password: str) -> User:
    """First step: notes whose code is awaited. Raises WrongPassword."""
    user = authenticate(request, username=username.strip().lower(), password=password)
    if not isinstance(user, User) or user.as_staff is None:
        _note_failure(request, username, step="password")
        raise WrongPassword
    logout(request)
    request.session[_PENDING] = {"user": user.pk, "until": clock.real_seconds() + _PATIENCE}
    return user


def awaited(request: HttpRequest) -> User:
    """The member of staff whose code is awaited. Raises NothingPending."""
    pending = request.session.get(_PENDING) or {}
    if pending.get("until", 0) < clock.real_seconds():
        raise NothingPending
    user = User.objects.filter(pk=int(pending["user"]), is_active=True).first()
    if user is None:
        raise NothingPending
    return user


def give_code(request: HttpRequest, *, code: str) -> User:
    """Second step: signs in. Raises NothingPending, WrongCode."""
    user = awaited(request)
    if not _may_try(request, user) or not second_factor.verify(user, code):
        raise _wrong_code(request, user)
    return _finish(request, user, "signed_in")


def new_secret(request: HttpRequest) -> str:
    """The secret that this sign-in offers for enrolment; the same until the page is done."""
    secret = request.session.get(_NEW_SECRET)
    if not secret:
        secret = request.session[_NEW_SECRET] = second_factor.new_secret()
    return str(secret)


def enrol(request: HttpRequest, *, code: str) -> User:
    """First sign-in ever: binds the second factor, then signs in. Raises as give_code."""
    user = awaited(request)
    if second_factor.enrolled(user):
        raise NothingPending
    if not _may_try(request, user):
        raise _wrong_code(request, user)
    if not second_factor.enrol(user, new_secret(request), code):
        raise _wrong_code(request, user)
    audit.record("second_factor_bound", by=user)
    return _finish(request, user, "signed_in")


def leave(request: HttpRequest) -> None:
    """Ends the session and says so in the audit log."""
    if request.user.is_authenticated:
        audit.record("signed_out", by=request.user)
    logout(request)


def _finish(request: HttpRequest, user: User, verb: str) -> User:
    request.session.pop(_PENDING, None)
    request.session.pop(_NEW_SECRET, None)
    sessions.begin(request, user)
    audit.record(verb, by=user, way="password+totp")
    return user


def _may_try(request: HttpRequest, user: User) -> bool:
    allowed: bool = AxesProxyHandler.is_allowed(request, {"username": user.username})
    return allowed


def _wrong_code(request: HttpRequest, user: User) -> WrongCode:
    # axes listens to Django's own signal of a failed sign-in: that is its documented door
    user_login_failed.send(__name__, credentials={"username": user.username}, request=request)
    _note_failure(request, user.username, step="code")
    return WrongCode()


def _note_failure(request: HttpRequest, username: str, *, step: str) -> None:
    known = User.objects.filter(username=username.strip().lower(), kind=User.Kind.STAFF).first()
    locked = bool(getattr(request, "axes_locked_out", False))
    # an unknown name may be anything typed by mistake, so it is not written down
    audit.record(
        "locked_out" if locked else "sign_in_failed", by=known or audit.System("sign-in"), step=step
    )
