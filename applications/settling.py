"""Drawing the consequences (核对后处理): the overlay, the clock, the rules, the next desk.

A register that stays silent belongs to the case: its clock stands with the department named, the
family is told once, and it goes on by itself. After two working days people go on by hand. A
report that is being made is no silence. Nothing here refuses anybody.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from applications import (
    authority,
    deadlines,
    evaluation,
    notice_texts,
    registers,
    reports,
    states,
)
from applications.asking import WORKER
from applications.evaluation import assess_now
from applications.models import Application, Assessment, Evidence, Pause
from applications.models.evidence import APPLY
from applications.outcomes import PENDING, UNAVAILABLE
from core import audit, clock, display, locks, notices, workdays
from datashare import catalogue

# working days after which people go on by hand where a register stays silent
BY_HAND_AFTER = 2
_UNDECIDED = (states.STREET_REVIEW, states.JOINT_REVIEW, states.DISTRICT_REVIEW)


def settle(application: Application, *, round: str = APPLY) -> Assessment | None:
    """Draws the consequences of the answers so far; harmless to repeat.

    The rules read a round once every register was asked at least once and every member is heard.
    """
    if round != APPLY:
        return None  # the campaign or the draw that asked draws the consequences
    with transaction.atomic():
        row = locks.fresh(application)
        rows = list(_questions(row, round))
        if not rows and (row.state == states.DRAFT or _may_be_asked(row)):
            return None
        silent = [one for one in rows if is_silent(one)]
        # a silence pauses, and its end resumes, whatever else still waits its turn
        _overlay(row, silent)
        if any(one.status == PENDING for one in rows) or authority.pending(row):
            return None
        assessment = _newest_or_assess(row)
        _hand_on(row, silent)
        row.evidence.filter(round=round, unread=True).update(unread=False)
        return assessment


def silent(application: Application, round: str = APPLY) -> list[Evidence]:
    """Questions whose register stays silent, the longest first.

    Also those that people decided to go on without (``waived_at``); an overdue report is one.
    """
    rows = application.evidence.filter(round=round, status=UNAVAILABLE)
    return list(
        rows.select_related("member").defer("rows").order_by("silent_since", "source", "id")
    )


def is_silent(one: Evidence) -> bool:
    """Whether the case waits for this answer: unavailable, and nobody went on without it."""
    return one.status == UNAVAILABLE and one.waived_at is None


def go_on_without(application: Application, evidence_ids: list[int], *, by: Any) -> int:
    """People go on without these answers (人工核实、容缺): they pause the clock no longer.

    The registers are asked on; an answer that comes later is read like any other. Returns how many
    rows it was true for.
    """
    with transaction.atomic():
        row = locks.fresh(application)
        rows = row.evidence.filter(pk__in=evidence_ids, status=UNAVAILABLE, waived_at=None)
        sources = sorted(rows.values_list("source", flat=True))
        rows.update(waived_at=clock.now())
        audit.record("checks.waived", by=by, thing=row, sources=sources)
        _overlay(row, [one for one in _questions(row, APPLY) if is_silent(one)])
        application.pending_sources = row.pending_sources
        return len(sources)


def unsettled() -> QuerySet[Application]:
    """Cases whose questions were all put and whose consequences nobody drew: a lost worker's.

    Left out are those that rightly wait: for a consent, or for a silent register not long enough.
    """
    asked = Evidence.objects.filter(application=OuterRef("pk"), round=APPLY)
    # without a single question everybody has refused: people go on by hand
    waits = Pause.objects.filter(
        application=OuterRef("pk"), reason=Pause.Reason.CONSENT, ended_at=None
    )
    long_ago = clock.now() - timedelta(days=BY_HAND_AFTER)
    old = asked.filter(status=UNAVAILABLE, silent_since__lte=long_ago)
    late = Evidence.objects.filter(unread=True, round=APPLY).values("application")
    accepted = (
        Application.objects.in_state(states.ACCEPTED)
        .filter(~Exists(asked.filter(status=PENDING)))
        .filter(~Exists(waits), Q(pending_sources=False) | Exists(old))
    )
    pks = accepted.values("pk").union(Application.objects.filter(pk__in=late).values("pk"))
    return Application.objects.filter(pk__in=pks).order_by("accepted_at")


# -- Parts -------------------------------------------------------------------------------------


def _questions(row: Application, round: str) -> QuerySet[Evidence]:
    """Without what the registers said: how they stand is enough."""
    return row.evidence.filter(round=round).defer("rows", "disputed_reason").order_by("id")


def _overlay(row: Application, silent_rows: list[Evidence]) -> None:
    """The tag 等部门答复 and the clock, while a register is silent."""
    if row.pending_sources != bool(silent_rows):
        row.pending_sources = bool(silent_rows)
        row.save(update_fields=["pending_sources"])
    if row.state == states.DRAFT or not row.is_open or row.decided_at is not None:
        return
    if silent_rows:
        _pause(row, sorted({one.source for one in silent_rows}))
    else:
        _resume(row)


def _pause(row: Application, sources: list[str]) -> None:
    """Stops the clock once for however many registers; the family is told once."""
    words = "、".join(catalogue.entry(code).name for code in sources)[:200]
    standing = row.pauses.filter(reason=Pause.Reason.SOURCE, ended_at=None).first()
    if standing is not None:
        if standing.detail != words:
            standing.detail = words
            standing.save(update_fields=["detail"])
        return
    deadlines.pause(row, Pause.Reason.SOURCE, detail=words, by=WORKER)
    notices.tell(
        row.applicant.id_index, notice_texts.SOURCE_SILENT, by=WORKER, case_no=row.case_no or "",
        source=lambda: registers.names_in(words), time=clock.now(),
    )  # fmt: skip


def _resume(row: Application) -> None:
    """The clock runs again by itself; in a review under way the family is told so."""
    ended = deadlines.resume(row, Pause.Reason.SOURCE, by=WORKER)
    if ended is not None and row.state in _UNDECIDED:
        notices.tell(
            row.applicant.id_index, notice_texts.SOURCE_BACK, by=WORKER,
            case_no=row.case_no or "", due=lambda: deadlines.told(row.promised_due),
            source=lambda: registers.names_in(ended.detail),
        )  # fmt: skip


def _newest_or_assess(row: Application) -> Assessment:
    """The stored assessment, unless an answer or a consent came after it."""
    newest = row.assessments.filter(round=APPLY).first()
    if newest is not None and evaluation.same_inputs(newest, row):
        return newest
    made = assess_now(row, round=APPLY, on=clock.today(), by=WORKER)
    if made.category and row.category != made.category:
        row.category = made.category
        row.save(update_fields=["category"])
    return made


def _hand_on(row: Application, silent_rows: list[Evidence]) -> None:
    """The first whole answer opens the review; later ones bring its findings up to date."""
    from applications import review  # the next step of the procedure; it reads what we store

    if row.state == states.DRAFT:
        return
    if row.state != states.ACCEPTED:
        review.refresh_findings(row)
    elif not silent_rows or _waited_enough(silent_rows, row):
        _tell_checked(row, silent_rows)
        review.open_review(row, by=WORKER)


def _waited_enough(silent_rows: list[Evidence], row: Application) -> bool:
    """Whether the longest silence has lasted for two working days."""
    since = min((one.silent_since for one in silent_rows if one.silent_since), default=None)
    since = since or row.accepted_at
    return since is not None and _workdays_since(since) >= BY_HAND_AFTER


def _workdays_since(moment: datetime) -> int:
    return workdays.workdays_between(moment.astimezone(clock.LOCAL).date(), clock.today())


def _tell_checked(row: Application, silent_rows: list[Evidence]) -> None:
    """What the family hears when people take over: everything found, a report or a register out."""
    words: dict[str, Any] = {"due": lambda: deadlines.told(row.promised_due)}
    template = notice_texts.CHECKED
    if silent_rows:
        template = notice_texts.BY_HAND
        codes = dict.fromkeys(one.source for one in silent_rows)
        words = {"source": lambda: display.listed(map(registers.name_of, codes))}
    elif (day := reports.expected_on(row)) is not None:
        template = notice_texts.CHECKED_BUT_REPORT
        words["report"] = day
    notices.tell(row.applicant.id_index, template, by=WORKER, case_no=row.case_no or "", **words)


def _may_be_asked(row: Application) -> bool:
    """Whether anybody of the household agrees to be asked about."""
    people = row.members.filter(excluded=False).prefetch_related("consents")
    return any(authority.word_of(one) in ("given", "none") for one in people)
