"""What browser tests share: somebody is signed in, what axe finds, by how much a page runs over."""

import json
import os
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings

WIDTHS = (360, 768, 1440)
PICTURES = os.environ.get("YZ_PICTURES", "")  # a folder: every page looked at is kept there
# Only what is broken leaves the browser: all that passed is a hundred times as much.
_BROKEN = """axe.run(%s).then(found => found.violations.map(
  one => [one.id, one.nodes.map(node => node.target.join(' ') + ' ' + node.html.slice(0, 120))]))"""


def enter(page, client, live_server, user):
    """The browser is this account's from now on; nobody's for None."""
    name = settings.SESSION_COOKIE_NAME
    page.context.clear_cookies(name=name)
    if user is None:
        return
    client.force_login(user)
    page.context.add_cookies(
        [{"name": name, "value": client.cookies[name].value, "url": live_server.url}]
    )


def faults_of(page, rules=()):
    """Each violation that axe finds, with where it stands; ``rules`` limits them to tags."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    return page.evaluate(_BROKEN % json.dumps(options))


def width_of(page):
    """Pixels by which the page is wider than its window; 0 where it fits."""
    root = "document.documentElement"
    return page.evaluate(f"Math.max(0, {root}.scrollWidth - {root}.clientWidth)")


def sound(page, where=""):
    """No rule of axe is broken, and nothing runs over the side."""
    where = where or page.url
    assert faults_of(page) == [], where
    assert width_of(page) == 0, where


def look_at(page, live_server, address, widths=WIDTHS, name=""):
    """Opens a page once: it answers, fits every width, and axe finds nothing, narrow and wide."""
    page.set_viewport_size({"width": widths[0], "height": 800})
    assert page.goto(live_server.url + address).status == 200, address
    look_again(page, widths, name or address)


def look_again(page, widths=WIDTHS, name=""):
    """What is open now, at every width; the last one stays."""
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        picture(page, f"{name or page.url}-{width}")
        assert (name, width, width_of(page)) == (name, width, 0)
        if width in (min(widths), max(widths)):
            assert (name, width, faults_of(page)) == (name, width, [])


def picture(page, name):
    """Keeps a picture of the whole page where somebody asked for pictures."""
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        kept = "".join(sign if sign.isalnum() or sign in "-_" else "_" for sign in name.strip("/"))
        page.screenshot(path=f"{PICTURES}/{kept or 'home'}.png", full_page=True)
