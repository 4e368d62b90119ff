"""What the pages of a round read: counts, households by tier, what blocks, what is next.

Decides nothing: the verbs ask the same functions again under lock.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import User
from allocation import (
    choice_days,
    facts,
    holds,
    intentions,
    keeping_out,
    plan_homes,
    plan_table,
    re_review_days,
    re_reviews,
    roster_objections,
    schedule,
    states,
)
from allocation.models import Entrant, Estate, Offer, ReReview, Round
from applications.models import Application
from core import clock, display

_SHOWN = 200
_MOST_UNFIT = 20
_INSTEAD = 50  # homes that are offered in the place of another


@dataclass(frozen=True)
class TierLine:
    """Households of one draw tier, or wishing one kind of home."""

    word: str
    households: int
    homes: int | None = None


def counts(row: Round) -> list[tuple[str, int]]:
    """The figures at the head of the office's page."""
    offers = Offer.objects.filter(entrant__round=row).aggregate(
        accepted=Count("pk", filter=Q(state=states.O_ACCEPTED)),
        declined=Count("pk", filter=Q(state__in=[states.O_DECLINED, states.O_LAPSED])),
        open=Count("pk", filter=Q(state__in=states.OFFER.open_ids)),
    )
    homes = (pgettext("several", "房源"), row.homes.count())
    if row.state == states.R_PLANNED:
        checks = check_counts(row)
        return [
            homes,
            (_("已登记意向"), intentions.joined(row).count()),
            (_("等待答复"), checks[states.C_WAITING]),
            (_("待人工核实"), checks[states.C_PERSON]),
        ]
    return [
        homes,
        (_("参加家庭"), row.entrants.count()),
        (_("已接受"), offers["accepted"]),
        (_("放弃或过期"), offers["declined"]),
        (_("还没选"), offers["open"]),
    ]


def check_counts(row: Round) -> Counter[str]:
    """The round's checks before allotment by state."""
    rows = re_reviews.of_round(row).order_by().values_list("state").annotate(n=Count("pk"))
    return Counter(dict(rows))


def by_tier(row: Round) -> list[TierLine]:
    """Households by draw tier: who goes first."""
    found: Any
    if row.state == states.R_PLANNED:
        found = (
            intentions.joined(row).order_by("wait_entry__draw_tier")
            .values_list("wait_entry__draw_tier").annotate(n=Count("pk"))
        )  # fmt: skip
    else:
        found = row.entrants.order_by("tier").values_list("tier").annotate(n=Count("pk"))
    return [TierLine(_("第%(n)s档") % {"n": tier}, n) for tier, n in found]


def by_type(row: Round) -> list[TierLine]:
    """Households that may take each kind of home, beside the homes of that kind."""
    wanted: Any
    if row.state == states.R_PLANNED:
        wanted = intentions.joined(row).values_list("wait_entry__unit_types", flat=True)
    else:
        wanted = row.entrants.values_list("unit_types", flat=True)
    households = Counter(one for types in wanted for one in types)
    homes = Counter(row.homes.values_list("unit_type", flat=True))
    return [
        TierLine(facts.unit_type(one), households[one], homes[one])
        for one in sorted({*households, *homes})
    ]


def needs(row: Round) -> list[tuple[str, int]]:
    """How many of the households that joined have a need about the home."""
    joined = intentions.joined(row)
    return [
        (_("需要无障碍住房"), joined.filter(wishes__needs_accessible=True).count()),
        (_("希望住低楼层"), joined.filter(wishes__low_floor=True).count()),
    ]


def what_is_next(row: Round, user: User) -> dict[str, Any]:
    """The next step in words, why not yet, and why this person may not take it."""
    return {
        "title": _NEXT[row.state](row) if row.state in _NEXT else "",
        "blocks": _blocks(row),
        "why_not": keeping_out.why_not_run(row, user),
    }


_NEXT: dict[str, Any] = {
    states.R_PLANNED: lambda _row: _("下一步：定名单"),
    states.R_FROZEN: lambda _row: _("下一步：揭晓"),
    states.R_REVEALED: lambda row: _after_reveal(row),
}


def _after_reveal(row: Round) -> str:
    """A round of positions has its choice day first."""
    if row.mode == Round.Mode.ORDER and not choice_days.is_over(row):
        return _("下一步：选房日")
    return _("下一步：结束这一轮")


def _blocks(row: Round) -> list[tuple[str, str]]:
    """(state mark, sentence) of what the next step needs."""
    if row.state == states.R_PLANNED:
        return _before_freeze(row)
    if row.state == states.R_FROZEN:
        return _before_reveal(row)
    return []


