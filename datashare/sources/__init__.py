"""The catalogue of sources (数据源目录): one module per record type."""

from datashare.sources import (
    company,
    cremation,
    death,
    deed_tax,
    disability,
    education,
    extreme_poverty,
    household_register,
    housing_benefit,
    identity_card,
    income_check,
    low_income_aid,
    marriage,
    marriage_national,
    orphan,
    population,
    presale_contract,
    property,
    provident_fund,
    public_tenancy,
    resale_contract,
    residence_permit,
    social_assistance,
    social_insurance,
    vehicle,
)
from datashare.sources.source import Source

# In the order of the published list, which is also the order of every table that shows them.
CATALOGUE: dict[str, Source] = {
    module.SPEC.code: module.SPEC
    for module in (
        identity_card,
        household_register,
        population,
        residence_permit,
        marriage,
        marriage_national,
        orphan,
        low_income_aid,
        extreme_poverty,
        disability,
        death,
        cremation,
        education,
        property,
        public_tenancy,
        presale_contract,
        resale_contract,
        deed_tax,
        social_insurance,
        provident_fund,
        vehicle,
        company,
        income_check,
        social_assistance,
        housing_benefit,
    )
}
