"""How a decision reads (决定书): heading, plain lines, reasons, remedies, and the sheet as PDF."""

from typing import Any

from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from applications import letters, periods, seals
from applications.eligibility import explain
from applications.models import Application, Decision
from core import display
from core.identity.masking import mask_text

Kind = Decision.Kind


def grouped(check_code: str) -> str:
    """ABCD-EFGH-JKLM, as it is printed and read aloud."""
    return "-".join(check_code[n : n + 4] for n in range(0, len(check_code), 4))


def title_of(decision: Decision) -> str:
    """The heading of the letter."""
    if decision.kind == Kind.NOTICE:
        return _(decision.heading) if decision.heading else _("告知书")
    return {
        Kind.APPROVE: _("住房保障轮候登记通知书"),
        Kind.REFUSE: _("不符合住房保障条件决定书"),
        Kind.END: _("终止住房保障决定书"),
        Kind.BAN: _("限制申请决定书"),
        Kind.FINE: _("行政处罚决定书"),
    }[Kind(decision.kind)]


def reason_of(finding: dict[str, Any], names: dict[str, str]) -> dict[str, str]:
    """A failed finding as a letter states it; ``names`` by ID number, which is not kept.

    The words are kept as they were on the day: what was found, on what basis, what would change it.
    """
    name = names.get(finding.get("person") or "", "")
    chinese, english = (explain.told(finding, language, name) for language in ("zh-hans", "en"))
    kept = {"rule": finding["rule"], "clause": finding.get("citation") or ""}
    for part in ("sentence", "basis", "change"):
        kept |= {part: mask_text(chinese[part]), f"{part}_en": mask_text(english[part])}
    return kept


def grounds(decision: Decision) -> list[dict[str, str]]:
    """The letter's reasons in the page's language: sentence, basis and what would change it.

    A letter drafted before basis and change were kept has its sentence and clause alone.
    """
    end = "_en" if (get_language() or "").startswith("en") else ""
    return [
        {
            "sentence": one.get(f"sentence{end}") or one["sentence"],
            "basis": one.get(f"basis{end}") or one.get("clause", ""),
            "change": one.get(f"change{end}", ""),
        }
        for one in decision.reasons
    ]


def remedies(kind: str = Kind.REFUSE) -> list[str]:
    """What a household can do against a decision (standard sentence 9), one line each."""
    if kind in (Kind.APPROVE, Kind.NOTICE):
        return []
    if kind not in Decision.LOOKED_AT_AGAIN:
        return [
            _(
                "如果不同意，可以在收到决定后60日内申请行政复议，或6个月内提起行政诉讼；需要帮助请打电话。"
            )
        ]
    return [
        _("如果不同意，可以申请复核，我们%(days)d个工作日内书面答复；也可以在收到决定后"
          "%(review)d日内申请行政复议，或6个月内提起行政诉讼。")
        % {
            "days": periods.of("reconsideration").value,
            "review": periods.of("administrative_review").value,
        }
    ]  # fmt: skip


def pdf(decision: Decision) -> bytes:
    """The letter as PDF, by the common frame of letters; a draft carries no date and no code."""
    application = decision.application
    signed = decision.signed_at is not None
    refused = decision.kind == Kind.REFUSE
    with translation.override("zh-hans"):
        data = {
            "title": title_of(decision),
            "number": decision.case_no,
            "letter_no": decision.letter_no,
            "addressee": decision.addressee or application.applicant.name,
            "plain": plain_lines(decision) if refused else decision.text.splitlines(),
            "reasons": decision.reasons,
            "remedies": remedies(decision.kind),
            "facts": _facts(decision, application),
            "issuer": _("鄞州区住房保障管理中心"),
            "signed": display.day_short(decision.signed_at) if signed else _("未签发，不作凭证"),
            "seal": seals.configured().slot() if signed else _("（印章位置）"),
        }
    check = grouped(decision.check_code) if signed else ""
    sheet = letters.pdf("decision", data, check=check)
    return seals.configured().sealed(sheet, number=decision.letter_no) if signed else sheet


def plain_lines(decision: Decision) -> list[str]:
    """The three plain lines at the head: result, grounds, what can be done (style rule 6)."""
    lines = decision.text.splitlines()
    if decision.kind != Kind.REFUSE:
        return lines[:3]
    return [
        *lines[:1],
        _("依据有%(n)d条，一条一条写在下面。") % {"n": max(len(decision.reasons), 1)},
        _("不同意的，可以申请复核、行政复议或者提起行政诉讼，期限从收到的第二天算起。"),
    ]


def _facts(decision: Decision, application: Application) -> list[tuple[str, str]]:
    facts = [(_("受理日期"), display.day_short(application.accepted_at))]
    if decision.served_at:
        facts.append((_("送达日期"), display.day_short(decision.served_at)))
    return facts
