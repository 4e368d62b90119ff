"""Where a case stands, in the words of the person concerned (当事人看到的状态).

Words come from the table of states; here are the overlays (等家人授权, 等部门答复, 计时暂停) and
the values of the lines. Until somebody has signed a decision, nothing reads as a refusal.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from applications import (
    authority,
    consent_waits,
    correction,
    deadlines,
    inquiry_answers,
    legal_days,
    registers,
    reports,
    states,
    visit_words,
    waiting,
)
from applications.letters import OFFICE
from applications.models import Application, Pause
from core import clock, display
from core.models import Transition
from core.workflow import WAITING, YOURS, history


@dataclass(frozen=True)
class Standing:
    """Tag, line and what to press; ``tone`` by product-design part 4."""

    tag: str
    line: str
    tone: str
    due: str = ""
    href: str = ""
    action: str = ""


@dataclass(frozen=True)
class Step:
    """One step of the timeline: drawn by timeline_step."""

    title: str
    mark: str  # met, current, paused, later
    when: str = ""
    who: str = ""
    line: str = ""


def of(application: Application) -> Standing:
    """The one tag and line of a case."""
    overlay = _overlay(application)
    if overlay is not None:
        return overlay
    state = application.STATES[application.state]
    line = str(state.line)
    if application.state == states.WAITLISTED and _range(application, "lo") == display.NOTHING:
        line = _("第{n}位")  # too few homes went out lately to guess honestly
    due = deadlines.told(application.promised_due) if _promise_runs(application) else ""
    href, action = _where_to_act(application)
    return Standing(
        tag=str(state.tag),
        line=_filled(line, application),
        tone=state.tone,
        due=_("最迟%(due)s答复") % {"due": due} if due else "",
        href=href,
        action=action,
    )


def timeline(application: Application) -> list[Step]:
    """What happened, what stands now, what comes next: plain words, oldest first."""
    told = [(one.at, _passed(one, application)) for one in _told(history(application))]
    running = bool(told) and application.is_open
    last = told.pop()[1] if running else None  # the state that stands now comes after the visits
    steps = [step for _at, step in sorted([*told, *_visits(application)], key=lambda one: one[0])]
    if last is not None:
        now = of(application)
        mark = "paused" if now.tone == WAITING else "current"
        steps.append(Step(now.tag, mark, last.when, last.who, now.line))
        steps += [Step(str(application.STATES[one].tag), "later") for one in _ahead(application)]
    return steps


def who_has_it(application: Application) -> str:
    """The office that must act now, in full."""
    owner = application.STATES[application.state].owner
    if owner == "applicant" or authority.pending(application):
        return _("您家")
    if owner == "street" and application.street:
        return str(application.street.name)
    if owner == "departments":
        return _("不动产、民政、人社、流动人口、住房保障五个部门")
    if owner == "district centre":
        return _("区住房保障管理中心")
    return _("平台自动办理")


# -- Overlays ----------------------------------------------------------------------------------


def _overlay(application: Application) -> Standing | None:
    if application.state == states.DRAFT or not application.is_open:
        return None
    if application.state == states.CORRECTION:
        if correction.open_items(application).exists():
            return None  # what the case stands still for comes before what may follow
        return Standing(
            _("补正已收到"), _("由%(office)s看过以后接着办，现在不用您办理")
            % {"office": application.street.name if application.street else _("镇街")},
            WAITING,
        )  # fmt: skip
    if application.state == states.IN_ROUND and (told := _choosing(application)):
        return told
    missing = authority.pending(application)
    if missing:
        return Standing(
            _("待家人授权"),
            _("还差%(n)s位，%(due)s前") % {"n": len(missing), "due": _consent_due(application)},
            YOURS,
            href=reverse("my_family", args=[application.case_no]),
            action=_("看授权码"),
        )
    if paper := inquiry_answers.open_supplements(application).order_by("due_on").first():
        return Standing(
            _("待补交"),
            _("%(item)s请在%(due)s前补交") % {"item": paper.text, "due": display.day(paper.due_on)},
            YOURS,
            href=reverse("my_bring", args=[application.case_no]),
            action=_("去补交"),
        )
    if application.pending_sources:
        return Standing(
            _("等部门答复"),
            _("%(source)s未答复，已暂停计时。我们会自动再查，您不会因此被拒绝。")
            % {"source": _silent(application)},
            WAITING,
        )
    return None


def _choosing(application: Application) -> Standing | None:
    """A round that drew positions keeps its households until they have chosen (选房日).

    Asked by name, as the allocation stands above.
    """
    drawn = application.entries.filter(round__state="revealed")
    if drawn.filter(turn__state="called").exists():
        return Standing(
            _("请选房"), _("轮到您家选房，请在叫号时间内选好"), YOURS,
            href=_address("my_choice", application), action=_("去选房"),
        )  # fmt: skip
    if drawn.exists():
        return Standing(
            _("等选房日"), _("选房顺序已经摇出，到您家的时间会叫号，现在不用您办理"), WAITING
        )
    return None


def _consent_due(application: Application) -> str:
    """Until when the consents are waited for; past it a person has it and the clock stands."""
    return deadlines.told(consent_waits.due_of(application) or application.promised_due)


def _silent(application: Application) -> str:
    silent = (
        one for one in application.pauses.all()
        if one.reason == Pause.Reason.SOURCE and one.ended_at is None
    )  # fmt: skip
    pause = next(silent, None)
    return registers.names_in(pause.detail) if pause and pause.detail else _("有部门")


def _promise_runs(application: Application) -> bool:
    return application.is_open and application.decided_at is None


def _where_to_act(application: Application) -> tuple[str, str]:
    """Address and word of the one thing to press; empty where nothing is due."""
    name, word = _DOOR_NOW.get(application.state, ("", ""))
    address = _address(name, application)
    if application.state == states.REFUSED:
        address = _address("my_case", application) + "#decision"
    return (address, str(word)) if address else ("", "")


def doors(application: Application) -> list[tuple[str, str]]:
    """Other pages about this case: (word, address), those that the platform answers."""
    found = [(str(word), _address(name, application)) for name, word in _doors_of(application)]
    return [(word, address) for word, address in found if address]


def _doors_of(application: Application) -> tuple[tuple[str, Any], ...]:
    if application.state in (states.WAITLISTED, states.WAIT_SUSPENDED, states.INTENTION):
        return (("my_wait", gettext_lazy("轮候和意向")),)
    if application.state in (states.RE_REVIEW, states.IN_ROUND, states.ALLOTTED):
        return (("my_draw", gettext_lazy("摇号")), ("my_offer", pgettext_lazy("on offer", "房源")))
    if application.state == states.CLOSED:
        return (
            ("my_lease", gettext_lazy("租约")),
            ("my_keys", gettext_lazy("入住")),
            ("my_rent", gettext_lazy("租金")),
            ("my_repair", gettext_lazy("报修")),
            ("my_recheck", gettext_lazy("年度复核")),
            ("my_hearing", gettext_lazy("说明情况")),
            ("my_checks", gettext_lazy("入户检查")),
        )
    return ()


_DOOR_NOW: dict[str, tuple[str, Any]] = {
    states.CORRECTION: ("my_correct", gettext_lazy("去补材料")),
    states.WAITLISTED: ("my_wait", gettext_lazy("看轮候")),
    states.INTENTION: ("my_wait", gettext_lazy("看意向")),
    states.IN_ROUND: ("my_draw", gettext_lazy("看号牌")),
    states.ALLOTTED: ("my_offer", gettext_lazy("看房并选择")),
    states.REFUSED: ("my_case", gettext_lazy("看原因和办法")),
    states.CLOSED: ("my_lease", gettext_lazy("看租约")),
}
_OF_A_CASE = frozenset({"my_case", "my_correct"})


def _address(name: str, application: Application) -> str:
    """The address of a page by its name; pages of later steps are known here by name only."""
    if not name:
        return ""
    try:
        return reverse(name, args=[application.case_no] if name in _OF_A_CASE else [])
    except NoReverseMatch:
        return ""


# -- Values of the lines ------------------------------------------------------------------------


class _Values(dict[str, Any]):
    """Computes only the values that a line names; an unknown one shows as a dash."""

    def __init__(self, application: Application) -> None:
        super().__init__()
        self.application = application

    def __missing__(self, key: str) -> str:
        say = _VALUES.get(key)
        return str(say(self.application)) if say else display.NOTHING


def _filled(line: str, application: Application) -> str:
    return line.format_map(_Values(application))


def _place(application: Application) -> Any:
    entry = getattr(application, "wait_entry", None)
    return waiting.place_of(entry) if entry else display.NOTHING


def _count(application: Application) -> Any:
    """{n}: a place on the list, departments in joint review, items of a correction."""
    if application.state == states.JOINT_REVIEW:
        return _tasks(application, done=False)
    if application.state == states.CORRECTION:
        return correction.open_items(application).count()
    return _place(application)


def _range(application: Application, which: str) -> Any:
    entry = getattr(application, "wait_entry", None)
    guess = waiting.estimate_of(entry, clock.today()) if entry else None
    return getattr(guess, which) if guess else display.NOTHING


def _notice_end(application: Application) -> str:
    posted = application.publicities.filter(closed_at=None).first()
    return display.day(posted.ends_on) if posted else display.NOTHING


def _tasks(application: Application, *, done: bool) -> int:
    rows = application.tasks.filter(stage="joint").exclude(
        state__in=(states.TASK_CANCELLED, states.TASK_RETURNED, states.TASK_UNDONE)
    )
    return rows.filter(state=states.TASK_DONE).count() if done else rows.count()


def _due(application: Application) -> Any:
    """{due}: the last day to answer, for the family or for an objection, else the promised day."""
    if application.state == states.CORRECTION:
        asked = correction.open_items(application).order_by("due_on").first()
        return asked.due_on if asked else application.promised_due
    if application.state == states.ALLOTTED:
        # by name, as the allocation stands above: the home is held until the end of this day
        held = application.entries.aggregate(until=Max("offers__due_at"))["until"]
        return held and (held.astimezone(clock.LOCAL) - timedelta(microseconds=1)).date()
    return legal_days.answer_due(application) or application.promised_due


def _due_words(application: Application) -> str:
    """The promised day may be provisional (暂定); any other stands as it is."""
    due = _due(application)
    return deadlines.told(due) if due == application.promised_due else display.day(due)


def _office_in_charge(application: Application) -> str:
    """{office}: the one that took the case over, else the street."""
    if application.state == states.TRANSFERRED and hasattr(application, "transfer"):
        return str(application.transfer.office)
    return application.street.name if application.street else OFFICE


_VALUES: dict[str, Callable[[Application], Any]] = {
    "time": lambda one: display.day_time(one.state_since),
    "date": lambda one: display.day(one.closed_at or one.state_since),
    "office": _office_in_charge,
    "street": lambda one: one.street.name if one.street else OFFICE,
    "due": lambda one: _due_words(one),
    "n": _count,
    "lo": lambda one: _range(one, "lo"),
    "hi": lambda one: _range(one, "hi"),
    "k": lambda one: _tasks(one, done=True),
    "end": _notice_end,
    "reason": lambda one: waiting.why_suspended(one) or _("正在核对一项信息"),
}


# -- The timeline ------------------------------------------------------------------------------


def _told(rows: Any) -> list[Transition]:
    """Changes worth a line: 已收到 and 已受理 happen in one breath."""
    return [one for one in rows if one.to_state != states.SUBMITTED]


def _passed(one: Transition, application: Application) -> Step:
    tag = str(application.STATES[one.to_state].tag)
    return Step(tag, "met", display.day_time(one.at), _office_of(one))


def _visits(application: Application) -> list[tuple[datetime, Step]]:
    """入户核实, as the family reads it."""
    return [
        (one.at, Step(one.title, "met", display.day_time(one.at), one.office, one.line))
        for one in visit_words.of(application)
    ]


def _office_of(one: Transition) -> str:
    """An office, never a clerk's name; machines are called by what they are."""
    if one.by.endswith(")") and "(" in one.by:
        return one.by[one.by.rindex("(") + 1 : -1]
    return ""


_ORDER = (states.ACCEPTED, states.STREET_REVIEW, states.JOINT_REVIEW, states.DISTRICT_REVIEW,
          states.PUBLICITY, states.WAITLISTED)  # fmt: skip


def _ahead(application: Application) -> tuple[str, ...]:
    if application.state not in _ORDER:
        return ()
    return _ORDER[_ORDER.index(application.state) + 1 :]


def clock_of(application: Application) -> dict[str, Any]:
    """The working-day clock as the component workday_clock takes it."""
    now = deadlines.clock_of(application, clock.today())
    paused = now.paused
    report = reports.expected_on(application) if application.is_open else None
    return {
        "report": display.day(report) if report else "",
        "used": now.net,
        "gross": now.gross,
        "total": now.promised,
        "due": deadlines.told(now.promised_due),
        "statutory_due": deadlines.told(now.statutory_due),
        "paused_since": display.day(paused.began_at) if paused else "",
        "paused_reason": str(paused.get_reason_display()) if paused else "",
        "provisional": now.provisional,
    }
