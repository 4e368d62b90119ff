"""字号、长者模式、语言: three small choices kept in cookies, made by tiny POST forms.

Cookies and not the session: the choice stays after sign-in, sign-out and a closed browser.
"""

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
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