def _before_freeze(row: Round) -> list[tuple[str, str]]:
    today, checks = clock.today(), check_counts(row)
    earliest = row.freeze_on or row.intention_until + timedelta(days=1)
    undecided = checks[states.C_WAITING] + checks[states.C_PERSON]
    homes, joined = row.homes.count(), intentions.joined(row).count()
    unfit = row.homes.exclude(state=states.H_AVAILABLE).count()
    late = re_review_days.past().filter(round=row).count()
    return [
        (_mark(today >= earliest), _("最早%(day)s定名单") % {"day": display.day(earliest)}),
        (_mark(homes > 0), _("已选%(n)s套房源") % {"n": homes}),
        (_mark(joined > 0), _("已登记意向%(n)s户") % {"n": joined}),
        (_mark(not undecided), _("还没核对完的%(n)s户，可以保留位置、参加下一轮")
         % {"n": undecided}),
        *((("later", _("不能配租的房源%(n)s套，见下面") % {"n": unfit}),) if unfit else ()),
        *((("later", _("核对已过期限的%(n)s户，请%(who)s督促")
            % {"n": late, "who": re_review_days.in_charge(row)}),) if late else ()),
    ]  # fmt: skip


def unfit_homes(row: Round) -> list[dict[str, Any]]:
    """Homes of a planned round that cannot be let as things stand, each with what is known of it.

    In time: a repair that ends by its date is over before the roster can be fixed.
    """
    if row.state != states.R_PLANNED:
        return []
    earliest = max(row.freeze_on or row.intention_until + timedelta(days=1), clock.today())
    rows = row.homes.exclude(state=states.H_AVAILABLE).select_related("estate").order_by("code")
    held = {one.home_id: one for one in holds.in_force().filter(home__in=rows)}
    return [
        {
            "home": one,
            "address": facts.address(one),
            "state": states.HOME[one.state],
            "hold": held.get(one.pk),
            "instead": plan_homes.candidates(row, one)[:_INSTEAD],
            "in_time": one.pk in held and held[one.pk].until < earliest,
        }
        for one in rows[:_MOST_UNFIT]
    ]


def _before_reveal(row: Round) -> list[tuple[str, str]]:
    open_ = roster_objections.holding(row).count()
    return [
        (_mark(clock.today() > row.objection_until),
         _("异议期到%(day)s") % {"day": display.day(row.objection_until)}),
        (_mark(not open_), _("还没答复、或者查明名单有误的异议%(n)s条") % {"n": open_}),
        (_mark(clock.now() >= row.entropy_at),
         _("公开事件%(time)s") % {"time": display.day_time(row.entropy_at)}),
    ]  # fmt: skip


def _mark(done: bool) -> str:
    return "met" if done else "later"


# -- The calendar ----------------------------------------------------------------------------------


def calendar_of(row: Round) -> dict[str, Any]:
    """The eight steps with what is provisional among them."""
    steps = schedule.steps(schedule.of_round(row))
    return {"steps": steps, "provisional": any(one.provisional for one in steps)}


# -- Lists -----------------------------------------------------------------------------------------


def preview(row: Round) -> list[dict[str, Any]]:
    """The households that would be on the roster today, names masked, by tier."""
    through = {one.application_id: one for one in ReReview.objects.filter(round=row)}
    households = (
        intentions.joined(row).select_related("wait_entry").prefetch_related("members")
        .order_by("wait_entry__draw_tier", "wait_entry__order_at", "pk")
    )  # fmt: skip
    names = estate_names()
    return [_previewed(one, through.get(one.pk), names) for one in households[:_SHOWN]]


def _previewed(
    application: Application, check: ReReview | None, names: dict[str, str]
) -> dict[str, Any]:
    entry, wishes = application.wait_entry, application.wishes
    return {
        "case_no": application.case_no,
        "name": application.applicant.name,
        "tier": entry.draw_tier,
        "group": plan_table.group_name(entry.tier) if entry.tier else "",
        "types": display.listed(facts.unit_type(one) for one in entry.unit_types),
        "preferences": display.listed(names.get(one, one) for one in wishes.get("preferences", [])),
        "any_estate": wishes.get("any_estate", True),
        "accessible": bool(wishes.get("needs_accessible")),
        "low_floor": bool(wishes.get("low_floor")),
        "check": check.STATES[check.state] if check else None,
    }


def estate_names() -> dict[str, str]:
    """Names of the estates by code."""
    return dict(Estate.objects.values_list("code", "name"))


def own_entrant(row: Round, user: Any) -> Entrant | None:
    """The entry of the household of whoever is signed in; nobody else's is ever found."""
    citizen = user.as_citizen if user.is_authenticated else None
    if citizen is None:
        return None
    mine = row.entrants.filter(
        application__members__id_index=citizen.id_index, application__members__excluded=False
    )
    return mine.select_related("round").first()


def roster_summary(row: Round) -> dict[str, Any]:
    """What is said of a published roster beside its lines."""
    tiers = row.entrants.aggregate(first=Min("tier"), last=Max("tier"))
    return {"households": row.entrants.count(), "homes": row.homes.count(), **tiers}
