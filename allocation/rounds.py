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

from accounts.models import User
from allocation import (
    appointments,
    choice_days,
    draw,
    keeping_out,
    ledgers,
    offers,
    planning,
    re_reviews,
    rents,
    roster,
    roster_objections,
    selfcheck,
    shape,
    states,
)
from allocation.keeping_out import RoundRefused, exclude, is_excluded
from allocation.models import Assignment, Entrant, Home, Offer, Reveal, Round
from allocation.voiding import drop_void, propose_void, void
from applications import states as application_states
from applications.models import Application
from core import audit, clock, display, locks
from core.notices import Template, tell
from core.workflow import advance

__all__ = [
    "RoundRefused", "close", "drop_void", "exclude", "files", "freeze", "is_excluded",
    "propose_void", "reveal", "void",
]  # fmt: skip

SET_ASIDE = Template(
    "round_set_aside",
    _("这一轮暂不参加"),
    _("{title}的名单已定。您家有一项信息还在核对，这一轮暂不参加；轮候位置不变，不用您办理。"),
)


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
        keeping_out.note_related(row, good)
        keeping_out.refuse_unless_may(row, by)
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
        re_reviews.finish(row, good, waiting, by=by)
        for application in waiting:
            advance(application, application_states.WAITLISTED, by=by, reason=row.code)
            _tell_set_aside(row, application, by)
        for home in homes:
            advance(home, states.H_IN_ROUND, by=by)
        ledgers.append(row, "frozen", roster_sha256=row.roster_sha256, entrants=len(good))
        if row.mode == Round.Mode.ORDER:  # its roster has no homes: the line says which there are
            ledgers.append(row, "homes", homes=sorted(home.code for home in homes))
        appointments.book_all(row, entrants, by=by, chance=chance)
        return row


def reveal(round_: Round, *, by: User, entropy: str) -> Round:
    """Takes the public value, computes the result and publishes it; once (protocol 2–4, 6)."""
    with transaction.atomic():
        row = locks.fresh(round_)
        keeping_out.refuse_unless_may(row, by)
        _refuse_reveal(row, entropy)
        roster_objections.refuse_if_open(row)
        keeping_out.note_related(row, list(keeping_out.households_of(row)))
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


def close(round_: Round, *, by: User) -> Round:
    """Ends a round all of whose offers are answered."""
    with transaction.atomic():
        row = locks.fresh(round_)
        keeping_out.refuse_unless_may(row, by)
        choice_days.refuse_if_not_over(row)
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


# -- freeze ---------------------------------------------------------------------------------


def _refuse_unless_planned(row: Round) -> None:
    if row.state != states.R_PLANNED:
        raise RoundRefused(_("名单只能定一次，这一轮的名单已经定了。"))
    planning.refuse_weak_event(row.entropy_format, row.entropy_example)
    today = clock.today()
    if today <= row.intention_until:
        raise RoundRefused(
            _("意向登记到%(date)s为止，当天还可以登记；第二天起才能定名单。")
            % {"date": display.day(row.intention_until)}
        )
    if row.freeze_on is not None and today < row.freeze_on:
        raise RoundRefused(
            _("公布的日程是%(date)s定名单，在那之前不能定。") % {"date": display.day(row.freeze_on)}
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
    if row.mode == Round.Mode.ORDER:  # the households stay in the round until they have chosen
        choice_days.announce(assignments)
        return
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
