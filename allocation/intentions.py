"""意向登记 and 配租前核对: who of the waiting takes part in a round (令11号 §12)."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from allocation import states
from allocation.models import Estate, Round
from applications import findings, verification
from applications import states as application_states
from applications.models import Application, Assessment
from applications.models.evidence import PRE_ALLOTMENT
from core import audit, clock, locks
from core.workflow import Refusal, advance

SYSTEM = audit.System("配租前核对")
ACCEPTABLE = ("eligible", "conditional")


class IntentionRefused(Refusal):
    """The household cannot join or leave a round now."""


def register(
    application: Application,
    round_: Round,
    *,
    by: Any,
    preferences: list[str],
    any_estate: bool,
    needs_accessible: bool,
) -> Application:
    """Joins a round with preferences among estates; starts the check before allotment."""
    with transaction.atomic():
        # the round first, as a freeze does: who joins is on its roster or is refused
        _refuse_if_closed(locks.fresh(round_))
        row = locks.fresh(application)
        _refuse_unknown_estates(preferences)
        row.wishes = {
            **row.wishes,
            "round": round_.code,
            "preferences": list(dict.fromkeys(preferences)),
            "any_estate": any_estate or not preferences,
            "needs_accessible": needs_accessible,
        }
        row.save(update_fields=["wishes"])
        row = advance(row, application_states.INTENTION, by=by)
        row = advance(row, application_states.RE_REVIEW, by=by)
        verification.request_checks(row, round=check_round(round_), by=by)
        return row


def leave(application: Application, round_: Round, *, by: Any) -> Application:
    """Takes a household out of a planned round; its place on the waiting list stays."""
    with transaction.atomic():
        planned = locks.fresh(round_).state == states.R_PLANNED
        row = locks.fresh(application)
        if row.wishes.get("round") != round_.code or not planned:
            raise IntentionRefused(_("名单已经定了，不能再退出这一轮。"))
        return advance(row, application_states.WAITLISTED, by=by, reason=round_.code)


def settle(application: Application, round_: Round, *, by: Any) -> str:
    """The outcome of the check before allotment, by the same rules; assesses if answers are in.

    What the departments settled in the joint review on the very same value is not in doubt again.
    """
    with transaction.atomic():
        row = locks.fresh(application)
        name = check_round(round_)
        if not verification.is_complete(row, name):
            return "pending_source"
        made = verification.assess_now(row, round=name, on=clock.today(), by=by)
        return "conditional" if _settled_by_people(row, made) else made.outcome


def check_round(round_: Round) -> str:
    """The name under which evidence of this check is kept."""
    return f"{PRE_ALLOTMENT}{round_.code}"[:30]


def round_of(application: Application) -> Round | None:
    """The round that the household registered for."""
    return Round.objects.filter(code=application.wishes.get("round", "")).first()


def joined(round_: Round) -> QuerySet[Application]:
    """Households that registered for the round and may still be in it."""
    return Application.objects.filter(
        state=application_states.RE_REVIEW, wishes__round=round_.code
    ).order_by("id")


def _settled_by_people(application: Application, assessment: Assessment) -> bool:
    """Whether there were doubts, and people have settled every one of them in its favour."""
    return bool(
        findings.doubtful(assessment)
        and not findings.unsettled(application, assessment)
        and not findings.confirmed_fails(application, assessment)
    )


def _refuse_if_closed(round_: Round) -> None:
    if round_.state != states.R_PLANNED or clock.today() > round_.intention_until:
        raise IntentionRefused(_("这一轮的意向登记已经结束，可以登记下一轮。"))


def _refuse_unknown_estates(preferences: list[str]) -> None:
    known = set(Estate.objects.filter(code__in=preferences).values_list("code", flat=True))
    if set(preferences) - known:
        raise IntentionRefused(_("所选小区不在名单里，请重新选择。"), field="preferences")
