"""Chinese first, English complete."""

from ops import messages


def test_every_visible_string_has_an_english_translation():
    assert messages.missing() == []


def test_no_english_text_is_chinese_or_lost_a_place():
    assert messages.faulty() == []
