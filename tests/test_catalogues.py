"""Chinese first, English complete."""

import re

import yaml

from ops import messages
from ops.places import ROOT

APPS = ("accounts", "allocation", "applications", "core", "datashare", "office", "renewal")


def test_every_visible_string_has_an_english_translation():
    assert messages.missing() == []


def test_no_english_text_is_chinese_or_lost_a_place():
    assert messages.faulty() == []


def test_a_counted_sentence_has_english_for_one_and_for_several(tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        "{% load i18n %}{% blocktranslate count n=n %}{{ n }}天{% plural %}{{ n }}天"
        "{% endblocktranslate %}",
        encoding="utf-8",
    )
    assert list(messages._in_file(page)) == [(("%(n)s天", "%(n)s天"), None)]
    found = messages.catalogue().get("%(n)s天")
    assert found is not None and found.pluralizable
    assert len(set(found.string)) == 2


def test_texts_in_data_files_are_said_in_both_languages():
    """YAML cuts `en: over 8,000 cases` at its comma; a text holds its two languages alone."""
    texts = [
        text for path in sorted((ROOT / "office").glob("*.yaml")) for text in _texts(_read(path))
    ]
    assert len(texts) > 20
    assert [text for text in texts if set(text) != {"zh", "en"} or not all(text.values())] == []


def _read(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _texts(part):
    """Every mapping of languages to texts below a part of a data file."""
    if isinstance(part, dict) and {"zh", "en"} & set(part):
        return [part]
    below = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return [text for one in below for text in _texts(one)]


def test_every_marked_string_is_marked_by_a_name_that_is_collected():
    """A translation imported under another name would never reach the catalogue."""
    other = re.compile(r"import \w*gettext\w* as (?!_$)(\w+)$", re.MULTILINE)
    files = [
        path
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if "migrations" not in path.parts
    ]
    found = {path.name: other.findall(path.read_text(encoding="utf-8")) for path in files}
    assert {name: words for name, words in found.items() if words} == {}
