"""意向登记 and 配租前核对: who of the waiting takes part in a round (令11号 §12)."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from allocation import states
from allocation.models import Estate, ReReview, Round
from applications import findings, periods, verification
from applications import states as application_states
from applications.models import Application, Assessment
from applications.models.evidence import PRE_ALLOTMENT
from core import audit, clock, locks
from core.workflow import Refusal, advance

SYSTEM = audit.System("配租前核对")
ACCEPTABLE = ("eligible", "conditional")


class IntentionRefused(Refusal):
    """The household cannot join or leave a round now."""


@dataclass(frozen=True)
class Wishes:
    """What a household says when it joins: estates in its order, whether others will do, needs."""

    preferences: list[str]
    any_estate: bool
    needs_accessible: bool
    low_floor: bool = False

    def kept(self, round_: Round) -> dict[str, Any]:
        """As the application keeps them; without any estate named every estate will do."""
        return {
            "round": round_.code,
            "preferences": list(dict.fromkeys(self.preferences)),
            "any_estate": self.any_estate or not self.preferences,
            "needs_accessible": self.needs_accessible,
            "low_floor": self.low_floor,
        }


def register(
    application: Application,
    round_: Round,
    *,
    by: Any,
    preferences: list[str],
    any_estate: bool,
    needs_accessible: bool,
    low_floor: bool = False,
    channel: str = "online",
) -> Application:
    """Joins a round with preferences among estates; starts the check before allotment.

    ``low_floor`` is kept for the people who choose the homes of a round and hand them over: the
    draw itself knows no floor.
    """
    wishes = Wishes(preferences, any_estate, needs_accessible, low_floor)
    with transaction.atomic():
        # the round first, as a freeze does: who joins is on its roster or is refused
        locked = locks.fresh(round_)
        row = locks.fresh(application)
        if why := why_not_join(row, locked):
            raise IntentionRefused(why)
        _keep_wishes(row, locked, wishes)
        row = advance(row, application_states.INTENTION, by=by)
        row = advance(row, application_states.RE_REVIEW, by=by)
        _open_check(locked, row, channel)
        verification.request_checks(row, round=check_round(round_), by=by)
        return row


def change(application: Application, round_: Round, wishes: Wishes, *, by: Any) -> Application:
    """Changes the wishes of a household that joined; possible to the end of the intentions.

    The check before allotment goes on as it is. Raises IntentionRefused.
    """
    with transaction.atomic():
        locked = locks.fresh(round_)
        row = locks.fresh(application)
        if why := why_not_change(row, locked):
            raise IntentionRefused(why)
        _keep_wishes(row, locked, wishes)
        audit.record("intention.changed", by=by, thing=row, round=locked.code)
        return row


def leave(application: Application, round_: Round, *, by: Any) -> Application:
    """Takes a household out of a planned round; its place on the waiting list stays."""
    with transaction.atomic():
        planned = locks.fresh(round_).state == states.R_PLANNED
        row = locks.fresh(application)
        if row.wishes.get("round") != round_.code or not planned:
            raise IntentionRefused(_("名单已经定了，不能再退出这一轮。"))
        for check in ReReview.objects.filter(round=round_, application=row):
            if check.STATES.allows(check.state, states.C_LEFT):
                advance(check, states.C_LEFT, by=by)
        return advance(row, application_states.WAITLISTED, by=by, reason=round_.code)


def why_not_join(application: Application, round_: Round) -> str:
    """Why the household cannot join this round; empty if it can, as far as the plan says."""
    if round_.state != states.R_PLANNED or clock.today() > round_.intention_until:
        return str(_("这一轮的意向登记已经结束，可以登记下一轮。"))
    if not round_.homes.exists():
        return str(_("这一轮的房源还没有公布，公布以后才能登记。"))
    if round_.groups and application.wait_entry.tier not in round_.groups:
        return str(_("这一轮的房源面向其他档次的家庭。您家的轮候位置不变，可以登记下一轮。"))
    return ""


def why_not_change(application: Application, round_: Round) -> str:
    """Why the household cannot change its wishes now."""
    if application.wishes.get("round") != round_.code or (
        application.state != application_states.RE_REVIEW
    ):
        return str(_("您家现在没有登记这一轮的意向。"))
    if round_.state != states.R_PLANNED or clock.today() > round_.intention_until:
        return str(_("意向登记已经截止，不能再改。名单公布之前还可以退出，轮候位置不变。"))
    return ""


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


def _keep_wishes(row: Application, round_: Round, wishes: Wishes) -> None:
    _refuse_unknown_estates(wishes.preferences)
    row.wishes = {**row.wishes, **wishes.kept(round_)}
    row.save(update_fields=["wishes"])


def _open_check(round_: Round, application: Application, channel: str) -> None:
    """Starts the working days of the household's check, anew for one that is back."""
    now = clock.now()
    kept = {"channel": channel, "registered_at": now,
            "due_on": periods.of("re_review").after(clock.today())}  # fmt: skip
    row, new = ReReview.objects.get_or_create(
        round=round_, application=application, defaults={"state_since": now, **kept}
    )
    if not new:
        advance(row, states.C_WAITING, by=SYSTEM)
        ReReview.objects.filter(pk=row.pk).update(
            **kept, outcome="", decided_by=None, decided_at=None, words=""
        )


def _refuse_unknown_estates(preferences: list[str]) -> None:
    known = set(Estate.objects.filter(code__in=preferences).values_list("code", flat=True))
    if set(preferences) - known:
        raise IntentionRefused(_("所选小区不在名单里，请重新选择。"), field="preferences")
