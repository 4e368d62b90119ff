"""Registers under a test's control: they stand where the gateway would be asked."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

import pytest

from core import clock, workdays
from datashare import queries
from datashare.reading import read
from datashare.replies import Faulted


@dataclass
class Report:
    """An income report under way; ``rows`` are given once it is delivered."""

    receipt: str
    ordered: date
    expected: date
    rows: list[dict[str, Any]]
    made_on: date | None = None

    def answer(self, number: str) -> list[dict[str, Any]]:
        if self.made_on and self.made_on <= clock.today():
            made = {"wtdh": self.receipt, "hdrq": f"{self.made_on:%Y%m%d}"}
            return [{**row, **made} for row in self.rows]
        return [
            {
                "sfzh": number, "hdzt": "核对中", "wtdh": self.receipt,
                "wtrq": f"{self.ordered:%Y%m%d}", "yjrq": f"{self.expected:%Y%m%d}",
            }
        ]  # fmt: skip


def report_rows(number: str, *, on: date, valid_to: date, **fields: Any) -> list[dict[str, Any]]:
    """A delivered report of a person without income: dated, with its months and its validity."""
    first = date(on.year - 1, on.month, 1)
    last = date(on.year - (on.month == 1), (on.month - 2) % 12 + 1, 1)
    return [
        {
            "sfzh": number, "hdzt": "已出具", "hdbgbh": f"HD{on:%Y%m%d}", "hdrq": f"{on:%Y%m%d}",
            "hdqq": f"{first:%Y%m}", "hdqz": f"{last:%Y%m}", "bgyxq": f"{valid_to:%Y%m%d}",
            "srlx": "工资", "ny": f"{last:%Y%m}", "je": "1000.00", **fields,
        }
    ]  # fmt: skip


class Registers:
    """Rows by source and ID number; everything else has no record. ``silent`` sources fail.

    ``reports`` are made in days: until then the question brings a receipt.
    """

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self.silent: dict[str, str] = {}
        self.reports: dict[str, Report] = {}
        self.asked: list[tuple[Any, Any]] = []
        self.batches = 0

    def answer(self, question: Any) -> Any:
        number = question.person.id_number
        if question.source in self.silent:
            fault = Faulted(self.silent[question.source])
            return read(question.source, number, fault, fetched_at=clock.now())
        rows = self.rows.get((question.source, number), [])
        if question.source == "income_check" and number in self.reports:
            rows = self.reports[number].answer(number)
        return read(question.source, number, rows, fetched_at=clock.now())

    def order(self, number: str, *, days: int = 5, **fields: Any) -> Report:
        """This person's report will be ordered today and is expected so many working days on."""
        today = clock.today()
        expected = workdays.add_workdays(today, days)
        rows = report_rows(
            number, on=expected, valid_to=expected.replace(year=expected.year + 1), **fields
        )
        self.reports[number] = Report(f"WT{number[-4:]}", today, expected, rows)
        return self.reports[number]

    def deliver(self) -> None:
        """Every report is there on the day on which it is expected."""
        for report in self.reports.values():
            report.made_on = report.expected

    def hurry(self) -> None:
        """Every report is there today."""
        for report in self.reports.values():
            report.made_on = clock.today()

    def ask_each(self, pairs: Any, *, by: Any, **_settings: Any) -> list[Any]:
        pairs = list(pairs)
        queries.refuse_in_transaction()
        self.batches += 1
        self.asked += pairs
        return [self.answer(question) for question, _purpose in pairs]

    def ask_many(self, pairs: Any, *, by: Any, **settings: Any) -> Any:
        """As the stream does: questions are taken a batch ahead of the replies."""
        coming = iter(pairs)
        while batch := list(islice(coming, 50)):
            yield from self.ask_each(batch, by=by, **settings)

    def times_asked(self) -> dict[tuple[str, str], int]:
        """How often each question went out."""
        counts: dict[tuple[str, str], int] = defaultdict(int)
        for question, _purpose in self.asked:
            counts[question.source, question.person.id_number] += 1
        return dict(counts)


@pytest.fixture
def registers(monkeypatch: pytest.MonkeyPatch) -> Registers:
    """No record anywhere until the test says otherwise."""
    made = Registers()
    monkeypatch.setattr(queries, "ask_each", made.ask_each)
    monkeypatch.setattr(queries, "ask_many", made.ask_many)
    return made
