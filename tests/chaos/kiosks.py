"""Machines in a hall, each asking the real views over HTTP as its browser does, without giving up.

A process that is killed breaks the connection; the household then begins its visit anew, as people
do. What a machine has shown to a household is written down here and held against the database at
the end.
"""

import http.client
import queue
import random
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter

from django.conf import settings
from django.db import connection
from django.urls import reverse

from allocation import kiosks, states
from allocation.models import Offer
from core.refusals import Refusal
from tests.factories import allocation as make

_PATIENCE = 90  # seconds without any answer
_TOKEN = "t" * 32


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args):
        return None


class Browser:
    """The machine's browser: its device token, a session for the visit, no redirects followed."""

    def __init__(self, site, token):
        self.site, self.host = site, "127.0.0.1"
        self.fixed = f"{kiosks.COOKIE}={token}; {settings.CSRF_COOKIE_NAME}={_TOKEN}"
        self.forget()

    def forget(self):
        self.session = ""

    def ask(self, address, content=None):
        """Status and address of the redirect; a broken connection is an OSError."""
        body = None if content is None else urllib.parse.urlencode(content).encode()
        cookies = f"{self.fixed}; {settings.SESSION_COOKIE_NAME}={self.session}"
        headers = {"Cookie": cookies, "X-CSRFToken": _TOKEN, "Referer": self.site}
        request = urllib.request.Request(self.site + address, body, headers)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)
        try:
            with opener.open(request, timeout=30) as answer:
                answer.read()
                return self._noted(answer), ""
        except urllib.error.HTTPError as error:
            with error:
                error.read()
                return self._noted(error), error.headers.get("Location", "")
        except http.client.HTTPException as error:  # killed in the middle of its answer
            raise OSError("half an answer") from error

    def _noted(self, answer):
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, rest = line.partition("=")
            if name == settings.SESSION_COOKIE_NAME:
                self.session = rest.partition(";")[0].strip('"')
        return answer.status if hasattr(answer, "status") else answer.code


class Hall:
    """Who still waits for a machine, what the machines showed, and what went wrong."""

    def __init__(self, site, seed):
        self.site, self.chance = site, random.Random(seed)
        self.waiting = queue.SimpleQueue()
        self.lock = threading.Lock()
        self.seen, self.broken, self.accepted, self.done = Counter(), [], set(), 0

    def note(self, what):
        with self.lock:
            self.seen[what] += 1


class Kiosk(threading.Thread):
    """One machine; takes household after household until nobody waits."""

    def __init__(self, hall, number, token):
        super().__init__(daemon=True)
        self.hall, self.chance = hall, random.Random(f"{number}")
        self.browser = Browser(hall.site, token)

    def run(self):
        try:
            while True:
                household = self.hall.waiting.get_nowait()
                self.serve(household)
                with self.hall.lock:
                    self.hall.done += 1
        except queue.Empty:
            return
        except Exception as error:
            self.hall.broken.append(repr(error))
        finally:
            connection.close()

    def serve(self, household):
        """Visits until one of them came to its end."""
        until = time.monotonic() + _PATIENCE
        while not self.visit(household):
            if time.monotonic() > until:
                raise AssertionError(f"{household['ticket']} waited in vain")

    def visit(self, household):
        try:
            return self.steps(household)
        except OSError as error:
            self.hall.note(f"cut off: {type(error).__name__}")
            time.sleep(0.1)
            return False

    def steps(self, household):
        self.browser.forget()
        self.get("kiosk_start")
        self.post("kiosk_identify", {"id_number": household["number"]}, "kiosk_code")
        self.post("kiosk_code", {"code": household["code"]}, "kiosk_ticket")
        for _tap in range(self.chance.choice((1, 1, 2, 3))):  # impatient fingers
            self.post("kiosk_result", {}, "kiosk_result")
        if self.chance.random() < 0.15:
            self.hall.note("walked away")
            return False  # and comes again
        self.get("kiosk_result")
        status, _where = self.browser.ask(reverse("kiosk_home"))
        self.expect("kiosk_home", status, 200, 302)
        if status == 200:
            self.choose(household)
        self.post("kiosk_end", {}, "kiosk_start")
        return True

    def choose(self, household):
        choice = self.chance.choices(("accept", "decline", "think"), (70, 20, 10))[0]
        for one in ("think", "accept") if choice == "think" else (choice, choice):
            address = reverse("kiosk_choose", args=[one])
            status, where = self.browser.ask(address, {})
            # 422: another machine, or an earlier tap, has answered otherwise
            self.expect(f"kiosk_choose {one}", status, 302, 422)
            if status == 302 and where == reverse("kiosk_slip") and one == "accept":
                self.sign(household)

    def sign(self, household):
        """What the slip promised must be there; then the lease is signed on the phone."""
        with self.hall.lock:
            self.hall.accepted.add(household["ticket"])
        offer = Offer.objects.get(entrant=household["entrant"], state=states.O_ACCEPTED)
        try:
            make.sign_accepted(offer)
        except Refusal as refusal:
            self.hall.broken.append(f"{household['ticket']} cannot sign: {refusal}")

    def get(self, name):
        status, _where = self.browser.ask(reverse(name))
        self.expect(name, status, 200)

    def post(self, name, content, then):
        status, where = self.browser.ask(reverse(name), content)
        self.expect(name, status, 302)
        if where != reverse(then):
            self.hall.broken.append(f"{name} leads to {where}, not to {then}")

    def expect(self, name, status, *wanted):
        self.hall.note(f"{name} {status}")
        if status not in wanted:
            raise AssertionError(f"{name} answered {status}")
