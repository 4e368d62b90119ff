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
from applications import deadlines, findings, periods, permissions, releases, states, waiting
from applications.eligibility import explain
from applications.models import Application, Assessment, Objection, Pause, Publicity
from core import audit, clock, display, locks, notices, workflow
from core.identity.masking import mask_name
from core.identity.numbers import age_on, parse
from core.refusals import Refusal

log = logging.getLogger(__name__)
ELIGIBILITY = "eligibility"
_ADULT = 18

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


class ObjectionRefused(Refusal):
    """The notice is over, or the objection says too little to be checked."""


class AnswerRefused(Refusal):
    """This person may not answer the objection, or the answer is incomplete."""


def open_for(application: Application, *, by: Any) -> Publicity:
    """Posts the notice of an approved application and stops its clock if policy says so."""
    with transaction.atomic():
        row = locks.fresh(application)
        workflow.advance(row, states.PUBLICITY, by=by)
        today = clock.today()
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


def object_to(publicity: Publicity, *, text: str, contact: str) -> Objection:
    """Takes an objection; the case is checked before it goes on. Raises ObjectionRefused.

    The objector's name and words are for the checker alone: the household never sees them.
    """
    with transaction.atomic():
        application = locks.fresh(publicity.application)
        posted = locks.fresh(publicity)
        if why := why_not_object(posted, today=clock.today()):
            raise ObjectionRefused(why)
        _refuse_empty(text, contact)
        objection = Objection.objects.create(
            publicity=posted, text=text.strip(), contact=contact.strip(), made_at=clock.now()
        )
        by = audit.System("public")
        if application.state == states.PUBLICITY:
            workflow.advance(application, states.OBJECTION_CHECK, by=by)
        deadlines.pause(application, Pause.Reason.OBJECTION, by=by)
        audit.record("publicity.objection", by=by, thing=application, objection=objection.pk)
        return objection


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
        _go_on(application, row.publicity, by.user)
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
    """The applicant as the notice names them: masked, and no name at all of a child."""
    applicant = next(one for one in application.members.all() if one.is_applicant)
    if age_on(parse(applicant.id_number).birth_date, today) < _ADULT:
        return _("未成年人（姓名不公开）")
    return mask_name(applicant.name)


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
    return permissions.why_not_draft(staff, objection.publicity.application)


def _refuse_empty(text: str, contact: str) -> None:
    if len(text.strip()) < 10:
        raise ObjectionRefused(_("请写明情况，至少10个字，方便我们核查。"), "text")
    if not contact.strip():
        raise ObjectionRefused(_("请留下联系方式，我们只用来核实情况和答复您。"), "contact")


def _go_on(application: Application, posted: Publicity, by: Any) -> None:
    objections = Objection.objects.filter(publicity=posted)
    if objections.filter(Q(answered_at=None) | Q(upheld=True)).exists():
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
    """Ends the notices of a case that is no longer on its way to the waiting list."""
    Publicity.objects.filter(application=application, closed_at=None).update(closed_at=clock.now())


def close_for_refusal(application: Application, *, by: Any) -> None:
    """Takes a refused household's notice down and lets the clock run to its end."""
    take_down(application)
    for reason in (Pause.Reason.OBJECTION, Pause.Reason.PUBLICITY):
        deadlines.resume(application, reason, by=by)


def _tier_name(assessment: Assessment | None) -> str:
    if assessment is None or not assessment.tier:
        return ""
    return explain.tier_name(assessment.tier, get_language() or "zh-hans")


def _tell(application: Application, posted: Publicity, by: Any) -> None:
    applicant = application.applicant
    notices.tell(
        applicant.id_index, POSTED, by=by, case_no=application.case_no or "",
        phone=applicant.phone or "", end=display.day(posted.ends_on),
    )  # fmt: skip


def row_of(posted: Publicity, today: date) -> dict[str, Any]:
    """The line of the public list: nothing in it names anybody."""
    application = posted.application
    assessment = next(iter(application.assessments.all()), None)
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
