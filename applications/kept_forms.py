"""Kept forms (留住的填写): a sign-in that ran out never costs what was typed.

Each page of the draft leaves a signed cookie that names its writer. A form posted after the sign-in
has run out is kept for that person alone, encrypted, and stands in the page again once they have
signed in; somebody else at the same device never sees it. Papers and signatures are not kept.
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, QueryDict

from accounts.models import User
from applications import periods
from applications.models import KeptForm
from core import clock

COOKIE = "yz_writer"
_SALT, _AGE = "kept-form", 24 * 3600
_MOST, _LONGEST = 60, 4000  # fields of a form, characters of one
_NEVER = frozenset({"csrfmiddlewaretoken", "signature", "ref"})


def remember_writer(request: HttpRequest, response: HttpResponse) -> None:
    """Names the writer to this browser when a page of the draft was shown to them."""
    user = getattr(request, "user", None)
    if request.method != "GET" or not _is_of_draft(request) or response.status_code != 200:
        return
    if user is None or not user.is_authenticated or user.as_citizen is None:
        return
    value = signing.dumps(user.pk, salt=_SALT)
    response.set_cookie(
        COOKIE, value, max_age=_AGE, path="/apply/", httponly=True, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip


def keep(request: HttpRequest) -> bool:
    """Keeps what a signed-out browser posts to a page of the draft; False if there is nothing."""
    if request.method != "POST" or request.user.is_authenticated or not _is_of_draft(request):
        return False
    user_id = _writer(request)
    fields = {
        name: values
        for name, values in list(request.POST.lists())[:_MOST]
        if name not in _NEVER and all(len(one) <= _LONGEST for one in values)
    }
    if user_id is None or not fields:
        return False
    KeptForm.objects.update_or_create(
        user_id=user_id, path=request.path,
        defaults={"fields": fields, "kept_at": clock.now()},
    )  # fmt: skip
    return True


def take(user: Any, path: str) -> QueryDict | None:
    """What this person had posted to the page, once; None if nothing was kept."""
    row = KeptForm.objects.filter(user=user, path=path).first()
    if row is None:
        return None
    row.delete()
    data = QueryDict(mutable=True)
    for name, values in row.fields.items():
        data.setlist(name, values)
    return data


def forget_old() -> int:
    """Drops what nobody came back for; returns how many."""
    since = clock.now() - timedelta(days=periods.of("kept_form").value)
    return KeptForm.objects.filter(kept_at__lt=since).delete()[0]


def _is_of_draft(request: HttpRequest) -> bool:
    """Whether the page is one that gives a kept form back (``keeps_form`` on its class)."""
    match = request.resolver_match
    view = getattr(match.func, "view_class", None) if match else None
    return bool(getattr(view, "keeps_form", False))


def _writer(request: HttpRequest) -> int | None:
    try:
        user_id = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=_AGE)
    except signing.BadSignature:
        return None
    known = User.objects.filter(pk=user_id, is_active=True).exists()
    return int(user_id) if known else None
