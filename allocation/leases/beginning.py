"""A contract that everybody needed has signed begins: benefit, home, keys."""

from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext_lazy as _

from allocation import handover, states
from allocation.leases import renewing
from allocation.leases.terms import LeaseRefused, digest
from allocation.models import Lease
from applications import periods, waiting
from applications import states as application_states
from applications.letters import PHONE
from applications.models import Application, Benefit
from core import audit, clock
from core.identity.masking import mask_name
from core.workflow import advance


def begin(lease: Lease, *, by: Any) -> Lease:
    """The contract is in force; a renewed one from the day after the old one's last."""
    lease.signed_by = audit.label(by)[:80]
    lease.text_digest = digest(lease)
    lease.save(update_fields=["signed_by", "text_digest"])
    if lease.previous is not None:
        return renewing.agreed(lease, by=by)
    row = advance(lease, states.L_SIGNED, by=by)
    advance(row.home, states.H_LET, by=by)
    begin_benefit(row.application, row, by)
    handover.push(row)
    return row


def set_term(lease: Lease) -> None:
    """The term runs from the day of the first signature; the caller holds the lease's lock."""
    today = clock.today()
    lease.term = DateRange(today, periods.of("lease_term").after(today))
    lease.save(update_fields=["term"])


def refuse_other_benefit(lease: Lease) -> None:
    """Raises LeaseRefused where somebody of the household is in another benefit."""
    people = lease.application.members.filter(excluded=False)
    indexes = {member.id_index: member.name for member in people}
    other = Benefit.objects.filter(person_index__in=indexes, ended_on=None).first()
    if other is not None:
        raise LeaseRefused(
            _("%(name)s已在另一份申请或保障中，同一个人不能同时参加两份。请拨%(phone)s。")
            % {"name": mask_name(indexes[other.person_index]), "phone": PHONE}
        )


def begin_benefit(application: Application, lease: Lease, by: Any) -> None:
    """Everybody's benefit begins, the case is closed, the wait is over."""
    members = list(application.members.filter(excluded=False))
    Benefit.objects.bulk_create(
        Benefit(
            person_index=member.id_index,
            kind=Benefit.Kind.HOME,
            case_no=lease.case_no,
            began_on=lease.term.lower,
        )
        for member in members
    )
    application.members.update(holding=False)
    advance(application, application_states.CLOSED, by=by)
    waiting.end(application.wait_entry, by=by, unit_type=lease.home.unit_type)
