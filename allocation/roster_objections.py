"""名单异议: objections to a published roster, each with a day, a person and a published outcome.

An objection with a contact holds the reveal until it is answered. One that finds the roster wrong
holds it for good: a published roster is never mended, so that only a void by two persons follows
(docs/adr/0026). Without a contact it is a clue, which holds nothing unless it proves right.
"""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from accounts.roles import Role
from allocation import keeping_out, ledgers, states
from allocation.models import RosterObjection, Round
from applications import objections, periods
from applications.letters import PHONE
from core import audit, clock, display, locks, notices
from core.refusals import Refusal

Outcome = RosterObjection.Outcome
MAY_ANSWER = (Role.ADMIN, Role.DISTRICT)
ANSWERS = (Outcome.NOT_UPHELD, Outcome.NO_EFFECT, Outcome.ROSTER_WRONG)
_SHORTEST_ANSWER = 5

RECEIVED = notices.Template(
    "round_objection_received",
    _("已收到您对名单的异议"),
    _("已收到您对名单的异议，查询号{code}，最迟{due}有结论。"),
    sms=_(
        "已收到您对摇号名单的异议，查询号{code}，最迟{due_short}有结论。我们不会在短信里要您转账或点链接"
    ),
)
ANSWERED = notices.Template(
    "round_objection_answered",
    _("您对名单的异议有了结论"),
    _("查询号{code}：{result}"),
    sms=_(
        "您对摇号名单的异议有了结论，请在公示页凭查询号{code}查看。我们不会在短信里要您转账或点链接"
    ),
)


class RosterObjectionRefused(Refusal):
    """Too late, too little to be checked, or not for this person to answer."""


@dataclass(frozen=True)
class Said:
    """What somebody objects to: ``about`` of RosterObjection.About, the ticket if it is one's."""

    about: str
    text: str
    ticket: str = ""
    contact: str = ""


# -- Taking in -------------------------------------------------------------------------------------


def raise_(round_: Round, said: Said, *, by: Any = None) -> RosterObjection:
    """Keeps an objection with its number and day; ``by`` a person who wrote it down for somebody.

    The same words by the same contact, sent twice, are one objection. Raises
    RosterObjectionRefused, ObjectionRefused.
    """
    with transaction.atomic():
        row = locks.fresh(round_)
        if why := why_not_object(row):
            raise RosterObjectionRefused(why)
        objections.refuse_bad_words(said.text, said.contact)
        ticket = _ticket(row, said.ticket)
        if (before := _said_before(row, said)) is not None:
            return before
        _refuse_flood(row, said)
        made = RosterObjection.objects.create(
            round=row,
            line=(row.objections.aggregate(last=Max("line"))["last"] or 0) + 1,
            number=objections.new_number(),
            about=said.about,
            ticket=ticket,
            named=bool(said.contact.strip()),
            channel="window" if by is not None else "online",
            text=said.text.strip(),
            contact=said.contact.strip(),
            made_at=clock.now(),
            due_on=periods.of("roster_objection").after(clock.today()),
        )
        audit.record("round.objection", by=by or audit.System("public"), thing=row, line=made.line)
        objections.text_objector(
            made, RECEIVED, due=made.due_on, due_short=display.day_short(made.due_on)
        )
        return made


def why_not_object(round_: Round) -> str:
    """Why nobody may object to the roster now; empty while the window is open."""
    if round_.state != states.R_FROZEN:
        return str(_("名单还没有公布，或者这一轮已经摇过号，现在不能对名单提出异议。"))
    if clock.today() > round_.objection_until:
        return str(
            _("异议期到%(day)s为止，已经结束。有新的情况请拨%(phone)s。")
            % {"day": display.day(round_.objection_until), "phone": PHONE}
        )
    return ""


# -- The desk --------------------------------------------------------------------------------------


def claim(made: RosterObjection, *, by: Staff) -> RosterObjection:
    """认领: this person checks it, and reads who objected. Raises RosterObjectionRefused."""
    with transaction.atomic():
        row = locks.fresh(made)
        if why := why_not_answer(row, by):
            raise RosterObjectionRefused(why)
        row.claimed_by = by
        row.claim_expires_at = periods.of("objection_claim").later(clock.now())
        row.save(update_fields=["claimed_by", "claim_expires_at"])
        audit.record("round.objection_claimed", by=by.user, thing=row.round, line=row.line)
        return row


