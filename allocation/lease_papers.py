"""The texts of a lease on paper (PDF): parties, sum of the rent, clauses, signatures, digest."""

from typing import Any

from django.utils import translation

from allocation import rent_sums
from allocation.leases import digest, texts
from allocation.models import Lease, LeaseSignature, LeaseText
from applications import letters, seals
from core import display
from core.identity import masking

Party = LeaseSignature.Party


def pdf(lease: Lease) -> bytes:
    """The contract, in Chinese: as it was signed, else as it would be signed now.

    A lease from before texts were kept is printed from its own facts.
    """
    text = texts.contract_of(lease)
    if text is not None:
        return text_pdf(text)
    with translation.override("zh-hans"):
        content = texts.contract_content(lease)
        people = content["facts"]["people"]
        data = _head(lease, str(LeaseText.Kind.CONTRACT.label), content) | {
            "parties": _parties(lease, content["facts"]["tenant"], people),
            "signature": [
                ["条款说明", _moment(lease.explained_at, "还没有说明")],
                ["签订时间", _moment(lease.signed_at, "还没有签订")],
            ],
            "tenant": texts.tenant_of(lease).name if lease.signed_at else "",
            "lessor": "",
            "digest": lease.text_digest or digest(lease),
            "full_digest": "",
        }
        return _sealed(data, lease.number, lessor=False)


def text_pdf(text: LeaseText) -> bytes:
    """One text with its signatures; the lessor's seal once the lessor has signed."""
    lease = text.lease
    with translation.override("zh-hans"):
        content = texts.content_of(text)
        rows = list(text.signatures.select_related("member", "staff", "mandate"))
        facts = content["facts"]
        tenant = facts.get("tenant") or texts.tenant_of(lease).name
        data = _head(lease, str(text.get_kind_display()), content) | {
            "parties": _parties(lease, tenant, facts.get("people", [])),
            "signature": [
                ["条款说明", _moment(text.explained_at, "还没有说明")],
                *([_party(one), _signed(one)] for one in rows),
            ],
            "tenant": next((_name(one) for one in rows if one.party == Party.TENANT), ""),
            "lessor": next((_name(one) for one in rows if one.party == Party.LESSOR), ""),
            "digest": _digest(text),
            "full_digest": text.digest,
        }
        return _sealed(data, _number(text), lessor=bool(data["lessor"]))


def _head(lease: Lease, title: str, content: dict[str, Any]) -> dict[str, Any]:
    rent = content["facts"].get("rent")
    return {
        "title": "公共租赁住房" + title,
        "number": lease.number,
        "clauses": content["zh"],
        "rent": [
            [one["word"], one["value"], one["note"]]
            for one in (rent_sums.lines(rent_sums.read(rent)) if rent else [])
        ],
    }


def _parties(lease: Lease, tenant: str, people: list[str]) -> list[list[str]]:
    holder = texts.tenant_of(lease)
    others = "、".join(one for one in people if one != tenant) or "无"
    number = masking.mask_id(holder.id_number) if holder.name == tenant else "见原件"
    return [
        ["出租人", letters.OFFICE],
        ["承租人", tenant],
        ["证件号码", number],
        ["同住家人", others],
        ["办件编号", lease.case_no],
    ]


def _sealed(data: dict[str, Any], number: str, *, lessor: bool) -> bytes:
    seal = seals.configured()
    data["seal"] = seal.slot() if lessor else "（出租人签字后盖章）"
    sheet = letters.pdf("lease", data, check=letters.check_code(data["number"]))
    return seal.sealed(sheet, number=number) if lessor else sheet


def _number(text: LeaseText) -> str:
    return f"{text.lease.number}-{text.number}" if text.number else text.lease.number


def _digest(text: LeaseText) -> str:
    if text.kind != LeaseText.Kind.CONTRACT:
        return text.digest
    return text.lease.text_digest or digest(text.lease)


def _party(one: LeaseSignature) -> str:
    return str(one.get_party_display())


def _name(one: LeaseSignature) -> str:
    if one.signed_at is None:
        return ""
    return one.member.name if one.member else one.staff.name if one.staff else ""


def _signed(one: LeaseSignature) -> str:
    if one.signed_at is None:
        who = one.member.name if one.member else ""
        return f"{who}（还没有签字）" if who else "还没有签字"
    way = str(one.get_kind_display())
    if one.sent_to:
        way += f"（{one.sent_to}）"
    if one.mandate is not None:
        way += f"，由{one.mandate.helper_name}凭委托代签"
    return f"{_name(one)}，{display.day_time(one.signed_at)}，{way}"


def _moment(at: object, otherwise: str) -> str:
    return display.day_time(at) if at else otherwise
