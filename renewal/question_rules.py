"""Which findings become a question to the household, and which never do. Tables only.

A question is made from the sentence's code of a finding. What a register does not answer is asked
of the register again, what two registers say differently is asked of a department (inquiries): a
household is asked only what it alone can say. Homes, income and cars it need not prove; it may say
that what is registered is right or wrong (浙江省保障“最多跑一次”改革规定第七条).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from applications.material_items import BY_KEY as ITEMS
from applications.material_items import PROMISE
from renewal.models import HouseholdQuestion

Kind, Basis = HouseholdQuestion.Kind, HouseholdQuestion.Basis
_FACT, _FORM = Basis.SUBSTANTIVE, Basis.PROCEDURAL


@dataclass(frozen=True)
class Ask:
    """How a doubt is asked about; ``promise`` names the item whose promise will do instead."""

    kind: str
    basis: str
    promise: str = ""


ASKED: dict[str, Ask] = {
    # a consent or a paper that is missing or has run out says nothing about the household
    "CONSENT_FAIL": Ask(Kind.CONSENT, _FORM),
    "IDENTITY_SILENT": Ask(Kind.PROOF, _FORM),
    "PERMIT_LAPSED": Ask(Kind.PROOF, _FORM),
    "PERMIT_SILENT": Ask(Kind.PROOF, _FORM),
    "EMPLOYMENT_SILENT": Ask(Kind.PROOF, _FORM),
    # a register elsewhere that cannot be asked: a paper or a promise will do, once
    "MEMBERS_MARRIAGE_SILENT": Ask(Kind.PROOF, _FORM, "MEMBERS"),
    "EMPLOYMENT_DEGREE_SILENT": Ask(Kind.PROOF, _FORM, "EMPLOYMENT"),
    # what is registered: right or wrong?
    "IDENTITY_NAME": Ask(Kind.CONFIRM, _FACT),
    "IDENTITY_FORMER_NAME": Ask(Kind.CONFIRM, _FACT),
    "MEMBERS_MARRIAGE_DISPUTED": Ask(Kind.CONFIRM, _FACT),
    "EMPLOYMENT_FUND": Ask(Kind.CONFIRM, _FACT),
    "HOUSING_SHARE_OPEN": Ask(Kind.EXPLAIN, _FACT),
    "HOUSING_OUTSIDE": Ask(Kind.EXPLAIN, _FACT),
    "HOUSING_UNMEASURED": Ask(Kind.EXPLAIN, _FACT),
    "HOUSING_DEED_TAX": Ask(Kind.EXPLAIN, _FACT),
    "TRANSFER_UNDATED": Ask(Kind.EXPLAIN, _FACT),
    "VEHICLE_LIVELIHOOD": Ask(Kind.EXPLAIN, _FACT),
    "VEHICLE_NO_VALUE": Ask(Kind.EXPLAIN, _FACT),
    "COMPANY_OVER": Ask(Kind.EXPLAIN, _FACT),
    "DEPOSIT_PARTIAL": Ask(Kind.EXPLAIN, _FACT),
    "DEPOSIT_OVER": Ask(Kind.EXPLAIN, _FACT),
}


def ask_for(finding: Mapping[str, Any]) -> Ask | None:
    """How this finding is asked about; None where the household is not asked."""
    return None if finding["result"] == "pass" else ASKED.get(finding.get("reason", ""))


def is_procedural(finding: Mapping[str, Any]) -> bool:
    """Whether a failed finding speaks of a missing word or paper only, and of no fact."""
    ask = ask_for(finding)
    return ask is not None and ask.basis == Basis.PROCEDURAL


def substantive(findings: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The failed findings that speak of facts: these alone can make a case."""
    return [one for one in findings if one["result"] == "fail" and not is_procedural(one)]


def rests_on_a_word(finding: Mapping[str, Any]) -> bool:
    """Whether the rules let the household go on by its promise: no reason to trouble it alone."""
    return finding.get("route") == "conditional"


def promise_of(reason: str) -> str:
    """The sentence that may be promised instead of a proof; "" where none may."""
    item = ITEMS.get(ASKED[reason].promise) if reason in ASKED else None
    return str(item.promise) if item is not None and PROMISE in item.ways else ""
