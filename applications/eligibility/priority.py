"""Priority groups (优先对象) and the tier of the draw (令11号第15条)."""

from collections.abc import Callable

from applications.eligibility.facts import Facts, Look, SourcePending
from applications.eligibility.rules.family import marriage_of, registered_children
from applications.eligibility.rules.single_age import severely_disabled, stated_groups
from applications.eligibility.status import CONFIRMED, Status, is_orphan


def groups_of(facts: Facts, status: Status | None) -> tuple[str, ...]:
    """The groups this household is in, in the policy's order. A group whose source is unavailable
    is left out; it takes nothing from anybody but a place to be claimed later."""
    return tuple(name for name in facts.value("priority.order") if _is_in(name, facts, status))


def draw_tier_of(groups: tuple[str, ...], facts: Facts) -> int:
    """The smallest tier of the household's groups on the day; ``none`` without any."""
    tiers = facts.value("draw.tiers")
    return int(min((tiers[one] for one in groups if one in tiers), default=tiers["none"]))


def _is_in(name: str, facts: Facts, status: Status | None) -> bool:
    if name in ("TK", "DB"):
        confirmed = status is not None and status.state == CONFIRMED
        return confirmed and status.kind == name and not status.orphan  # type: ignore[union-attr]
    if name in _GROUPS:
        try:
            return _GROUPS[name](facts, facts.look())
        except SourcePending:
            return False
    return any(name in stated_groups(facts, one.id_number) for one in facts.members)


def _orphan(facts: Facts, look: Look) -> bool:
    return any(is_orphan(facts, look, one.id_number) for one in facts.members)


def _disabled(facts: Facts, look: Look) -> bool:
    return any(severely_disabled(facts, look, one.id_number) for one in facts.members)


def _elder(facts: Facts, look: Look) -> bool:
    ages = [one.age(facts.on) for one in facts.members]
    return any(age is not None and age >= facts.whole("priority.elder_age") for age in ages)


def _many_children(facts: Facts, look: Look) -> bool:
    children = [one for one in facts.members if one.is_child]
    minors = [one for one in children if one.is_minor(facts.on)]
    return len(children) >= facts.whole("priority.children") or len(minors) >= facts.whole(
        "priority.minor_children"
    )


def _lone_elder(facts: Facts, look: Look) -> bool:
    """孤老: old, alone, without spouse or children as far as the register shows."""
    age = facts.applicant.age(facts.on)
    if facts.persons != 1 or age is None or age < facts.whole("priority.lone_elder_age"):
        return False
    without = facts.value("priority.lone_elder_without")
    if "SPOUSE" in without and marriage_of(facts, look, facts.applicant).state != "single":
        return False
    if "CHILDREN" not in without:
        return True
    entries = look.glance("household_register", facts.applicant.id_number).records
    return not any(registered_children(entry, facts.applicant) for entry in entries)


_GROUPS: dict[str, Callable[[Facts, Look], bool]] = {
    "ORPHAN": _orphan,
    "DISABLED_1_2": _disabled,
    "AGE_70": _elder,
    "MANY_CHILDREN": _many_children,
    "LONE_ELDER": _lone_elder,
}
