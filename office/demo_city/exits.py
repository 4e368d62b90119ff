"""One household in the middle of its hearing and one clue on a desk, by the real verbs."""

from datetime import timedelta

from accounts.models import Staff
from accounts.roles import Role
from allocation.models import Lease
from applications.eligibility import assessment, policy
from applications.eligibility.cast import Case
from core import audit, clock
from core.identity import ciphers
from datashare.mock_gateway.city import City
from office.demo_city.families import records
from renewal import exits
from renewal.models import ExitCase


def build(city: City) -> None:
    """Flags what the registers of the day show of the first tenants who bought a home."""
    staff = Staff.objects.filter(roles__contains=[Role.DISTRICT]).order_by("id").first()
    for index, number in enumerate(city.situations.get("tenant_buyer", [])[:2]):
        lease = Lease.objects.filter(
            application__members__id_index=ciphers.blind_index(number)
        ).first()
        if lease is None or staff is None:
            continue
        case = _flag(city, lease)
        if case is not None and index == 0:
            _hearing(case, staff)


def _flag(city: City, lease: Lease) -> ExitCase | None:
    members = list(lease.application.members.order_by("position"))
    people = tuple((city.people[member.id_number], member.relation) for member in members)
    case = Case.from_dict(
        {
            "case": lease.number,
            "as_of": city.on.isoformat(),
            "programme": "public_rental",
            "recheck_of": lease.number,
            "household": [
                {"name": m.name, "id_number": m.id_number, "relation": m.relation} for m in members
            ],
            "records": records(city, people, city.on),
        }
    )
    result = assessment.assess(case, on=city.on, policy=policy.default_for(city.on)).to_record()
    failed = [finding for finding in result["findings"] if finding["result"] == "fail"]
    if not failed:
        return None
    return exits.open_case(
        lease, ground=exits.Ground.NOT_ENTITLED, flags=failed, by=audit.System("年度复核")
    )


def _hearing(case: ExitCase, staff: Staff) -> None:
    with clock.held_at(clock.now() - timedelta(days=3)):
        exits.confirm(case, by=staff, second_route="契税记录显示已完税，与房产合同一致。")
        exits.serve_notice(case, by=staff)
