"""Registers under a test's control: they stand where the gateway would be asked."""

from collections import defaultdict
from typing import Any

import pytest

from core import clock
from datashare import queries
from datashare.reading import read
from datashare.replies import Faulted


class Registers:
    """Rows by source and ID number; everything else has no record. ``silent`` sources fail."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self.silent: dict[str, str] = {}
        self.asked: list[tuple[Any, Any]] = []
        self.batches = 0

    def answer(self, question: Any) -> Any:
        number = question.person.id_number
        if question.source in self.silent:
            fault = Faulted(self.silent[question.source])
            return read(question.source, number, fault, fetched_at=clock.now())
        rows = self.rows.get((question.source, number), [])
        return read(question.source, number, rows, fetched_at=clock.now())

    def ask_each(self, pairs: Any, *, by: Any, **_settings: Any) -> list[Any]:
        pairs = list(pairs)
        queries._refuse_in_transaction()
        self.batches += 1
        self.asked += pairs
        return [self.answer(question) for question, _purpose in pairs]

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
    return made
