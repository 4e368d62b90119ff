"""部门登记 each department's rows about a person of the city, as known on a day.

Layouts are those of docs/records.md. A function per source: facts in, rows out; a fact of a later
day does not exist yet.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from datashare.mock_gateway.city_model import Person
from datashare.mock_gateway.interfaces import Rows
from datashare.mock_gateway.registers import homes, means, people, welfare

if TYPE_CHECKING:
    from datashare.mock_gateway.city import City

REGISTERS: dict[str, Callable[[City, Person, date], Rows]] = {
    "identity_card": people.identity_card,
    "household_register": people.household_register,
    "population": people.population,
    "residence_permit": people.residence_permit,
    "marriage": people.marriage,
    "marriage_national": people.marriage_national,
    "orphan": welfare.orphan,
    "low_income_aid": welfare.low_income_aid,
    "extreme_poverty": welfare.extreme_poverty,
    "disability": welfare.disability,
    "death": people.death,
    "cremation": people.cremation,
    "education": people.education,
    "property": homes.property_,
    "public_tenancy": homes.public_tenancy,
    "presale_contract": homes._contracts("presale"),
    "resale_contract": homes._contracts("resale"),
    "deed_tax": homes.deed_tax,
    "social_insurance": means.social_insurance,
    "provident_fund": means.provident_fund,
    "vehicle": means.vehicle,
    "company": means.company,
    "income_check": means.income_check,
    "social_assistance": welfare.social_assistance,
    "housing_benefit": welfare.housing_benefit,
}
