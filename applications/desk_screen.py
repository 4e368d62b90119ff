"""The clerk's screen (受理台): one household, and what the customer's screen may show of it."""

from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from applications import (
    authority,
    consent,
    desk_sheets,
    household,
    kin,
    left_over,
    periods,
    reasons,
    registers,
    states,
    submission,
)
from applications.eligibility import explain
from applications.evidence_words import line
from applications.models import Application, DeskSheet, Evidence, HandoverNote, Member
from core import clock
from core.identity import masking
from datashare import catalogue

_OUTCOMES = {"eligible": "met", "conditional": "met", "ineligible": "unknown"}
# keys that browsers leave alone; each is a button or link of the page, named by its id
KEYS = {
    "home": [("F8", "begin", _("查家庭和登记")), ("F4", "park", _("寄存"))],
    "desk": [
        ("F8", "accept", _("受理")),
        ("F4", "park", _("寄存")),
        ("F6", "sign-first", _("到下一位签字")),
        ("F9", "print-authorisation", _("打印授权承诺书")),
        ("F2", "next", _("回到受理台")),
    ],
    "done": [
        ("F6", "sign-first", _("到下一位签字")),
        ("F9", "print-receipt", _("打印回执")),
        ("F2", "next", _("办下一位")),
    ],
    "consult": [
        ("F8", "consult", _("看结果")),
        ("F9", "print-sheet", _("打印告知单")),
        ("F2", "next", _("下一位咨询")),
    ],
}
_SHORT = 14  # characters of a cell
_NOTES_LAST = timedelta(days=3)  # a note of Friday is read on Monday
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
    parked = list(desk_sheets.parked(staff)[:50])
    aside = [one.application_id for one in parked if one.application_id]
    drafts = rows.in_state(states.DRAFT).filter(employer_entry=None).exclude(pk__in=aside)
    waiting = drafts.order_by("-created_at")[:10]
    notes = HandoverNote.objects.filter(bureau=staff.bureau, at__gte=since - _NOTES_LAST)
    return {
        "parked": [_parked(one) for one in parked],
        "notes": list(notes.select_related("by")[:3]),
        "waiting": [_line(one) for one in waiting],
        "accepted": [_line(one) for one in accepted[:10]],
        "accepted_count": accepted.count(),
    }


def of(application: Application, typed: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Members with consent, registers by member, the likely result, what is left to do.

    ``typed``: what the sheet on the desk holds of unsaved boxes.
    """
    members = list(application.members.prefetch_related("consents").order_by("position"))
    rows = list(
        application.evidence.filter(round="apply", member__excluded=False)
        .select_related("member")
        .order_by("id")
    )
    pending = sum(one.status == Evidence.Status.PENDING for one in rows)
    return {
        "application": application,
        "members": _with_typed([_member(one) for one in members], (typed or {}).get("household")),
        "matrix_columns": [one.name for one in members if not one.excluded],
        "matrix_rows": _matrix(rows, [one for one in members if not one.excluded]),
        "done": len(rows) - pending,
        "total": len(rows),
        "finished": not pending,
        "missing": [one.name for one in members if _is_waiting(one)],
        "first_waiting": next((one.pk for one in members if _is_waiting(one)), None),
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
        "undrawn": is_undrawn(application),
        **_left(application, (typed or {}).get("accept") or {}),
        **_likely(application),
    }


def is_undrawn(application: Application) -> bool:
    """Whether the applicant agreed, and no register has been asked for the household yet."""
    return (
        application.state == states.DRAFT
        and "household_certain" not in application.declared
        and authority.word_of(application.applicant) == "given"
    )


def consent_token(application: Application, *more: object) -> str:
    """A short word that changes when a consent, the household or the state does."""
    people = application.members.prefetch_related("consents").order_by("position")
    told = [(one.pk, one.excluded, authority.word_of(one), _is_waiting(one)) for one in people]
    drawn = "household_certain" in application.declared
    text = f"{application.ref}{application.state}{drawn}{told}{more}"
    return sha256(text.encode()).hexdigest()[:16]


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


def _parked(sheet: DeskSheet) -> dict[str, Any]:
    application = sheet.application
    name = application.applicant.name if application else sheet.typed["person"].get("name", "")
    return {"sheet": sheet, "application": application, "name": name or _("没有填姓名")}


def _with_typed(members: list[dict[str, Any]], typed: Any) -> list[dict[str, Any]]:
    """Ticks and reasons as they were left in the boxes, where somebody left them."""
    for one in members:
        pk, excluded = one["row"].pk, one["row"].excluded
        one["inside"] = not excluded if typed is None else typed.get(f"with_{pk}") == "yes"
        one["reason"] = (typed or {}).get(f"reason_{pk}", one["row"].excluded_reason)
    return members


def _left(application: Application, typed: Mapping[str, Any]) -> dict[str, Any]:
    """还差什么: open facts with the choice made so far, promises and papers that follow."""
    settled = left_over.settled(application)
    return {
        "left": [
            {"item": one, "chosen": typed.get(f"item_{one.fact}", "")}
            for one in left_over.items(application)
            if one.fact not in settled
        ],
        "promised": list(application.commitments.order_by("pk")),
        "later": list(application.supplements.filter(received_at=None).order_by("due_on")),
        "check_days": periods.of("promise_check").value,
        "later_due": left_over.supplement_due(clock.today()),
    }


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
    waiting = _is_waiting(member)
    shape, word = _WORDS["none" if waiting else authority.word_of(member)]
    return {
        "row": member,
        "relation": kin.relation_word(member.relation),
        "masked": masking.mask_id(member.id_number),
        "adult": authority.is_adult(member, clock.today()),
        "must_explain": kin.belongs(member.relation, member.id_number),
        "shape": shape,
        "word": word,
        "waiting": waiting,
    }


def _is_waiting(member: Member) -> bool:
    return not member.excluded and authority.still_to_agree(member)


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
