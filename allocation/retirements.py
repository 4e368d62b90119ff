"""退出使用: a home is taken out of the stock for good, with a reason and, by rule, two persons."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.access import has_role
from accounts.models import Staff
from accounts.roles import Role
from allocation import holds, states
from allocation.models import Home, Retirement
from applications import periods
from core import audit, clock, locks
from core.refusals import Refusal
from core.workflow import advance

Outcome = Retirement.Outcome


class RetirementRefused(Refusal):
    """The home is not retired like this."""


def why_not_propose(home: Home, staff: Staff) -> str:
    """Why this person may not propose to retire this home. Button and verb ask this."""
    if not has_role(staff.user, Role.ADMIN):
        return _("退出使用由住房保障管理中心的业务管理岗位办理。")
    if standing(home) is not None:
        return _("已有人提出让这套房退出使用。")
    if not states.HOME.allows(home.state, states.H_RETIRED):
        return _("这套房现在是「%(state)s」，不能退出使用。") % {
            "state": states.HOME[home.state].tag
        }
    return ""


def why_not_confirm(row: Retirement, staff: Staff) -> str:
    """Why this person may not confirm it."""
    if not has_role(staff.user, Role.ADMIN):
        return _("退出使用由住房保障管理中心的业务管理岗位办理。")
    if row.outcome != Outcome.OPEN:
        return _("这件事已经有了结果。")
    if row.two_persons and row.proposed_by_id == staff.pk:
        return _("提出的人不能自己确认，请换一位同事。")
    return ""


def standing(home: Home) -> Retirement | None:
    """The proposal that waits for its second person."""
    return home.retirements.filter(outcome=Outcome.OPEN).select_related("proposed_by").first()


def propose(home: Home, *, by: Staff, reason: str) -> Retirement:
    """Asks to retire a home; where one person is enough, it is retired. RetirementRefused."""
    try:
        with transaction.atomic():
            row = locks.fresh(home)
            if why := why_not_propose(row, by):
                raise RetirementRefused(why)
            if not reason.strip():
                raise RetirementRefused(_("请写明为什么退出使用。"), "reason")
            two = bool(periods.of("home_retire_two").value)
            made = Retirement.objects.create(
                home=row, reason=reason.strip()[:400], two_persons=two, proposed_by=by,
                proposed_at=clock.now(),
            )  # fmt: skip
            audit.record("home.retirement_proposed", by=by.user, thing=row, reason=made.reason)
            return made if two else _retire(row, made, by)
    except IntegrityError as error:
        if "home_retired_once" in str(error):
            raise RetirementRefused(_("已有人提出让这套房退出使用。")) from error
        raise


def confirm(row: Retirement, *, by: Staff) -> Retirement:
    """The second person retires it; confirmed before, it is returned. RetirementRefused."""
    with transaction.atomic():
        home = locks.fresh(row.home)
        here = locks.fresh(row)
        if here.outcome == Outcome.RETIRED:
            return here
        if why := why_not_confirm(here, by):
            raise RetirementRefused(why)
        return _retire(home, here, by)


def withdraw(row: Retirement, *, by: Staff) -> Retirement:
    """Anybody who may decide takes the proposal back; the home stays as it is."""
    with transaction.atomic():
        home = locks.fresh(row.home)
        here = locks.fresh(row)
        if here.outcome == Outcome.WITHDRAWN:
            return here
        if not has_role(by.user, Role.ADMIN) or here.outcome != Outcome.OPEN:
            raise RetirementRefused(_("这件事已经有了结果。"))
        _decide(here, Outcome.WITHDRAWN, by)
        audit.record("home.retirement_withdrawn", by=by.user, thing=home)
        return here


def _retire(home: Home, row: Retirement, by: Staff) -> Retirement:
    """The state is asked again: the home may have been drawn since it was proposed."""
    if not states.HOME.allows(home.state, states.H_RETIRED):
        raise RetirementRefused(
            _("这套房现在是「%(state)s」，不能退出使用。") % {"state": states.HOME[home.state].tag}
        )
    _decide(row, Outcome.RETIRED, by)
    # a repair that goes on for a home nobody will live in has no end of its own
    holds.close_standing(home, by=by.user, reason=_("退出使用"))
    advance(home, states.H_RETIRED, by=by.user, reason=row.reason)
    return row


def _decide(row: Retirement, outcome: str, by: Staff) -> None:
    row.outcome, row.decided_by, row.decided_at = outcome, by, clock.now()
    row.save(update_fields=["outcome", "decided_by", "decided_at"])
