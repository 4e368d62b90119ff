"""The machine while the network is gone: a service worker, one page with nobody's data, a sign of
life. What is shown there was opened in this visit and lies in this tab alone (docs/adr/0028)."""

import json
from hashlib import sha256

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_GET

from accounts.access import kiosk_only
from allocation import kiosks

_KEPT_OFFLINE = (
    "vendor/bootstrap/bootstrap-reboot.min.css",
    "vendor/bootstrap/bootstrap-grid.min.css",
    "vendor/bootstrap/bootstrap-utilities.min.css",
    "vendor/htmx/htmx.min.js",
    "css/tokens.css",
    "css/base.css",
    "css/components.css",
    "css/kiosk.css",
    "css/allocation.css",
    "css/print.css",
    "js/page.js",
    "js/kiosk.js",
    "js/kiosk-offline.js",
    "icons/favicon.svg",
)


@kiosk_only
@require_GET
def offline(request: HttpRequest) -> HttpResponse:
    """断网: in both languages, for the worker keeps one page for everybody."""
    return HttpResponse(_shell(unsure="unsure" in request.GET))


@kiosk_only
@require_GET
def beat(request: HttpRequest) -> HttpResponse:
    """Says that the way to the server is open; the middleware notes that the machine is there.

    With a touch since the last one (``here``), who reads for long keeps the visit.
    """
    if "here" in request.GET and kiosks.has_greeted(request):
        kiosks.touch(request)
    return HttpResponse(status=204)


@kiosk_only
@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, with the addresses that it keeps; its scope is this folder."""
    path = finders.find("js/kiosk-worker.js") or str(
        settings.BASE_DIR / "static" / "js" / "kiosk-worker.js"
    )
    with open(path, encoding="utf-8") as file:
        code = file.read()
    kept = [static(name) for name in _KEPT_OFFLINE]
    shell = reverse("kiosk_offline")
    told = {
        "shell": shell,
        "unsure": f"{shell}?unsure=1",
        "beat": reverse("kiosk_beat"),
        "scope": reverse("kiosk_start"),
        "not": [reverse(name) for name in ("kiosk_attend", "kiosk_hall", "kiosk_pair")],
        "assets": kept,
    }
    pages = [_shell(unsure=one) for one in (False, True)]
    version = sha256(f"{code}{kept}{pages}".encode()).hexdigest()[:12]
    head = f"self.YZ = {json.dumps({**told, 'version': version})};\n"
    return HttpResponse(head + code, content_type="text/javascript; charset=utf-8")


def _shell(*, unsure: bool) -> str:
    """The offline page: drawn without the request, so that nobody's session gets into it."""
    with translation.override(settings.LANGUAGE_CODE):
        return render_to_string("kiosk/offline.html", {"unsure": unsure})
