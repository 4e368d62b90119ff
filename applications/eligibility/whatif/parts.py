"""A part (一批): some households judged in full and kept as columns, checked against each other."""

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from applications.eligibility.cast import Case
from applications.eligibility.policy import Policy
from applications.eligibility.whatif import prepare, trial
from applications.eligibility.whatif.columns import Builder, Columns


@dataclass(frozen=True, slots=True)
class Household:
    """A case on the day of its facts; ``key`` names it to the caller, ``street`` groups it."""

    case: Case
    on: date
    key: int
    street: int = 0


def made(households: Iterable[Household], policy: Policy) -> Columns:
    """The columns of these households. Those that the columns would judge otherwise than the engine
    just did are marked for the engine alone."""
    builder = Builder()
    with _no_collector():
        for one in households:
            prepare.add(builder, one.case, on=one.on, policy=policy, key=one.key, street=one.street)
    columns = builder.columns()
    columns.cases["engine_only"] |= ~trial.agrees(columns, policy)
    return columns


@contextmanager
def _no_collector() -> Iterator[None]:
    """A case leaves no cycles behind; the collector would walk the whole program for nothing."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
