"""Two routes (两路印证): what two registers of different offices say of the same fact.

Plain Python on the replies of a case. Three results, none of which decides anything: *agree*,
*disagree* (a question to the department that answers for the pair) and *silent* (one side could
not be asked, does not know, or may rightly not know yet). No finding of the assessment changes.
"""

from datetime import date

from applications.eligibility.cast import Case
from applications.eligibility.facts import Facts
from applications.eligibility.policy import Policy
from applications.eligibility.routes import aid, death, home
from applications.eligibility.routes.parts import (
    AGREE,
    AID,
    ALONE,
    AWAITED,
    DEATH,
    DISAGREE,
    HOME,
    LONG_AGO,
    NO_ANSWER,
    NOT,
    OTHER_MONTH,
    PAIRS,
    SAYS,
    SILENT,
    UNAVAILABLE,
    UNDATED,
    UNKNOWN,
    Confirmation,
    Fact,
    Lags,
    Side,
)

__all__ = [
    "AGREE",
    "AID",
    "ALONE",
    "AWAITED",
    "DEATH",
    "DISAGREE",
    "HOME",
    "LONG_AGO",
    "NOT",
    "NO_ANSWER",
    "OTHER_MONTH",
    "PAIRS",
    "SAYS",
    "SILENT",
    "UNAVAILABLE",
    "UNDATED",
    "UNKNOWN",
    "Confirmation",
    "Fact",
    "Lags",
    "Side",
    "confirm",
]


def confirm(case: Case, *, on: date, policy: Policy, lags: Lags) -> list[Confirmation]:
    """Every pair of a case on a day: aid and death by person, homes by household.

    Raises nothing for what the registers answered, whatever it is.
    """
    facts = Facts(case, on, policy)
    people = case.household
    return [
        *aid.confirm(facts),
        *(death.confirm(facts, one) for one in people),
        home.confirm(facts, lags),
    ]
