"""Public notice (公示) of a household found eligible, objections to it, and its end.

Natural days; the day of posting does not count, and the last day runs until midnight. Shown are a
masked name, street, size, category, area and tier: no ID number, phone or health fact, and no
child's name (domain standard D2).
"""

import logging
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.models import Staff
from applications import (
    conclusion,
    deadlines,
    deliveries,
    findings,
    objections,
    periods,
    permissions,
    releases,
    states,
    waiting,
)
from applications.eligibility import explain
from applications.models import Application, Assessment, Objection, Pause, Publicity
from applications.models.evidence import APPLY, CONCLUDED
from applications.objections import ObjectionRefused as ObjectionRefused
from core import audit, clock, display, locks, notices, workflow
from core.identity.masking import mask_in_public
from core.identity.numbers import is_adult_on, parse
from core.refusals import Refusal

log = logging.getLogger(__name__)
ELIGIBILITY = "eligibility"

POSTED = notices.Template(
    "publicity.posted",
    gettext_lazy("您家的申请正在公示"),
    gettext_lazy(
        "您家的申请正在公示，到{end}结束。公示的姓名隐去一部分，没有证件号、电话和病情。现在不用您办理。"
    ),
    sms=gettext_lazy(
        "您家的申请正在公示，到{end}结束，现在不用您办理。我们不会在短信里要您转账或点链接"
    ),
)


class AnswerRefused(Refusal):
    """This person may not answer the objection, or the answer is incomplete."""


def open_for(application: Application, *, by: Any) -> Publicity:
    """Posts the notice of an approved application and stops its clock if policy says so."""
    with transaction.atomic():
        row = locks.fresh(application)
        workflow.advance(row, states.PUBLICITY, by=by)
        today = clock.today()
        conclusion.draw(row, by=by)
        posted = Publicity.objects.create(
            application=row,
            kind=ELIGIBILITY,
            starts_on=today,
            ends_on=today + timedelta(days=days_of_notice(today)),
        )
        if not periods.of("publicity_counts").value:
            deadlines.pause(row, Pause.Reason.PUBLICITY, by=by)
        audit.record("publicity.opened", by=by, thing=row, ends_on=posted.ends_on)
        _tell(row, posted, by)
        application.refresh_from_db()
        return posted


def object_to(publicity: Publicity, *, text: str, contact: str = "") -> Objection:
    """Takes an objection; the case is checked before it goes on. Raises ObjectionRefused.

    The objector's name and words are for the checker alone: the household never sees them. Without
    a contact it is a clue: it is looked into, but the notice goes on and no clock stops.
    """
    with transaction.atomic():
        application = locks.fresh(publicity.application)
        posted = locks.fresh(publicity)
        if why := why_not_object(posted, today=clock.today()):
            raise ObjectionRefused(why)
        objections.refuse_bad_words(text, contact)
        again = objections.said_before(posted, text, contact)
        if again is not None:
            return again
        objections.refuse_flood(posted, contact)
        objection = objections.keep(posted, text=text, contact=contact)
        if objection.named:
            _hold(application, audit.System("public"))
        audit.record(
            "publicity.objection", by=audit.System("public"), thing=application,
            objection=objection.pk, named=objection.named,
        )  # fmt: skip
        return objection


def take_up(clue: Objection, *, by: Staff, fact: str) -> Objection:
    """依职权: who found a clue to be true opens the check in the office's own name.

    Raises AnswerRefused.
    """
    with transaction.atomic():
        application = locks.fresh(clue.publicity.application)
        posted = locks.fresh(clue.publicity)
        row = locks.fresh(clue)
        if why := why_not_take_up(row, posted, application, by):
            raise AnswerRefused(why)
        if not fact.strip():
            raise AnswerRefused(_("请写明查实的情况。"), "fact")
        made = objections.keep(posted, text=fact, contact="", raised_by=by)
        _hold(application, by.user)
        audit.record(
            "publicity.objection", by=by.user, thing=application, objection=made.pk, clue=row.pk
        )
        return made


def answer(objection: Objection, *, by: Staff, upheld: bool, text: str) -> Objection:
    """Answers an objection after a check by the district. Raises AnswerRefused.

    Not upheld, and none left open: the notice goes on, or the household is registered if its days
    have passed. Upheld: the case stays here until a refusal is drafted and signed.
    """
    with transaction.atomic():
        application = locks.fresh(objection.publicity.application)
        row = locks.fresh(objection)
        if why := why_not_answer(row, by):
            raise AnswerRefused(why)
        if not text.strip():
            raise AnswerRefused(_("请写明核查经过和结论。"), "text")
        row.answered_at, row.answered_by = clock.now(), by
        row.upheld, row.answer = upheld, text.strip()
        row.save(update_fields=["answered_at", "answered_by", "upheld", "answer"])
        audit.record(
            "publicity.answered", by=by.user, thing=application, objection=row.pk, upheld=upheld
        )
        if row.named:
            _go_on(application, locks.fresh(row.publicity), by.user)
        objections.tell_objector(row)
        return row


def close_due(today: date) -> int:
    """Ends every notice whose last day has passed; returns how many households were registered."""
    due = Publicity.objects.filter(kind=ELIGIBILITY, closed_at=None, ends_on__lt=today)
    ids = due.filter(application__state=states.PUBLICITY).values_list("pk", flat=True)
    return sum(close(pk, today=today) for pk in ids.iterator())


