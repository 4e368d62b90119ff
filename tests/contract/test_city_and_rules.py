"""Departments and rules agree about the city: what a family's recipe says is what is found."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from applications.eligibility import assessment, policy
from applications.eligibility.cast import Case
from datashare.mock_gateway.city import City, build_city
from datashare.mock_gateway.city_model import Family
from datashare.sources import CATALOGUE

ON = date(2026, 3, 18)
# recipe → outcome, tier, rules that do not pass
EXPECTED: dict[str, tuple[str, str | None, set[str]]] = {
    "extreme_poverty": ("eligible", "TK", set()),
    "low_income_aid": ("eligible", "DB", set()),
    "aid_margin": ("eligible", "DBBY", set()),
    "low_income": ("eligible", "DSR", set()),
    "lower_middle": ("eligible", "ZPX", set()),
    "lower_middle_with_parent": ("eligible", "ZPX", set()),
    "over_income": ("ineligible", None, {"INCOME"}),
    "two_cars": ("ineligible", "ZPX", {"VEHICLE"}),
    "shareholder": ("manual_review", "ZPX", {"COMPANY"}),
    "home_within_limit": ("eligible", "DSR", set()),
    "home_over_limit": ("ineligible", "ZPX", {"HOUSING_AREA"}),
    "home_outside": ("manual_review", "ZPX", {"HOUSING_AREA"}),
    "recent_seller": ("ineligible", "ZPX", {"TRANSFER_LOOKBACK"}),
    "divorced": ("eligible", "DSR", set()),
    "divorced_lately": ("ineligible", "DSR", {"DIVORCE_LOOKBACK"}),
    "disabled": ("eligible", "DBBY", set()),
    "student_applicant": ("ineligible", "DSR", {"SINGLE_AGE", "STUDENT"}),
    "migrant_married_elsewhere": ("conditional", "MIG", {"MEMBERS"}),
    "migrant_permit_lapsed": ("ineligible", "MIG", {"MEMBERS", "PERMIT"}),
    "new_employee": ("eligible", "NEW", set()),
    "tenant": ("eligible", "DSR", set()),
    "tenant_buyer": ("ineligible", "DSR", {"HOUSING_AREA"}),
    "tenant_dead": ("ineligible", "DSR", {"DECEASED"}),
    "tenant_over_income": ("ineligible", None, {"INCOME"}),
}


@pytest.fixture(scope="module")
def city() -> City:
    return build_city(200, 17, ON)


def judged(city: City, family: Family, today: date) -> dict[str, Any]:
    """The family as the rules see it on a day, by the rows that the registers would give."""
    benefits = [b for number in family.people for b in city.people[number].benefits]
    case = Case.from_dict(
        {
            "case": family.key,
            "as_of": today.isoformat(),
            "household": [
                {"name": city.people[number].name, "id_number": number, "relation": relation}
                for number, relation in family.members
            ],
            "records": {
                source: {number: city.rows(source, number, today) for number in family.people}
                for source in CATALOGUE
            },
            **({"recheck_of": benefits[0].number} if benefits else {}),
        }
    )
    return assessment.assess(case, on=today, policy=policy.default_for(today)).to_json()


@pytest.mark.parametrize("recipe", sorted(EXPECTED))
def test_a_family_is_judged_as_its_recipe_says(city: City, recipe: str) -> None:
    for number in city.situations[recipe]:
        result = judged(city, city.family_of(number), ON)
        failing = {f["rule"] for f in result["findings"] if f["result"] != "pass"}
        assert (result["outcome"], result["tier"], failing) == EXPECTED[recipe]


def test_a_year_later_clean_tenants_are_still_clean(city: City) -> None:
    later = date(ON.year + 1, ON.month, ON.day)
    for number in city.situations["tenant"]:
        result = judged(city, city.family_of(number), later)
        assert result["outcome"] == "eligible", result["findings"]


@pytest.mark.parametrize(
    ("recipe", "rule"),
    [("tenant_will_buy", "HOUSING_OFFPLAN"), ("tenant_will_die", "DECEASED")],
)
def test_a_year_later_what_has_happened_is_found(city: City, recipe: str, rule: str) -> None:
    later = date(ON.year + 1, ON.month, ON.day)
    for number in city.situations[recipe]:
        family = city.family_of(number)
        assert judged(city, family, ON)["outcome"] == "eligible"
        findings = judged(city, family, later)["findings"]
        failed = [f["rule"] for f in findings if f["result"] == "fail"]
        assert rule in failed
