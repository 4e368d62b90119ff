"""How a department settles a doubtful rule (逐项核实): what fits a finding, and what is kept."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from applications import conclusion, duties, findings, reason_codes
from applications.findings import How
from applications.models import Opinion
from applications.models.review import Stage
from core import display
from core.refusals import Refusal


class OpinionRefused(Refusal):
    """The opinion leaves something unsettled, or contradicts itself."""


def checked(given: Mapping[str, Any] | None, assessment: Any) -> dict[str, dict[str, Any]]:
    """What an opinion settles, as it is stored. Raises OpinionRefused for what does not fit."""
    return {rule: _settlement(rule, how, assessment) for rule, how in (given or {}).items()}


def needs_second(settled: Mapping[str, Mapping[str, Any]], assessment: Any) -> bool:
    """Whether an opinion overrides what the registers say, so that a second person must confirm.

    A FAIL found to be met, or an UNKNOWN found to be met; a promise or a confirmed FAIL is none.
    """
    return any(is_override(rule, one["how"], assessment) for rule, one in settled.items())


def is_override(rule: str, how: str, assessment: Any) -> bool:
    """Whether settling a rule so needs two persons and a reason."""
    if how == How.VERIFIED_PASS:
        return findings.worst_of(assessment, rule) != findings.PASS
    return how == How.OVERRIDDEN_PASS


def checked_reasons(
    codes: Iterable[str],
    *,
    stage: str,
    verdict: str,
    settled: Mapping[str, Mapping[str, Any]],
) -> list[str]:
    """The reason codes of an opinion, once each. Raises OpinionRefused for what does not fit."""
    kept = list(dict.fromkeys(codes))
    for code in kept:
        reason = reason_codes.of(code)
        if reason is None:
            raise OpinionRefused(
                _("没有「%(code)s」这个理由，请从列表里选择。") % {"code": code}, "reason_codes"
            )
        how = settled.get(reason.rule, {}).get("how")
        closing = stage == Stage.DISTRICT and reason.how == How.CONFIRMED_FAIL
        if reason.desk not in ("", stage) or (reason.rule and how != reason.how and not closing):
            raise OpinionRefused(
                _("理由「%(words)s」和选的核实结果不一致，请重新选择。") % {"words": reason.words},
                "reason_codes",
            )
    if verdict == Opinion.Verdict.OBJECT:
        _refuse_unnamed(kept, stage, settled)
    return kept


def _refuse_unnamed(codes: list[str], stage: str, settled: Mapping[str, Mapping[str, Any]]) -> None:
    """An objection names its reason: each rule confirmed as failed, or the desk's own."""
    named = reason_codes.named(codes)
    failed = {rule for rule, one in settled.items() if one["how"] == How.CONFIRMED_FAIL}
    missing = failed - {one.rule for one in named}
    if missing:
        raise OpinionRefused(
            _("%(rules)s不符，请选择不符的理由。")
            % {"rules": display.listed(sorted(map(duties.name_of, missing)))},
            "reason_codes",
        )
    if not any(one.objects for one in named):
        raise OpinionRefused(_("不同意要选择至少一项理由。"), "reason_codes")


def _settlement(rule: str, given: Any, assessment: Any) -> dict[str, Any]:
    """One settlement as it is stored; refuses what does not fit the finding."""
    how, reason = (given, "") if isinstance(given, str) else (given["how"], given.get("reason", ""))
    reason = reason.strip()
    if how not in How.values:
        raise OpinionRefused(_("请为%(rule)s选择核实结果。") % {"rule": rule}, "settled")
    worst = findings.worst_of(assessment, rule)
    if how == How.OVERRIDDEN_PASS and not reason:
        raise OpinionRefused(
            _("更正系统对%(rule)s的判断，要写明理由。") % {"rule": rule}, "settled"
        )
    if how == How.VERIFIED_PASS and worst == findings.UNKNOWN and not reason:
        raise OpinionRefused(
            _("登记没有查清%(rule)s，核实符合要写明怎么核实的。") % {"rule": rule}, "settled"
        )
    if how in (How.VERIFIED_PASS, How.ON_COMMITMENT) and worst == findings.FAIL:
        raise OpinionRefused(
            _("%(rule)s查到的是不符，只能核实不符，或写明理由更正。") % {"rule": rule}, "settled"
        )
    if how == How.CONFIRMED_FAIL and worst != findings.FAIL and not reason:
        raise OpinionRefused(
            _("系统没有判%(rule)s不符，核实不符要写明理由。") % {"rule": rule}, "settled"
        )
    kept = {
        "how": how,
        "reason": reason,
        "was": findings.value_of(assessment, rule),
        "persons": findings.covered_by(assessment, rule),
    }
    amount = None if isinstance(given, str) else given.get("amount")
    return kept if amount is None else kept | {"amount": _amount(rule, how, amount, assessment)}


def _amount(rule: str, how: str, given: Any, assessment: Any) -> str:
    """The household's yearly income in yuan as the department found it; it sets the tier.

    The rules themselves say whether it fits: a doubtful finding may carry no limit to compare with.
    """
    amount = Decimal(str(given))
    if rule != "INCOME" or amount < 0:
        raise OpinionRefused(_("只有家庭收入可以写金额，金额不能小于0。"), "settled")
    if how == How.CONFIRMED_FAIL:
        return str(amount)
    over = [one for one in conclusion.income_at(assessment, amount) if one.result == findings.FAIL]
    if over:
        raise OpinionRefused(
            _("写的收入是%(amount)s，超过规定的%(limit)s，不能核实为符合。请核对金额或结论。")
            % {"amount": display.money(amount), "limit": display.money(over[0].limit)},
            "settled",
        )
    return str(amount)
