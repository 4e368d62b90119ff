"""INCOME and DEPOSIT (收入、存款): by the report of the civil-affairs verification platform."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from applications.eligibility.calendar import add_months, month_index
from applications.eligibility.cast import Person
from applications.eligibility.facts import Facts, Look, SourcePending
from applications.eligibility.finding import FAIL, PASS, holds, two_places
from applications.eligibility.rules.base import Verdict, amount, for_a_person, passes
from applications.eligibility.status import CONFIRMED, DISPUTED, Status
from datashare.replies import ReportLine

RATIOS = {
    "urban_low_income": "income.ratio_lower_middle",
    "new_employee": "income.ratio_new_employee",
    "migrant_worker": "income.ratio_migrant",
}


@dataclass(frozen=True, slots=True)
class Income:
    """收入: yuan of the whole household in the window; ``missing`` names what the report lacks."""

    total: Decimal
    missing: str = ""


Window = tuple[int, int]
"""First and last month, as month_index."""


def window(facts: Facts) -> Window:
    """The policy's months, ending with the month before the day (申请前一个月)."""
    whole_months = facts.value("income.window_end") == "month_before_application"
    last = month_index(facts.on) - (1 if whole_months else 0)
    return last - facts.whole("income.window_months") + 1, last


def household_income(facts: Facts, look: Look) -> Income:
    """All members' income in the window. Raises SourcePending, also for an ordered report."""
    return look.once("income", lambda own: _household_income(facts, own))


def _household_income(facts: Facts, look: Look) -> Income:
    if facts.case.settled.income is not None:  # a person's sum stands in for the report
        return Income(facts.case.settled.income)
    look.need_all(["income_check"], facts.members)
    lines = {one: _delivered(facts, one) for one in facts.members}
    total, missing = Decimal(0), ""
    for person, own in lines.items():
        if not own and not person.is_minor(facts.on):
            missing = missing or "INCOME_SILENT"
        months = _months_of(facts, own)
        if months is None:
            missing = missing or "INCOME_WINDOW"
            continue
        share = sum((in_window(line, *months) for line in own), Decimal(0))
        if own:
            look.saw("income_check", person.id_number, two_places(share), own[0].dated)
        total += share
    return Income(total, missing)


def _months_of(facts: Facts, lines: list[ReportLine]) -> Window | None:
    """The months that count of one person's report; None where it does not cover enough of them.

    A report that is still valid on the day keeps the months it was made for: the household need
    not be asked again because a month has turned since.
    """
    wanted = window(facts)
    if all(_covers(line, wanted) for line in lines):
        return wanted
    ends = [month_index(one.covers_to) for one in lines if one.covers_to is not None]
    last = min(ends, default=wanted[1])
    own = last - facts.whole("income.window_months") + 1, last
    valid = all(_is_valid(facts, line) for line in lines)
    return own if last < wanted[1] and valid and all(_covers(one, own) for one in lines) else None


def _is_valid(facts: Facts, line: ReportLine) -> bool:
    """Until the day the report names, else for the policy's months from its date."""
    if line.valid_to is not None:
        return facts.on <= line.valid_to
    months = facts.whole("income.report_valid_months")
    return line.dated is not None and facts.on < add_months(line.dated, months)


def _delivered(facts: Facts, person: Person) -> list[ReportLine]:
    """The lines of reports delivered by the day. A report ordered and not delivered: pending."""
    lines = facts.reply("income_check", person.id_number).records
    newest = _newest(lines, facts.on)
    if lines and not newest:
        raise SourcePending(["income_check"])
    return newest


def _newest(lines: Iterable[ReportLine], on: date) -> list[ReportLine]:
    """The lines of the newest report delivered by the day: an older one says the same again."""
    ready = [one for one in lines if one.delivered and _by(one.dated, on)]
    newest = max((one.dated for one in ready if one.dated), default=None)
    return [one for one in ready if newest is None or one.dated in (None, newest)]


def _by(dated: date | None, on: date) -> bool:
    return dated is None or dated <= on


def _covers(line: ReportLine, months: Window) -> bool:
    first, last = months
    starts = line.covers_from is None or month_index(line.covers_from) <= first
    return starts and (line.covers_to is None or month_index(line.covers_to) >= last)


def in_window(line: ReportLine, first: int, last: int) -> Decimal:
    """The part of a line's sum that falls into the window, spread evenly over its months."""
    if line.amount is None or line.first is None or line.last is None:
        return Decimal(0)
    start, end = month_index(line.first), month_index(line.last)
    months = end - start + 1
    inside = min(end, last) - max(start, first) + 1
    if inside <= 0 or months <= 0:
        return Decimal(0)
    return line.amount if inside == months else line.amount * inside / months


def limit_of(facts: Facts, key: str) -> Decimal:
    """The household's yearly limit, unrounded: base × ratio × persons."""
    return facts.number("income.base") * facts.number(key) * facts.persons


def income(facts: Facts, look: Look, status: Status | None) -> Verdict:
    """家庭收入: total ≤ base × ratio × persons, unrounded (令11号第7条第2项).

    A household whose aid the two routes disagree on is for 民政 first.
    """
    if status is not None and status.state == DISPUTED:
        values = {"own": status.own, "other": status.other}
        return for_a_person("STATUS_DISPUTED", values=values)
    key = RATIOS[facts.category]
    op, limit = facts.op(key), limit_of(facts, key)
    found = household_income(facts, look)
    if found.missing:
        shown = {"limit": two_places(limit), "op": op}
        return for_a_person(found.missing, key=key, **shown)
    values = {
        "per_person": two_places(found.total / facts.persons),
        "limit_per_person": two_places(limit / facts.persons),
        "persons": str(facts.persons),
        "over": two_places(max(found.total - limit, Decimal(0))),
        "over_per_person": two_places(max(found.total - limit, Decimal(0)) / facts.persons),
    }
    result = PASS if holds(found.total, op, limit) else FAIL
    reason = "INCOME" if result == PASS else "INCOME_FAIL"
    return Verdict(result, reason, **amount(found.total, op, limit), key=key, values=values)


def deposit(facts: Facts, look: Look, status: Status | None) -> Verdict:
    """存款: per head over the line is a person's question, never a refusal (令11号第7条第2项).

    For a household with a confirmed status 民政 has looked at its property already.
    """
    checked = status is not None and status.state == CONFIRMED
    if not checked:
        await_reports(facts, look)
    total, partial = balances(facts, look)
    key = "deposit.per_person_review_over"
    per_person, limit = total / facts.persons, facts.number(key)
    shown = amount(per_person, facts.op(key), limit)
    if holds(total, facts.op(key), limit * facts.persons):
        if partial and not checked:
            return for_a_person("DEPOSIT_PARTIAL", **shown, key=key)
        return passes("DEPOSIT", **shown, key=key)
    return for_a_person("DEPOSIT_OVER", **shown, key=key)


def await_reports(facts: Facts, look: Look) -> None:
    """Raises SourcePending while a report is still being made: it says nothing yet."""
    look.need_all(["income_check"], facts.members)
    for person in facts.members:
        _delivered(facts, person)


def balances(facts: Facts, look: Look) -> tuple[Decimal, bool]:
    """Yuan in the bank by the delivered reports, and whether any of them is only partial."""
    total, partial = Decimal(0), False
    for person in facts.members:
        lines = look.glance("income_check", person.id_number).records
        for line in _newest(lines, facts.on):
            total += line.balance or Decimal(0)
            partial = partial or line.partial
    return total, partial
