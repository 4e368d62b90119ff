"""Who signs a text from this browser: one of the household, or a helper in a member's name."""

from dataclasses import dataclass
from typing import Any

from allocation import by_mandate
from allocation.models import Lease
from applications import mandates
from applications.models import Mandate, Member


@dataclass(frozen=True)
class Signer:
    """``member`` is whose signature it is; ``name`` and ``index`` are of who gives it."""

    member: Member
    name: str
    index: str
    mandate: Mandate | None = None

    @property
    def may(self) -> bool:
        """A helper signs only where the mandate says so."""
        return self.mandate is None or by_mandate.may_sign(self.mandate)


def of(lease: Lease, user: Any) -> Signer | None:
    """The member of the household whose page this is; None for a stranger to the lease."""
    rows = lease.application.members.filter(id_index=mandates.index_of(user), excluded=False)
    member = rows.first()
    if member is None:
        return None
    mandate = mandates.acting(user)
    if mandate is None:
        return Signer(member, member.name, member.id_index)
    return Signer(member, mandate.helper_name, mandate.helper_index, mandate)
