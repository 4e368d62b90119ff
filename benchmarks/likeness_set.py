"""A labelled, seeded set of people: who is one person under two numbers, and who only looks so.

Households live at one address; their names come from few characters, so that people of one name
are far commoner than in the district: the set is harder than life. Beside them stand

* the same person a second time, mistyped: digits swapped or wrong, an old number, a number of
  their own; the name by its sound, in traditional characters, with an unreadable or a wrong one;
  the phone changed or missing; the address spelled otherwise, moved or not known;
* twins with names a character apart or of one sound, siblings, namesakes born on one day, parents
  on one phone, namesakes in one building.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import count

from core.identity import names
from core.identity.numbers import check_character
from datashare.mock_gateway.city_places import (
    SURNAMES,
    address_in,
    given_name,
    pick_street,
)

SEED = 7  # another one than that on which the table of likeness was set
SAME_AGAIN, TWINS, SIBLINGS, NAMESAKES, ON_ONE_PHONE, NEIGHBOURS = 2000, 1500, 1500, 1000, 500, 500
_MORE = (
    "伟卫玮炜维薇蔚晓小筱校佳嘉家加怡仪宜艺静敬菁婧晶洁杰捷丽莉俐力立华桦画"
    "建健剑俊骏军君峻明鸣铭民敏闽芳方坊燕艳雁彦娟涓珊姗山强墙涛韬桃浩皓昊豪"
    "国果志智致治诚成程承晨辰宸梅玫眉红宏鸿洪虹勇永咏泳平萍苹东冬栋海亥"
)
_TRADITIONAL = dict(
    zip(
        "陈张孙吴杨郑钱叶国华军伟东丽红兰凤兴荣",
        "陳張孫吳楊鄭錢葉國華軍偉東麗紅蘭鳳興榮",
        strict=True,
    )
)
# codes younger than anybody here: numbers that belong to nobody
_AREAS = ("330212", "330213")
_FIRST_DAY, _DAYS = date(1955, 1, 1), 46 * 365


@dataclass(frozen=True)
class Entry:
    """One person as typed into one application."""

    name: str
    id_number: str
    relation: str = "01"
    phone: str = ""
    address: str = ""
    excluded: bool = False


@dataclass
class LabelledSet:
    """Households as lists of entries, and the pairs of numbers that are one person."""

    households: list[list[Entry]] = field(default_factory=list)
    same: set[frozenset[str]] = field(default_factory=set)


def make(
    households: int, *, scale: float = 1.0, seed: int = SEED, taken: Iterable[str] = ()
) -> LabelledSet:
    """So many households, the labelled ones among them; ``scale`` shrinks the labelled part.

    Nobody gets a number that is ``taken``.
    """
    return _Maker(seed, taken).run(households, scale)


class _Maker:
    def __init__(self, seed: int, taken: Iterable[str]) -> None:
        self.rng = random.Random(seed)
        self.numbers = set(taken)
        self.phones = count(13_000_000_000)
        self.made = LabelledSet()
        self.sounds = _by_sound()

    def run(self, households: int, scale: float) -> LabelledSet:
        labelled = [
            *[self._once_more] * int(SAME_AGAIN * scale), *[self._twins] * int(TWINS * scale),
            *[self._siblings] * int(SIBLINGS * scale), *[self._namesakes] * int(NAMESAKES * scale),
            *[self._on_one_phone] * int(ON_ONE_PHONE * scale),
            *[self._neighbours] * int(NEIGHBOURS * scale),
        ]  # fmt: skip
        while len(self.made.households) < households - 2 * len(labelled):
            self._family()
        for one in labelled:
            one()
        return self.made

    # -- Ordinary people -----------------------------------------------------------------------

    def _family(self) -> list[Entry]:
        home = self._home()
        head = self._adult(home)
        people = [head]
        if self.rng.random() < 0.6:
            people.append(replace(self._adult(home), relation="10"))
        for _child in range(self.rng.choice((0, 0, 1, 1, 2))):
            people.append(self._child(head.name[0], home))
        self.made.households.append(people)
        return people

    def _adult(self, home: str, *, surname: str = "", born: date | None = None) -> Entry:
        born = born or _FIRST_DAY + timedelta(days=self.rng.randrange(_DAYS))
        sex = self.rng.choice("12")
        name = (surname or self.rng.choice(SURNAMES)) + given_name(self.rng, sex, born.year)
        phone = self._phone() if self.rng.random() < 0.75 else ""
        return Entry(name, self._number(born, sex), "01", phone, home)

    def _child(self, surname: str, home: str) -> Entry:
        born = date(1985, 1, 1) + timedelta(days=self.rng.randrange(16 * 365))
        sex = self.rng.choice("12")
        name = surname + given_name(self.rng, sex, born.year)
        return Entry(name, self._number(born, sex), "20" if sex == "1" else "30", "", home)

    def _home(self) -> str:
        return address_in(self.rng, pick_street(self.rng))

    def _phone(self) -> str:
        return str(next(self.phones))

    def _number(self, born: date, sex: str, area: str = "") -> str:
        area = area or self.rng.choice(_AREAS)
        while True:
            sequence = self.rng.randrange(1, 499) * 2 + int(sex) % 2
            if (made := self._claim(f"{area}{born:%Y%m%d}{sequence:03d}")) is not None:
                return made

    def _claim(self, first17: str) -> str | None:
        """The number with its check character, unless it is taken or could be anybody's."""
        try:
            born = date(int(first17[6:10]), int(first17[10:12]), int(first17[12:14]))
        except ValueError:
            return None
        if born.year > 2001:
            return None
        made = first17 + check_character(first17)
        if made in self.numbers:
            return None
        self.numbers.add(made)
        return made

    # -- The same person a second time ---------------------------------------------------------

    def _once_more(self) -> None:
        family = self._family()
        first = self.rng.choice([one for one in family if one.relation in ("01", "10")])
        again = replace(
            first,
            relation="01",
            name=self._misheard(first.name),
            id_number=self._mistyped(first.id_number),
            phone=self._pick((45, first.phone), (35, self._phone()), (20, "")),
            address=self._pick((50, _respelled(first.address)), (20, self._home()), (30, "")),
        )
        people = [again]
        others = [one for one in family if one is not first]
        if others and self.rng.random() < 0.2:
            people.append(replace(self.rng.choice(others), relation="99", excluded=True))
        self.made.households.append(people)
        self.made.same.add(frozenset((first.id_number, again.id_number)))

    def _mistyped(self, number: str) -> str:
        how = self._pick((35, self._swapped), (25, self._one_wrong), (10, self._moved),
                         (10, self._old), (20, self._their_own))  # fmt: skip
        for _try in range(40):
            if (made := how(number)) is not None:
                return made
        return self._number(date(1970, 1, 1), "1")

    def _swapped(self, number: str) -> str | None:
        place = self.rng.randrange(8, 16)
        digits = list(number[:17])
        if digits[place] == digits[place + 1]:
            return None
        digits[place], digits[place + 1] = digits[place + 1], digits[place]
        return self._claim("".join(digits))

    def _one_wrong(self, number: str) -> str | None:
        place = self.rng.randrange(8, 17)
        return self._claim(f"{number[:place]}{self.rng.randrange(10)}{number[place + 1 : 17]}")

    def _moved(self, number: str) -> str | None:
        return self._claim(self.rng.choice(_AREAS) + number[6:17])

    def _old(self, number: str) -> str | None:
        return number[:6] + number[8:17] if number[6:8] == "19" else None

    def _their_own(self, number: str) -> str | None:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
        return self._number(born, number[16], number[:6])

    def _misheard(self, name: str) -> str:
        place = self.rng.randrange(1, len(name))
        part = name[place]
        same, near = self.sounds.get(part, ((), ()))
        return self._pick(
            (55, name),
            (20, _with(name, place, self.rng.choice(same)) if same else name),
            (8, _with(name, place, self.rng.choice(near)) if near else name),
            (7, _with(name, place, "?")),
            (5, "".join(_TRADITIONAL.get(one, one) for one in name)),
            (5, _with(name, place, self.rng.choice(_MORE))),
        )

    # -- People who only look so -----------------------------------------------------------------

    def _twins(self) -> None:
        one = self._adult(self._home())
        place, number = len(one.name) - 1, one.id_number
        same, _near = self.sounds.get(one.name[place], ((), ()))
        sounds_alike = same and self.rng.random() < 0.1
        part = self.rng.choice(same) if sounds_alike else self._another(one.name[place])
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
        near = self._claim(f"{number[:14]}{(int(number[14:17]) + 2) % 1000:03d}")
        other = replace(
            one,
            name=_with(one.name, place, part),
            id_number=near or self._number(born, number[16], number[:6]),
            phone=one.phone if self.rng.random() < 0.1 else self._phone(),
            address=one.address if self.rng.random() < 0.6 else self._home(),
        )
        known = self.rng.random() < (0.9 if sounds_alike else 0.5)
        mother = replace(self._adult(one.address), relation="51", excluded=True)
        sister = replace(other, relation="79", excluded=True)
        self.made.households += [[one, mother, *([sister] if known else [])], [other, mother]]

    def _siblings(self) -> None:
        one = self._adult(self._home())
        other = self._adult(one.address, surname=one.name[0])
        phone = one.phone if self.rng.random() < 0.2 else other.phone
        self.made.households += [[one], [replace(other, phone=phone)]]

    def _namesakes(self) -> None:
        one = self._adult(self._home())
        number = one.id_number
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
        other = replace(one, id_number=self._number(born, number[16]), phone=self._phone(),
                        address=self._home())  # fmt: skip
        self.made.households += [[one], [other]]

    def _on_one_phone(self) -> None:
        parent = replace(self._adult(self._home()), phone=self._phone())
        child = self._adult(parent.address, surname=parent.name[0])
        self.made.households += [[parent], [replace(child, phone=parent.phone)]]

    def _neighbours(self) -> None:
        one = self._adult(self._home())
        other = replace(self._adult(one.address), name=one.name)
        self.made.households += [[one], [other]]

    def _another(self, part: str) -> str:
        return self.rng.choice([one for one in _MORE if one != part])

    def _pick(self, *choices):
        weights = [weight for weight, _value in choices]
        return self.rng.choices([value for _weight, value in choices], weights)[0]


def _with(name: str, place: int, part: str) -> str:
    return name[:place] + part + name[place + 1 :]


def _respelled(address: str) -> str:
    """浙江省宁波市鄞州区下应街道海创路198号3幢501室 → 海创路198-3-501."""
    short = address.removeprefix("浙江省宁波市鄞州区")
    for end in ("街道", "镇", "乡"):
        if end in short[:8]:
            short = short.split(end, 1)[1]
            break
    return short.replace("号", "-").replace("幢", "-").replace("室", "").rstrip("-")


def _by_sound() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Characters of one sound, and of a near one, by character."""
    first = {part: names.readings(part)[0] for part in _name_characters()}
    found = {}
    for part, sound in first.items():
        others = [one for one in first if one != part]
        same = tuple(one for one in others if first[one] == sound)
        near = tuple(
            one
            for one in others
            if first[one] != sound and names.folded(first[one]) == names.folded(sound)
        )
        found[part] = (same, near)
    return found


def _name_characters() -> Iterator[str]:
    from datashare.mock_gateway.city_places import GIVEN

    words = "".join(a + b for a, b in GIVEN.values()).replace(" ", "")
    return iter(dict.fromkeys(words + _MORE))
