"""Changes of a lease in force, each a supplementary agreement signed anew (补充协议).

The signed words stay as they were. What an agreement says takes effect when the household and the
lessor have signed it; a rent from the month that it names.
"""

import logging
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Staff
from allocation import rent_sums, rent_terms, states
from allocation.clauses import Clause
from allocation.leases import texts
from allocation.leases.terms import LeaseRefused
from allocation.models import Lease, LeaseText
from applications import permissions
from applications.models import Member
from core import audit, clock, display, locks
from core.workflow import Refusal, advance

log = logging.getLogger(__name__)
Kind = LeaseText.Kind
CHANGEABLE = (states.L_SIGNED, states.L_FILED)
SYSTEM = audit.System("租约到期事项")


def change_people(lease: Lease, *, by: Staff) -> LeaseText:
    """Who lives there now, after somebody was born, joined or left. Raises LeaseRefused."""
    with transaction.atomic():
        row = _changeable(lease, by)
        before, now = people_written(row), [one.name for one in texts.people_of(row)]
        if before == now:
            raise LeaseRefused(_("合同上的同住人和现在的登记一样，不用改。"), "kind")
        facts = {"before": before, "people": now}
        return _draft(row, Kind.PEOPLE, by, facts, lambda: _people_clauses(before, now))


def change_tenant(lease: Lease, *, by: Staff) -> LeaseText:
    """Who holds the lease after a death or a divorce: whoever the case now stands in the name of.

    Those who stay live there unchanged until the agreement is signed. Raises LeaseRefused.
    """
    with transaction.atomic():
        row = _changeable(lease, by)
        before, now = tenant_written(row), texts.tenant_of(row).name
        if before == now:
            raise LeaseRefused(
                _("承租人没有变。承租人离世或离婚的，先在家庭变化里核对，确定由谁继续承租。"),
                "kind",
            )
        people = [one.name for one in texts.people_of(row)]
        facts = {"before": before, "tenant": now, "people": people}
        return _draft(row, Kind.TENANT, by, facts, lambda: _tenant_clauses(now, people))


def add_joint_tenant(lease: Lease, member: Member, *, by: Staff) -> LeaseText:
    """One more adult of the household holds the lease together with the tenant."""
    with transaction.atomic():
        row = _changeable(lease, by)
        if member.pk not in {one.pk for one in texts.adults_of(row)}:
            raise LeaseRefused(_("共同承租人要是同住的成年家人。"), "member")
        if member.pk in texts.joint_tenants(row):
            raise LeaseRefused(_("这位家人已经是共同承租人。"), "member")
        facts = {"member": member.pk, "name": member.name}
        return _draft(
            row, Kind.JOINT, by, facts, lambda: _joint_clauses(member.name), cosigners=[member]
        )


def change_rent(lease: Lease, tier: str, first: date, *, by: Staff) -> LeaseText:
    """Another tier from the first day of a month on, with the sum line by line (§19–20).

    Raises LeaseRefused, NoRentStandard.
    """
    with transaction.atomic():
        row = _changeable(lease, by)
        if tier not in rent_sums.tiers(first):
            raise LeaseRefused(_("请选择租金档次。"), "tier")
        if first.day != 1 or not row.term.lower <= first < row.term.upper:
            raise LeaseRefused(_("新租金从租期内某个月的1日起算，请重新选择。"), "first")
        rent = rent_sums.of(row.home, tier, min(first, clock.today()))
        tier_before, before = row.agreed(first)
        if (tier, rent.monthly) == (tier_before, before):
            raise LeaseRefused(_("新的租金和现在一样，不用改。"), "tier")
        facts = {
            "tier_before": tier_before, "rent_before": f"{before:.2f}",
            "from": first.isoformat(), "rent": rent.kept(),
        }  # fmt: skip
        return _draft(
            row, Kind.RENT, by, facts, lambda: _rent_clauses(before, rent, first),
            applies_from=first,
        )  # fmt: skip


def withdraw(text: LeaseText, *, by: Staff, reason: str) -> LeaseText:
    """Takes back an agreement that has no effect yet; what was signed on it remains readable."""
    with transaction.atomic():
        locks.fresh(text.lease)
        row = locks.fresh(text)
        if why := permissions.why_not_free(by, row.lease.application):
            raise LeaseRefused(why)
        if row.kind in (Kind.CONTRACT, Kind.MOVE):
            raise LeaseRefused(_("合同和换房协议不在这里撤回。"))
        if not reason.strip():
            raise LeaseRefused(_("请写明撤回的原因。"), "reason")
        return advance(row, states.T_WITHDRAWN, by=by.user, reason=reason.strip()[:400])


def take_effect(text: LeaseText, lease: Lease, *, by: Any) -> None:
    """The agreement is signed by all; a rent waits for its month. The caller holds the locks."""
    if text.kind == Kind.RENT and text.applies_from and text.applies_from > clock.today():
        return
    _apply(text, lease, by=by)


