"""The digest of a city's content: decrypted facts without generated ids, nonces, clock times."""

from collections.abc import Iterator
from hashlib import sha256

from django.db.models import Sum

from allocation.models import Assignment, Home, Lease, RentCharge, RentPayment
from applications.models import Application, Assessment, Member, WaitEntry
from datashare.mock_gateway.city import City
from renewal.models import ExitCase, Outreach


def digest(city: City) -> str:
    """SHA-256 in hex over both sides of the city."""
    total = sha256(city.digest().encode())
    for line in sorted(_lines()):
        total.update(line.encode() + b"\n")
    return total.hexdigest()


def _lines() -> Iterator[str]:
    names = _applicants()
    for home in Home.objects.select_related("estate"):
        yield f"home|{home.code}|{home.unit_type}|{home.area}|{home.accessible}|{home.state}"
    for row in Application.objects.select_related("street"):
        yield f"case|{names[row.pk]}|{row.state}|{row.channel}|{row.category}|{row.street}"
    for member in Member.objects.all():
        owner = names[member.application_id]
        yield f"member|{owner}|{member.name}|{member.id_number}|{member.relation}"
    for result in Assessment.objects.all():
        yield f"assessed|{names[result.application_id]}|{result.on}|{result.outcome}|{result.tier}"
    for entry in WaitEntry.objects.all():
        yield f"waiting|{names[entry.application_id]}|{entry.tier}|{entry.draw_tier}"
    for lease in Lease.objects.select_related("home"):
        yield f"lease|{names[lease.application_id]}|{lease.home.code}|{lease.rent_monthly}"
    paid = dict(RentPayment.objects.order_by().values_list("lease").annotate(sum=Sum("amount")))
    charged = RentCharge.objects.order_by().values_list("lease", "lease__application")
    for lease_id, owner, sum_ in charged.annotate(sum=Sum("amount")):
        yield f"rent|{names[owner]}|{sum_}|{paid.get(lease_id)}"
    for place in Assignment.objects.select_related("entrant", "home"):
        yield f"drawn|{names[place.entrant.application_id]}|{place.position}|{place.home}"
    for case in ExitCase.objects.select_related("lease"):
        yield f"exit|{names[case.lease.application_id]}|{case.state}"
    for found in Outreach.objects.select_related("street"):
        yield f"outreach|{found.person_number}|{found.state}|{found.street}"


def _applicants() -> dict[int, str]:
    applicants = Member.objects.filter(is_applicant=True)
    return {member.application_id: member.id_number for member in applicants}
