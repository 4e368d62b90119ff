"""A draft from a trial (以试算起草): the text in force with one value more, from a first day on."""

import re
from datetime import date
from decimal import Decimal

from applications.eligibility.policy import Policy, PolicyError, load
from applications.eligibility.whatif.movable import Lever


def with_value(policy: Policy, lever: Lever, value: Decimal, first: date) -> str:
    """The pack's text under a code of its own, in which the value holds from ``first``.

    Everything else stays as it is written, remarks too. The text as it was, where the value cannot
    be written into it; its drafter reads it in any case.
    """
    lines = [_headed(line, first) for line in policy.text.splitlines()]
    lines = [line for line in lines if not line.startswith("effective_to:")]
    place = _end_of(lines, lever.key)
    if place is None:
        return policy.text
    written = f"      - {{from: {first.isoformat()}, value: {_value(policy, lever, value)}, "
    lines.insert(place, f"{written}mark: unverified}}")
    text = "\n".join(lines) + "\n"
    try:
        load(text)
    except PolicyError:
        return policy.text
    return text


def _headed(line: str, first: date) -> str:
    if line.startswith("id:"):
        code = re.sub(r"-\d{8}$", "", line.removeprefix("id:").strip().strip("\"'"))
        return f"id: {code}-{first:%Y%m%d}"
    return f"effective_from: {first.isoformat()}" if line.startswith("effective_from:") else line


def _end_of(lines: list[str], key: str) -> int | None:
    """The line behind the last dated value of a key."""
    start = next((at for at, line in enumerate(lines) if line.strip() == f"{key}:"), None)
    if start is None:
        return None
    last = None
    for at, line in enumerate(lines[start + 1 :], start=start + 1):
        if line.strip() and not line.startswith("    "):
            break
        if line.startswith("      "):
            last = at
    return None if last is None else last + 1


def _value(policy: Policy, lever: Lever, value: Decimal) -> str:
    if not lever.part:
        return f"{value:f}"
    table = dict(policy.parameters[lever.key].dated[-1].value) | {lever.part: value}
    return "{" + ", ".join(f'"{name}": {one}' for name, one in table.items()) + "}"
