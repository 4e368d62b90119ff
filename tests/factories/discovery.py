"""New entrants of aid, and households found for a street."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from accounts.models import Bureau
from core import clock
from core.identity import ciphers
from renewal import states
from renewal.models import Outreach
from tests.factories import accounts


@dataclass(frozen=True)
class Change:
    """A line of the feed."""

    on: date
    kind: str
    id_number: str
    name: str = ""
    source: str = "low_income_aid"
    what: str = "低保"
    about: str = ""


class Feed:
    """Changes in memory; counts how often it was asked."""

    def __init__(self, *changes: Change) -> None:
        self.changes = list(changes)
        self.asked = 0

    def __call__(self, first: date, last: date) -> list[Change]:
        self.asked += 1
        return [one for one in self.changes if first <= one.on <= last]


def yesterday() -> date:
    return clock.today() - timedelta(days=1)


def granted(number: str, *, on: date | None = None, **fields: Any) -> Change:
    """Aid granted to this person, yesterday unless told."""
    return Change(on or yesterday(), "aid_granted", number, **fields)


def known_to(registers: Any, number: str, *, street: Bureau | None = None, name: str = "试主动",
             members: list[dict[str, str]] | None = None, aid: bool = True,
             head: str = "") -> None:  # fmt: skip
    """The household register and both routes of aid know the person."""
    place = street or accounts.bureau("street")
    registers.rows["household_register", number] = [
        {
            "czrkgmsfhm": number, "czrkxm": name, "czrkzz": f"{place.name}测试路1号",
            "czrkxzjd": f"{place.area_code}001", "czrkyhzgx": "02", "czrkhcy": members or [],
        }
    ]  # fmt: skip
    if aid:
        since = f"{yesterday():%Y%m%d}"
        registers.rows["low_income_aid", number] = [
            {"aHAP0015": number, "dbHzsfz": head or number, "dblx": "低保", "qsrq": since}
        ]
        registers.rows["social_assistance", number] = [
            {"sfzh": number, "hzsfzh": head or number, "jzlx": "低保", "qsrq": since}
        ]


def outreach(*, street: Bureau | None = None, state: str = states.O_FOUND,
             number: str = "", **fields: Any) -> Outreach:  # fmt: skip
    """A household found for a street."""
    number = number or accounts.id_number()
    index = ciphers.blind_index(number)
    today, now = clock.today(), clock.now()
    if state not in states.OUTREACH.open_ids:
        fields.setdefault("closed_at", now)
    return Outreach.objects.create(
        **{
            "person_number": number, "person_index": index, "household_key": index,
            "name": "试主动", "street": street or accounts.bureau("street"),
            "evidence": {
                "source": "low_income_aid", "kind": "DB", "since": today.isoformat(),
                "provincial": "yes", "civil_affairs": "yes",
            },
            "address": "测试路1号", "home": "no", "found_on": today, "found_at": now,
            "expires_on": today + timedelta(days=90), "next_on": today + timedelta(days=7),
            "state": state, "state_since": now, **fields,
        }
    )  # fmt: skip
