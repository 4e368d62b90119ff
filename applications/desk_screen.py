"""The clerk's screen (受理台): one household, and what the customer's screen may show of it."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from applications import (
    authority,
    consent,
    household,
    kin,
    reasons,
    registers,
    states,
    submission,
)
from applications.eligibility import explain
from applications.evidence_words import line
from applications.models import Application, Evidence, Member
from core import clock
from core.identity import masking
from datashare import catalogue

_OUTCOMES = {"eligible": "met", "conditional": "met", "ineligible": "unknown"}
_SHORT = 14  # characters of a cell
_WORDS = {
    "none": ("later", _("等待")),
    "given": ("met", _("已同意")),
    "refused": ("unmet", _("未同意")),
    "withdrawn": ("unmet", _("已撤回")),
}


def overview(staff: Staff) -> dict[str, Any]:
    """Drafts that wait in this office and what was accepted here today."""
    rows = Application.objects.filter(
        channel="window", created_by__staff__bureau=staff.bureau
    ).prefetch_related("members")
    since = clock.local_midnight(clock.today())
    accepted = rows.filter(accepted_at__gte=since).order_by("-accepted_at")
    waiting = rows.in_state(states.DRAFT).order_by("-created_at")[:10]
    return {
        "waiting": [_line(one) for one in waiting],
        "accepted": [_line(one) for one in accepted[:10]],
        "accepted_count": accepted.count(),
    }


def of(application: Application) -> dict[str, Any]:
    """Members with consent, registers by member, the likely result."""
    members = list(application.members.prefetch_related("consents").order_by("position"))
    rows = list(
        application.evidence.filter(round="apply", member__excluded=False)
        .select_related("member")
        .order_by("id")
    )
    pending = sum(one.status == Evidence.Status.PENDING for one in rows)
    return {
        "application": application,
        "members": [_member(one) for one in members],
        "matrix_columns": [one.name for one in members if not one.excluded],
        "matrix_rows": _matrix(rows, [one for one in members if not one.excluded]),
        "done": len(rows) - pending,
        "total": len(rows),
        "finished": not pending,
        "missing": [one.name for one in members if _is_waiting(one)],
        "silent": sorted(
            {
                registers.name_of(one.source)
                for one in rows
                if one.status == Evidence.Status.UNAVAILABLE
            }
        ),
        "poll": reverse("window_checks", args=[application.ref]),
        "refusal": submission.why_not_ready(application)
        if application.state == states.DRAFT
        else None,
        **_likely(application),
    }


def face(application: Application) -> dict[str, Any]:
    """Names and consent of the household in front of the screen; no register's answer."""
    members = application.members.filter(excluded=False).prefetch_related("consents")
    return {
        "members": [_member(one) for one in members.order_by("position")],
        "points": consent.POINTS,
        "text": consent.TEXT,
        "accepted": application.state != states.DRAFT,
    }


def entries_from(application: Application, data: Mapping[str, Any]) -> list[submission.Entry]:
    """The household as ticked on the screen."""
    entries = []
    for entry, member in zip(
        household.entries_of(application),
        application.members.exclude(is_applicant=True),
        strict=True,
    ):
        out = data.get(f"with_{member.pk}") != "yes"
        reason = str(data.get(f"reason_{member.pk}") or "")
        entries.append(
            submission.Entry(
                entry.name, entry.id_number, entry.relation, entry.origin, out, reason, entry.phone
            )
        )
    return entries


def _line(application: Application) -> dict[str, Any]:
    applicant = next(one for one in application.members.all() if one.is_applicant)
    return {
        "ref": application.ref,
        "case_no": application.case_no,
        "name": applicant.name,
        "at": application.accepted_at or application.created_at,
        "tag": application.STATES[application.state],
    }


def _member(member: Member) -> dict[str, Any]:
    shape, word = _WORDS[authority.word_of(member)]
    return {
        "row": member,
        "relation": kin.relation_word(member.relation),
        "masked": masking.mask_id(member.id_number),
        "adult": authority.is_adult(member, clock.today()),
        "must_explain": kin.belongs(member.relation, member.id_number),
        "shape": shape,
        "word": word,
        "waiting": _is_waiting(member),
    }


def _is_waiting(member: Member) -> bool:
    return not member.excluded and authority.word_of(member) == "none"


def _matrix(rows: list[Evidence], members: list[Member]) -> list[Any]:
    """Registers down, people across; a register that applies to nobody has no row."""
    cells = {(one.source, one.member_id): line(one) for one in rows}
    asked = {one.source for one in rows}
    return [
        (registers.name_of(entry.code), [_cell(cells.get((entry.code, one.pk))) for one in members])
        for entry in catalogue.entries()
        if entry.code in asked
    ]


def _cell(found: Any) -> tuple[str, str] | None:
    """A short word: an address or a long sentence stays on the evidence page."""
    if found is None:
        return None
    return found.kind, found.value if 0 < len(found.value) <= _SHORT else found.word


def _likely(application: Application) -> dict[str, Any]:
    """The likely result: a preview for the clerk, no decision."""
    assessment = reasons.newest(application)
    if assessment is None:
        return {"likely": None}
    language = "en" if (get_language() or "").startswith("en") else "zh-hans"
    open_ = [one for one in assessment.result["findings"] if one["result"] != "pass"]
    return {
        "likely": {
            "mark": _OUTCOMES.get(assessment.outcome, "unknown"),
            "sentence": explain.outcome(assessment.result, language),
            "tier": explain.tier_name(assessment.tier, language) if assessment.tier else "",
            "rent": assessment.result.get("rent_monthly"),
            "subsidy": assessment.result.get("subsidy_monthly"),
            "open": [explain.title(one["rule"], language) for one in open_],
        }
    }
