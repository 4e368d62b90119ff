"""A campaign's numbers (复核数字): what each one counts, and the very households behind it.

A number is one condition on the households of a campaign: its count, its split by street and tier
and the list that it leads to are all read by that condition, so they cannot differ.
"""

from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core import clock
from renewal import states
from renewal.models import Campaign, ExitCase, Outreach, Recheck, SampleCheck

ENDED = (states.X_DECIDED, states.X_MOVING, states.X_HANDED_BACK, states.X_COURT)
NO_TIER = "-"
_N = "n_"  # before a number's code, so that it is no column's name


@dataclass(frozen=True)
class Number:
    """One number: its word, what it counts, and the condition on a household's row."""

    code: str
    word: Any
    definition: Any
    where: Q
    tone: str = ""


_CASE = Q(exit_case__isnull=False)
NUMBERS = (
    Number("all", _("列入复核"), _("建立复核时列入的家庭，每户一次。"), Q()),
    Number("in_force", _("在保家庭"), _("列入时租约有效的家庭。"), Q(in_force=True)),
    Number(
        "past", _("已退出，仅供统计"),
        _("列入时租约已经结束的家庭：只查询、只统计，不产生任何办理。"), Q(in_force=False),
    ),
    Number("open", _("还在复核"), _("部门还没有全部答复的家庭。"), Q(state=states.K_CHECKING)),
    Number(
        "renewed", _("免填表确认"),
        _("各部门信息一致、标准不变，系统直接确认，家庭没有填任何表，抽查也没有发现出入。"),
        Q(lane=states.K_CLEAN, state=states.K_CLEAN), "good",
    ),
    Number(
        "changed", _("标准有调整"),
        _("仍符合条件，档次、租金或者家庭成员有变化，由工作人员确认。"), Q(lane=states.K_CHANGED),
    ),
    Number(
        "question", _("待查清"),
        _("有部门没有答复、有出入或者抽查发现出入，需要人查清；不会因此终止保障。"),
        Q(lane=states.K_QUESTION) | Q(lane=states.K_CLEAN) & ~Q(state=states.K_CLEAN),
    ),
    Number(
        "flagged", _("发现线索"),
        _("有一项条件不符合，作为线索交给工作人员核对；这时什么都没有改变。"),
        Q(lane=states.K_SUSPECT) | _CASE, "caution",
    ),
    Number(
        "confirmed", _("线索属实"),
        _("工作人员用第二个部门的信息核实了线索，而且没有撤销。"),
        _CASE & Q(exit_case__confirmed_at__isnull=False) & ~Q(exit_case__state=states.X_CLEARED),
    ),
    Number(
        "wrong", _("误报"), _("核对或者听取说明以后，线索不成立，家庭不受影响。"),
        Q(exit_case__state=states.X_CLEARED),
    ),
    Number(
        "heard", _("已听取说明"), _("书面告知以后，家庭作了说明，或者到期没有说明。"),
        Q(exit_case__noticed_at__isnull=False, exit_case__heard_at__isnull=False),
    ),
    Number(
        "ended", _("终止保障"), _("经核实、告知、听取说明，由两个人签发并送达了终止决定。"),
        Q(exit_case__state__in=ENDED, exit_case__decided_at__isnull=False),
    ),
    Number(
        "skipped", _("不再复核"), _("列入以后、复核以前保障已经结束，或者复核被取消。"),
        Q(state=states.K_SKIPPED),
    ),
    Number(
        "sample", pgettext_lazy("sample", "抽查"),
        _("按种子从免填表确认的家庭里抽出，由人逐户查看。"),
        Q(sampled=True),
    ),
    Number(
        "sample_open", _("抽查待看"), _("抽中了，还没有人写下结论。"),
        Q(sampled=True, sample_check=None),
    ),
    Number(
        "differs", _("抽查有出入"), _("人看过以后认为和系统的结论不一样；已经转为待查清。"),
        Q(sample_check__verdict=SampleCheck.Verdict.DIFFERS),
    ),
)  # fmt: skip
BY_CODE = {one.code: one for one in NUMBERS}
SPLIT = (
    "all", "renewed", "changed", "question", "flagged", "confirmed", "wrong", "ended", "skipped",
)  # fmt: skip


def households(campaign: Campaign, code: str = "all") -> QuerySet[Recheck]:
    """The rows behind a number. KeyError for a number that there is not."""
    return campaign.rechecks.filter(BY_CODE[code].where)


def counted(campaign: Campaign) -> dict[str, int]:
    """Every number of a campaign (one query)."""
    found = campaign.rechecks.aggregate(**_counts(one.code for one in NUMBERS))
    return {code.removeprefix(_N): count for code, count in found.items()}


def by(campaign: Campaign, column: str) -> list[tuple[str, str, dict[str, int]]]:
    """The numbers by street or tier: key, word, counts (one query)."""
    field, word = {
        "street": ("household__street", "household__street__name"),
        "tier": ("lease__tier", "lease__tier"),
    }[column]
    rows: Any = campaign.rechecks.values(key=F(field), text=F(word)).annotate(**_counts(SPLIT))
    found = []
    for row in rows.order_by("text"):
        counts = {code: row[f"{_N}{code}"] for code in SPLIT}
        found.append((str(row["key"] or NO_TIER), row["text"] or "", counts))
    return found


def _counts(codes: Any) -> dict[str, Count]:
    return {f"{_N}{code}": Count("pk", filter=BY_CODE[code].where) for code in codes}


# -- What led to an end, and how long it took ------------------------------------------------------


@dataclass(frozen=True)
class Reason:
    """A ground on which households were flagged, and what came of it."""

    code: str
    word: str
    flagged: int
    wrong: int
    ended: int


def reasons(campaign: Campaign) -> list[Reason]:
    """Flags, wrong ones and ends by ground (one query)."""
    cases = ExitCase.objects.filter(recheck__campaign=campaign).values("ground")
    found = cases.annotate(
        flagged=Count("pk"),
        wrong=Count("pk", filter=Q(state=states.X_CLEARED)),
        ended=Count("pk", filter=Q(state__in=ENDED, decided_at__isnull=False)),
    ).order_by("-flagged")
    words = dict(ExitCase.Ground.choices)
    return [
        Reason(row["ground"], str(words.get(row["ground"], row["ground"])), row["flagged"],
               row["wrong"], row["ended"])
        for row in found
    ]  # fmt: skip


@dataclass(frozen=True)
class Days:
    """Calendar days from the written notice to the hearing."""

    households: int
    middle: float
    longest: int


def days_to_hearing(campaign: Campaign) -> Days | None:
    """From notice to hearing, over the households that were heard; None without any."""
    pairs = ExitCase.objects.filter(
        recheck__campaign=campaign, noticed_at__isnull=False, heard_at__isnull=False
    ).values_list("noticed_at", "heard_at")
    days = [_days(told, heard) for told, heard in pairs]
    return Days(len(days), median(days), max(days)) if days else None


def _days(first: Any, last: Any) -> int:
    return (last.astimezone(clock.LOCAL).date() - first.astimezone(clock.LOCAL).date()).days


def found_households(campaign: Campaign) -> QuerySet[Outreach]:
    """Households that may need help and were found while the campaign ran (主动发现)."""
    first, last = span(campaign)
    return Outreach.objects.filter(found_on__gte=first, found_on__lte=last)


def span(campaign: Campaign) -> tuple[date, date]:
    """From the day of planning to the day on which the campaign ended, or today."""
    begun = campaign.created_at.astimezone(clock.LOCAL).date()
    over = campaign.finished_at
    return begun, over.astimezone(clock.LOCAL).date() if over else clock.today()
