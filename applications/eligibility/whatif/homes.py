"""Homes as columns (住房数据列): what a household has, and what counts for a limited time.

Each home is found by the very function that its rule uses; one that counts for a limited time is
kept with the months of look-back from which it does.
"""

from collections.abc import Callable, Iterator
from datetime import date

from applications.eligibility.calendar import add_months
from applications.eligibility.facts import Facts, SourcePending
from applications.eligibility.rules import housing
from applications.eligibility.rules.holdings import Holding, registered
from applications.eligibility.whatif.columns import (
    GIVEN_AWAY,
    SHARED,
    TAXED,
    WAITS,
    Inexact,
    Line,
    first_month,
    units,
)


def homes(facts: Facts) -> Line:
    """Homes held, and those that count for a limited time with the months from which they do."""
    own: Line = {
        "area": 0, "area_waits": 0, "area_doubt": False, "held_waits": False,
        "offplan": 0, "offplan_any": False, "offplan_doubt": False,
        "undated": 0, "undated_any": False, "homes": [],
    }  # fmt: skip
    held = _known(lambda: housing.held(facts, facts.look()))
    own["held_waits"] = held is None
    if held is not None:
        own["area"], own["area_doubt"] = _sum(facts, held)
    own["area_waits"] = _needs(facts, "property", "public_tenancy", "resale_contract", "deed_tax")
    own["area_waits"] |= WAITS if held is None else 0
    if not own["area_waits"] and held is not None:
        own["homes"] += _taxes(facts, held)
    offplan = _known(lambda: housing.GROUPS[1](facts, facts.look()))
    own["offplan_unknown"] = offplan is None
    own["offplan_waits"] = _needs(facts, "presale_contract") | (WAITS if offplan is None else 0)
    if offplan:
        own["offplan_any"] = True
        own["offplan"], own["offplan_doubt"] = _sum(facts, offplan)
    return own | _former(facts, own["homes"])


def _former(facts: Facts, homes: list[Line]) -> Line:
    gone = _known(lambda: housing.ever_given_away(facts, facts.look()))
    shared = _known(lambda: housing.ever_shared(facts, facts.look(), 0))
    for one in gone or ():
        homes.append(_home(facts, one, GIVEN_AWAY, one.day))
    for one in shared or ():
        homes.append(_home(facts, one, SHARED, one.ends))  # no months after the divorce: its day
    undated = _known(lambda: registered(facts, facts.look()).undated)
    return {
        "homes": homes,
        "gone_unknown": gone is None,
        "gone_waits": _needs(facts, "property", "resale_contract") | (WAITS if gone is None else 0),
        "shared_waits": _needs(facts, "property") | (WAITS if shared is None else 0),
        "undated": _sum(facts, undated)[0] if undated else 0,
        "undated_any": bool(undated),
    }


def _known(find: Callable[[], list[Holding]]) -> list[Holding] | None:
    try:
        return find()
    except SourcePending:
        return None


def _needs(facts: Facts, *sources: str) -> int:
    try:
        facts.look().need_all(sources, facts.members)
    except SourcePending:
        return WAITS
    return 0


def _sum(facts: Facts, homes: list[Holding]) -> tuple[int, bool]:
    """㎡ of these homes in the scope, and whether any is outside it or has no area.

    Each home is exact by itself, so that sums of any of them are exact too.
    """
    found = housing.add(facts, housing.NOTHING, homes)
    for one in homes:
        units(one.area)
        if one.share_open:  # what is theirs no row says: the engine alone weighs that
            raise Inexact("a share that no row states")
    return units(found.total), found.outside or found.unmeasured


def _home(facts: Facts, one: Holding, group: int, since: date | None) -> Line:
    area, doubt = _sum(facts, [one])
    counts_from = 0 if since is None else _look_back_to(since, facts.on)
    return {"group": group, "area": area, "doubt": doubt, "from": counts_from}


def _look_back_to(day: date, on: date) -> int:
    """The fewest months after which the anniversary of ``day`` has not come by ``on``."""
    return first_month(day, on, lambda months: on < add_months(day, months))


def _taxes(facts: Facts, held: list[Holding]) -> Iterator[Line]:
    for _person, tax in housing.unexplained_taxes(facts, facts.look(), held):
        counts_from = _reaching_back_to(tax.on, facts.on)
        yield {"group": TAXED, "area": units(tax.area), "doubt": False, "from": counts_from}


def _reaching_back_to(day: date, on: date) -> int:
    """The fewest months before ``on`` that begin before ``day``."""
    return first_month(day, on, lambda months: add_months(on, -months) < day)
