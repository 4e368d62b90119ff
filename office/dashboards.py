"""What the leaders' pages show (看板): queries only, each page one moment."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Sum
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import Bureau
from accounts.roles import BureauKind
from applications import registers
from core import clock, display
from datashare.models import Call
from office import applying_page
from office.figures import durations as took
from office.figures import oneflow, onenet, onestop, waiting
from office.figures.article import article
from office.figures.durations import PROMISED, STATUTORY, Summary
from office.figures.figure import Figure, Moment, by_street, cases_href, measure

_OUTCOMES = tuple(Call.Outcome.values)


@dataclass(frozen=True)
class Card:
    """A figure as a page shows it, the article's beside it where it has one."""

    key: str
    title: Any
    value: str
    unit: Any
    definition: Any
    href: str = ""
    tone: str = ""
    quoted: str = ""
    sentence: str = ""


@dataclass(frozen=True)
class StreetRow:
    """One street's numbers, each with the address of its list."""

    name: str
    cells: list[tuple[str, str]]


def card(figure: Figure, number: int, *, tone: str = "") -> Card:
    """A counted figure with the link to its rows."""
    return _card(
        figure.key, figure.title, display.count(number), figure.counted_in, figure.definition,
        href=cases_href(figure.key), tone=tone,
    )  # fmt: skip


def _card(key: str, title: Any, value: str, unit: Any, definition: Any, **more: str) -> Card:
    quoted = article().figures.get(key)
    return Card(
        key, title, value, unit, definition,
        quoted=quoted.value if quoted else "", sentence=quoted.sentence if quoted else "", **more,
    )  # fmt: skip


def _each(total: int, cases: int) -> str:
    return f"{total / cases:.2f}" if cases else display.NOTHING


# -- 一站式 ----------------------------------------------------------------------------------


def onestop_page(moment: Moment) -> dict[str, Any]:
    """Funnel, online rate, visits and papers per case: one query, and one by street."""
    numbers = measure(onestop.FIGURES, moment)
    cards = _onestop_cards(numbers)
    return {
        "moment": moment.at,
        "article": article(),
        "cards": cards,
        "compared": cards,
        "funnel": _funnel(numbers),
        "chart": _funnel_chart(numbers),
        "streets": _streets((onestop.SUBMITTED, onestop.ONLINE, onestop.WAITLISTED,
                             onestop.HOUSED), moment),
        **applying_page.parts(moment, numbers["submitted"]),
        "others": [card(one, numbers[one.key]) for one in
                   (onestop.WINDOW, onestop.MANY_VISITS, onestop.REFUSED, onestop.WITHDRAWN)],
    }  # fmt: skip


def _onestop_cards(numbers: dict[str, int]) -> list[Card]:
    cases = numbers["submitted"]
    return [
        card(onestop.SUBMITTED, cases),
        _card(
            "online_rate", _("网办率"), display.percent(numbers["online"] / cases) if cases
            else display.NOTHING, "", _("网上申请除以收到的全部申请。"),
            href=cases_href("online"),
        ),
        _card(
            "visits_each", _("每件来访"), _each(numbers["visits"], cases),
            pgettext("visits", "次"),
            _("来访次数合计除以收到的申请；网上办理应为0，窗口办理应为1。"),
            href=cases_href("visits"),
        ),
        _card(
            "papers_each", _("每件材料"), _each(numbers["papers"], cases), _("份"),
            _("家庭自己提交的材料合计除以收到的申请；部门数据能查到的免提交。"),
            href=cases_href("papers"),
        ),
    ]  # fmt: skip


def _funnel(numbers: dict[str, int]) -> list[dict[str, Any]]:
    first = numbers["submitted"]
    return [
        {
            "title": one.title,
            "number": numbers[one.key],
            "share": numbers[one.key] / first if first else None,
            "definition": one.definition,
            "href": cases_href(one.key),
        }
        for one in onestop.FUNNEL
    ]


