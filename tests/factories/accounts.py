"""People and bureaus for tests. Names and numbers are counted up, so that none is anybody's."""

import itertools
from datetime import date, timedelta

from accounts.models import Bureau, Citizen, Staff, User
from accounts.roles import BureauKind, Role
from core.identity.numbers import check_character

PASSWORD = "correct horse battery"  # for staff who sign in by the form
_BIRTHDAYS = 7300  # from 1970 on, so that nobody is younger than 36
_count = itertools.count(1)

HOME_OF_ROLE = {
    Role.WINDOW: BureauKind.STREET,
    Role.STREET: BureauKind.STREET,
    Role.REVIEWER: BureauKind.CIVIL_AFFAIRS,
    Role.OPERATOR: BureauKind.OPERATOR,
    Role.ATTENDANT: BureauKind.OPERATOR,
    Role.AUDITOR: BureauKind.AUDIT,
}


def id_number(*, born: date | None = None, male: bool = True, area: str = "330212") -> str:
    """A valid ID number that no other call of this run returns for the same date of birth."""
    step = next(_count)
    # all of them past 35: who lives alone and is younger may not apply, and no test means that here
    born = born or date(1970, 1, 1) + timedelta(days=step % _BIRTHDAYS)
    first17 = (
        f"{area}{born:%Y%m%d}{(step // 5 + step // _BIRTHDAYS) % 100:02d}{step % 5 * 2 + male}"
    )
    return first17 + check_character(first17)


def bureau(kind_or_code: str = BureauKind.CIVIL_AFFAIRS) -> Bureau:
    """A bureau by its code, or the first of its kind that nobody else's administration runs."""
    if not Bureau.objects.exists():  # a transactional test empties the table
        Bureau.objects.ensure_all()
    named = Bureau.objects.filter(code=kind_or_code).first()
    return named or Bureau.objects.of_kind(kind_or_code).filter(flagged_jurisdiction=False)[0]


def another_street(than: Bureau | None) -> Bureau:
    """A street that is not this one."""
    streets = Bureau.objects.of_kind(BureauKind.STREET).filter(flagged_jurisdiction=False)
    return next(one for one in streets if one != than)


def citizen(*, name: str = "", number: str = "", phone: str = "", authlevel: int = 3) -> Citizen:
    """A citizen who has signed in once."""
    return Citizen.objects.ensure(
        name=name or f"测试{_numeral(next(_count))}",
        id_number=number or id_number(),
        phone=phone,
        authlevel=authlevel,
    )


def staff(
    role: str | list[str] = Role.REVIEWER,
    *,
    bureau: Bureau | str | None = None,
    name: str = "",
    username: str = "",
    password: str | None = None,
) -> Staff:
    """A member of staff with one role or several, of the role's usual bureau unless told."""
    roles = [role] if isinstance(role, str) else list(role)
    step = next(_count)
    user = User.objects.create_user(
        username or f"staff-{step}", password=password, kind=User.Kind.STAFF
    )
    return Staff.objects.create(
        user=user, name=name or f"职员{_numeral(step)}", bureau=_home(bureau, roles[0]), roles=roles
    )


def _home(given: Bureau | str | None, role: str) -> Bureau:
    if isinstance(given, Bureau):
        return given
    return bureau(given or HOME_OF_ROLE.get(Role(role), BureauKind.CENTRE))


def _numeral(number: int) -> str:
    return "".join("零一二三四五六七八九"[int(digit)] for digit in str(number))
