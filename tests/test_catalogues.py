"""Chinese first, English complete."""

from ops import messages


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
