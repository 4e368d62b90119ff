"""The lines of 谁查过我的数据 in plain words: who, what, why, on what basis, what it changed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from applications import look_deferrals, look_effects, registers
from applications.look_effects import Effect
from applications.models import Consent, LookDeferral, LookQuestion, Member
from applications.models.evidence import (
    CHANGE_ROUND,
    CLUE_ROUND,
    PRE_ALLOTMENT,
    RECHECK_ROUND,
    RENEWAL_ROUND,
)
from core import display
from core.identity import masking
from core.models import AuditEntry
from datashare import catalogue
from datashare.duties import DUTIES
from datashare.models import Call

WATCH = "duty:change_watch"  # the feed of changes, which is asked about days
LOOKED, REFUSED = "looked", "call.refused"
CALL, ENTRY = LookQuestion.Kind.CALL.value, LookQuestion.Kind.ENTRY.value
_MACHINES = {"worker"}
_VISIT = "applications.visit"  # what a record of a visit is about
_OUTREACH = "renewal.outreach"  # a task of the street about somebody who has no case

Ref = tuple[str, int]  # kind and key


@dataclass(frozen=True)
class Look:
    """One line of the list."""

    kind: str
    ref: int
    at: datetime
    case_no: str
    who: str
    what: str
    why: str
    basis: str
    result: str
    effect: Effect
    machine: bool = False
    refused: bool = False
    deferred: LookDeferral | None = None
    question: LookQuestion | None = None

    @property
    def folded(self) -> bool:
        """The platform's own questions are many and alike; what needs an eye stands open."""
        return self.machine and not (self.refused or self.deferred or self.question)


@dataclass(frozen=True)
class Day:
    """The looks of one day for one case, newest first."""

    title: str
    case_no: str
    case: str  # whose case it is, in words
    looks: list[Look] = field(default_factory=list)

    @property
    def open_ones(self) -> list[Look]:
        return [one for one in self.looks if not one.folded]

    @property
    def folded_ones(self) -> list[Look]:
        return [one for one in self.looks if one.folded]


def of(
    refs: list[Ref], person_index: str, own_label: str, deferrals: list[LookDeferral]
) -> list[Look]:
    """The lines of these calls and audit entries about one person, in the given order."""
    calls = Call.objects.in_bulk([ref for kind, ref in refs if kind == CALL])
    entries = AuditEntry.objects.in_bulk([ref for kind, ref in refs if kind == ENTRY])
    effects = look_effects.of(calls.values(), person_index)
    consents = _consents(calls.values())
    asked = {
        (one.kind, one.ref): one for one in LookQuestion.objects.filter(person_index=person_index)
    }
    lines = []
    for kind, ref in refs:
        if kind == CALL:
            line = _call(calls[ref], effects[ref], consents, own_label)
        else:
            line = _entry(entries[ref])
        line["deferred"] = look_deferrals.covering(
            deferrals, line["case_no"], line.pop("by"), line["at"]
        )
        lines.append(Look(kind=kind, ref=ref, question=asked.get((kind, ref)), **line))
    return lines


def by_day(lines: Iterable[Look], person_index: str) -> list[Day]:
    """Gathered by day and case, in their order."""
    lines = list(lines)
    words = _cases({one.case_no for one in lines}, person_index)
    days: dict[tuple[str, str], Day] = {}
    for one in lines:
        title = display.day(one.at)
        day = Day(title, one.case_no, words.get(one.case_no, ""))
        days.setdefault((title, one.case_no), day).looks.append(one)
    return list(days.values())


def owner_word(owner: str) -> str:
    """A department's name in the language of the page."""
    code = next(each.code for each in catalogue.entries() if each.owner == owner)
    return registers.owner_of(code)


# -- One line --------------------------------------------------------------------------------------


def _call(
    call: Call, effect: Effect, consents: dict[str, Consent], own_label: str
) -> dict[str, Any]:
    return {
        "at": call.started_at,
        "case_no": call.case_no,
        "by": call.by,
        "who": _("您本人申请时") if call.by == own_label else _who(call.by),
        "what": _what(call)
        % {
            "register": registers.name_of(call.source),
            "owner": registers.owner_of(call.source),
        },
        "why": _why(call, effect.round),
        "basis": _basis(call, consents),
        "result": str(call.get_outcome_display()),
        "effect": effect,
        "machine": call.by in _MACHINES,
    }


