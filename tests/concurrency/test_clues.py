"""A fact noted, a clue taken, a page read by several at one moment: each counts once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.db import connection

from core import audit
from core.models import Transition
from datashare import changes
from datashare.gateway.client import Answer
from datashare.models import Call, ChangeTaken, FeedCursor
from datashare.questions import Purpose
from renewal import clues
from renewal.models import Clue
from tests.factories import accounts, tenancies

pytestmark = pytest.mark.django_db(transaction=True)
ON = date(2027, 3, 1)


def together(*acts):
    """Runs these at one moment; what each returned, or the refusal it met."""
    ready = Barrier(len(acts))

    def run(act):
        try:
            ready.wait(10)
            return act()
        except clues.ClueRefused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def noted(lease):
    return clues.note(
        lease, kind="home", source="property", evidence={"key": "x"}, on=ON, by=clues.SYSTEM
    )


def test_a_fact_noted_by_several_at_once_is_one_clue():
    lease = tenancies.lease(1)
    found = together(*[lambda: noted(lease)] * 4)
    assert Clue.objects.count() == 1 and len({one.pk for one in found}) == 1


def test_a_clue_goes_to_one_of_those_who_take_it_at_once():
    row = noted(tenancies.lease(1))
    people = [accounts.staff("district") for _n in range(3)]
    found = together(*[lambda by=by: clues.take(row, by=by) for by in people])
    assert sum(isinstance(one, clues.ClueRefused) for one in found) == 2
    assert Transition.objects.filter(to_state="looking", thing_id=row.pk).count() == 1


def test_readers_of_one_feed_at_once_take_each_change_once(monkeypatch):
    person, kept = accounts.id_number(), []
    row = {"bgrq": f"{ON:%Y%m%d}", "bglx": "22", "sfzh": person, "sjly": "social_insurance"}

    def page(params, _purpose, _operator):
        number = int(params["pageNo"])
        rows = tuple({**row, "bgbh": f"{number}-{n}"} for n in range(5))
        return Answer(rows=rows, pages=4, total=20, attempts=1)

    monkeypatch.setattr(changes, "_call", page)
    FeedCursor.objects.create(reader="r", day=ON, goal=ON)
    index = changes.blind_index(person)

    def read():
        return changes.take(
            "r", until=ON, by=audit.System("test"), about={index: "C"}, keep=kept.extend,
            purpose=Purpose("m", "c", "duty:change_watch"),
        )  # fmt: skip

    found = together(read, read, read)
    assert all(one.done for one in found)
    assert sorted(one.number for one in kept) == sorted({one.number for one in kept})
    assert len(kept) == ChangeTaken.objects.count() == 20
    assert Call.objects.filter(source="changes").count() >= 4
    assert changes.standing("r").day > ON
