"""Signing for who cannot (代签): named by the family or the clerk, checked by a person.

Until it is checked the consent stays missing: no register is asked and the clock stands. Here
stands which evidence is named and whether a clerk has seen the original.
"""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from applications import authority, consent, consent_waits, notices_family, signing_routes
from applications.models import Application, Consent, Member, StandIn
from core import audit, clock, locks, notices
from core.refusals import Refusal

_OPEN = StandIn.Verdict.OPEN


class StandInRefused(Refusal):
    """The route does not fit, or the evidence was not seen."""


def name(
    member: Member, route: str, evidence: str, *, by: Any, signer: str = "", note: str = ""
) -> StandIn:
    """Says by which listed route somebody signs instead of the member. Raises StandInRefused.

    Named again while it waits for a check, the newest words count.
    """
    with transaction.atomic():
        application = locks.fresh(member.application)
        if why := why_not_name(member, application):
            raise StandInRefused(why)
        found = signing_routes.table().get(route)
        if found is None or evidence not in found.evidence:
            raise StandInRefused(_("请选择一种情况和一种证明。"), "choice")
        if found.signs and not signer.strip():
            raise StandInRefused(_("请写明由谁签字。"), "signer")
        seen = getattr(by, "as_staff", None) is not None
        row, _made = StandIn.objects.update_or_create(
            member=member, verdict=_OPEN,
            defaults={
                "route": route, "evidence": evidence, "signer": signer.strip()[:60],
                "note": note.strip()[:400], "seen_at_window": seen, "named_at": clock.now(),
                "named_by": audit.label(by)[:80],
            },
        )  # fmt: skip
        _record("stand_in.named", row, by)  # which route says how the person is: not for the log
        return row


def take_back(row: StandIn, *, by: Any) -> StandIn:
    """The family takes the request back: the member can sign after all."""
    return _check(row, StandIn.Verdict.TAKEN_BACK, "", by)


def see_paper(row: StandIn, *, by: Staff) -> StandIn:
    """A clerk has the original on the table."""
    with transaction.atomic():
        fresh = _still_open(row)
        fresh.seen_at_window = True
        fresh.save(update_fields=["seen_at_window"])
        _record("stand_in.paper_seen", fresh, by.user)
        return fresh


def accept(row: StandIn, *, by: Staff) -> StandIn:
    """A person has checked route and evidence: the consent is recorded as signed by this route.

    Where nobody can sign, no consent comes of it: the person's data stay unasked, the rules read
    them as unknown and a person goes on by hand. Raises StandInRefused.
    """
    with transaction.atomic():
        fresh = _check(row, StandIn.Verdict.ACCEPTED, "", by.user)
        if signing_routes.of(fresh.route).signs:
            consent.give(fresh.member, method=Consent.Method.STAND_IN, by=by.user)
        else:
            consent.refuse(fresh.member, method=Consent.Method.STAND_IN, by=by.user)
        return fresh


def send_back(row: StandIn, reason: str, *, by: Staff) -> StandIn:
    """The evidence is not enough: the family reads why, nothing is lost. Raises StandInRefused."""
    if not reason.strip():
        raise StandInRefused(_("请写明差什么。"), "reason")
    with transaction.atomic():
        fresh = _check(row, StandIn.Verdict.RETURNED, reason.strip()[:400], by.user)
        applicant = fresh.member.application.applicant
        notices.tell(
            applicant.id_index, notices_family.STAND_IN_RETURNED, by=by.user,
            case_no=authority.asked_as(fresh.member.application), reason=fresh.reason,
        )  # fmt: skip
        return fresh


def why_not_name(member: Member, application: Application) -> Any:
    """Why no stand-in can be named for this member now; '' if one can. Page and verb ask this."""
    if not authority.still_asks(application):
        return _("这份申请已经结束。")
    if not authority.is_adult(member, clock.today()):
        return _("未成年人由监护人代为授权。")
    if authority.word_of(member) == "given" and not authority.still_to_agree(member):
        return _("这位家人已经同意，不用代签。")
    return ""


def of_member(member: Member) -> StandIn | None:
    """The newest word on this member, if any."""
    rows = member.stand_ins.exclude(verdict=StandIn.Verdict.TAKEN_BACK)
    return rows.order_by("named_at").last()


def to_check(staff: Staff) -> QuerySet[StandIn]:
    """What waits for a check in this street, or in the drafts this office typed."""
    rows = StandIn.objects.filter(verdict=_OPEN, member__excluded=False)
    mine = consent_waits.cases_of(staff)
    asked = authority.asking().filter(pk__in=mine.values("pk"))
    return rows.filter(member__application__in=asked.values("pk")).select_related(
        "member__application"
    )


def _still_open(row: StandIn) -> StandIn:
    application = locks.fresh(row.member.application)
    fresh = locks.fresh(row)
    if fresh.verdict != _OPEN:
        raise StandInRefused(_("这一份已经核对过。"))
    if not authority.still_asks(application):
        raise StandInRefused(_("这份申请已经结束。"))
    return fresh


def _check(row: StandIn, verdict: str, reason: str, by: Any) -> StandIn:
    with transaction.atomic():
        fresh = _still_open(row)
        if verdict == StandIn.Verdict.ACCEPTED and not fresh.seen_at_window:
            raise StandInRefused(_("先看过证明原件，才能按代签办理。"))
        fresh.verdict, fresh.reason = verdict, reason
        fresh.checked_at, fresh.checked_by = clock.now(), audit.label(by)[:80]
        fresh.save()
        _record(f"stand_in.{verdict}", fresh, by)
        return fresh


def _record(verb: str, row: StandIn, by: Any) -> None:
    case_no = row.member.application.case_no or ""
    audit.record(verb, by=by, thing=row, case_no=case_no, subjects=[row.member.id_index])
