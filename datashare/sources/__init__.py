"""The catalogue of sources (数据源目录): one module per record type.

A module of this package that defines ``SPEC`` is a source; nothing else has to be told of it.
"""

from collections.abc import Iterable
from importlib import import_module
from pkgutil import iter_modules

from datashare.sources.source import Source

# The order of the published list, and of every table that shows them; newcomers stand at the end.
PUBLISHED = (
    "identity_card", "household_register", "population", "residence_permit", "marriage",
    "marriage_national", "orphan", "low_income_aid", "extreme_poverty", "disability", "death",
    "cremation", "education", "property", "public_tenancy", "presale_contract",
    "resale_contract", "deed_tax", "social_insurance", "provident_fund", "vehicle", "company",
    "income_check", "social_assistance", "housing_benefit",
)  # fmt: skip


def discover(package: str, folders: Iterable[str]) -> dict[str, Source]:
    """Every SPEC of a package's modules, by code. Raises ValueError for a code used twice."""
    found: dict[str, Source] = {}
    for module in iter_modules(list(folders)):
        spec = getattr(import_module(f"{package}.{module.name}"), "SPEC", None)
        if spec is None:
            continue
        if spec.code in found:
            raise ValueError(f"two sources are called {spec.code}")
        found[spec.code] = spec
    return dict(sorted(found.items(), key=lambda item: _place(item[0])))


def _place(code: str) -> tuple[int, str]:
    return (PUBLISHED.index(code) if code in PUBLISHED else len(PUBLISHED), code)


CATALOGUE: dict[str, Source] = discover(__name__, __path__)
