"""Which page is open to whom (访问控制). Closed by default.

A view says who may come in by one decorator, or a class by one attribute:

    @staff_only(Role.REVIEWER)
    def queue(request): ...

    class CaseViewSet(ViewSet):
        access = staff_only_rule(Role.REVIEWER, Role.ADMIN)

`accounts.middleware.AccessMiddleware` enforces it and refuses whatever says nothing; DRF's
`AccessPermission` reads the same attribute. Views of other packages are listed in
`accounts.declared`. Whether this person may see *this* case is the business of the app that owns
the case; here is only who may knock.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeVar

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import BasePermission

from accounts import declared
from accounts.roles import Role

V = TypeVar("V", bound=Callable[..., Any])


class Audience(Enum):
    """访问对象: the group of people, or machines, that a view is meant for."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    CITIZEN = "citizen"
    STAFF = "staff"
    KIOSK = "kiosk"
    MONITORING = "monitoring"


class Verdict(Enum):
    """What comes of a request at the door."""

    ALLOWED = "allowed"
    SIGN_IN = "sign_in"
    REFUSED = "refused"


@dataclass(frozen=True)
class Access:
    """A view's declaration: its audience and, for staff, the roles of which one is needed."""

    audience: Audience
    roles: frozenset[Role] = field(default_factory=frozenset)

    def verdict(self, visitor: "Visitor") -> Verdict:
        """Whether this visitor may come in."""
        return _DOORS[self.audience](self, visitor)


@dataclass(frozen=True)
class Visitor:
    """Who is at the door: the kind of account, its roles, and whether a known machine asks."""

    kind: str = ""  # "", "citizen" or "staff"
    roles: frozenset[str] = field(default_factory=frozenset)
    kiosk: bool = False
    monitoring: bool = False

    @classmethod
    def of(cls, request: HttpRequest, *, monitoring: bool = False) -> "Visitor":
        """The visitor of a request."""
        user = request.user
        kind = user.kind if user.is_authenticated else ""
        staff = user.as_staff if user.is_authenticated else None
        roles = frozenset(staff.roles) if staff else frozenset()
        kiosk = getattr(request, "kiosk", None) is not None
        return cls(kind=kind, roles=roles, kiosk=kiosk, monitoring=monitoring)


def _public(access: Access, visitor: Visitor) -> Verdict:
    return Verdict.ALLOWED


def _signed_in(access: Access, visitor: Visitor) -> Verdict:
    return Verdict.ALLOWED if visitor.kind else Verdict.SIGN_IN


def _citizen(access: Access, visitor: Visitor) -> Verdict:
    if not visitor.kind:
        return Verdict.SIGN_IN
    return Verdict.ALLOWED if visitor.kind == "citizen" else Verdict.REFUSED


def _staff(access: Access, visitor: Visitor) -> Verdict:
    if not visitor.kind:
        return Verdict.SIGN_IN
    if visitor.kind != "staff" or not visitor.roles:
        return Verdict.REFUSED
    fits = not access.roles or bool(access.roles & visitor.roles)
    return Verdict.ALLOWED if fits else Verdict.REFUSED


def _kiosk(access: Access, visitor: Visitor) -> Verdict:
    return Verdict.ALLOWED if visitor.kiosk else Verdict.REFUSED


def _monitoring(access: Access, visitor: Visitor) -> Verdict:
    return Verdict.ALLOWED if visitor.monitoring else Verdict.REFUSED


_DOORS = {
    Audience.PUBLIC: _public,
    Audience.SIGNED_IN: _signed_in,
    Audience.CITIZEN: _citizen,
    Audience.STAFF: _staff,
    Audience.KIOSK: _kiosk,
    Audience.MONITORING: _monitoring,
}

REASONS = {
    Audience.SIGNED_IN: _("请先登录。"),
    Audience.CITIZEN: _("这个页面给办事群众使用。请先退出工作人员账号，再用浙里办登录。"),
    Audience.STAFF: _("您的岗位没有这个页面的权限。需要的话，请联系本单位的系统管理员。"),
    Audience.KIOSK: _("这个页面只在自助机上使用。"),
    Audience.MONITORING: _("这个地址只供监控系统使用。"),
}


# -- Declarations ------------------------------------------------------------------------------

PUBLIC = Access(Audience.PUBLIC)
SIGNED_IN = Access(Audience.SIGNED_IN)
CITIZEN = Access(Audience.CITIZEN)
KIOSK = Access(Audience.KIOSK)
MONITORING = Access(Audience.MONITORING)


def staff_only_rule(*roles: Role) -> Access:
    """The declaration of a view for staff who hold one of ``roles``; for all staff if none."""
    return Access(Audience.STAFF, frozenset(roles))


def declare(access: Access) -> Callable[[V], V]:
    """A decorator that writes ``access`` on a view function or a class-based view."""

    def mark(view: V) -> V:
        view.access = access  # type: ignore[attr-defined]
        return view

    return mark


def staff_only(*roles: Role) -> Callable[[V], V]:
    """Only staff with one of ``roles``; all staff if none is named."""
    return declare(staff_only_rule(*roles))


public = declare(PUBLIC)
signed_in = declare(SIGNED_IN)
citizen_only = declare(CITIZEN)
kiosk_only = declare(KIOSK)
monitoring_only = declare(MONITORING)


def declaration(view: Any, method: str = "GET") -> Access | None:
    """What a resolved view says about itself; None if it says nothing.

    A viewset's action may be marked apart from its class and then prevails.
    """
    owner = getattr(view, "cls", None) or getattr(view, "view_class", None)
    method = "get" if method == "HEAD" else method.lower()
    action = (getattr(view, "actions", None) or {}).get(method)
    for place in (getattr(owner, action, None) if action else None, view, owner):
        access = getattr(place, "access", None)
        if isinstance(access, Access):
            return access
    name = declared.VIEWS.get(dotted_path(owner or view))
    return _BY_NAME.get(name) if name else None


_BY_NAME = {"public": PUBLIC, "signed_in": SIGNED_IN, "monitoring": MONITORING}


def dotted_path(view: Any) -> str:
    """`package.module.name` of a view function or class, looking through partials and wrappers."""
    view = getattr(view, "func", view)
    name = getattr(view, "__qualname__", type(view).__qualname__)
    return f"{view.__module__}.{name}"


class AccessPermission(BasePermission):
    """The second lock of the API: the same declaration, read by DRF."""

    def has_permission(self, request: Any, view: Any) -> bool:
        """Whether the view is declared and open to this visitor."""
        action = getattr(view, getattr(view, "action", None) or "", None)
        access = getattr(action, "access", None) or getattr(view, "access", None)
        if access is None:
            access = declaration(type(view), request.method)
        return access is not None and access.verdict(Visitor.of(request)) is Verdict.ALLOWED


# -- Questions about a person --------------------------------------------------------------------


def has_role(user: Any, *roles: Role) -> bool:
    """Whether the account is active staff with one of ``roles``."""
    staff = getattr(user, "as_staff", None)
    return bool(staff and user.is_active and set(roles) & set(staff.roles))


def works_for(user: Any, bureau: Any) -> bool:
    """Whether the account is active staff of this very bureau (a Bureau, or its primary key)."""
    staff = getattr(user, "as_staff", None)
    key = getattr(bureau, "pk", bureau)
    return bool(staff and user.is_active and key is not None and staff.bureau_id == key)