def _funnel_chart(numbers: dict[str, int]) -> dict[str, Any]:
    return {
        "kind": "hbar",
        "categories": [str(one.title) for one in onestop.FUNNEL],
        "series": [
            {
                "name": pgettext("several", "申请"),
                "values": [numbers[one.key] for one in onestop.FUNNEL],
            }
        ],
        "unit": _("件"),
    }  # fmt: skip


def _streets(figures: tuple[Figure, ...], moment: Moment) -> dict[str, Any]:
    """A table by street whose columns are figures of one population."""
    found = by_street(figures, moment)
    names = dict(Bureau.objects.filter(kind=BureauKind.STREET).values_list("code", "name"))
    rows = [
        StreetRow(
            names.get(code, _("未定")),
            [(display.count(row[one.key]), cases_href(one.key, street=code)) for one in figures],
        )
        for code, row in sorted(found.items(), key=lambda item: -item[1][figures[0].key])
    ]
    return {"heads": [one.title for one in figures], "rows": rows}


def headline(moment: Moment) -> dict[str, Card]:
    """The cards of all three pages, and of what waits for registers, by key."""
    further = (*onenet.FIGURES, *waiting.FIGURES)
    numbers = measure((*onestop.FIGURES, *oneflow.FIGURES, *further), moment)
    net = took.summary([one.net for one in took.durations(moment)])
    cards = [
        *_onestop_cards(numbers),
        *_oneflow_cards(net, numbers),
        *(card(one, numbers[one.key]) for one in further),
    ]
    return {one.key: one for one in cards}


def wall(moment: Moment) -> dict[str, Any]:
    """Six figures, one chart, one clock."""
    figures = (*onestop.FIGURES, oneflow.IN_PROGRESS, oneflow.LATE_PROMISED, onenet.IN_FORCE)
    numbers = measure(figures, moment)
    late = numbers["late_promised"]
    cards = [
        *_onestop_cards(numbers)[:3],
        card(oneflow.IN_PROGRESS, numbers["in_progress"]),
        card(oneflow.LATE_PROMISED, late, tone="stop" if late else "good"),
        card(onenet.IN_FORCE, numbers["in_force"]),
    ]
    return {"moment": moment.at, "cards": cards, "chart": _funnel_chart(numbers)}


# -- 一体化 ----------------------------------------------------------------------------------


def oneflow_page(moment: Moment) -> dict[str, Any]:
    """Clocks: how long answered cases took, and which running ones come close."""
    numbers = measure(oneflow.FIGURES, moment)
    every = took.durations(moment)
    net, gross = (took.summary([getattr(one, kind) for one in every]) for kind in ("net", "gross"))
    cards = _oneflow_cards(net, numbers)
    return {
        "moment": moment.at,
        "article": article(),
        "cards": cards,
        "compared": cards,
        "measures": [(_("净时长（暂停不算）"), net), (_("总时长（含暂停）"), gross)],
        "answered_href": cases_href("answered"),
        "chart": _histogram([one.net for one in every]),
        "streets": _street_durations(every),
        "risks": [
            card(one, numbers[one.key], tone=_alarm(one, numbers[one.key]))
            for one in (*oneflow.RISKS, oneflow.PAUSED)
        ],
    }


def _oneflow_cards(net: Summary, numbers: dict[str, int]) -> list[Card]:
    days, href = _("个工作日"), cases_href("answered")
    definition = _("从受理次日到答复当日的工作日，扣除暂停；只统计已答复的申请。")
    return [
        _card("fastest", _("最快"), _number(net.fastest), days, definition, href=href),
        _card("median", _("中位数"), _number(net.median), days, definition, href=href),
        _card("p90", _("九成在此以内"), _number(net.p90), days, definition, href=href),
        _card(
            "share_within", _("15个工作日内答复"), display.percent(net.share), "",
            _("净时长不超过15个工作日的申请，除以已答复的申请。"), href=href,
        ),
        card(oneflow.IN_PROGRESS, numbers["in_progress"]),
    ]  # fmt: skip