def _entry(entry: AuditEntry) -> dict[str, Any]:
    line = {
        "at": entry.at,
        "case_no": entry.case_no,
        "by": entry.actor,
        "who": _who(entry.actor),
        "result": "",
        "machine": entry.actor in _MACHINES,
    }
    if entry.verb == LOOKED and entry.thing_type == _VISIT:
        return {
            **line,
            "what": _("上门核实"),
            "why": _stored(entry.purpose),
            "basis": _("工作人员办理本办件的职责"),
            "effect": Effect(_("已记入办件"), _("看到的情况由工作人员核对，上门本身不决定结果。")),
        }
    if entry.verb == LOOKED and entry.thing_type == _OUTREACH:
        return {
            **line,
            "what": _("查看主动联系的任务"),
            "why": _stored(entry.purpose),
            "basis": _("街道问您要不要帮忙的职责"),
            "effect": Effect(_("只是查看"), _("没有改变任何内容。")),
        }
    if entry.verb == LOOKED:
        return {
            **line,
            "what": _("查看您的办件"),
            "why": _stored(entry.purpose),
            "basis": _("工作人员办理本办件的职责"),
            "effect": Effect(_("只是查看"), _("没有改变任何内容。")),
        }
    sources = [registers.name_of(code) for code in entry.detail.get("sources", [])]
    return {
        **line,
        "what": _("没有放行：%(registers)s") % {"registers": display.listed(sources)},
        "why": _stored(entry.detail.get("missing")),
        "basis": _("依据不全，平台没有发出查询"),
        "effect": Effect(_("没有查询"), _("什么也没有改变。")),
        "refused": True,
    }


def _what(call: Call) -> str:
    """A question to a register, or its own word that something has changed there."""
    if call.basis == WATCH:
        return _("收到%(register)s的变更信息（%(owner)s）")
    return _("查询%(register)s（%(owner)s）")


def _why(call: Call, round_: str) -> str:
    authority, _colon, named = call.basis.partition(":")
    if authority == "duty":
        duty = DUTIES.get(named)
        return _("履行法定职责：%(duty)s") % {"duty": duty.name} if duty else _("履行法定职责")
    if round_.startswith(RECHECK_ROUND):
        return _("年度复核")
    if round_.startswith(PRE_ALLOTMENT):
        return _("配租前核对")
    if round_.startswith(CHANGE_ROUND):
        return _("核对家庭变化")
    if round_.startswith(CLUE_ROUND):
        return _("核实在保期间的线索")
    if round_.startswith(RENEWAL_ROUND):
        return _("续租核对")
    return _("审核住房保障申请")


def _basis(call: Call, consents: dict[str, Consent]) -> str:
    authority, _colon, named = call.basis.partition(":")
    if authority == "duty":
        duty = DUTIES.get(named)
        return str(duty.law) if duty else ""
    given = consents.get(named)
    if given is None or given.given_at is None:
        return _("您的授权")
    return _("您的授权：%(day)s，%(method)s") % {
        "day": display.day_short(given.given_at),
        "method": given.get_method_display(),
    }


def _stored(words: Any) -> str:
    """Words kept in Chinese in a log, in the language of the page where the catalogue has them."""
    return _(str(words)) if words else ""


def _who(actor: str) -> str:
    return _("平台自动核对") if actor in _MACHINES else actor


def _consents(calls: Iterable[Call]) -> dict[str, Consent]:
    digests = {call.basis.removeprefix("consent:") for call in calls}
    return {one.digest: one for one in Consent.objects.filter(digest__in=digests)}


def _cases(numbers: set[str], person_index: str) -> dict[str, str]:
    """Whose case each is: the reader's own, or one in which the reader is a member."""
    people = Member.objects.filter(application__case_no__in=numbers).select_related("application")
    words: dict[str, str] = {}
    applicants: dict[str, str] = {}
    mine: set[str] = set()
    for one in people:
        number = one.application.case_no or ""
        if one.is_applicant:
            applicants[number] = one.name
            if one.id_index == person_index:
                words[number] = _("您的申请")
        if one.id_index == person_index:
            mine.add(number)
    for number in mine - set(words):
        name = masking.mask_name(applicants.get(number, ""))
        words[number] = _("%(name)s的申请，您是家庭成员") % {"name": name}
    return words


__all__ = ["CALL", "ENTRY", "LOOKED", "REFUSED", "Day", "Look", "Ref", "by_day",
           "of", "owner_word"]  # fmt: skip
