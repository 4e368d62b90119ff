"""好差评: one word on each finished step, and what becomes of a bad one (国办发〔2019〕51号).

Nobody is made to rate and nobody who worked on the case sees who said what. A bad word opens a
call-back with working days: somebody of the centre calls, checks, mends and tells the person. What
goes to the province names nobody.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import periods, province, receipts, states
from applications.models import Application, CallBack, Rating
from core import audit, clock, display, locks
from core.identity.masking import mask_text
from core.refusals import Refusal

Step, Level = Rating.Step, Rating.Level
BAD = (Level.POOR, Level.VERY_POOR)
SYSTEM = audit.System("ratings")
_DIGITS = re.compile(r"\d[\d\s-]{4,}\d")
_TEXT = 400
# code → words; a good word may have reasons, a bad one is understood better with one
REASONS: dict[str, Any] = {
    "clear": gettext_lazy("说得明白"),
    "fast": gettext_lazy("办得快"),
    "kind": gettext_lazy("态度好"),
    "slow": gettext_lazy("等得太久"),
    "again": gettext_lazy("要重复提交材料"),
    "unclear": gettext_lazy("说不清楚，看不懂"),
    "rude": gettext_lazy("态度不好"),
    "broken": gettext_lazy("页面或机器不好用"),
    "wrong_data": gettext_lazy("查到的信息不对"),
}


class RatingRefused(Refusal):
    """The step is not finished, or the word can no longer be changed."""


@dataclass(frozen=True)
class Door:
    """A step that may be rated, or was: what the case page shows of it."""

    step: str
    word: str
    href: str
    level: str
    call_back: CallBack | None
    may_change: bool


def finished(application: Application) -> list[str]:
    """The steps of a case that are over and may be rated, in their order."""
    decided = application.decided_at or application.state in (states.REFUSED, states.UPHELD)
    over = {
        Step.ACCEPTED: bool(application.accepted_at),
        Step.DECIDED: bool(decided),
        Step.MOVED_IN: application.state == states.CLOSED,
    }
    return [step for step, done in over.items() if done]


def rate(
    application: Application,
    step: str,
    *,
    by: Any,
    level: int,
    reasons: Iterable[str] = (),
    text: str = "",
) -> Rating:
    """Says how a step was, or changes it within some days. Raises RatingRefused."""
    given = [code for code in REASONS if code in set(reasons)]
    with transaction.atomic():
        row = locks.fresh(application)
        if level not in Level.values:
            raise RatingRefused(_("请选择一个评价。"), "level")
        if why := why_not_rate(row, step, by, today=clock.today()):
            raise RatingRefused(why)
        rating = _write(row, step, by, level, given, text.strip()[:_TEXT])
        audit.record("rating.given", by=by, thing=rating, step=step, level=level)
        _follow(rating)
        _push(rating)
        return rating


def why_not_rate(application: Application, step: str, by: Any, *, today: date) -> str:
    """Why this person cannot rate this step now."""
    if not receipts.may_see(by, application):
        return _("这不是您的申请。")
    if step not in finished(application):
        return _("这一步还没有办完，办完以后再评价。")
    rating = application.ratings.filter(step=step).first()
    if rating is None:
        return ""
    if rating.by_id != by.pk:
        return _("家人已经评价过这一步。")
    if today > last_day_to_change(rating):
        return _("评价只能在%(n)d天以内修改，已经过了。还有意见，可以打电话告诉我们。") % {
            "n": periods.of("rating_change").value
        }
    return ""


def last_day_to_change(rating: Rating) -> date:
    """The last day on which a word may be taken back and given anew."""
    return periods.of("rating_change").after(rating.made_at.astimezone(clock.LOCAL).date())


def doors(application: Application, user: Any) -> list[Door]:
    """The steps that this person may rate, and what was said of them."""
    given = {one.step: one for one in application.ratings.select_related("call_back")}
    return [_door(application, step, given.get(step), user) for step in finished(application)]


def of_desk() -> QuerySet[CallBack]:
    """Call-backs that wait for somebody, the one due first on top."""
    waiting = CallBack.objects.exclude(state=states.CALL_BACK_CLOSED)
    return waiting.select_related("rating__application").order_by("due_on", "pk")


def plain(text: str, application: Application) -> str:
    """A free text without anybody's name, number or room, as it may leave the platform."""
    clean = mask_text(text)
    for name in application.members.values_list("name", flat=True):
        clean = clean.replace(name, "***")
    return _DIGITS.sub("***", clean)


# -- Parts ---------------------------------------------------------------------------------------


def _write(
    row: Application, step: str, by: Any, level: int, reasons: list[str], text: str
) -> Rating:
    now = clock.now()
    known = row.ratings.filter(step=step).first()
    if known is None:
        try:
            with transaction.atomic():
                return Rating.objects.create(
                    application=row, step=step, by=by, level=level, reasons=reasons, text=text,
                    made_at=now, changed_at=now,
                )  # fmt: skip
        except IntegrityError as error:
            raise RatingRefused(_("这一步已经评价过。")) from error
    known.level, known.reasons, known.text = level, reasons, text
    known.changed_at, known.revision = now, known.revision + 1
    known.save(update_fields=["level", "reasons", "text", "changed_at", "revision"])
    return known


def _follow(rating: Rating) -> None:
    """A bad word is called about; one that was changed for the better meanwhile is still heard."""
    if rating.level not in BAD:
        return
    today, now = clock.today(), clock.now()
    made, new = CallBack.objects.get_or_create(
        rating=rating,
        defaults={
            "state_since": now,
            "opened_at": now,
            "call_by": periods.of("rating_call").after(today),
            "due_on": periods.of("rating_answer").after(today),
        },
    )
    if new:
        audit.record("call_back.opened", by=SYSTEM, thing=made, case_no=made.case_no)


def _push(rating: Rating) -> None:
    province.tell_rating(
        rating.application,
        f"rating-{rating.step}-{rating.revision}",
        {
            "step": rating.step,
            "level": rating.level,
            "reasons": rating.reasons,
            "text": plain(rating.text, rating.application),
            "at": rating.changed_at.astimezone(clock.LOCAL).isoformat(),
            "revision": rating.revision,
        },
    )


def _door(application: Application, step: str, given: Rating | None, user: Any) -> Door:
    why = why_not_rate(application, step, user, today=clock.today())
    return Door(
        step=step,
        word=str(Step(step).label),
        href="" if why else reverse("my_rate", args=[application.case_no, step]),
        level=str(Level(given.level).label) if given else "",
        call_back=getattr(given, "call_back", None) if given and given.by_id == user.pk else None,
        may_change=given is not None and not why,
    )


def change_until(rating: Rating) -> str:
    """2026年12月3日（星期四）."""
    return display.day(last_day_to_change(rating))
