"""Is it a self-service machine that asks? (一体机)"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from allocation import kiosks

FACE = "/kiosk/"


class KioskMiddleware:
    """Sets ``request.kiosk`` on the kiosk's own addresses, and lets nothing of them be kept."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(FACE):
            return self.get_response(request)
        token = request.COOKIES.get(kiosks.COOKIE, "")
        machine = request.kiosk = kiosks.known(token)  # type: ignore[attr-defined]
        if machine is not None:
            kiosks.note_seen(machine)
        response = self.get_response(request)
        response.headers["Cache-Control"] = "no-store"
        return response
