"""Flags in words: what a finding says, in the language of the page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import translation
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from applications import decision_letter
from applications.eligibility import explain, wording
from core import display
from core.identity.masking import mask_text

# findings that no rule of eligibility makes (令11号 §27, §29–31, §35); clues keep their own word
_TITLES = {
    "ARREARS": gettext_lazy("欠租"),
    "IDLE": gettext_lazy("空置"),
    "SUBLET": gettext_lazy("转租"),
    "LENT": gettext_lazy("转借"),
    "CHANGED_USE": gettext_lazy("改变用途"),
    "DAMAGE": gettext_lazy("损坏或擅自装修"),
    "ILLEGAL": gettext_lazy("违法活动"),
    "VIOLATION": gettext_lazy("违反使用规定"),
    "NO_RENEWAL": gettext_lazy("租期届满"),
    "MOVED_ON": gettext_lazy("已有其他住房"),
    "HOME": gettext_lazy("取得房产"),
    "CONTRACT": gettext_lazy("购房合同"),
    "FALSE": gettext_lazy("材料不实"),
    "DEATH": gettext_lazy("离世"),
}
_OTHER = gettext_lazy("需要核对的情况")
# where value and limit are numbers of months
_COUNTED = {
    "ARREARS": gettext_lazy("累计欠租{actual}个月，规定的界限是{limit}个月。"),
    "IDLE": gettext_lazy("连续{actual}个月没有人住，规定的界限是{limit}个月。"),
}


@dataclass(frozen=True)
class Card:
    """One finding as a page shows it; words only, no verdict."""

    title: str
    sentence: str
    actual: str
    limit: str
    clause: str
    source: str


def cards(findings: Iterable[Mapping[str, Any]]) -> list[Card]:
    """The findings in the language of the request."""
    language = "en" if (get_language() or "").startswith("en") else "zh-hans"
    return [_card(finding, language) for finding in findings]


def title_of(rule: str) -> str:
    """A finding's name in the language of the request."""
    if rule not in wording.RULES:
        return str(_TITLES.get(rule, _OTHER))
    return explain.title(rule, "en" if (get_language() or "").startswith("en") else "zh-hans")


def reasons_of(
    findings: Iterable[Mapping[str, Any]], names: dict[str, str]
) -> list[dict[str, str]]:
    """The findings as a letter states them; ``names`` by ID number, which is not kept."""
    return [_reason(one, names) for one in findings]


def _reason(finding: Mapping[str, Any], names: dict[str, str]) -> dict[str, str]:
    if finding["rule"] in wording.RULES:
        return decision_letter.reason_of(dict(finding), names)
    kept = {"rule": finding["rule"], "clause": finding.get("citation") or ""}
    for language, end in (("zh-hans", ""), ("en", "_en")):
        with translation.override(language):
            card = _card(finding, language)
            basis = _("依据：%(clause)s；来源：%(source)s。") % {
                "clause": card.clause or "—", "source": card.source or "—",
            }  # fmt: skip
            sentence = mask_text(card.sentence)
            kept |= {f"sentence{end}": sentence, f"basis{end}": basis, f"change{end}": ""}
    return kept


def _card(finding: Mapping[str, Any], language: str) -> Card:
    rule = finding["rule"]
    sources = [_source(code, language) for code in finding.get("evidence") or []]
    if rule in wording.RULES:
        title, sentence = explain.title(rule, language), explain.sentence(finding, language)
    else:
        title, sentence = title_of(rule), _own_sentence(finding)
    return Card(
        title=title,
        sentence=sentence,
        actual=finding.get("actual") or "",
        limit=finding.get("limit") or "",
        clause=explain.clause(finding.get("citation") or "", language),
        source=display.listed(sources),
    )


def _own_sentence(finding: Mapping[str, Any]) -> str:
    rule, actual = finding["rule"], finding.get("actual") or ""
    limit = finding.get("limit") or ""
    if rule in _COUNTED and actual.isdigit() and limit.isdigit():
        return str(_COUNTED[rule]).format(actual=actual, limit=limit)
    joint = pgettext("after a label", "：") if actual else ""
    return f"{title_of(rule)}{joint}{actual}"


def _source(code: str, language: str) -> str:
    """A register by its name; a paper or an inspection by the words it was given."""
    try:
        return explain.source_name(code, language)
    except KeyError:
        return code
