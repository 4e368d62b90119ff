"""Who answers for which fact in the joint review (联审分工): tables only.

Five departments sit at the queue. What the police, the tax office or the market regulator hold
reaches them through the department that checks it for housing: 流口办 for what is registered about
persons, 民政's verification platform for income and property, 住建 for contracts and benefits.
"""

from django.utils.translation import get_language

from accounts.roles import BureauKind
from applications.eligibility import explain, routes

DEPARTMENTS = (
    BureauKind.REAL_ESTATE,
    BureauKind.CIVIL_AFFAIRS,
    BureauKind.HUMAN_RESOURCES,
    BureauKind.FLOATING_POPULATION,
    BureauKind.HOUSING,
)

RULES: dict[str, BureauKind] = {
    "IDENTITY": BureauKind.FLOATING_POPULATION,
    "HUKOU": BureauKind.FLOATING_POPULATION,
    "PERMIT": BureauKind.FLOATING_POPULATION,
    "DECEASED": BureauKind.CIVIL_AFFAIRS,
    "MEMBERS": BureauKind.CIVIL_AFFAIRS,
    "SINGLE_AGE": BureauKind.CIVIL_AFFAIRS,
    "INCOME": BureauKind.CIVIL_AFFAIRS,
    "VEHICLE": BureauKind.CIVIL_AFFAIRS,
    "COMPANY": BureauKind.CIVIL_AFFAIRS,
    "DEPOSIT": BureauKind.CIVIL_AFFAIRS,
    "EMPLOYMENT": BureauKind.HUMAN_RESOURCES,
    "STUDENT": BureauKind.HUMAN_RESOURCES,
    "HOUSING_AREA": BureauKind.REAL_ESTATE,
    "TRANSFER_LOOKBACK": BureauKind.REAL_ESTATE,
    "DIVORCE_LOOKBACK": BureauKind.REAL_ESTATE,
    "HOUSING_OFFPLAN": BureauKind.HOUSING,
    "DUPLICATE": BureauKind.HOUSING,
    "BAN": BureauKind.HOUSING,
    "CONSENT": BureauKind.HOUSING,
}

SOURCES: dict[str, BureauKind] = {
    "identity_card": BureauKind.FLOATING_POPULATION,
    "household_register": BureauKind.FLOATING_POPULATION,
    "population": BureauKind.FLOATING_POPULATION,
    "residence_permit": BureauKind.FLOATING_POPULATION,
    "marriage": BureauKind.CIVIL_AFFAIRS,
    "marriage_national": BureauKind.CIVIL_AFFAIRS,
    "orphan": BureauKind.CIVIL_AFFAIRS,
    "low_income_aid": BureauKind.CIVIL_AFFAIRS,
    "extreme_poverty": BureauKind.CIVIL_AFFAIRS,
    "disability": BureauKind.CIVIL_AFFAIRS,
    "death": BureauKind.CIVIL_AFFAIRS,
    "cremation": BureauKind.CIVIL_AFFAIRS,
    "vehicle": BureauKind.CIVIL_AFFAIRS,
    "company": BureauKind.CIVIL_AFFAIRS,
    "income_check": BureauKind.CIVIL_AFFAIRS,
    "social_assistance": BureauKind.CIVIL_AFFAIRS,
    "education": BureauKind.HUMAN_RESOURCES,
    "social_insurance": BureauKind.HUMAN_RESOURCES,
    "provident_fund": BureauKind.HUMAN_RESOURCES,
    "property": BureauKind.REAL_ESTATE,
    "deed_tax": BureauKind.REAL_ESTATE,
    "public_tenancy": BureauKind.HOUSING,
    "presale_contract": BureauKind.HOUSING,
    "resale_contract": BureauKind.HOUSING,
    "housing_benefit": BureauKind.HOUSING,
}

# which department settles where two routes disagree
PAIRS: dict[str, BureauKind] = {
    routes.AID: BureauKind.CIVIL_AFFAIRS,
    routes.DEATH: BureauKind.CIVIL_AFFAIRS,
    routes.HOME: BureauKind.REAL_ESTATE,
}
# the rule that reads a pair: where a page shows the one, it shows what stands with the other
RULE_OF_PAIR = {routes.AID: "INCOME", routes.DEATH: "DECEASED", routes.HOME: "HOUSING_AREA"}


def department_of(rule: str) -> BureauKind:
    """The department that settles a rule; 住建 takes what no line of the table names."""
    return RULES.get(rule, BureauKind.HOUSING)


def rules_of(kind: str, codes: list[str]) -> list[str]:
    """Those of ``codes`` that a department settles, in the given order."""
    return [code for code in codes if department_of(code) == kind]


def sources_of(kind: str) -> list[str]:
    """The registers whose records a department reads; street and centre read all."""
    if kind in (BureauKind.STREET, BureauKind.CENTRE):
        return list(SOURCES)
    return [source for source, owner in SOURCES.items() if owner == kind]


def name_of(rule: str) -> str:
    """The short name of a rule in the page's language."""
    return explain.title(rule, get_language() or "zh-hans")
