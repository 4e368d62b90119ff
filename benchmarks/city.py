"""The people of the running demo, as its departments know them."""

from applications.models import Member
from applications.submission import Entry
from core.identity.ciphers import blind_index
from datashare import mock_control
from datashare.mock_gateway.city import City, Family, build_city
from datashare.mock_gateway.faults import as_date


def running_city() -> City:
    """The same people that the running mock serves."""
    told = mock_control.stats()["city"]
    on = as_date(told["on"])
    assert on is not None
    return build_city(told["households"], told["seed"], on)


def fresh_families(city: City, count: int) -> list[Family]:
    """Families of at least two that are in no application and have no home from us."""
    wanted = set(city.situations["without_benefit"]) & set(city.situations["applicant_alive"])
    families = (
        family
        for family in city.families
        if family.applicant in wanted and len(family.members) > 1 and _is_free(family)
    )
    return [family for family, _n in zip(families, range(count), strict=False)]


def family_members(city: City, family: Family) -> list[Entry]:
    """The family as an applicant confirms it, the applicant first."""
    return [Entry(city.people[number].name, number, how) for number, how in family.members]


def _is_free(family: Family) -> bool:
    indexes = [blind_index(number) for number in family.people]
    return not Member.objects.filter(id_index__in=indexes, holding=True).exists()
