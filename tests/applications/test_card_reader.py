"""The reader's raw line: every form the runbook names gives the same name and number."""

import pytest

from applications import card_reader
from tests.factories import accounts

NUMBER = accounts.id_number()
WIDE = NUMBER.translate({ord(sign): ord(sign) + 0xFEE0 for sign in "0123456789X"})
SPACED = f"{NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}"


@pytest.mark.parametrize(
    "raw",
    [
        f"林一,{NUMBER}",
        f"{NUMBER},林一\n",
        f"林一\t{NUMBER}\t",
        f"林一|男|汉|19850505|浙江省宁波市鄞州区百丈街道1号|{NUMBER}|鄞州分局|20100101-20300101",
        f"姓名:林一 公民身份号码:{NUMBER}",
        f"姓名：林一；身份证号码：{NUMBER}；",
        f"林一，{WIDE}\r\n",
        f"\ufeff林一#{NUMBER}#",
        f"林一 {SPACED}",
    ],
)
def test_name_and_number_are_found_in_what_a_reader_sends(raw):
    assert card_reader.read(raw) == card_reader.Card("林一", NUMBER)


@pytest.mark.parametrize("raw", [NUMBER, f"{NUMBER}\n", f" {WIDE}\t", SPACED])
def test_a_bare_number_has_no_name(raw):
    assert card_reader.read(raw) == card_reader.Card("", NUMBER)


def test_a_small_x_is_the_same_as_a_large_one():
    number = next(one for one in iter(accounts.id_number, "") if one.endswith("X"))
    assert card_reader.read(f"林一,{number.lower()}").number == number
    assert card_reader.read(f"林一,{number[:17]}ｘ").number == number


def test_the_address_on_a_card_is_never_taken_for_a_name():
    line = f"{NUMBER}|浙江省宁波市鄞州区百丈街道1号|林一"
    assert card_reader.read(line).name == ""


@pytest.mark.parametrize("raw", ["", "林一", "33021219850505991", "没有号码的一行,123"])
def test_a_line_without_a_number_has_none(raw):
    assert card_reader.read(raw).number == ""


def test_the_dot_of_a_long_name_is_always_the_same():
    for dot in "•‧∙・.":
        assert card_reader.clean_name(f" 买买提{dot}艾力 ") == "买买提·艾力"


def test_rare_and_private_characters_are_told_apart():
    assert card_reader.rare_signs("𠮷一") == ["𠮷"] and not card_reader.unknown_signs("𠮷一")
    assert card_reader.unknown_signs("林\ue123") == ["\ue123"]
    assert card_reader.rare_signs("林〓") == ["〓"]