def _histogram(values: list[int]) -> dict[str, Any]:
    labels, counts = took.histogram(values)
    return {
        "kind": "histogram",
        "categories": labels,
        "series": [{"name": _("办结"), "values": counts}],
        "marks": [
            {"at": labels[line // 5 - 1], "label": str(line)} for line in (PROMISED, STATUTORY)
        ],
        "unit": _("件"),
    }


def _street_durations(every: list[took.Duration]) -> list[tuple[str, Summary, str]]:
    names = dict(Bureau.objects.filter(kind=BureauKind.STREET).values_list("code", "name"))
    by_code: dict[str, list[int]] = {}
    for one in every:
        by_code.setdefault(one.street, []).append(one.net)
    rows = [
        (names.get(code, _("未定")), took.summary(values), cases_href("answered", street=code))
        for code, values in by_code.items()
    ]
    return sorted(rows, key=lambda row: -row[1].cases)


def _number(value: int | None) -> str:
    return display.NOTHING if value is None else str(value)


def _alarm(figure: Figure, number: int) -> str:
    if not number or figure is oneflow.PAUSED:
        return ""
    return "stop" if figure.key.startswith("late") else "caution"


# -- 一张网 ----------------------------------------------------------------------------------


def onenet_page(moment: Moment) -> dict[str, Any]:
    """Calls and items by source and month; households in force and ever; exits; discoveries."""
    numbers = measure(onenet.FIGURES, moment)
    months = _calls_by_month()
    cards, exits = (
        [card(one, numbers[one.key]) for one in figures]
        for figures in (onenet.HEADLINE, onenet.IN_AND_OUT)
    )
    return {
        "moment": moment.at,
        "article": article(),
        "cards": cards,
        "exits": exits,
        "compared": [*cards, *exits],
        "months": months,
        "chart": _calls_chart(months),
        "sources": _calls_by_source(),
    }


def _calls_by_month() -> list[dict[str, Any]]:
    """Calls of each month by outcome, oldest first; each number links to its calls."""
    rows = (
        Call.objects.order_by()
        .values(month=TruncMonth("started_at", tzinfo=clock.LOCAL), kind=F("outcome"))
        .annotate(n=Count("pk"))
        .order_by("month")
    )
    months: dict[str, dict[str, Any]] = {}
    for row in rows:
        name = f"{row['month']:%Y-%m}"
        month = months.setdefault(name, {"name": name, "total": 0, **dict.fromkeys(_OUTCOMES, 0)})
        month[row["kind"]] = row["n"]
        month["total"] += row["n"]
        month["href"] = cases_href("calls", month=name)
    return list(months.values())


def _calls_chart(months: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "kind": "stack",
        "categories": [month["name"] for month in months],
        "series": [
            {"name": str(outcome.label), "values": [month[outcome.value] for month in months]}
            for outcome in Call.Outcome
        ],
        "unit": pgettext("enquiries", "次"),
    }


def _calls_by_source() -> list[dict[str, Any]]:
    """Each source's calls by outcome and the rows it gave, the most asked first."""
    found: dict[str, dict[str, Any]] = {}
    rows = (
        Call.objects.order_by()
        .values("source", kind=F("outcome"))
        .annotate(n=Count("pk"), items=Sum("row_count"))
    )
    for row in rows:
        one = found.setdefault(
            row["source"], {"total": 0, "items": 0, **dict.fromkeys(_OUTCOMES, 0)}
        )
        one[row["kind"]] = row["n"]
        one["total"] += row["n"]
        one["items"] += row["items"] if row["kind"] == Call.Outcome.FOUND else 0
    return [
        {
            "name": registers.name_of(source),
            "href": cases_href("calls", source=source),
            "failed_href": cases_href("calls_failed", source=source),
            **one,
        }
        for source, one in sorted(found.items(), key=lambda item: -item[1]["total"])
    ]
