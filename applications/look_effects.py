"""What an answer changed (查询的结果改变了什么): told from the archive and the assessments.

Nothing is guessed. The first answer of a register says which conditions read it; a later one is
compared, record by record, with what was known before, and the assessments around it say which
verdict became another. Where no answer was kept the line says no more than the log does.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Min
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from applications.eligibility import explain
from applications.models import Assessment, Decision, Evidence, EvidenceAnswer, Member
from applications.models.evidence import CONCLUDED
from core import display
from datashare.models import Call

USABLE = (Evidence.Status.FOUND, Evidence.Status.NO_RECORD)
_PASS, _FAIL = "pass", "fail"
_SLACK = timedelta(minutes=10)  # between a call and the answer that it brought


@dataclass(frozen=True)
class Effect:
    """A word and, where there is more to say, a sentence; ``changed`` if anything did."""

    word: str
    line: str = ""
    changed: bool = False
    round: str = ""


@dataclass
class _Known:
    """Everything the effects of a page's calls are told from, fetched at once."""

    answers: dict[str, list[EvidenceAnswer]] = field(default_factory=lambda: defaultdict(list))
    contents: dict[int, Any] = field(default_factory=dict)
    first_calls: dict[str, datetime] = field(default_factory=dict)
    assessments: dict[str, list[tuple[datetime, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    results: dict[int, dict[str, Any]] = field(default_factory=dict)
    decided: set[str] = field(default_factory=set)
    number: str = ""


def of(calls: Iterable[Call], person_index: str) -> dict[int, Effect]:
    """The effect of each of these calls about one person, by the call's key; few queries."""
    page = list(calls)
    if not page:
        return {}
    known = _gathered(page, person_index)
    return {call.pk: _effect(call, known) for call in page}


def _effect(call: Call, known: _Known) -> Effect:
    if call.outcome == Call.Outcome.UNAVAILABLE:
        return Effect(_("没有变化"), _("部门没有给出可用的答复，什么也没有改变。"))
    answer = _answer_of(call, known)
    if answer is None:
        if known.first_calls.get(call.source) == call.started_at:
            return _first(call, call.started_at, known, "")
        return Effect(_("已记入办件"), _("答复已记入办件，没有逐项比较。"))
    round_ = answer.evidence.round
    if answer.status == Evidence.Status.ORDERED:
        return Effect(_("没有变化"), _("已委托出具报告，还没有内容。"), round=round_)
    before = _before(answer, known)
    if before is None:
        return _first(call, answer.recorded_at, known, round_)
    if known.contents.get(answer.pk) == known.contents.get(before.pk):
        return Effect(_("没有变化"), _("和已知的一样。"), round=round_)
    return _changed(call, answer.recorded_at, known, round_)


def _first(call: Call, at: datetime, known: _Known, round_: str) -> Effect:
    after = _after(call, at, known)
    if after is None:
        return Effect(_("第一次得到答复"), _("还没有据此评估。"), changed=True, round=round_)
    read = {
        rule: result
        for (rule, _person), (result, _value) in _findings(after, call.source, known).items()
    }
    if not read:
        return Effect(_("第一次得到答复"), _("没有哪一项条件要看它。"), changed=True, round=round_)
    decided = call.case_no in known.decided
    words = [
        _("%(rule)s（%(word)s）") % {"rule": _title(rule), "word": _word(result, decided)}
        for rule, result in read.items()
    ]
    line = _("用来核对：%(rules)s。") % {"rules": display.listed(words)}
    return Effect(_("第一次得到答复"), line, changed=True, round=round_)


def _changed(call: Call, at: datetime, known: _Known, round_: str) -> Effect:
    after, before = _after(call, at, known), _assessed_before(call, at, known)
    if after is None:
        return Effect(_("和以前不同"), _("还没有据此评估。"), changed=True, round=round_)
    decided = call.case_no in known.decided
    was = _findings(before, call.source, known) if before else {}
    own: list[str] = []
    shared: list[str] = []
    for (rule, person), (result, value) in _findings(after, call.source, known).items():
        old_result, old_value = was.get((rule, person), ("", None))
        if line := _told(rule, (old_result, old_value), (result, value), decided):
            (own if person else shared).append(line)
    parts = []
    if own:
        parts.append(_("因此改变：%(lines)s。") % {"lines": display.listed(own)})
    if shared:  # somebody else's answer may have had its part in it
        words = _("全家合并计算的结论随后改变：%(lines)s。")
        parts.append(words % {"lines": display.listed(shared)})
    line = " ".join(parts) or _("各项条件的结论没有变化。")
    return Effect(_("和以前不同"), line, changed=True, round=round_)


def _told(rule: str, before: tuple[str, Any], after: tuple[str, Any], decided: bool) -> str:
    """One condition's change in words; '' if the condition stayed as it was or is new."""
    if not before[0]:
        return ""
    old, new = _word(before[0], decided), _word(after[0], decided)
    words = {"rule": _title(rule), "old": old, "new": new}
    if old != new:
        return _("%(rule)s由“%(old)s”变为“%(new)s”") % words
    if before[1] != after[1]:
        return _("%(rule)s的数值有变，仍是“%(new)s”") % words
    return ""


# -- What is known ---------------------------------------------------------------------------------


def _gathered(page: list[Call], person_index: str) -> _Known:
    known = _Known()
    sources, cases = {call.source for call in page}, {call.case_no for call in page}
    kept = (
        EvidenceAnswer.objects.filter(
            evidence__member__id_index=person_index, evidence__source__in=sources
        )
        .exclude(status=Evidence.Status.UNAVAILABLE)
        .select_related("evidence__application")
        .defer("content")
        .order_by("recorded_at", "pk")
    )
    for one in kept:
        known.answers[one.evidence.source].append(one)
    known.contents = _contents(page, known)
    firsts = Call.objects.filter(person_index=person_index, source__in=sources)
    firsts = firsts.exclude(outcome=Call.Outcome.UNAVAILABLE)
    known.first_calls = dict(
        firsts.order_by().values_list("source").annotate(first=Min("started_at"))
    )
    read = Assessment.objects.exclude(round=CONCLUDED)  # no answer of a register made that one
    made = read.filter(application__case_no__in=cases).order_by("created_at", "pk")
    for pk, case_no, at in made.values_list("pk", "application__case_no", "created_at"):
        known.assessments[case_no or ""].append((at, pk))
    known.results = _results(page, known)
    signed = Decision.objects.filter(
        application__case_no__in=cases, served_at__isnull=False, replaced=False
    )
    known.decided = {one or "" for one in signed.values_list("application__case_no", flat=True)}
    member = Member.objects.filter(id_index=person_index).only("id_number").first()
    known.number = member.id_number if member else ""
    return known


def _contents(page: list[Call], known: _Known) -> dict[int, Any]:
    """The records of the answers that have to be compared, read in one query."""
    wanted = set()
    for call in page:
        answer = _answer_of(call, known)
        before = _before(answer, known) if answer else None
        if answer is not None and before is not None:
            wanted |= {answer.pk, before.pk}
    rows = EvidenceAnswer.objects.filter(pk__in=wanted).values_list("pk", "content")
    return {pk: (content or {}).get("records") for pk, content in rows}


def _results(page: list[Call], known: _Known) -> dict[int, dict[str, Any]]:
    wanted: set[int] = set()
    for call in page:
        answer = _answer_of(call, known)
        at = answer.recorded_at if answer else call.started_at
        for after in (True, False):
            if (pk := _pick(call, at, known, after=after)) is not None:
                wanted.add(pk)
    rows = Assessment.objects.filter(pk__in=wanted).values_list("pk", "result")
    return dict(rows)


def _answer_of(call: Call, known: _Known) -> EvidenceAnswer | None:
    """The kept answer that this very call brought."""
    same = [
        one
        for one in known.answers.get(call.source, ())
        if one.evidence.application.case_no == call.case_no
    ]
    if call.request_id:
        named = [one for one in same if one.request_id == call.request_id]
        if named:
            return named[0]
    near = (call.started_at - timedelta(seconds=1), call.started_at + _SLACK)
    return next((one for one in same if near[0] <= (one.fetched_at or near[1]) <= near[1]), None)


def _before(answer: EvidenceAnswer, known: _Known) -> EvidenceAnswer | None:
    """What the same register had said about the same person before, in whichever case."""
    earlier = [
        one
        for one in known.answers[answer.evidence.source]
        if (one.recorded_at, one.pk) < (answer.recorded_at, answer.pk) and one.status in USABLE
    ]
    return earlier[-1] if earlier else None


def _after(call: Call, at: datetime, known: _Known) -> dict[str, Any] | None:
    return known.results.get(_pick(call, at, known, after=True) or 0)


def _assessed_before(call: Call, at: datetime, known: _Known) -> dict[str, Any] | None:
    return known.results.get(_pick(call, at, known, after=False) or 0)


def _pick(call: Call, at: datetime, known: _Known, *, after: bool) -> int | None:
    """The assessment next to a moment in the call's case: the first after it or the last before."""
    rows = known.assessments.get(call.case_no, [])
    if after:
        return next((pk for made, pk in rows if made >= at), None)
    return next((pk for made, pk in reversed(rows) if made < at), None)


def _findings(
    result: dict[str, Any], source: str, known: _Known
) -> dict[tuple[str, str], tuple[str, Any]]:
    """Verdict and value by rule and person: what read this source, about this person or all."""
    return {
        (one["rule"], one.get("person") or ""): (one["result"], one.get("actual"))
        for one in result.get("findings", ())
        if source in one.get("evidence", ()) and one.get("person") in (None, known.number)
    }


def _word(result: str, decided: bool) -> str:
    """As the person may read it: until somebody has signed, a FAIL reads 核对中."""
    if result == _PASS:
        return _("符合")
    return _("不符合") if result == _FAIL and decided else _("核对中")


def _title(rule: str) -> str:
    return explain.title(rule, get_language() or "zh-hans")
