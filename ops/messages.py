"""Collects every marked string into locale/en/LC_MESSAGES/django.po: ``python -m ops.messages``.

Does with Babel and Django's own template reader what makemessages needs the gettext programs for,
so that it works, and is tested, on a machine without them. ``--check`` changes nothing and names
what has no English yet.
"""

import io
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po, write_po

from ops.places import ROOT

PO = ROOT / "locale" / "en" / "LC_MESSAGES" / "django.po"
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "gettext_noop": None,
}
# header lines that would change the file each time, or name nobody
DATED = tuple(
    f'"{word}'
    for word in ("POT-Creation-Date", "PO-Revision-Date", "Generated-By", "Report-Msgid", "Last-Tr")
)
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_PLACE = re.compile(r"%\([a-z_0-9]+\)[sd]|\{[a-z_0-9]*\}")
# 「…」 and other Chinese marks would look as foreign in an English sentence as Han characters
_CHINESE_MARKS = re.compile(r"[、。《》「」【】；：？！，（）]")
LEGAL = re.compile(r"\([\u3400-\u9fff]+\)")  # a legal term once in brackets stays (style rule 11)


Text = str | tuple[str, str]  # a string, or what is said of one and of several
Key = tuple[Text, str | None]  # the string, and its context where it has one


def messages() -> Iterator[tuple[Key, str]]:
    """Every marked string with its file."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.py", "*.html"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in sorted(listed.stdout.splitlines()):
        if name.startswith(("tests/", "ops/", "benchmarks/")) or not (ROOT / name).exists():
            continue
        for key in _in_file(ROOT / name):
            yield key, name


def _in_file(path: Path) -> Iterator[Key]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        from django.utils.translation.template import templatize

        # it keeps the template's indentation, which Python would not
        text = "\n".join(line.lstrip() for line in templatize(text).splitlines())
    source = io.BytesIO(text.encode())
    for _line, found, _comments, context in extract("python", source, KEYWORDS):
        message = tuple(found[:2]) if isinstance(found, tuple) else found
        if message:
            yield message, context  # type: ignore[misc]


def catalogue() -> Catalog:
    """The English catalogue as it stands."""
    if not PO.exists():
        return Catalog(locale="en", project="yinzhou-housing")
    with PO.open("rb") as source:
        return read_po(source, locale="en")


def update() -> Catalog:
    """Adds new strings, drops unused ones, keeps what is translated."""
    known = catalogue()
    fresh = Catalog(
        locale="en",
        project="yinzhou-housing",
        charset="utf-8",
        fuzzy=False,
        header_comment="# English texts of the Yinzhou housing platform: python -m ops.messages",
    )
    for (message, context), _name in messages():
        old = known.get(message, context)
        fresh.add(message, string=_kept(old, message), context=context)
    _write(fresh)
    return fresh


def _kept(old: Message | None, wanted: Text) -> Text:
    """The English there is, once or in both numbers as wanted."""
    words = _english(old) if old else ()
    if isinstance(wanted, str):
        return words[0] if words else ""
    return (words[0], words[1]) if len(words) == 2 else ("", "")


def _english(one: Message) -> tuple[str, ...]:
    """What is said in English, in one form or two; nothing if a form is missing."""
    words = (one.string,) if isinstance(one.string, str) else tuple(one.string or ())
    return words if words and all(words) else ()


def _write(made: Catalog) -> None:
    PO.parent.mkdir(parents=True, exist_ok=True)
    out = io.BytesIO()
    write_po(out, made, width=0, sort_output=True, omit_header=False, no_location=True)
    # a date of writing would change the file each time
    lines = [
        line for line in out.getvalue().decode().splitlines()
        if not line.startswith(DATED)
    ]  # fmt: skip
    PO.write_text("\n".join(lines) + "\n", encoding="utf-8")


def missing() -> list[str]:
    """Strings in use that have no English."""
    known = catalogue()
    wanted = dict.fromkeys(key for key, _name in messages())
    found = {key: known.get(*key) for key in wanted}
    return [_first(key[0]) for key, one in found.items() if not _serves(one, key[0])]


def _first(text: Text) -> str:
    return text if isinstance(text, str) else text[0]


def _serves(one: Message | None, wanted: Text) -> bool:
    """Whether there is English, for one and for several where the page counts."""
    return bool(one and _english(one) and (isinstance(wanted, str) or one.pluralizable))


def faulty() -> list[str]:
    """English that still is Chinese, equals its id, or lost a {place}."""
    # the header's id is empty
    found = [(_first(one.id), _english(one)) for one in catalogue() if one.id]  # type: ignore[arg-type]
    return [source for source, words in found if any(_is_faulty(source, one) for one in words)]


def _is_faulty(source: str, english: str) -> bool:
    foreign = _HAN.search(LEGAL.sub("", english)) or _CHINESE_MARKS.search(english)
    same = source == english and bool(_HAN.search(source))
    lost = sorted(set(_PLACE.findall(source))) != sorted(set(_PLACE.findall(english)))
    return bool(foreign or same or lost)


def main(arguments: list[str]) -> int:
    if "--check" not in arguments:
        update()
    without, wrong = missing(), faulty()
    for one in (*without, *wrong):
        print(one)
    print(f"{len(without)} without English, {len(wrong)} faulty")
    return 1 if without or wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