def close(publicity_id: int, *, today: date) -> bool:
    """Ends one notice and registers the household; False if it was done or stopped meanwhile."""
    with transaction.atomic():
        found = Publicity.objects.select_related("application").get(pk=publicity_id)
        application = locks.fresh(found.application)
        posted = locks.fresh(found)
        if application.state != states.PUBLICITY or posted.closed_at or posted.ends_on >= today:
            return False
        _end(application, posted, audit.System("publicity"))
        return True


def days_of_notice(on: date) -> int:
    """Natural days of the notice by the policy of the day."""
    return int(releases.in_force(on).value("publicity.eligibility_days", on))


def visible(today: date) -> QuerySet[Publicity]:
    """Notices that the public sees today: posted, not past their last day, not closed."""
    return (
        Publicity.objects.filter(closed_at=None, starts_on__lte=today, ends_on__gte=today)
        .exclude(application__state__in=(states.WITHDRAWN, states.REFUSED))
        .select_related("application__street")
        .prefetch_related("application__members", "application__assessments")
        .annotate(
            persons=Count("application__members", filter=Q(application__members__excluded=False))
        )
        .order_by("-starts_on", "pk")
    )


def shown_name(application: Application, today: date) -> str:
    """The applicant as the notice names them: masked, and no name at all of a child.

    No surname shows, also none of two characters: a rare one would name its bearer.
    """
    applicant = next(one for one in application.members.all() if one.is_applicant)
    if not is_adult_on(parse(applicant.id_number).birth_date, today):
        return _("未成年人（姓名不公开）")
    return mask_in_public(applicant.name)


def why_not_object(publicity: Publicity, *, today: date) -> str:
    """Why no objection can be made to this notice now."""
    if publicity.closed_at is not None or today > publicity.ends_on:
        return _(
            "这份公示已于%(end)s结束，不再接受异议。如有情况反映，请致电区住房保障管理中心。"
        ) % {"end": display.day(publicity.ends_on)}
    return ""


def why_not_answer(objection: Objection, staff: Staff) -> str:
    """Why this person may not answer the objection."""
    if objection.answered_at is not None:
        return _("这条异议已经答复。")
    return objections.why_not_mine(objection, staff) or permissions.why_not_draft(
        staff, objection.publicity.application
    )


def why_not_take_up(
    clue: Objection, posted: Publicity, application: Application, staff: Staff
) -> str:
    """Why a check cannot be opened by office on this clue."""
    if clue.named or not clue.upheld:
        return _("查实的线索才能立案核查。")
    if why := why_not_object(posted, today=clock.today()):
        return why
    if posted.objections.filter(raised_by__isnull=False, answered_at=None).exists():
        return _("这份公示已经由工作人员立案核查。")
    return permissions.why_not_draft(staff, application)


def _hold(application: Application, by: Any) -> None:
    """The case waits for the check: its clock stands meanwhile."""
    if application.state == states.PUBLICITY:
        workflow.advance(application, states.OBJECTION_CHECK, by=by)
    deadlines.pause(application, Pause.Reason.OBJECTION, by=by)


def _go_on(application: Application, posted: Publicity, by: Any) -> None:
    if application.state != states.OBJECTION_CHECK:
        return  # the case has ended meanwhile, by the family's own wish for one
    if deliveries.awaiting(application) or objections.holding(posted).exists():
        return
    deadlines.resume(application, Pause.Reason.OBJECTION, by=by)
    application.refresh_from_db()
    if clock.today() > posted.ends_on:
        _end(application, posted, by)
    else:
        workflow.advance(application, states.PUBLICITY, by=by)


def _end(application: Application, posted: Publicity, by: Any) -> None:
    posted.closed_at = clock.now()
    posted.save(update_fields=["closed_at"])
    deadlines.resume(application, Pause.Reason.PUBLICITY, by=by)
    waiting.register(application, by=by)


def take_down(application: Application) -> None:
    """Ends the notices of a case that is no longer on its way to the waiting list.

    Who objected is told that there is nothing left to check.
    """
    open_ = Publicity.objects.filter(application=application, closed_at=None)
    objections.lapse(open_)
    open_.update(closed_at=clock.now())


def _tier_name(assessment: Assessment | None) -> str:
    if assessment is None or not assessment.tier:
        return ""
    return explain.tier_name(assessment.tier, get_language() or "zh-hans")


def _tell(application: Application, posted: Publicity, by: Any) -> None:
    applicant = application.applicant
    notices.tell(
        applicant.id_index, POSTED, by=by, case_no=application.case_no or "",
        phone=applicant.phone or "", end=posted.ends_on,
    )  # fmt: skip


def row_of(posted: Publicity, today: date) -> dict[str, Any]:
    """The line of the public list: nothing in it names anybody."""
    application = posted.application
    assessment = next(
        (one for one in application.assessments.all() if one.round in (APPLY, CONCLUDED)), None
    )
    area = next(
        (one for one in findings.findings_of(assessment) if one["rule"] == "HOUSING_AREA"), {}
    )
    return {
        "id": posted.pk,
        "case_no": application.case_no,
        "name": shown_name(application, today),
        "street": application.street.name if application.street else "",
        "persons": posted.persons,  # type: ignore[attr-defined]
        "category": application.get_category_display(),
        "tier": _tier_name(assessment),
        "area": area.get("actual") or "0.00",
        "ends_on": posted.ends_on,
        "last_day": posted.ends_on == today,
    }
