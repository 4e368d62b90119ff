"""The demo's staff and the sign-in by one click. Absent in production (settings.DEMO).

Passwords and secrets are derived from this installation's SECRET_KEY: nothing is kept in a file,
each installation has others, and none stands in the repository.
"""

import base64
import hmac
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from hashlib import sha256

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction

from accounts import second_factor
from accounts.bureau_list import entries
from accounts.models import Bureau, Citizen, Staff, User
from accounts.roles import BureauKind, Role
from core import locks
from core.refusals import Refusal

_SURNAMES = "王陈张徐周应胡沈朱俞史郑钱戴董傅励乐"
_GIVEN = ("敏", "建国", "丽君", "海波", "亚芬", "志远", "晓东", "佳宁", "永康", "雪琴", "文娟")


class NoSuchPost(Refusal):
    """No post of the demo has this key."""


@dataclass(frozen=True)
class Post:
    """演示岗位: one member of the demo's staff. ``shown``: listed where one per role suffices."""

    key: str
    roles: tuple[Role, ...]
    bureau: str
    shown: bool = True

    @property
    def name(self) -> str:
        """An invented name, the same wherever this key is used."""
        number = int.from_bytes(sha256(self.key.encode()).digest()[:4])
        return _SURNAMES[number % len(_SURNAMES)] + _GIVEN[number // 64 % len(_GIVEN)]

    @property
    def password(self) -> str:
        """The password of this post on this installation."""
        return _derived(f"password:{self.key}", 10).lower()

    @property
    def secret(self) -> str:
        """The TOTP secret of this post on this installation."""
        return _derived(f"totp:{self.key}", 20)


_OFFICES = (
    Post("real-estate", (Role.REVIEWER,), "real_estate"),
    Post("civil-affairs", (Role.REVIEWER,), "civil_affairs"),
    Post("human-resources", (Role.REVIEWER,), "human_resources"),
    Post("floating-population", (Role.REVIEWER,), "floating_population"),
    Post("housing", (Role.REVIEWER,), "housing"),
    Post("district", (Role.DISTRICT,), "centre"),
    Post("district-2", (Role.DISTRICT,), "centre", shown=False),
    Post("admin", (Role.ADMIN,), "centre"),
    Post("admin-2", (Role.ADMIN,), "centre", shown=False),
    Post("leader", (Role.LEADER,), "centre"),
    Post("operator", (Role.OPERATOR,), "operator"),
    Post("attendant", (Role.ATTENDANT,), "operator"),
    Post("auditor", (Role.AUDITOR,), "audit"),
    Post("system", (Role.SYSTEM,), "centre"),
    Post("security", (Role.SECURITY,), "centre"),
)


def posts() -> tuple[Post, ...]:
    """Every post: a window and a first review in each street, then the offices."""
    return (*_street_posts(), *_OFFICES)


def post(key: str) -> Post:
    """The post of a key; `window` and `street` alone mean the first street. Raises NoSuchPost."""
    for one in posts():
        if one.key == key or (one.shown and key in _STREET_ROLES and one.key.startswith(f"{key}-")):
            return one
    raise NoSuchPost(key)


@transaction.atomic
def ensure(wanted: Collection[Post] = ()) -> int:
    """Writes the wanted posts, or all, that are missing or not ours; returns how many it wrote."""
    locks.advisory("demo staff")
    wanted = wanted or posts()
    keys = [one.key for one in wanted]
    users = {user.username: user for user in User.objects.filter(username__in=keys)}
    secrets = _secrets(keys)
    stale = [one for one in wanted if secrets.get(one.key) != one.secret]
    if stale:
        Bureau.objects.ensure_all()
    bureaus = {bureau.code: bureau for bureau in Bureau.objects.all()} if stale else {}
    for one in stale:
        _write(one, bureaus[one.bureau], users.get(one.key))
    return len(stale)


def user_of(key: str) -> User:
    """The account of a post, or of a citizen by `citizen-<number>`. Raises NoSuchPost."""
    if key.startswith("citizen-"):
        citizen = Citizen.objects.filter(pk=_number(key)).select_related("user").first()
        if citizen is None:
            raise NoSuchPost(key)
        return citizen.user
    wanted = post(key)
    ensure([wanted])
    return User.objects.select_related("staff__bureau").get(username=wanted.key)


_STREET_ROLES = {"window": Role.WINDOW, "street": Role.STREET}


def _street_posts() -> Iterator[Post]:
    shown = True
    for entry in entries():
        if entry.kind == BureauKind.STREET:
            for word, role in _STREET_ROLES.items():
                yield Post(f"{word}-{entry.code}", (role,), entry.code, shown)
            shown = False


def _secrets(keys: Collection[str]) -> dict[str, str]:
    """The secrets in force, by key; a post whose secret is not ours was made elsewhere."""
    kept = Authenticator.objects.filter(type=Authenticator.Type.TOTP, user__username__in=keys)
    rows = kept.values_list("user__username", "data")
    return {key: second_factor.Adapter().decrypt(data["secret"]) for key, data in rows}


def _write(one: Post, bureau: Bureau, user: User | None) -> None:
    if user is None:
        user = User(username=one.key, kind=User.Kind.STAFF)
    if one.shown:
        user.set_password(one.password)
    else:
        user.set_unusable_password()  # by one click only; hashing is slow
    user.save()
    Staff.objects.update_or_create(
        user=user, defaults={"name": one.name, "bureau": bureau, "roles": list(one.roles)}
    )
    second_factor.keep(user, one.secret)


def _derived(purpose: str, length: int) -> str:
    digest = hmac.new(settings.SECRET_KEY.encode(), f"demo:{purpose}".encode(), sha256).digest()
    return base64.b32encode(digest[:length]).decode("ascii")


def _number(key: str) -> int:
    digits = key.removeprefix("citizen-")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 18 else 0
