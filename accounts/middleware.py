"""At the door of every request: is the session still good, and is the page open to this person?"""

import ipaddress
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import SuspiciousOperation
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
    QueryDict,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import sessions
from accounts.access import REASONS, Access, Audience, Verdict, Visitor, declaration, dotted_path

log = logging.getLogger(__name__)

_STAFF_FACES = ("/window/", "/review/", "/office/", "/operator/", "/audit/", "/accounts/staff/")


class AccessMiddleware:
    """Ends sessions that are over and refuses every view that is not open to the visitor."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        _refuse_unstorable(request)
        ended = sessions.why_over(request)
        if ended:
            logout(request)
            messages.info(request, ended)
        response = self.get_response(request)
        if request.user.is_authenticated:
            # a shared computer must not show somebody's page again after they have left
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """None lets the request through; an answer stops it here."""
        access = declaration(view, request.method or "GET")
        if access is None:
            log.error("view without access declaration: %s", dotted_path(view))
            return refuse(request, _("这个页面还没有开放。"))
        verdict = access.verdict(Visitor.of(request, monitoring=from_monitoring(request)))
        if verdict is Verdict.ALLOWED:
            return None
        if verdict is Verdict.SIGN_IN:
            return ask_to_sign_in(request, access)
        return refuse(request, str(REASONS[access.audience]))


def _refuse_unstorable(request: HttpRequest) -> None:
    """400 for a NUL in address or form: no name holds one, and the database takes none."""
    sent = [request.path, *_values(request.GET)]
    if not is_api(request):
        sent += _values(request.POST)
    if any("\0" in text for text in sent):
        raise SuspiciousOperation("a NUL character was sent")


def _values(query: QueryDict) -> list[str]:
    return [text for name, values in query.lists() for text in (name, *values)]


def refuse(request: HttpRequest, sentence: str) -> HttpResponse:
    """The 403 page, or its JSON for the API, with one plain sentence."""
    if is_api(request):
        return JsonResponse({"detail": sentence}, status=403)
    return render(request, "accounts/refused.html", {"sentence": sentence}, status=403)


def ask_to_sign_in(request: HttpRequest, access: Access) -> HttpResponse:
    """Sends the visitor to the sign-in that fits the page, and back afterwards."""
    if is_api(request):
        return JsonResponse({"detail": _("请先登录。")}, status=401)
    target = sign_in_url(request, access)
    if getattr(request, "htmx", False):
        return HttpResponse(headers={"HX-Redirect": target})
    return HttpResponseRedirect(target)


def sign_in_url(request: HttpRequest, access: Access) -> str:
    """The address of the fitting sign-in; only a page that was read is returned to."""
    for_staff = access.audience is Audience.STAFF or (
        access.audience is Audience.SIGNED_IN and request.path.startswith(_STAFF_FACES)
    )
    target = reverse("accounts:staff_sign_in" if for_staff else "accounts:citizen_sign_in")
    if request.method != "GET" or getattr(request, "htmx", False):
        return target
    return f"{target}?{urlencode({'next': request.get_full_path()})}"


def is_api(request: HttpRequest) -> bool:
    """Whether a program asks, which reads JSON and no pages."""
    return request.path.startswith("/api/")


def from_monitoring(request: HttpRequest) -> bool:
    """Whether the request comes straight from the monitoring system, not through the proxy."""
    if "X-Forwarded-For" in request.headers:
        return False
    address = client_address(request)
    return bool(address) and any(
        ipaddress.ip_address(address) in ipaddress.ip_network(network)
        for network in getattr(settings, "MONITORING_NETWORKS", ["127.0.0.0/8", "::1/128"])
    )


def client_address(request: HttpRequest) -> str:
    """The visitor's address, for the lock-out's log.

    Behind our own proxies the last but n-th entry of X-Forwarded-For is theirs
    (settings.TRUSTED_PROXIES = n); what stands further left anybody may have written.
    """
    hops = int(getattr(settings, "TRUSTED_PROXIES", 0))
    chain = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    if hops and len(chain) >= hops and _is_address(chain[-hops]):
        return chain[-hops]
    address = str(request.META.get("REMOTE_ADDR") or "")
    return address if _is_address(address) else ""


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
