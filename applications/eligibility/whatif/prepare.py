"""Preparing (准备数据列): the full engine judges a case, and the facts it turned on become columns.

Each fact is found by the very function that its rule uses, on the same replies. Where the rules on
columns do not give again what the engine found, or where a person has settled a rule by hand, the
case is marked for the engine alone: columns may be slow for a case, never wrong.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from applications.eligibility.assessment import (
    INELIGIBLE,
    Assessment,
    is_local,
    plausible,
    under,
)
from applications.eligibility.calendar import add_months
from applications.eligibility.cast import Case
from applications.eligibility.facts import Facts, SourcePending
from applications.eligibility.policy import Policy
from applications.eligibility.rules import MIGRANT, NEW, URBAN, income, means, residence
from applications.eligibility.rules.base import Verdict
from applications.eligibility.rules.single_age import exemption
from applications.eligibility.rules.work import employment, insured, newest_degree
from applications.eligibility.schema import PROGRAMMES
from applications.eligibility.status import (
    AS_ORPHAN,
    CONFIRMED,
    DISPUTED,
    Status,
    aided,
    is_orphan,
    may_be_orphan,
)
from applications.eligibility.whatif.columns import (
    AID_WAITS,
    AIDED,
    ASKS,
    DISPUTED_AID,
    FAILS,
    LINE,
    NO_AID,
    NOT_ASKED,
    PROMISES,
    VARIES,
    WAITS,
    Builder,
    Inexact,
    Line,
    exact,
    first_month,
    units,
)
from applications.eligibility.whatif.homes import homes
from applications.eligibility.whatif.results import GROUP_OF, bits_of, results, told
from datashare.cells import Unreadable, number


def add(
    builder: Builder, case: Case, *, on: date, policy: Policy, key: int, street: int = 0
) -> Assessment:
    """Judge a case and add its facts. ``key`` names it to the caller, ``street`` groups it.

    Raises PolicyError if the policy has no value for the day.
    """
    facts = Facts(case, on, policy)
    if case.category:
        lines, judged = [(facts.for_category(case.category), False)], [0]
    else:
        lines = _possible(facts)
        named = plausible(facts)
        judged = [place for place, (one, _recent) in enumerate(lines) if one.category in named]
    found = [under(one, inferred=not case.category) for one, _recent in lines]
    winner = next((at for at in judged if found[at].outcome != INELIGIBLE), judged[0])
    rows, whole = [], not _is_settled_by_hand(case)
    for (own, recent), result in zip(lines, found, strict=True):
        try:
            rows.append(_line(own, result) | {"if_recent": recent})
        except (Inexact, OverflowError):
            rows.append(_blank(own, result) | {"if_recent": recent})
            whole = False
    builder.add(_case(case, facts, found[winner], key, street) | {"engine_only": not whole},
                rows, winner)  # fmt: skip
    return found[winner]


def _is_settled_by_hand(case: Case) -> bool:
    """Whether people settled a rule that a moved value runs again. Aid and income that
    they settled are facts like others, and what they said of other rules stands in ``fixed``."""
    return any(rule in GROUP_OF for rule, _person in case.settled.rules)


def _possible(facts: Facts) -> list[tuple[Facts, bool]]:
    """Categories that some graduation months would make plausible, in the engine's order; True
    for one that is plausible only if the degree is recent enough."""
    new = facts.for_category(NEW)
    recent = [(new, True)] if _degree(new)["degree"] == VARIES else []
    if is_local(facts):
        return [(facts.for_category(URBAN), False), *recent]
    return [*recent, (facts.for_category(MIGRANT), False)]


def _case(case: Case, facts: Facts, result: Assessment, key: int, street: int) -> Line:
    own = {"key": key, "street": street, "programme": PROGRAMMES.index(case.programme)}
    return own | told(result, facts)


# -- One line ------------------------------------------------------------------------------------


def _line(facts: Facts, result: Assessment) -> Line:
    return (
        results(facts, result)
        | _ties(facts)
        | _work(facts)
        | _aid(facts)
        | _income(facts)
        | _means(facts)
        | homes(facts)
        | {"actual_rent": _actual_rent(facts)}
    )


def _blank(facts: Facts, result: Assessment) -> Line:
    """A line that only the engine judges: its results, and no facts."""
    nothing = dict.fromkeys((name for name in LINE if name != "case"), 0)
    return nothing | {"homes": []} | results(facts, result)


def _judged(judge: Callable[[], Verdict]) -> tuple[int, Verdict | None]:
    try:
        verdict = judge()
    except SourcePending:
        return WAITS, None
    return bits_of(verdict), verdict


def _ties(facts: Facts) -> Line:
    bits, found = _judged(lambda: residence.hukou(facts, facts.look(), facts.applicant))
    varies = found is not None and found.key == "hukou.min_months" and found.actual is not None
    permit = 0
    if facts.category != URBAN:
        permit, _ = _judged(lambda: residence.permit(facts, facts.look(), facts.applicant))
    return {
        "hukou": VARIES if varies else bits,
        "hukou_months": int(found.actual) if varies and found and found.actual else 0,
        "permit": permit,
    }


def _work(facts: Facts) -> Line:
    nothing = {"insured": 0, "insured_months": 0, "degree": 0, "degree_from": 0}
    if facts.category == URBAN:
        return nothing
    waits, _ = _judged(lambda: employment(facts, facts.look(), facts.applicant))
    if waits == WAITS:
        return nothing | {"insured": WAITS} | (_degree(facts) if facts.category == NEW else {})
    key = f"{'migrant' if facts.category == MIGRANT else 'new_employee'}.insured_months"
    bits, found = _judged(lambda: insured(facts, facts.look(), facts.applicant, key))
    varies = found is not None and found.actual is not None
    return {
        "insured": VARIES if varies else bits,
        "insured_months": int(found.actual) if varies and found and found.actual else 0,
    } | (_degree(facts) if facts.category == NEW else {"degree": 0, "degree_from": 0})


def _degree(facts: Facts) -> Line:
    """The months from which the graduation that decides is in time, or what else was found."""
    try:
        found = newest_degree(facts, facts.look(), facts.applicant)
    except SourcePending:
        return {"degree": WAITS, "degree_from": 0}
    if isinstance(found, Verdict):
        return {"degree": bits_of(found), "degree_from": 0}
    if found.graduated is None:
        return {"degree": PROMISES, "degree_from": 0}
    graduated, inclusive = found.graduated, facts.op("new_employee.graduated_within_months") == "<="

    def in_time(months: int) -> bool:
        last = add_months(graduated, months)
        return facts.on <= last if inclusive else facts.on < last

    return {"degree": VARIES, "degree_from": first_month(graduated, facts.on, in_time)}


# -- Aid, income, means --------------------------------------------------------------------------


def _aid(facts: Facts) -> Line:
    """The aid as it is if nobody asks about an orphan, and as it is if somebody does."""
    age = facts.applicant.age(facts.on)
    own: Line = {
        "age": -1 if age is None else age,
        "may_be_orphan": False, "aid": NOT_ASKED, "aid_as_orphan": NOT_ASKED,
        "exempt": ASKS, "exempt_as_orphan": ASKS,
    }  # fmt: skip
    if facts.category != URBAN:
        return own
    status = _status(lambda: aided(facts, facts.look()))
    asked = may_be_orphan(facts) and age is not None
    as_orphan = _status(lambda: _if_orphan(facts, status)) if asked else status
    own |= {"may_be_orphan": asked, "aid": _code(status), "aid_as_orphan": _code(as_orphan)}
    if facts.persons == 1 and age is not None:
        own |= {
            "exempt": _exempt(facts, status), "exempt_as_orphan": _exempt(facts, as_orphan),
        }  # fmt: skip
    return own


def _if_orphan(facts: Facts, otherwise: Status | None) -> Status | None:
    orphan = is_orphan(facts, facts.look(), facts.applicant.id_number)
    return AS_ORPHAN if orphan else otherwise


def _status(find: Callable[[], Status | None]) -> Status | None:
    """None while a register is awaited."""
    try:
        return find()
    except SourcePending:
        return None


def _code(status: Status | None) -> int:
    if status is None:
        return AID_WAITS
    if status.state == CONFIRMED:
        return AIDED[status.kind]
    return DISPUTED_AID if status.state == DISPUTED else NO_AID


def _exempt(facts: Facts, status: Status | None) -> int:
    """SINGLE_AGE of somebody too young, as bits."""
    if status is None:
        return WAITS
    try:
        exempt, disputed = exemption(facts, facts.look(), status)
    except SourcePending:
        return WAITS
    return 0 if exempt else ASKS if disputed else FAILS


def _income(facts: Facts) -> Line:
    nothing = {"income": 0, "income_inexact": False}
    try:
        found = income.household_income(facts, facts.look())
    except SourcePending:
        return nothing | {"income_state": WAITS}
    if found.missing:
        return nothing | {"income_state": ASKS}
    total, whole = exact(found.total)
    return {"income": total, "income_inexact": not whole, "income_state": 0}


def _means(facts: Facts) -> Line:
    return _deposit(facts) | _company(facts) | _cars(facts)


def _deposit(facts: Facts) -> Line:
    try:
        income.await_reports(facts, facts.look())
        waits = 0
    except SourcePending:
        waits = WAITS
    total, partial = income.balances(facts, facts.look())
    return {"deposit": units(total), "deposit_partial": partial, "deposit_waits": waits}


def _company(facts: Facts) -> Line:
    try:
        return {
            "company": units(means.invested(facts, facts.look())), "company_state": 0,
        }  # fmt: skip
    except SourcePending:
        return {"company": 0, "company_state": WAITS}


def _cars(facts: Facts) -> Line:
    try:
        found = means.cars(facts, facts.look())
    except SourcePending:
        return {"cars": 0, "dearest": 0, "car_state": WAITS, "car_doubt": 0}
    return {
        "cars": len(found.ordinary),
        "dearest": units(found.dearest),
        "car_state": 0,
        "car_doubt": ASKS if found.livelihood or found.unvalued else 0,
    }


def _actual_rent(facts: Facts) -> int:
    try:
        stated = number(facts.case.declared.get("actual_rent"))
    except Unreadable:
        stated = None
    return -1 if stated is None else units(max(stated, Decimal(0)))
