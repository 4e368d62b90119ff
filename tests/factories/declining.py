"""Households that declined, causes and proposals in a chosen state, a choice day under way."""

from datetime import date, datetime, time
from typing import Any

from accounts.models import Staff
from accounts.roles import BureauKind, Role
from allocation import bans, causes, choice_days, offers
from allocation.models import BanProposal, ChoiceDay, ChoiceTurn, JustCause, Offer, Round
from applications.models import Application
from core import clock, workdays
from tests.factories import accounts
from tests.factories import allocation as make

ILL = causes.Claim("illness", "孩子在市里的医院治疗，每周两次")


def district() -> Staff:
    """Somebody of the district's desk."""
    return accounts.staff(Role.DISTRICT, bureau=accounts.bureau(BureauKind.CENTRE))


def declined(household: Application | None = None, cause: causes.Claim | None = None) -> Offer:
    """A home that this household has declined."""
    round_ = make.revealed([household or make.waiting()], 1)
    return offers.decline(make.opened(round_), by=offers.SYSTEM, via="phone", cause=cause)


def proposal() -> BanProposal:
    """A household that has declined as often as the policy allows."""
    household = make.waiting()
    for _time in range(2):
        declined(household)
        household.refresh_from_db()
    return BanProposal.objects.get(application=household)


def noticed() -> BanProposal:
    """The household was told what is proposed."""
    return bans.serve_notice(proposal(), by=district())


def heard() -> BanProposal:
    """The household has spoken."""
    return bans.hear(noticed(), by=offers.SYSTEM, channel="phone", text="当时不知道会计次数")


def refused() -> JustCause:
    """A cause that two persons did not accept."""
    cause = causes.propose_refusal(
        declined(cause=ILL).cause, by=district(), reason="没有看到需要就近治疗的证明"
    )
    return causes.refuse(cause, by=district())


def ordered(households: Any = 3, homes: Any = 2) -> Round:
    """A round in which the order was drawn."""
    return make.revealed(households, homes, mode=Round.Mode.ORDER)


def first_day() -> date:
    """The first day on which a choice day may begin."""
    return workdays.add_workdays(clock.today(), 3)


def choice_by() -> Any:
    """Somebody at the desk of the hall."""
    return accounts.staff(Role.ATTENDANT).user


def planned_day(round_: Round | None = None) -> ChoiceDay:
    """A choice day at nine o'clock, as soon as it may be."""
    round_ = round_ or ordered()
    starts_at = datetime.combine(first_day(), time(9), tzinfo=clock.LOCAL)
    return choice_days.plan(
        round_, by=round_.created_by, starts_at=starts_at, place="区行政服务中心三楼"
    )


def open_day(round_: Round | None = None) -> ChoiceDay:
    """A choice day whose first household is called; the clock stands at its beginning."""
    day = planned_day(round_)
    make.wait_for(day.starts_at)
    return choice_days.open_day(day, by=day.round.created_by)


def called(day: ChoiceDay) -> ChoiceTurn:
    """The household that is called now."""
    return ChoiceTurn.objects.get(day=day, state="called")
