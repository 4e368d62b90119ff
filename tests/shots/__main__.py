"""`./shots [FOLDER]`: every page of every face at its sizes, in Chinese and English.

Speaks to the demo at SITE_URL that `./shots` has started, signs in by its one-click addresses and
writes PNG files and an index page. ``--only NAME`` takes one group of pages.
"""

import argparse
import html
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import django
import yaml
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

SIZES = {
    "phone": (360, 800),
    "tablet": (768, 1024),
    "desktop": (1440, 900),
    "kiosk": (1080, 1920),
    "wall": (1920, 1080),
}
LANGUAGES = {"zh": "zh-hans", "en": "en"}


@dataclass(frozen=True)
class Shot:
    """One picture to take."""

    group: str
    name: str
    path: str
    size: str
    key: str

    def file(self, language: str) -> str:
        return f"{self.group}-{self.name}-{self.size}-{language}.png"


@dataclass(frozen=True)
class Taken:
    """One picture that was taken: its file, the page's HTTP status, whether it scrolls sideways."""

    name: str
    status: int
    is_wide: bool


def main() -> int:
    parser = argparse.ArgumentParser(prog="./shots")
    parser.add_argument("folder", nargs="?", default=".local/shots-pictures")
    parser.add_argument("--only", help="one group of pages.yaml")
    parser.add_argument("--language", choices=LANGUAGES, help="one language")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    django.setup()
    shots = [shot for shot in _shots() if options.only in (None, shot.group)]
    folder = Path(options.folder)
    folder.mkdir(parents=True, exist_ok=True)
    languages = [options.language] if options.language else list(LANGUAGES)
    with sync_playwright() as playwright:
        browser = _browser(playwright)
        taken = [one for language in languages for one in _take(browser, shots, language, folder)]
    _index(folder, taken)
    bad = [one.name for one in taken if one.status >= 500]
    wide = [one.name for one in taken if one.is_wide]
    print(f"{len(taken)} pictures in {folder}, {len(bad)} of a failing page")
    if wide:
        print("wider than the screen:", *wide, sep="\n  ")
    return 1 if bad or wide else 0


def _shots() -> Iterator[Shot]:
    from tests.shots import people

    keys, places = people.keys(), people.places()
    groups = yaml.safe_load(Path(__file__).with_name("pages.yaml").read_text(encoding="utf-8"))
    for group, body in groups.items():
        who = body.get("as", "")
        for name, path in body["pages"].items():
            try:
                address = path.format(**places)
            except KeyError:
                continue  # nobody is in that situation in this city
            for size in body["sizes"]:
                yield Shot(group, name, address, size, keys.get(who, who))


def _browser(playwright: object) -> Browser:
    from tests.conftest import BROWSER_FLAGS, browser_path

    return playwright.chromium.launch(executable_path=browser_path(), args=BROWSER_FLAGS)  # type: ignore[attr-defined,no-any-return]


def _take(browser: Browser, shots: list[Shot], language: str, folder: Path) -> Iterator[Taken]:
    """One browser context for each person and size."""
    for key, size in dict.fromkeys((shot.key, shot.size) for shot in shots):
        context = _context(browser, size, language)
        page = context.new_page()
        _enter(page, key)
        for shot in shots:
            if (shot.key, shot.size) == (key, size):
                yield _picture(page, shot, folder / shot.file(language))
        context.close()


def _context(browser: Browser, size: str, language: str) -> BrowserContext:
    width, height = SIZES[size]
    context = browser.new_context(
        base_url=os.environ["SITE_URL"],
        viewport={"width": width, "height": height},
        reduced_motion="reduce",
    )
    cookie = {"name": "django_language", "value": LANGUAGES[language]}
    context.add_cookies([{**cookie, "url": os.environ["SITE_URL"]}])  # type: ignore[list-item]
    return context


def _enter(page: Page, key: str) -> None:
    if key == "newcomer":
        _newcomer(page)
    elif key == "kiosk":
        _kiosk(page)
    elif key:
        page.goto("/demo/as/")
        token = page.context.cookies()
        csrf = next((one["value"] for one in token if one["name"] == "csrftoken"), "")
        page.request.post(
            f"/demo/as/{key}/",
            form={"csrfmiddlewaretoken": csrf},
            headers={"Referer": page.url},
        )


def _newcomer(page: Page) -> None:
    """A person who has signed in for the first time."""
    from accounts.models import Citizen
    from core.identity.numbers import check_character

    first17 = "33021219900101" + "991"
    citizen = Citizen.objects.ensure(name="新来", id_number=first17 + check_character(first17))
    _enter(page, f"citizen-{citizen.pk}")


def _kiosk(page: Page) -> None:
    from allocation import kiosks
    from allocation.models import Kiosk

    page.goto("/kiosk/pair/")
    if page.locator("input[name=token]").count():
        machine = Kiosk.objects.get(name="KIOSK-1")
        page.fill("input[name=token]", kiosks.reissue(machine, by=kiosks.actor(machine)))
        page.locator("form button[type=submit], form button:not([type])").last.click()


def _picture(page: Page, shot: Shot, file: Path) -> Taken:
    response = page.goto(shot.path, wait_until="networkidle")
    page.screenshot(path=file, full_page=shot.size not in ("kiosk", "wall"))
    status = response.status if response else 0
    print(f"{status} {file.name}", file=sys.stderr)
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return Taken(file.name, status, wide)


def _index(folder: Path, taken: list[Taken]) -> None:
    figures = "\n".join(
        f'<figure><a href="{html.escape(one.name)}"><img src="{html.escape(one.name)}" '
        f'width="320" loading="lazy" alt=""></a>'
        f"<figcaption>{one.status} {html.escape(one.name)}</figcaption></figure>"
        for one in taken
    )
    page = f'<!doctype html><meta charset="utf-8"><title>Pages</title>\n{figures}\n'
    (folder / "index.html").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