def apply_due() -> int:
    """Puts agreed rents in force whose month has begun; returns how many."""
    due = LeaseText.objects.filter(
        kind=Kind.RENT, state=states.T_IN_FORCE, applied_at=None, applies_from__lte=clock.today()
    ).order_by("applies_from", "number")
    return sum(_apply_due(text) for text in due.select_related("lease")[:500])


def _apply_due(text: LeaseText) -> bool:
    """One agreement; one that cannot apply any more must not hold up the others."""
    try:
        with transaction.atomic():
            lease, row = locks.fresh(text.lease), locks.fresh(text)
            if row.applied_at is not None:
                return False
            _apply(row, lease, by=SYSTEM)
            return True
    except Refusal as refusal:
        log.warning("agreement %s does not apply: %s", text.pk, refusal)
        return False


def people_written(lease: Lease) -> list[str]:
    """The people who stand in the newest text in force that names any."""
    for text in _in_force(lease):
        people = texts.content_of(text)["facts"].get("people")
        if people:
            return list(people)
    return people_written(lease.previous) if lease.previous else []


def tenant_written(lease: Lease) -> str:
    """The tenant of the newest text in force that names one; "" where no text is kept here."""
    for text in _in_force(lease):
        tenant = texts.content_of(text)["facts"].get("tenant")
        if tenant:
            return str(tenant)
    return tenant_written(lease.previous) if lease.previous else ""


# -- Parts ----------------------------------------------------------------------------------


def _in_force(lease: Lease) -> Any:
    return lease.texts.filter(state=states.T_IN_FORCE).order_by("-number")


def _changeable(lease: Lease, by: Staff) -> Lease:
    row = locks.fresh(lease)
    if why := permissions.why_not_free(by, row.application):
        raise LeaseRefused(why)
    if row.state not in CHANGEABLE:
        raise LeaseRefused(_("租约生效以后、交还以前才能签补充协议。"), "kind")
    return row


def _draft(
    lease: Lease, kind: str, by: Staff, facts: dict[str, Any], words: Any, **fields: Any
) -> LeaseText:
    if lease.texts.filter(kind=kind, state=states.T_TO_SIGN).exists():
        raise LeaseRefused(_("这一户还有一份同样的协议没有签完。"), "kind")

    def whole() -> list[Clause]:
        return [*words(), _rest(lease)]

    content = texts.in_both(whole) | {"facts": {"number": lease.number, **facts}}
    return texts.open_text(lease, kind, by=by.user, content=content, **fields)


def _apply(text: LeaseText, lease: Lease, *, by: Any) -> None:
    if text.kind == Kind.RENT:
        rent = rent_sums.read(text.content["facts"]["rent"])
        with translation.override("zh-hans"):
            reason = _("按双方签订的补充协议")
        rent_terms.change(
            lease, from_month=text.applies_from or clock.today(), rent=rent.monthly,
            tier=rent.tier, reason=reason, by=by,
        )  # fmt: skip
    text.applied_at = clock.now()
    text.save(update_fields=["applied_at"])
    audit.record("lease.changed", by=by, thing=lease, kind=text.kind, text=text.digest)


def _rest(lease: Lease) -> Clause:
    return Clause(
        _("其他条款不变"),
        (_("租赁合同%(number)s的其他条款不变，原文继续有效。") % {"number": lease.number},),
    )


def _people_clauses(before: list[str], now: list[str]) -> list[Clause]:
    lines = [_("同住的人：%(people)s。") % {"people": display.listed(now)}]
    if joined := [one for one in now if one not in before]:
        lines.append(_("新写入：%(people)s。") % {"people": display.listed(joined)})
    if left := [one for one in before if one not in now]:
        lines.append(_("不再写入：%(people)s。") % {"people": display.listed(left)})
    return [Clause(_("同住人"), tuple(lines), key=True)]


def _tenant_clauses(now: str, people: list[str]) -> list[Clause]:
    return [
        Clause(
            _("承租人"),
            (
                _("承租人变更为%(name)s，接着履行原合同。") % {"name": now},
                _("租期、租金和押金都不变，押金由新的承租人接着。"),
            ),
            key=True,
        ),
        Clause(_("同住人"), (_("同住的人：%(people)s。") % {"people": display.listed(people)},)),
    ]


def _joint_clauses(name: str) -> list[Clause]:
    return [
        Clause(
            _("共同承租人"),
            (
                _("%(name)s和承租人一起承租这套房。") % {"name": name},
                _("共同承租人和承租人有同样的权利，也一起承担付租和爱护房屋的责任。"),
            ),
            key=True,
        )
    ]


def _rent_clauses(before: Any, rent: rent_sums.RentSum, first: date) -> list[Clause]:
    return [
        Clause(
            _("租金"),
            (
                _("从%(first)s起，月租由%(before)s改为%(after)s。")
                % {
                    "first": display.day_short(first),
                    "before": display.money(before),
                    "after": display.money(rent.monthly),
                },
                *rent_sums.written(rent),
            ),
            key=True,
        )
    ]
