"""今天要定的事 (landing of the office): decisions, risks and the people waiting longest."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from allocation import aid, holds, payments, re_review_days
from allocation import states as rounds
from allocation.models import ArrearsFlag, Reduction, ReReview, Retirement, RosterObjection
from applications import escalations, ratings, registers, states
from applications.models import Application, WaitEntry
from core.models import OutboxMessage
from datashare.models import Call
from office.figures import oneflow, today
from office.figures.figure import Figure, Line, Moment, cases_href, measure
from office.figures.populations import of_applications

_LONGEST = 6
_DOWN = timedelta(hours=1)  # in which a source without one answer counts as down


@dataclass(frozen=True)
class Item:
    """One line of the landing: what waits, how many, where to go."""

    title: Any
    number: int
    unit: Any
    href: str
    definition: Any = ""


def today_page(moment: Moment) -> dict[str, Any]:
    """Decisions, risks and the people waiting longest."""
    numbers = measure((*today.FIGURES, *oneflow.RISKS), moment)
    decisions = [*_items(today.FIGURES, numbers), *_rents()]
    risks = [*_escalated(), *_before_draws(), *_items(oneflow.RISKS, numbers),
             *_silent_sources(moment), *_dead_messages(), *_bad_ratings(), *_homes(moment),
             *_money_and_help()]  # fmt: skip
    return {
        "moment": moment.at,
        "decisions": [one for one in decisions if one.number],
        "calm": [one for one in decisions if not one.number],
        "risks": [one for one in risks if one.number],
        "waiting": _waiting_longest(),
        "in_review": _reviewed_longest(),
    }


def _items(figures: Iterable[Figure], numbers: dict[str, int]) -> list[Item]:
    return [
        Item(one.title, numbers[one.key], one.counted_in, cases_href(one.key), one.definition)
        for one in figures
    ]


def _escalated() -> list[Item]:
    """Cases that will miss their day or have missed it, with the desks that hold them."""
    return [
        Item(
            _("督办的申请"), escalations.standing().count(), pgettext("cases", "件"),
            reverse("office_late"), _("预计超过或者已经超过承诺期限、法定期限，列出现在由谁办。"),
        )
    ]  # fmt: skip


def _before_draws() -> list[Item]:
    """What holds a draw: objections to a roster, and checks that need a person."""
    objections = RosterObjection.objects.filter(answered_at=None, named=True)
    checks = ReReview.objects.filter(
        state=rounds.C_PERSON, application__state=states.RE_REVIEW, round__state=rounds.R_PLANNED
    )
    past = re_review_days.past().count()
    late = re_review_days.past().first() if past else None
    checks_href = reverse("office_round_checks", args=[late.round.code]) if late else ""
    return [
        Item(
            _("配租前核对已过期限"), past, _("户"),
            checks_href or reverse("office_rounds"),
            _("登记意向以后到了期限还没有核对完的家庭；不会因此不符合条件，要有人去办。"),
        ),
        Item(
            _("待答复的名单异议"), objections.count(), _("条"), reverse("office_rounds"),
            _("留了联系方式、还没有答复的名单异议；答复以前这一轮不能揭晓。"),
        ),
        Item(
            _("配租前核对待人工核实"), checks.count(), _("户"), reverse("office_rounds"),
            _("配租前核对有疑问、要由人核实的家庭；到定名单还没有结果的，保留位置。"),
        ),
    ]  # fmt: skip


def _silent_sources(moment: Moment) -> list[Item]:
    """Sources that were asked in the last hour and gave not one answer."""
    asked = (
        Call.objects.since(moment.at - _DOWN)
        .order_by()
        .values("source")
        .annotate(n=Count("pk"), answered=Count("pk", filter=~Q(outcome=Call.Outcome.UNAVAILABLE)))
        .filter(answered=0)
    )
    return [
        Item(
            _("%(source)s没有答复") % {"source": registers.name_of(row["source"])},
            row["n"], pgettext("enquiries", "次"), reverse("office_sources"),
            _("最近一小时的查询都没有答复；会自动再查。"),
        )
        for row in asked
    ]  # fmt: skip


def _dead_messages() -> list[Item]:
    dead = OutboxMessage.objects.filter(state=OutboxMessage.State.DEAD).count()
    return [
        Item(
            _("没有送到的推送"), dead, _("条"), reverse("office_ops"),
            _("多次重试仍没有送到运营公司、门禁、短信或省平台，系统管理员可以重新发送。"),
        )
    ]  # fmt: skip


def _bad_ratings() -> list[Item]:
    return [
        Item(
            _("待回访的差评"), ratings.of_desk().count(), _("条"), reverse("office_ratings"),
            _("不满意和非常不满意的评价，还没有反馈给评价人。"),
        )
    ]  # fmt: skip


def _homes(moment: Moment) -> list[Item]:
    """Homes that somebody has to do something about."""
    waiting = Retirement.objects.filter(outcome=Retirement.Outcome.OPEN).count()
    overdue = holds.in_force().filter(until__lt=moment.day).count()
    return [
        Item(
            _("待办的房源"), waiting + overdue, _("套"), reverse("office_homes"),
            _("到期的维修和保留，等待确认的退出使用。"),
        )
    ]  # fmt: skip


def _rents() -> list[Item]:
    """Rents that wait for a person: months that came to the line, reductions asked for."""
    flags = ArrearsFlag.objects.filter(state=rounds.F_RAISED).count()
    asked = Reduction.objects.filter(state=rounds.D_ASKED).count()
    return [
        Item(
            _("累计欠租待核对"), flags, _("户"), reverse("office_rent"),
            _("累计欠租到了六个月，请人了解情况；不会因此终止租约。"),
        ),
        Item(
            _("租金减免待决定"), asked, _("份"), reverse("office_rent"),
            _("住户申请了租金减免，还没有答复。"),
        ),
    ]  # fmt: skip


def _money_and_help() -> list[Item]:
    """Money that stands with nobody, and households that nobody called on in time."""
    return [
        Item(
            _("待认领的款"), payments.suspense().count(), _("笔"), reverse("office_rent"),
            _("银行流水里没有认出是哪一户的付款，由运营公司认领。"),
        ),
        Item(
            _("街道还没有联系的欠租家庭"), aid.overdue().count(), _("户"), reverse("office_rent"),
            _("转给街道主动帮助、过了日期还没有联系的家庭。"),
        ),
    ]  # fmt: skip


def _waiting_longest() -> list[Line]:
    entries = (
        WaitEntry.objects.filter(ended_at__isnull=True, application__state=states.WAITLISTED)
        .select_related("application__street")
        .order_by("registered_at")[:_LONGEST]
    )
    rows = {entry.application: entry.registered_at for entry in entries}
    return _since(list(rows), list(rows.values()))


def _reviewed_longest() -> list[Line]:
    rows = list(
        Application.objects.in_state(*oneflow.RUNNING)
        .exclude(state=states.PUBLICITY)
        .filter(accepted_at__isnull=False)
        .select_related("street")
        .order_by("accepted_at")[:_LONGEST]
    )
    return _since(rows, [row.accepted_at for row in rows])


def _since(rows: list[Application], moments: list[Any]) -> list[Line]:
    lines = of_applications(rows)
    return [replace(line, since=at) for line, at in zip(lines, moments, strict=True)]
