"""The demo's staff (经办人员) by what they do: whose hand stands under which row."""

from dataclasses import dataclass

from accounts.models import Bureau, Staff, User
from accounts.roles import BureauKind, Role
from applications import duties


@dataclass
class Cast:
    """The demo's staff by what they do, and the accounts that typed the applications."""

    by_bureau: dict[int, Staff]
    departments: list[Bureau]
    centre: Bureau
    district: tuple[Staff, Staff]
    streets: dict[str, Bureau]
    windows: dict[int, User]

    @classmethod
    def read(cls) -> "Cast":
        people = list(Staff.objects.select_related("bureau", "user").order_by("id"))
        reviewers = [one for one in people if {Role.STREET, Role.REVIEWER} & set(one.roles)]
        district = [one for one in people if Role.DISTRICT in one.roles]
        bureaus = list(Bureau.objects.order_by("id"))
        return cls(
            by_bureau={one.bureau_id: one for one in reviewers},
            departments=[b for b in bureaus if b.kind in duties.DEPARTMENTS],
            centre=next(b for b in bureaus if b.kind == BureauKind.CENTRE),
            district=(district[0], district[1]),
            streets={b.area_code or "": b for b in bureaus if b.kind == BureauKind.STREET},
            windows={one.bureau_id: one.user for one in people if Role.WINDOW in one.roles},
        )
