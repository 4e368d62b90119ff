"""ID numbers, masking, encryption."""

from datetime import date

import pytest

from core.identity import ciphers, masking, numbers
from core.identity.names import pinyin_key


def test_a_number_whose_area_code_is_younger_than_its_holder_is_accepted():
    number = numbers.parse("330212195803129912")
    assert number.birth_date == date(1958, 3, 12)
    assert number.sex == numbers.MALE


@pytest.mark.parametrize(
    "typed", ["330212 19580312 9912", "330212-1958-0312-9912", "３３０２１２195803129912"]
)
def test_spelling_does_not_matter(typed):
    assert numbers.normalise(typed) == "330212195803129912"


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "length"),
        ("33021219580312991", "length"),
        ("33021219580312991A", "characters"),
        ("330212195802309912", "date"),
        ("330212195803129913", "check_digit"),
        ("330212000003129912", "date"),
    ],
)
def test_what_is_wrong_with_a_number_is_named(typed, reason):
    with pytest.raises(numbers.IdNumberError) as error:
        numbers.parse(typed)
    assert error.value.reason == reason
    assert typed == "" or typed not in str(error.value)


def test_age_counts_completed_years():
    born = date(2006, 9, 24)
    assert numbers.age_on(born, date(2024, 9, 23)) == 17
    assert numbers.age_on(born, date(2024, 9, 24)) == 18


def test_masking():
    assert masking.mask_name("陈广福") == "*广福"
    assert masking.mask_id("330212195803129912") == "3***12195803*****2"
    assert masking.mask_phone("13712349050") == "137****9050"
    assert "195803129912" not in masking.mask_text("number 330212195803129912.")


def test_a_cipher_belongs_to_its_column():
    stored = ciphers.encrypt("330212195803129912", context="a.b")
    assert b"3302" not in stored
    assert ciphers.decrypt(stored, context="a.b") == "330212195803129912"
    assert ciphers.encrypt("330212195803129912", context="a.b") != stored
    of_another_key = b"\x09" + stored[1:]
    for changed, context in [
        (stored, "a.c"), (stored[:-1], "a.b"), (b"", "a.b"), (of_another_key, "a.b"),
    ]:  # fmt: skip
        with pytest.raises(ciphers.CannotDecrypt):
            ciphers.decrypt(changed, context=context)


def test_the_blind_index_is_one_for_all_spellings():
    assert ciphers.blind_index("33021219580312991x") == ciphers.blind_index("33021219580312991X")
    assert ciphers.blind_index("1", kind="phone") != ciphers.blind_index("1")


def test_names_are_found_by_syllables_and_initials():
    assert pinyin_key("陈广福") == "chen guang fu cgf"


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("330212880808992", "330212198808089925"),
        ("330212198808089925", "330212198808089925"),
        ("33021288080899X", "33021288080899X"),
        ("", ""),
    ],
)
def test_a_number_of_15_digits_is_asked_about_by_18(written, asked):
    assert numbers.eighteen(written) == asked
