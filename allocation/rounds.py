"""A round of the draw: planned, frozen once, revealed once, closed; or voided by two persons.

What is published are the bytes stored here: nothing is computed anew for the public page.
"""

import json
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff, User
from allocation import (
    appointments,
    draw,
    intentions,
    ledgers,
    offers,
    planning,
    rents,
    roster,
    selfcheck,
    shape,
    states,
)
from allocation.models import Assignment, Entrant, ExcludedStaff, Home, Offer, Reveal, Round
from applications import states as application_states
from applications.models import Application, Member
from core import audit, clock, display, locks
from core.notices import Template, tell
from core.workflow import Refusal, advance

SET_ASIDE = Template(
    "round_set_aside",
    _("这一轮暂不参加"),
    _("{title}的名单已定。您家有一项信息还在核对，这一轮暂不参加；轮候位置不变，不用您办理。"),
)
VOIDED = Template(
    "round_void",
    _("本轮作废"),
    _("{title}已作废，原因见公示页。您家的轮候资格不变，可以登记下一轮。"),
)


class RoundRefused(Refusal):
    """The round cannot do this now."""


def freeze(
    round_: Round,
    *,
    by: User,
    set_aside: bool = False,
    chance: Callable[[int], bytes] = secrets.token_bytes,
) -> Round:
    """Fixes the roster, commits to a secret and opens the objection window (protocol 1, 6).

    Households whose check is not in yet keep the freeze waiting, unless ``set_aside`` puts them
    back on the waiting list with their place. ``chance`` gives the bytes of secret and tickets;
    the system's own in real life, seeded ones in the demo city. Raises RoundRefused.
    """
    with transaction.atomic():
        row = locks.fresh(round_)
        _refuse_unless_planned(row)
        good, waiting = roster.cleared(row)
        _exclude_related_staff(row, good)
        _refuse_related(row, by)
        _refuse_incomplete(waiting, set_aside)
        homes = _homes(row)
        _refuse_empty(good, homes)
        _refuse_unpriced(good, homes)
        secret = chance(32).hex()
        entrants = Entrant.objects.bulk_create(roster.entrants_of(row, good, chance))
        _publish_roster(row, entrants, homes, secret)
        advance(row, states.R_FROZEN, by=by)
        for application in good:
            advance(application, application_states.IN_ROUND, by=by)
        for application in waiting:
            advance(application, application_states.WAITLISTED, by=by, reason=row.code)
            _tell_set_aside(row, application, by)
        for home in homes:
            advance(home, states.H_IN_ROUND, by=by)
        ledgers.append(row, "frozen", roster_sha256=row.roster_sha256, entrants=len(good))
        appointments.book_all(row, entrants, by=by, chance=chance)
        return row


def exclude(round_: Round, staff: Staff, *, reason: str, by: User) -> Round:
    """Notes that a member of staff declared a relation to an entrant and keeps out (回避)."""
    with transaction.atomic():
        row = locks.fresh(round_)
        if not reason.strip():
            raise RoundRefused(_("请写明回避原因。"), field="reason")
        made = ExcludedStaff.objects.get_or_create(
            round=row, staff=staff, defaults={"reason": reason[:100]}
        )[1]
        if made:
            audit.record("round.excluded", by=by, thing=row, staff=staff.audit_label)
        return row


def reveal(round_: Round, *, by: User, entropy: str) -> Round:
    """Takes the public value, computes the result and publishes it; once (protocol 2–4, 6)."""
    with transaction.atomic():
        row = locks.fresh(round_)
        _refuse_related(row, by)
        _refuse_reveal(row, entropy)
        text = draw.canonical(
            draw.reveal(row.roster.encode(), bytes.fromhex(row.secret or ""), entropy)
        )
        reveal_ = json.loads(text)
        now = clock.now()
        Reveal.objects.create(
            round=row, entropy=entropy, seed=reveal_["seed"], text=text.decode(), at=now,
            by=audit.label(by)[:80],
        )  # fmt: skip
        result = draw.result(row.roster.encode(), reveal_)
        row.result = draw.canonical(result).decode()
        assignments = _assign(row, result)
        row.selfcheck = _self_check(assignments)
        row.save(update_fields=["result", "selfcheck"])
        advance(row, states.R_REVEALED, by=by)
        ledgers.append(
            row, "revealed", seed=reveal_["seed"], result_sha256=draw.digest(row.result.encode())
        )
        _hand_out(row, assignments, by)
        return row


def propose_void(round_: Round, *, by: Staff, reason: str) -> Round:
    """The first of two persons asks to void the round, with the reason to be published."""
    with transaction.atomic():
        row = locks.fresh(round_)
        _refuse_related(row, by.user)
        if not reason.strip():
            raise RoundRefused(_("请写明作废原因，原因会公布。"), field="reason")
        _refuse_unless_voidable(row)
        row.void_proposed_by, row.void_reason = by, reason
        row.save(update_fields=["void_proposed_by", "void_reason"])
        audit.record("round.void_proposed", by=by.user, thing=row, reason=reason)
        return row