def answer(made: RosterObjection, *, by: Staff, outcome: str, text: str) -> RosterObjection:
    """核查结论: published without the objector, and a line of the public log.

    Raises RosterObjectionRefused.
    """
    with transaction.atomic():
        locks.fresh(made.round)
        row = locks.fresh(made)
        if why := why_not_answer(row, by):
            raise RosterObjectionRefused(why)
        if outcome not in ANSWERS:
            raise RosterObjectionRefused(_("请选择「核查结论」。"), field="outcome")
        if len(text.strip()) < _SHORTEST_ANSWER:
            raise RosterObjectionRefused(_("请写明核查的情况，至少5个字，会公布。"), field="text")
        if objections.names_contact(row.contact, text):
            raise RosterObjectionRefused(
                _("这段话会公布，里面有反映人的姓名或联系方式，请删掉。"), field="text"
            )
        _close(row, outcome, text.strip(), by)
        ledgers.append(row.round, "objection", number=row.line, outcome=str(outcome))
        objections.text_objector(row, ANSWERED, result=lambda: str(row.get_outcome_display()))
        return row


def lapse(round_: Round, *, by: Staff) -> None:
    """The round is void: what was not answered is closed, inside the verb."""
    for row in round_.objections.filter(answered_at=None):
        _close(row, Outcome.LAPSED, "", by)
        objections.text_objector(row, ANSWERED, result=lambda: str(Outcome.LAPSED.label))


def why_not_answer(made: RosterObjection, staff: Staff) -> str:
    """Why this person may not check or answer it."""
    if not set(MAY_ANSWER) & set(staff.roles):
        return str(_("名单异议由区住房保障管理中心核查。"))
    if made.answered_at is not None:
        return str(_("这条异议已经答复。"))
    if keeping_out.is_excluded(made.round, staff.user):
        return str(_("您与一户参加家庭有亲属关系，需要回避，请由同事办理。"))
    return str(objections.why_not_mine(made, staff))


# -- What it holds ---------------------------------------------------------------------------------


def holding(round_: Round) -> QuerySet[RosterObjection]:
    """Those that hold the reveal: by name and unanswered, or found to make the roster wrong."""
    open_ = Q(named=True, answered_at=None) | Q(outcome=Outcome.ROSTER_WRONG)
    return round_.objections.filter(open_)


def refuse_if_open(round_: Round) -> None:
    """Raises RoundRefused while an objection holds the reveal, inside it."""
    held = list(holding(round_).values_list("line", "outcome"))
    if wrong := [line for line, outcome in held if outcome == Outcome.ROSTER_WRONG]:
        raise keeping_out.RoundRefused(
            _("第%(lines)s号异议查明名单有误，这一轮不能揭晓，要由两个人作废。")
            % {"lines": display.listed(wrong)}
        )
    if held:
        raise keeping_out.RoundRefused(
            _("还有%(n)s条名单异议没有答复，答复以后才能揭晓。") % {"n": len(held)}
        )


def by_number(number: str) -> RosterObjection | None:
    """The objection of a number as typed."""
    clean = "".join(number.upper().replace("-", "").split())
    return RosterObjection.objects.filter(number=clean).select_related("round").first()


# -- Parts -----------------------------------------------------------------------------------------


def _close(row: RosterObjection, outcome: str, text: str, by: Staff) -> None:
    row.outcome, row.answer, row.answered_at, row.answered_by = outcome, text, clock.now(), by
    row.save(update_fields=["outcome", "answer", "answered_at", "answered_by"])
    audit.record(
        "round.objection_answered", by=by.user, thing=row.round, line=row.line, outcome=outcome
    )


def _ticket(row: Round, ticket: str) -> str:
    ticket = "".join(ticket.upper().split())
    if ticket and not row.entrants.filter(ticket=ticket).exists():
        raise RosterObjectionRefused(
            _("名单里没有这个号牌，请对照名单再看一遍。不清楚的，这一栏可以空着。"), field="ticket"
        )
    return ticket


def _said_before(row: Round, said: Said) -> RosterObjection | None:
    wanted = (said.text.strip(), said.contact.strip())
    same = (one for one in row.objections.filter(about=said.about)
            if (one.text, one.contact) == wanted)  # fmt: skip
    return next(same, None)


def _refuse_flood(row: Round, said: Said) -> None:
    """Clues without a contact are turned away once too many wait; a named objection never."""
    if said.contact.strip():
        return
    waiting = row.objections.filter(named=False, answered_at=None).count()
    if waiting >= periods.of("objection_clues").value:
        raise RosterObjectionRefused(
            _("这一轮待查的匿名线索已经很多。请留下联系方式，或者拨%(phone)s。") % {"phone": PHONE},
            field="contact",
        )
