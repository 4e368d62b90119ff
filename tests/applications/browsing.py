"""What browser tests share: somebody is signed in, what axe finds, by how much a page runs over."""

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings


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


def faults_of(page):
    """Each violation that axe finds, with where it stands; no rule is switched off."""
    found = Axe().run(page).response["violations"]
    return [(one["id"], [node["target"] for node in one["nodes"]]) for one in found]


def width_of(page):
    """Pixels by which the page is wider than its window; 0 where it fits."""
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