def void(round_: Round, *, by: Staff) -> Round:
    """The second person voids it; what was published stays published, places are kept."""
    with transaction.atomic():
        row = locks.fresh(round_)
        _refuse_related(row, by.user)
        if row.void_proposed_by_id is None:
            raise RoundRefused(_("作废要先由一人提出，再由另一人确认。"))
        if row.void_proposed_by_id == by.pk:
            raise RoundRefused(_("提出作废的人不能自己确认，请换一位同事。"))
        _refuse_unless_voidable(row)
        row = advance(row, states.R_VOID, by=by.user, reason=row.void_reason)
        _release(row, by.user)
        ledgers.append(row, "void", reason=row.void_reason)
        return row


def close(round_: Round, *, by: User) -> Round:
    """Ends a round all of whose offers are answered."""
    with transaction.atomic():
        row = locks.fresh(round_)
        if Offer.objects.filter(entrant__round=row, state__in=states.OFFER.open_ids).exists():
            raise RoundRefused(_("还有家庭没有选完房，这一轮还不能结束。"))
        return advance(row, states.R_CLOSED, by=by)


def files(round_: Round) -> dict[str, bytes]:
    """The published bundle as far as it goes: roster when frozen, the rest when revealed."""
    made = {"roster.json": round_.roster.encode()} if round_.roster else {}
    reveal_ = Reveal.objects.filter(round=round_).first()
    if reveal_ is not None:
        made["reveal.json"] = reveal_.text.encode()
        made["result.json"] = round_.result.encode()
    return made


def is_excluded(round_: Round, user: User) -> bool:
    """Whether this person is related to an entrant and must keep out (protocol 6)."""
    return round_.excluded_staff.filter(staff__user=user).exists()


# -- freeze ---------------------------------------------------------------------------------


def _refuse_unless_planned(row: Round) -> None:
    if row.state != states.R_PLANNED:
        raise RoundRefused(_("名单只能定一次，这一轮的名单已经定了。"))
    planning.refuse_weak_event(row.entropy_format, row.entropy_example)
    today = clock.today()
    if today < row.intention_until:
        raise RoundRefused(
            _("意向登记到%(date)s为止，在那之前不能定名单。")
            % {"date": display.day(row.intention_until)}
        )
    days = int(rents.policy_on(today).value("publicity.roster_days", today))
    earliest = today + timedelta(days=days)
    if row.objection_until < earliest:
        raise RoundRefused(
            _("名单要公示到%(date)s之后，请先把异议期和公开事件改晚。")
            % {"date": display.day(earliest)},
            field="objection_until",
        )
    if clock.now() >= row.entropy_at:
        raise RoundRefused(_("公开事件已经发生，名单不能在它之后定。"), field="entropy_at")


def _tell_set_aside(row: Round, application: Application, by: User) -> None:
    applicant = application.applicant
    tell(
        applicant.id_index, SET_ASIDE, by=by, case_no=application.case_no or "",
        phone=applicant.phone or "", title=row.title,
    )  # fmt: skip


def _refuse_incomplete(waiting: list[Application], set_aside: bool) -> None:
    if waiting and not set_aside:
        raise RoundRefused(
            _("还有%(n)s户的配租前核对没有完成。请等它完成，或让这些家庭保留位置、参加下一轮。")
            % {"n": len(waiting)}
        )


def _refuse_empty(good: list[Application], homes: list[Home]) -> None:
    if not good:
        raise RoundRefused(_("还没有家庭登记这一轮。"))
    if not homes:
        raise RoundRefused(_("这一轮还没有房源。"))
    if unfit := [home.code for home in homes if home.state != states.H_AVAILABLE]:
        raise RoundRefused(
            _("这些房源现在不能配租：%(codes)s") % {"codes": display.listed(unfit[:5])}
        )


def _refuse_unpriced(good: list[Application], homes: list[Home]) -> None:
    """A reveal must not fail for want of a rent, so every pair is priced beforehand."""
    today = clock.today()
    known = rents.policy_on(today).value("rent.coefficient", today)
    if unknown := [row for row in good if row.wait_entry.tier not in known]:
        raise RoundRefused(
            _("%(n)s户还没有租金档次，请先补上：%(cases)s")
            % {"n": len(unknown), "cases": display.listed(row.case_no for row in unknown[:5])}
        )
    for home in {home.estate_id: home for home in homes}.values():
        rents.market_rent(home, today)


def _homes(row: Round) -> list[Home]:
    return list(row.homes.select_for_update(no_key=True, of=("self",)).select_related("estate"))


def _publish_roster(row: Round, entrants: list[Entrant], homes: list[Home], secret: str) -> None:
    policy = rents.policy_on(clock.today())
    row.secret = secret
    row.secret_commitment = draw.commitment(bytes.fromhex(secret))
    value = roster.build(row, entrants, homes, f"{policy.id} {policy.digest}")
    _refuse_unverifiable(value)
    text = draw.canonical(value)
    row.roster, row.roster_sha256 = text.decode(), draw.digest(text)
    row.save(update_fields=["secret", "secret_commitment", "roster", "roster_sha256"])


