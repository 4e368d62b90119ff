"""Another home by consent: two households swap (互换, 令11号 §23), or one moves by an offer (调换).

Both households ask and consent in writing, a person approves, the agreements are signed; then, on
one day and in one transaction, the leases end and the next ones begin. Nobody is without a home or
with two in between, and a home never has two leases.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from allocation import access_ends, handover, places, rent_sums, states
from allocation.clauses import Clause
from allocation.leases import preparing, texts
from allocation.leases.requests import lock, refuse_decision, tell
from allocation.leases.terms import LeaseRefused, digest_of
from allocation.models import Home, Lease, LeaseRequest, LeaseText
from applications import permissions
from core import audit, clock, display, locks, notices
from core.workflow import advance

Kind = LeaseRequest.Kind
RUNNING = (states.L_SIGNED, states.L_FILED)

SWAP_ASKED = notices.Template(
    "lease.swap_asked",
    gettext_lazy("有一户想和您家互换住房"),
    gettext_lazy(
        "住在{home}的一户想和您家互换住房。同意不同意都可以，不答复就不换，租约不受影响。"
    ),
    sms=gettext_lazy(
        "有一户想和您家互换住房，同意不同意都可以，请在手机上看。我们不会在短信里要您转账或点链接"
    ),
)
MOVE_OFFERED = notices.Template(
    "lease.move_offered",
    gettext_lazy("可以为您家调换住房"),
    gettext_lazy("可以为您家调换到{home}。同意不同意都可以，不答复就不换，租约不受影响。"),
    sms=gettext_lazy(
        "可以为您家调换住房，同意不同意都可以，请在手机上看。我们不会在短信里要您转账或点链接"
    ),
)
APPROVED = notices.Template(
    "lease.move_approved",
    gettext_lazy("同意换房，请签协议"),
    gettext_lazy("您家可以在{on}换到{home}，月租{rent}元。请在那之前看协议、签字。"),
    sms=gettext_lazy("您家可以换房，请看协议、签字。我们不会在短信里要您转账或点链接"),
)
DONE = notices.Template(
    "lease.moved",
    gettext_lazy("换房已办好"),
    gettext_lazy("从{on}起，您家住在{home}。原来的租约当天结束，押金接着用。"),
)


def ask_swap(lease: Lease, other_number: str, *, by: Any, reason: str = "") -> LeaseRequest:
    """A household wants to swap with another, named by its lease; that one is asked.

    Raises LeaseRefused; a number that is nobody's and one's own are refused in the same words.
    """
    other = Lease.objects.filter(number=other_number.strip(), state__in=RUNNING).first()
    if other is None or other.application_id == lease.application_id:
        raise LeaseRefused(_("没有找到这份合同，请向对方问清合同编号。"), "number")
    with transaction.atomic():
        rows = {one.pk: locks.fresh(one) for one in sorted([lease, other], key=lambda x: x.pk)}
        for row in rows.values():
            _refuse_unmovable(row)
        made = _ask(Kind.SWAP, rows[lease.pk], by, reason, other=rows[other.pk])
        place = places.address(lease.home)
        tell(rows[other.pk], SWAP_ASKED, by=by, home=place)
        return made


def offer_move(lease: Lease, home: Home, *, by: Staff, reason: str) -> LeaseRequest:
    """The bureau offers a household another home, which is held until it answers."""
    with transaction.atomic():
        row = locks.fresh(lease)
        if why := permissions.why_not_free(by, row.application):
            raise LeaseRefused(why)
        _refuse_unmovable(row)
        if not reason.strip():
            raise LeaseRefused(_("请写明为什么调换，承租人会看到。"), "reason")
        if locks.fresh(home).state != states.H_AVAILABLE:
            raise LeaseRefused(_("这套房现在不能配租，请另选一套。"), "home")
        advance(home, states.H_OFFERED, by=by.user)
        made = _ask(Kind.MOVE, row, by.user, reason, home=home)
        tell(row, MOVE_OFFERED, by=by.user, home=places.address(home))
        return made


def consent(request: LeaseRequest, *, by: Any) -> LeaseRequest:
    """The household that was asked agrees in writing; now a person decides. Raises LeaseRefused."""
    with transaction.atomic():
        row, _leases = lock(request)
        if row.consent_at is not None:
            return row
        if row.state != states.Q_CONSENT:
            raise LeaseRefused(_("这份请求已经办结，请看最新进度。"))
        row.consent_by, row.consent_at = audit.label(by)[:80], clock.now()
        row.consent_digest = digest_of(agreed_words(row))
        row.save(update_fields=["consent_by", "consent_at", "consent_digest"])
        return advance(row, states.Q_ASKED, by=by)


def agreed_words(request: LeaseRequest) -> dict[str, Any]:
    """What is consented to: which households, which homes."""
    return {
        "kind": request.kind,
        "pairs": [[lease.number, home.code] for lease, home in pairs(request)],
    }


def pairs(request: LeaseRequest, leases: list[Lease] | None = None) -> list[tuple[Lease, Home]]:
    """Each lease with the home that its household goes to."""
    first = leases[0] if leases else request.lease
    if request.kind == Kind.MOVE:
        assert request.home is not None  # the database says so
        return [(first, request.home)]
    second = leases[1] if leases else request.other
    assert second is not None
    return [(first, second.home), (second, first.home)]


def approve(request: LeaseRequest, on: date, *, by: Staff, note: str = "") -> LeaseRequest:
    """A person agrees and names the day; every household gets its agreement to sign."""
    with transaction.atomic():
        row, leases = lock(request)
        refuse_decision(row, by)
        for lease in leases:
            _refuse_day(lease, on)
        row.on, row.decided_by, row.decision = on, by, note.strip()[:400]
        row.save(update_fields=["on", "decided_by", "decision"])
        row = advance(row, states.Q_APPROVED, by=by.user)
        for lease, home in pairs(row, leases):
            rent = rent_sums.of(home, lease.tier, min(on, clock.today()))
            _draft(row, lease, home, rent, on, by)
            tell(
                lease, APPROVED, by=by.user, on=on, home=places.address(home),
                rent=f"{rent.monthly:.2f}",
            )  # fmt: skip
        return row


def why_not_carry_out(request: LeaseRequest, today: date) -> str:
    """Why the day of the move has not come: not approved, not signed by all, too early."""
    if request.state != states.Q_APPROVED or request.on is None:
        return _("先审核同意，再办换房。")
    if request.texts.exclude(state=states.T_IN_FORCE).exists():
        return _("协议还没有签齐，签齐以后再办。")
    if today < request.on:
        return _("约定的日期是%(day)s，当天办理。") % {"day": display.day(request.on)}
    return ""


def carry_out(request: LeaseRequest, *, by: Staff, note: str) -> LeaseRequest:
    """The signed hand-over lies on the table: the leases end and the next ones begin on one day.

    Called twice, also in the same moment, it happens once. Raises LeaseRefused.
    """
    with transaction.atomic():
        row, leases = lock(request)
        if row.state == states.Q_DONE:
            return row
        for lease in leases:
            if why := permissions.why_not_free(by, lease.application):
                raise LeaseRefused(why)
        if why := why_not_carry_out(row, clock.today()):
            raise LeaseRefused(why)
        if not note.strip():
            raise LeaseRefused(_("请写明交接单的编号或者交接情况。"), "note")
        assert row.on is not None
        ways = pairs(row, leases)
        for lease in leases:
            _refuse_day(lease, row.on, passed=True)
        for lease in leases:
            _end(lease, row.on, by.user, note)
        for home in sorted({home.pk: home for _l, home in ways}.values(), key=lambda one: one.pk):
            locks.advisory("lease of home", home.pk)
        for lease, home in ways:
            _begin(row, lease, home, by.user)
        _homes(row, by.user)
        return advance(row, states.Q_DONE, by=by.user, reason=note.strip()[:400])


# -- Parts ----------------------------------------------------------------------------------


def _ask(kind: str, lease: Lease, by: Any, reason: str, **what: Any) -> LeaseRequest:
    now = clock.now()
    made = LeaseRequest.objects.create(
        kind=kind, lease=lease, state=states.Q_CONSENT, state_since=now, asked_at=now,
        asked_by=audit.label(by)[:80], reason=reason.strip(), **what,
    )  # fmt: skip
    audit.record(f"lease.{kind}_asked", by=by, thing=made)
    return made


def _refuse_unmovable(lease: Lease) -> None:
    if lease.state not in RUNNING:
        raise LeaseRefused(_("租约生效以后、交还以前才能换房。"))
    if hasattr(lease, "successor"):
        raise LeaseRefused(_("这一户已经有下一份合同，不能再换房。"))
    if open_for(lease) is not None:
        raise LeaseRefused(_("这一户已经有一份换房的请求在办。"))


def open_for(lease: Lease) -> LeaseRequest | None:
    """The swap or move under way that concerns a lease."""
    rows = LeaseRequest.objects.filter(state__in=states.LEASE_REQUEST.open_ids)
    rows = rows.exclude(kind=Kind.RENEWAL).filter(Q(lease=lease) | Q(other=lease))
    return rows.select_related("lease__home__estate", "other__home__estate", "home__estate").first()


def _refuse_day(lease: Lease, on: date, *, passed: bool = False) -> None:
    if lease.state not in RUNNING or hasattr(lease, "successor"):
        raise LeaseRefused(_("有一户的租约已经不在履行，不能换房。"))
    if not lease.term.lower < on < lease.term.upper:
        raise LeaseRefused(_("日期要在两份租约的租期以内，请重新选择。"), "on")
    if not passed and on < clock.today():
        raise LeaseRefused(_("日期不能早于今天，请重新选择。"), "on")


def _draft(
    request: LeaseRequest, lease: Lease, home: Home, rent: rent_sums.RentSum, on: date, by: Staff
) -> None:
    content = texts.in_both(lambda: list(_clauses(lease, home, rent, on))) | {
        "facts": {
            "number": lease.number, "home": home.code, "from": on.isoformat(),
            "until": lease.term.upper.isoformat(), "rent": rent.kept(),
            "tenant": texts.tenant_of(lease).name,
            "people": [one.name for one in texts.people_of(lease)],
        }
    }  # fmt: skip
    texts.open_text(
        lease, LeaseText.Kind.MOVE, by=by.user, content=content, request=request,
        cosigners=texts.adults_of(lease),
    )  # fmt: skip


def _clauses(lease: Lease, home: Home, rent: rent_sums.RentSum, on: date) -> Iterator[Clause]:
    yield Clause(
        _("换到哪里"),
        (
            _("从%(on)s起，住到%(home)s，%(area)s。")
            % {
                "on": display.day_short(on),
                "home": places.address(home),
                "area": display.area(home.area),
            },
            _("原来住的%(home)s的租约在前一天结束，新的租约当天开始，中间不间断。")
            % {"home": places.address(lease.home)},
        ),
        key=True,
    )
    yield Clause(
        _("租金"),
        (
            _("每月%(rent)s。") % {"rent": display.money(rent.monthly)},
            *(
                f"{one['word']}：{one['value']}（{one['note']}）"
                for one in rent_sums.lines(rent)[:3]
            ),
        ),
        key=True,
    )
    yield Clause(
        _("租期和押金"),
        (
            _("租期仍到%(last)s，押金接着用，不另收。")
            % {"last": display.day_short(preparing.last_day(lease))},
        ),
    )
    yield Clause(
        _("交接"),
        (_("当天双方当面交接，签交接单；签了交接单，原来的门禁和门锁才停用。"),),
        key=True,
    )
    yield Clause(
        _("其他条款不变"),
        (_("租赁合同%(number)s的其他条款不变，原文继续有效。") % {"number": lease.number},),
    )


def _end(lease: Lease, on: date, by: Any, note: str) -> None:
    lease.ended_by = Lease.Ending.SUCCEEDED
    lease.term = DateRange(lease.term.lower, on)
    lease.save(update_fields=["ended_by", "term"])
    advance(lease, states.L_SUCCEEDED, by=by, reason=note.strip()[:400])
    signed_by = lease.application.applicant.name  # both sides have signed the hand-over
    access_ends.handed_back(lease, by=by, signed_by=signed_by, document=note)
    handover.withdraw(lease)


def _begin(request: LeaseRequest, old: Lease, home: Home, by: Any) -> Lease:
    text = request.texts.get(lease=old)
    facts = text.content["facts"]
    new = preparing.follow(
        old, home, first=date.fromisoformat(facts["from"]),
        until=date.fromisoformat(facts["until"]), tier=facts["rent"]["tier"],
        rent=Decimal(facts["rent"]["monthly"]), by=by,
    )  # fmt: skip
    new.explained_at, new.signed_at = text.explained_at, text.in_force_at
    new.signed_by = str(text.signatures.get(party="tenant").signed_by)
    new.text_digest = text.digest
    new.save(update_fields=["explained_at", "signed_at", "signed_by", "text_digest"])
    row = advance(new, states.L_SIGNED, by=by)
    handover.push(row)
    text.applied_at = clock.now()
    text.save(update_fields=["applied_at"])
    tell(row, DONE, by=by, on=row.term.lower, home=places.address(home))
    return row


def _homes(request: LeaseRequest, by: Any) -> None:
    """A swap leaves both homes let; a move frees one for its repair and lets the other."""
    if request.home is not None:
        advance(request.home, states.H_LET, by=by)
        advance(request.lease.home, states.H_VACATING, by=by)
