"""The sentence of an opinion (意见文字), drafted from what was settled and from its reasons.

The officer changes it freely; nothing reads it but people.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from applications import duties, reason_codes
from applications.findings import How
from applications.models import Opinion
from applications.models.review import Stage
from applications.reason_codes import Reason
from core import display


def sentence(
    *,
    stage: str,
    verdict: str,
    settled: Mapping[str, Mapping[str, Any]],
    codes: Iterable[str],
    opening: str = "",
) -> str:
    """The draft that follows from what was chosen; '' where nothing was chosen that it could tell.

    ``settled`` by rule with ``how`` and ``reason``, as ``review.opine`` takes it. ``opening`` is
    the desk's usual sentence, which stands where nothing was doubtful and nothing is objected to.
    """
    reasons = reason_codes.named(codes)
    parts = [_of_rule(rule, one, reasons) for rule, one in settled.items() if one.get("how")]
    parts += [_told(one) for one in reasons if one.desk]
    clean = not parts and verdict != Opinion.Verdict.OBJECT
    if clean:
        parts.append(opening)
    ways = [one.words for one in reasons if not one.rule and not one.desk]
    if ways:
        parts.append(_("核实方式：%(ways)s。") % {"ways": display.listed(ways)})
    if not any(parts):
        return ""
    return "".join(parts if clean else [*parts, _closing(stage, verdict)])


def _of_rule(rule: str, one: Mapping[str, Any], reasons: list[Reason]) -> str:
    """期房合同不符合规定：备案合同的面积计入后超过规定（《…》第7条）。"""
    mine = [each for each in reasons if each.rule == rule]
    said = [each.words for each in mine]
    if reason := (one.get("reason") or "").strip().rstrip("。"):
        said.append(reason)
    clause = mine[0].basis if mine else ""
    words = {
        "rule": duties.name_of(rule),
        "result": _RESULT[How(one["how"])](),
        "said": display.listed(said),
        "clause": clause,
    }
    if said and clause:
        return _("经核实，%(rule)s%(result)s：%(said)s（%(clause)s）。") % words
    if said:
        return _("经核实，%(rule)s%(result)s：%(said)s。") % words
    return _("经核实，%(rule)s%(result)s。") % words


_RESULT = {
    How.CONFIRMED_FAIL: lambda: _("不符合规定"),
    How.OVERRIDDEN_PASS: lambda: _("符合规定，更正系统判断"),
    How.VERIFIED_PASS: lambda: _("符合规定"),
    How.ON_COMMITMENT: lambda: _("按承诺办理，事后核实"),
}


def _told(one: Reason) -> str:
    return _("%(words)s（%(clause)s）。") % {"words": one.words, "clause": one.basis}


def _closing(stage: str, verdict: str) -> str:
    if verdict == Opinion.Verdict.OBJECT:
        return _("不同意。") if stage != Stage.DISTRICT else _("拟作出不符合条件的决定。")
    return _("同意。") if verdict == Opinion.Verdict.AGREE else ""