def _refuse_unverifiable(value: dict[str, Any]) -> None:
    """A roster that the verifiers would not accept is not published."""
    try:
        shape.refuse_bad_roster(value)
    except shape.Malformed as error:
        raise RoundRefused(
            _("名单有一处写法不合规定，不能公布：%(where)s") % {"where": str(error)}
        ) from error


def _exclude_related_staff(row: Round, applications: list[Application]) -> None:
    people = Member.objects.filter(application__in=applications).values("id_index")
    related = Staff.objects.filter(id_index__in=people)
    ExcludedStaff.objects.bulk_create(
        (
            ExcludedStaff(round=row, staff=staff, reason=str(_("与参加家庭有亲属关系")))
            for staff in related
        ),
        ignore_conflicts=True,  # declared before
    )


def _refuse_related(row: Round, by: User) -> None:
    if is_excluded(row, by):
        raise RoundRefused(_("您与一户参加家庭有亲属关系，需要回避，请由同事办理。"))


# -- reveal ---------------------------------------------------------------------------------


def _refuse_reveal(row: Round, entropy: str) -> None:
    if row.state != states.R_FROZEN:
        raise RoundRefused(_("这一轮已经揭晓，或者名单还没有定。"))
    if clock.now() < row.entropy_at:
        raise RoundRefused(_("公开事件还没有发生，不能揭晓。"))
    if not shape.entropy_matches(row.entropy_format, entropy):
        raise RoundRefused(
            _("公开数值的写法不对，应该像这样：%(example)s") % {"example": row.entropy_example},
            field="entropy",
        )


def _assign(row: Round, result: dict[str, Any]) -> list[Assignment]:
    entrants = {entrant.ticket: entrant for entrant in row.entrants.select_related("application")}
    homes = {home.code: home for home in _homes(row)}
    return Assignment.objects.bulk_create(
        Assignment(
            round=row,
            entrant=entrants[line["ticket"]],
            position=line["position"],
            home=homes[line["home"]] if line["home"] else None,
        )
        for line in result["assignments"]
    )


def _self_check(assignments: list[Assignment]) -> dict[str, Any]:
    rows = [_self_check_row(assignment) for assignment in assignments]
    findings = selfcheck.check(rows)
    return {
        f.name: {"p": f.p, "statistic": f.statistic, "entrants": f.entrants, "verdict": f.verdict}
        for f in findings
    }


def _self_check_row(assignment: Assignment) -> selfcheck.Row:
    entrant = assignment.entrant
    return selfcheck.Row(
        position=assignment.position,
        tier=entrant.tier,
        ticket=entrant.ticket,
        submitted=entrant.application.submitted_at,
        street=str(entrant.application.street_id),
        channel=entrant.application.channel,
    )


def _hand_out(row: Round, assignments: list[Assignment], by: User) -> None:
    drawn = set()
    place = 0
    for assignment in assignments:
        if assignment.home is None:
            place += 1
            advance(assignment.entrant.application, application_states.WAITLISTED, by=by)
            offers.tell_reserve(assignment.entrant, place)
            continue
        drawn.add(assignment.home.pk)
        offers.make(assignment.entrant, assignment.home, origin="draw", by=by)
    for home in row.homes.exclude(pk__in=drawn):
        advance(home, states.H_AVAILABLE, by=by)


# -- void -----------------------------------------------------------------------------------


def _refuse_unless_voidable(row: Round) -> None:
    if not row.STATES.allows(row.state, states.R_VOID):
        raise RoundRefused(_("这一轮已经结束，不能作废。"))
    # locked, so that nobody accepts between this look and the release
    held = Offer.objects.filter(entrant__round=row).select_for_update(no_key=True, of=("self",))
    answered = (states.O_ACCEPTED, states.O_DECLINED)
    if any(offer.state in answered for offer in held.order_by("pk")):
        raise RoundRefused(_("已有家庭选了房，这一轮不能作废。"))


def _release(row: Round, by: User) -> None:
    """Takes back what this round holds; a household or home in another round stays there."""
    held = Offer.objects.filter(entrant__round=row, state__in=states.OFFER.open_ids)
    offered = list(held.select_related("home", "entrant__application"))
    for offer in offered:
        advance(offer, states.O_LAPSED, by=by, reason=row.void_reason)
        _back_to_waiting(offer.entrant.application, row, by)
        advance(offer.home, states.H_AVAILABLE, by=by, reason=row.void_reason)
    if row.revealed_at is not None:
        return
    joined = Application.objects.filter(entries__round=row, state=application_states.IN_ROUND)
    for application in [*joined, *intentions.joined(row)]:
        _back_to_waiting(application, row, by)
    for home in row.homes.filter(state=states.H_IN_ROUND):
        advance(home, states.H_AVAILABLE, by=by, reason=row.void_reason)


def _back_to_waiting(application: Application, row: Round, by: User) -> None:
    advance(application, application_states.WAITLISTED, by=by, reason=row.void_reason)
    index, number = application.applicant.id_index, application.case_no or ""
    tell(index, VOIDED, by=by, case_no=number, title=row.title)
