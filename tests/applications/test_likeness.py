"""What makes two people alike, feature by feature; and what does not."""

from datetime import date

import pytest

from applications import addresses, likeness, likeness_table, likeness_words
from applications.likeness import Sketch
from core.identity import names

TABLE = likeness_table.on(date(2026, 11, 1))
HOME = addresses.parse("鄞州区下应街道海创路198号3幢2单元501室")
A, B = "330212198507121415", "330212198507121140"


def sketch(index: str, name: str, id_number: str = A, **fields) -> Sketch:
    return Sketch(index, name, id_number, **fields)


def score(one: Sketch, other: Sketch) -> int:
    made = likeness.compare(one, other, TABLE.levels)
    return made.score if made else -99


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("曾建国", "曾建国", "same"),
        ("曾建国", "增建国", "sound"),  # 曾 is read zeng and ceng
        ("陳建國", "陈建国", "sound"),  # traditional characters
        ("张伟", "章伟", "sound"),
        ("孙胜", "孙涛", "one_differs"),
        ("陈申", "陈生", "near_sound"),
        ("王䶮", "王YAN", "sound"),  # typed by its sound
        ("王䶮", "王?", "partly"),
        ("王䶮", "王？", "partly"),
        ("吉克·阿木", "吉克阿木", "same"),
        ("吉克·阿木", "吉克•阿木", "same"),
        ("王建国", "王建华", "one_differs"),
        ("王建国", "李建华", "different"),
        ("王建国", "王建", "different"),
        ("?", "王", "different"),  # nothing of it could be read
    ],
)
def test_a_name_meets_another(one, other, level):
    assert likeness.name_level((one,), (other,)) == level
    assert likeness.name_level((other,), (one,)) == level


def test_a_former_name_counts_as_a_name():
    assert likeness.name_level(("王芳",), ("李芳", "王芳")) == "same"


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("19850712", "19850712", "same"),
        ("19850712", "19850721", "near"),  # two neighbours swapped
        ("19850712", "19851207", "near"),  # month and day swapped
        ("19850712", "19850713", "near"),
        ("19850712", "19860801", "different"),
    ],
)
def test_a_date_of_birth_meets_another(one, other, level):
    assert likeness.birth_level(one, other) == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("330212198507121415", "330212850712141", "old_form"),
        ("330212198507121415", "330212198507121140", "slip"),  # 41 → 14
        ("330212198507121415", "330212198507121458", "slip"),  # 41 → 45
        ("330212198507121415", "33021319850712141X", "area"),
        ("330212198507121415", "330212198507128899", "different"),
    ],
)
def test_an_id_number_meets_another(one, other, level):
    assert likeness.id_level(one, other) == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("浙江省宁波市鄞州区下应街道海创路198号3幢2单元501室", "海创路198-3-2-501", "same"),
        ("海创路198号三幢二单元五〇一室", "海创路１９８号３幢２单元５０１室", "same"),
        ("海创路198号3栋2单元501", "海创路198号3座2单元501户", "same"),
        ("海创路198号3幢501室", "海创路198号3幢2单元501室", "same"),  # the stairway left out
        ("海创路198号海悦花园3幢501室", "海悦花园3号楼501室", "same"),
        ("横溪镇大岙村三组12号", "大岙村3组12号", "same"),
        ("海创路198号3幢501室", "海创路198号3幢502室", "building"),
        ("海创路198号3幢", "海创路198号3幢502室", "building"),
        ("海创路198号3幢501室", "海创路199号3幢501室", "different"),
        ("东镇路12弄3号", "鄞州区中河街道东镇路12弄3号", "same"),
        ("海创路", "海创路", "different"),  # a road is no home
    ],
)
def test_an_address_meets_another(one, other, level):
    assert addresses.compare(addresses.parse(one), addresses.parse(other)) == level


@pytest.mark.parametrize("text", ["", "  ", "浙江省宁波市", "12-3"])
def test_what_names_no_place_is_no_address(text):
    assert addresses.parse(text) is None


def test_one_person_typed_twice_is_asked_about():
    one = sketch("a", "曾建国", A, addresses=(HOME,))
    other = sketch("b", "增建国", B, addresses=(HOME,))
    assert score(one, other) >= TABLE.ask_at


def test_a_stranger_of_one_name_and_birthday_is_not_where_all_else_differs():
    elsewhere = addresses.parse("四明中路9号1幢101室")
    one = sketch("a", "王伟", A, phone="13900000001", addresses=(HOME,))
    other = sketch("b", "王伟", "330213198507128894", phone="13900000002", addresses=(elsewhere,))
    assert score(one, other) < TABLE.ask_at


def test_twins_are_not_whose_names_differ_in_a_character():
    one = sketch("a", "陈佳明", "330212198507121415", addresses=(HOME,))
    other = sketch("b", "陈佳亮", "330212198507121431", addresses=(HOME,))
    assert likeness.compare(one, other, TABLE.levels).levels["id"] == "different"
    assert score(one, other) < TABLE.ask_at


def test_twins_of_one_sound_are_two_people_once_a_household_names_both():
    one = sketch("a", "陈佳怡", "330212198507121423", addresses=(HOME,), company=frozenset("bp"))
    other = sketch("b", "陈佳仪", "330212198507121466", addresses=(HOME,), company=frozenset("p"))
    assert likeness.compare(one, other, TABLE.levels) is None
    assert likeness.compare(other, one, TABLE.levels) is None


def test_a_sibling_in_the_same_home_with_the_same_phone_is_not():
    one = sketch("a", "陈佳明", "330212198507121415", phone="13900000001", addresses=(HOME,))
    other = sketch("b", "陈佳亮", "330212198803031431", phone="13900000001", addresses=(HOME,))
    assert score(one, other) < TABLE.ask_at


def test_likeness_does_not_depend_on_the_order():
    one = sketch("a", "曾建国", A, addresses=(HOME,))
    other = sketch("b", "增建国", B, phone="13900000001")
    assert score(one, other) == score(other, one)


def test_an_old_number_says_the_birth_date_of_its_century():
    assert sketch("a", "王伟", "330212850712141").birth == "19850712"


def test_reasons_say_what_speaks_for_it_first_and_no_value():
    made = likeness.compare(
        sketch("a", "曾建国", A, phone="13900000001"), sketch("b", "增建国", B), TABLE.levels
    )
    words = [str(one) for one in likeness_words.spoken(made.levels, TABLE.levels)]
    assert words[0] == "出生日期相同" and "姓名同音" in words
    assert not any("1390" in word or "曾" in word for word in words)


def test_a_readings_key_folds_what_the_south_does_not_tell_apart():
    assert names.folded("zheng") == "zen" and names.folded("shi") == "si"
    assert "zeng" in names.readings("曾") and "ceng" in names.readings("曾")


@pytest.mark.parametrize(
    "change",
    [
        {"unverified: true": "unverified: false"},
        {"company: {shared: 3, none: 0}": "company: {shared: 3}"},
        {"  unverified: true": "  unverified: true\n  source: 某文件"},
    ],
)
def test_a_table_without_source_or_with_levels_amiss_is_refused(change):
    text = likeness_table._FILE.read_text(encoding="utf-8")
    for old, new in change.items():
        assert old in text
        text = text.replace(old, new)
    with pytest.raises(ValueError):
        likeness_table.read(text)


def test_a_table_holds_from_its_day():
    assert likeness_table.of(TABLE.code) == TABLE and not TABLE.verified
    with pytest.raises(LookupError):
        likeness_table.on(date(2019, 12, 31))
