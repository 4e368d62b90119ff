"""Who has agreed (授权情况): what every step asks about consent; its verbs stand in consent."""

from datetime import date, datetime

from applications.models import Application, Consent, Member
from core.identity import numbers

ADULT = 18  # 民法典 §17


def in_force(member: Member) -> Consent | None:
    """The member's consent or refusal that counts now."""
    return member.consents.filter(withdrawn_at__isnull=True).first()


def is_adult(member: Member, on: date) -> bool:
    """Whether the member can consent alone: eighteen or older on the day (民法典 §17)."""
    return numbers.age_on(numbers.parse(member.id_number).birth_date, on) >= ADULT


def word_of(member: Member) -> str:
    """none, given, refused or withdrawn: what stands beside the member's name."""
    rows = list(member.consents.all())
    current = next((row for row in rows if row.withdrawn_at is None), None)
    if current is None:
        return "withdrawn" if rows else "none"
    return "given" if current.given_at else "refused"


def word_at(member: Member, moment: datetime) -> str:
    """`word_of` as it stood at a moment."""
    told = [(row, at) for row in member.consents.all() if (at := row.given_at or row.refused_at)]
    known = [row for row, at in told if at <= moment]
    current = [row for row in known if row.withdrawn_at is None or row.withdrawn_at > moment]
    if not current:
        return "withdrawn" if known else "none"
    return "given" if current[0].given_at else "refused"


def pending(application: Application) -> list[Member]:
    """Members of whom neither a consent nor a refusal is known yet."""
    people = application.members.filter(excluded=False).prefetch_related("consents")
    return [member for member in people if word_of(member) == "none"]


def asked_as(application: Application) -> str:
    """The case as datashare is told of it: its number, given with the draft."""
    return application.case_no or str(application.ref)


def basis(member: Member) -> str:
    """What datashare is told as the basis of a question about the member; empty without consent."""
    current = in_force(member)
    return f"consent:{current.digest}" if current and current.given_at else ""


def bases(member_ids: set[int]) -> dict[int, str]:
    """The basis of a question about each of these members; those without consent are missing."""
    given = Consent.objects.filter(
        member__in=member_ids, withdrawn_at__isnull=True, given_at__isnull=False
    )
    return {one.member_id: f"consent:{one.digest}" for one in given}
