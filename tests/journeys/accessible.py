"""A page as everybody must be able to use it: axe finds nothing, nothing scrolls sideways."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_WIDTH = "document.documentElement"


def look(page: Page) -> None:
    """No rule of axe is broken, and the page fits its screen."""
    found = Axe().run(page).response["violations"]
    broken = [(one["id"], one["nodes"][0]["html"][:160]) for one in found]
    assert not broken, f"{page.url}: {broken}"
    fits = page.evaluate(f"{_WIDTH}.scrollWidth <= {_WIDTH}.clientWidth")
    assert fits, f"{page.url} scrolls sideways"
