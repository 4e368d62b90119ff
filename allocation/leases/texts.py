"""The texts of a lease (合同文本): opened, fixed at the first signature, never written again."""

from collections.abc import Callable, Iterable
from typing import Any

from django.utils import translation

from allocation import clauses, rent_sums, states
from allocation.leases.terms import digest_of, terms
from allocation.models import Lease, LeaseSignature, LeaseText
from applications import authority, periods
from applications.models import Member
from core import audit, clock

Kind, Party = LeaseText.Kind, LeaseSignature.Party
LANGUAGES = {"zh": "zh-hans", "en": "en"}


def open_text(
    lease: Lease,
    kind: str,
    *,
    by: Any,
    content: dict[str, Any] | None = None,
    cosigners: Iterable[Member] = (),
    **fields: Any,
) -> LeaseText:
    """A new text with its places for signatures; the tenant's and the lessor's are always there."""
    last = lease.texts.order_by("-number").first()
    text = LeaseText.objects.create(
        lease=lease,
        number=0 if kind == Kind.CONTRACT else max(1, last.number + 1 if last else 1),
        kind=kind,
        state_since=clock.now(),
        content=content or {},
        made_by=audit.label(by)[:80],
        made_at=clock.now(),
        **fields,
    )
    tenant = tenant_of(lease)
    also = [one for one in [*cosigners, *asked_to_cosign(lease)] if one.pk != tenant.pk]
    LeaseSignature.objects.bulk_create(
        [
            LeaseSignature(text=text, party=Party.TENANT, member=tenant),
            *(
                LeaseSignature(text=text, party=Party.COSIGNER, member=one)
                for one in {one.pk: one for one in also}.values()
            ),
            LeaseSignature(text=text, party=Party.LESSOR),
        ]
    )
    audit.record("lease.text_opened", by=by, thing=text, kind=kind)
    return text


def contract_of(lease: Lease) -> LeaseText | None:
    """The contract itself; None where it was signed before texts were kept here."""
    return lease.texts.filter(kind=Kind.CONTRACT).first()


def tenant_of(lease: Lease) -> Member:
    """Who holds the lease: the applicant, or who followed them after a death or a divorce."""
    return lease.application.applicant


def people_of(lease: Lease) -> list[Member]:
    """Everybody who lives there, the tenant first."""
    return list(lease.application.members.filter(excluded=False).order_by("position"))


def asked_to_cosign(lease: Lease) -> list[Member]:
    """Adults who sign with the tenant: all where the text asks for it, joint tenants always."""
    adults = adults_of(lease)
    if periods.of("lease_cosign").value:
        return adults
    joint = joint_tenants(lease)
    return [one for one in adults if one.pk in joint]


def adults_of(lease: Lease) -> list[Member]:
    """The adults of the household but the tenant."""
    tenant, today = tenant_of(lease), clock.today()
    return [
        one for one in people_of(lease) if one.pk != tenant.pk and authority.is_adult(one, today)
    ]


def joint_tenants(lease: Lease) -> set[int]:
    """Members who hold the lease together with the tenant, by agreements in force."""
    rows = LeaseText.objects.filter(
        lease__application=lease.application_id, kind=Kind.JOINT, state=states.T_IN_FORCE
    )
    return {int(one.content["facts"]["member"]) for one in rows}


def content_of(text: LeaseText) -> dict[str, Any]:
    """The words: as they were fixed or drafted, or of a contract still to be signed, as of now."""
    return text.content or contract_content(text.lease)


def contract_content(lease: Lease) -> dict[str, Any]:
    """The contract's clauses in both languages, its facts and the sum of the rent."""
    return in_both(lambda: clauses.of(lease)) | {
        "facts": terms(lease)
        | {
            "tenant": tenant_of(lease).name,
            "people": [one.name for one in people_of(lease)],
            "rent": rent.kept() if (rent := sum_of(lease)) else {},
        }
    }


def sum_of(lease: Lease) -> rent_sums.RentSum | None:
    """The sum that gives the lease's rent; None where no day's policy and standard give it."""
    days = [lease.created_at, lease.offer and lease.offer.due_at, lease.signed_at, clock.now()]
    known = [one.astimezone(clock.LOCAL).date() for one in days if one]
    for day in [lease.term.lower, *known]:
        found = rent_sums.at(lease.home, lease.tier, day)
        if found is not None and found.monthly == lease.rent_monthly:
            return found
    return None


def in_both(words: Callable[[], list[clauses.Clause]]) -> dict[str, Any]:
    """Clauses as they are kept: the Chinese words, which bind, and the English ones beside."""
    kept = {}
    for key, language in LANGUAGES.items():
        with translation.override(language):
            kept[key] = [
                {"title": str(one.title), "lines": [str(line) for line in one.lines],
                 "key": one.key}
                for one in words()
            ]  # fmt: skip
    return kept


def clauses_of(text: LeaseText) -> list[clauses.Clause]:
    """The clauses in the page's language."""
    english = (translation.get_language() or "").startswith("en")
    rows = content_of(text)["en" if english else "zh"]
    return [clauses.Clause(one["title"], tuple(one["lines"]), one["key"]) for one in rows]


def fix(text: LeaseText) -> None:
    """Fixes the words before the first signature; the caller holds the text's lock."""
    if text.fixed_at is None:
        text.content = content_of(text)
        text.digest = digest_of(text.content)
        text.fixed_at = clock.now()
        text.save(update_fields=["content", "digest", "fixed_at"])


def key_clauses(text: LeaseText) -> list[int]:
    """The places of the clauses that are explained before signing (§16), from 1."""
    rows = content_of(text)["zh"]
    return [place for place, one in enumerate(rows, start=1) if one["key"]]
