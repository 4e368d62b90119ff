"""字号、长者模式、语言: three small choices kept in cookies, made by tiny POST forms.

Cookies and not the session: the choice stays after sign-in, sign-out and a closed browser.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.http import require_POST

SIZE_COOKIE = "yz_size"
ELDER_COOKIE = "yz_elder"
SIZES = ("large", "xlarge")
_YEAR = 365 * 24 * 3600


def _keep(response: HttpResponse, name: str, value: str) -> None:
    if value:
        response.set_cookie(
            name, value, max_age=_YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )
    else:
        response.delete_cookie(name, samesite="Lax")


def _back(request) -> str:
    target = request.POST.get("next", "/")
    fits = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return target if fits else "/"


class LanguageMiddleware:
    """Chinese first: a page is English only where the person chose it, whatever the browser says.

    The API has no switch and follows Accept-Language.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        if request.path.startswith("/api/"):
            language = translation.get_language_from_request(request)
        else:
            language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language  # type: ignore[attr-defined]
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


def bring(request: HttpRequest, response: HttpResponse, *, language: str, size: str) -> None:
    """Gives a browser that has made no choice of its own what the person chose elsewhere."""
    if language and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        _keep(response, settings.LANGUAGE_COOKIE_NAME, language)
    if size in SIZES and SIZE_COOKIE not in request.COOKIES:
        _keep(response, SIZE_COOKIE, size)


def keep(response: HttpResponse, *, language: str, size: str) -> None:
    """Makes a choice hold in this browser, too."""
    _keep(response, settings.LANGUAGE_COOKIE_NAME, language)
    _keep(response, SIZE_COOKIE, size)


@require_POST
def preferences(request) -> HttpResponse:
    """Keeps whichever of ``size``, ``elder`` and ``language`` was posted; returns to ``next``.

    Unknown values change nothing.
    """
    response = HttpResponseRedirect(_back(request))
    size, elder, language = (request.POST.get(key) for key in ("size", "elder", "language"))
    if size in (*SIZES, "normal"):
        _keep(response, SIZE_COOKIE, "" if size == "normal" else size)
    if elder in ("on", "off"):
        _keep(response, ELDER_COOKIE, "1" if elder == "on" else "")
    if language in dict(settings.LANGUAGES) and check_for_language(language):
        _keep(response, settings.LANGUAGE_COOKIE_NAME, language)
    return response
