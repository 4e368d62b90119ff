"""Who has agreed (授权情况): what every step asks about consent; its verbs stand in consent."""

from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from applications import states
from applications.models import Application, Benefit, Consent, Member
from core.identity import numbers


def in_force(member: Member) -> Consent | None:
    """The member's consent or refusal that counts now."""
    return member.consents.filter(withdrawn_at__isnull=True).first()


def is_adult(member: Member, on: date) -> bool:
    """Whether the member can consent alone: eighteen or older on the day (民法典 §17)."""
    return numbers.is_adult_on(numbers.parse(member.id_number).birth_date, on)


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


def may_be_asked(member: Member) -> bool:
    """Whether registers may be asked about the member now; reads the prefetched consents."""
    rows = list(member.consents.all())
    return any(row.withdrawn_at is None and row.given_at and not row.outgrown_at for row in rows)


def still_to_agree(member: Member) -> bool:
    """Whether the member's own word is missing: none yet, or only a guardian's, now outgrown."""
    word = word_of(member)
    return word == "none" or (word == "given" and not may_be_asked(member))


def awaiting_a_word() -> QuerySet[Member]:
    """`still_to_agree` of everybody in a household, in the database."""
    rows = Consent.objects.filter(member=OuterRef("pk"))
    grown = rows.filter(withdrawn_at=None, given_at__isnull=False, outgrown_at__isnull=False)
    return Member.objects.filter(~Exists(rows) | Exists(grown), excluded=False)


def outgrown(application: Application) -> list[Member]:
    """Members who came of age on a guardian's consent and have not agreed themselves yet.

    What was answered before stays good; nothing more is asked about them until they agree.
    """
    rows = application.members.filter(
        excluded=False, consents__withdrawn_at=None, consents__outgrown_at__isnull=False
    )
    return list(rows.distinct().order_by("position"))


def asking() -> QuerySet[Application]:
    """Cases in which a member's word still counts: under way, or the housing they brought lasts.

    In a household in its home somebody may come of age or join, and the yearly re-check asks.
    """
    lasting = Benefit.objects.filter(case_no=OuterRef("case_no"), ended_on=None)
    open_ = Q(state__in=states.APPLICATION.open_ids)
    return Application.objects.filter(open_ | Q(state=states.CLOSED) & Exists(lasting))


def still_asks(application: Application) -> bool:
    """Whether the case is one of `asking`."""
    return application.is_open or asking().filter(pk=application.pk).exists()


def asked_as(application: Application) -> str:
    """The case as datashare is told of it: its number, given with the draft."""
    return application.case_no or str(application.ref)


def basis(member: Member) -> str:
    """What datashare is told as the basis of a question about the member; empty without consent."""
    current = in_force(member)
    holds = current and current.given_at and not current.outgrown_at
    return f"consent:{current.digest}" if current and holds else ""


def bases(member_ids: set[int]) -> dict[int, str]:
    """The basis of a question about each of these members; those without consent are missing."""
    given = Consent.objects.filter(
        member__in=member_ids, withdrawn_at__isnull=True, given_at__isnull=False,
        outgrown_at__isnull=True,
    )  # fmt: skip
    return {one.member_id: f"consent:{one.digest}" for one in given}
