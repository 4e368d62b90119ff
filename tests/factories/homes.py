"""Files of homes, and homes in their situations, by the verbs."""

from datetime import date, timedelta

from accounts.models import Staff
from accounts.roles import Role
from allocation import holds, home_file, inspections, states
from allocation.models import Home, HomeHold
from core import clock
from tests.factories import accounts, allocation, workbooks

GOOD = ["EST-A", "1", "1", "501", "5", "两室", "54.90", "南", "否"]


def operator() -> Staff:
    """Somebody of the operating company."""
    return accounts.staff(Role.OPERATOR)


def line(**changes: str) -> list[str]:
    """A line of the file without fault; changes by the column's word."""
    return [changes.get(column, cell) for column, cell in zip(home_file.COLUMNS, GOOD, strict=True)]


def sheet(*lines: list[object], head: tuple[str, ...] = home_file.COLUMNS) -> bytes:
    """A workbook with these lines below its header."""
    return workbooks.of([head, *lines], name="房源清单")


def acquired(**fields: object) -> Home:
    """A home that waits for its acceptance check."""
    return allocation.home(state=states.H_ACQUIRED, **fields)


def inspected(home: Home | None = None, by: Staff | None = None) -> Home:
    """A home found fit and not released yet."""
    home = home or acquired()
    inspections.inspect(home, by=by or operator(), passed=inspections.ITEMS)
    return home


def held(
    home: Home | None = None,
    *,
    kind: str = HomeHold.Kind.HOLD,
    by: Staff | None = None,
    until: date | None = None,
) -> HomeHold:
    """A home held back for ten days, or in repair."""
    return holds.hold(
        home or allocation.home(),
        by=by or allocation.administrator(),
        kind=kind,
        reason="留给应急安置" if kind == HomeHold.Kind.HOLD else "卫生间渗水",
        until=until or clock.today() + timedelta(days=10),
    )
