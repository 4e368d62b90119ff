"""Re-consideration (复核, 令11号 §9): a refused household asks, another person answers."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff, User
from applications import (
    deliveries,
    legal_days,
    open_changes,
    periods,
    permissions,
    publicity,
    states,
)
from applications.decision import new_check_code
from applications.models import Application, Change, Decision, Reconsideration
from core import audit, clock, display, locks, notices, workflow
from core.refusals import Refusal

ANSWERED = notices.Template(
    "reconsideration.answered",
    gettext_lazy("复核有了答复"),
    gettext_lazy("您申请的复核已由另一位工作人员办完：{result}。答复：{answer}"),
)


class ReconsiderationRefused(Refusal):
    """Too late, asked already, or not for this person to answer."""


def ask(decision: Decision, *, by: User, text: str) -> Reconsideration:
    """Takes the household's request to look again (令11号 §9). Raises ReconsiderationRefused."""
    with transaction.atomic():
        application = locks.fresh(decision.application)
        row = locks.fresh(decision)
        if why := why_not_ask(row, application, today=clock.today()):
            raise ReconsiderationRefused(why)
        if not text.strip():
            raise ReconsiderationRefused(_("请写一写哪里不对，一两句话就可以。"), "text")
        request = Reconsideration.objects.create(
            decision=row,
            text=text.strip(),
            asked_at=clock.now(),
            due_on=periods.of("reconsideration").after(clock.today()),
        )
        if row.kind == Decision.Kind.REFUSE:
            workflow.advance(application, states.RECONSIDERATION, by=by)
        audit.record("reconsideration.asked", by=by, thing=row, due_on=request.due_on)
        return request


def answer(request: Reconsideration, *, by: Staff, overturned: bool, text: str) -> Reconsideration:
    """Answers by another person than those of the decision; overturned goes to public notice.

    Raises ReconsiderationRefused.
    """
    with transaction.atomic():
        application = locks.fresh(request.decision.application)
        row = locks.fresh(request)
        if why := permissions.why_not_answer(row, by):
            raise ReconsiderationRefused(why)
        if not text.strip():
            raise ReconsiderationRefused(_("复核要书面答复，请写明理由。"), "text")
        row.answered_at, row.answered_by = clock.now(), by
        row.overturned, row.answer = overturned, text.strip()
        row.letter_no, row.check_code = _answer_number(row.answered_at), new_check_code()
        row.save(
            update_fields=[
                "answered_at", "answered_by", "overturned", "answer", "letter_no", "check_code",
            ]
        )  # fmt: skip
        audit.record(
            "reconsideration.answered", by=by.user, thing=row.decision, overturned=overturned,
            letter_no=row.letter_no,
        )  # fmt: skip
        if overturned and row.decision.kind == Decision.Kind.END:
            _no_longer_ends(row.decision)
        elif overturned:  # nothing adverse: it need not wait for the letter
            _overturn(application, row.decision, by)
        if deliveries.by_consent(row, by=by):
            answer_served(row, application, by=by, at=row.answered_at)
        return row


def answer_served(
    request: Reconsideration, application: Application, *, by: Staff, at: datetime
) -> None:
    """The written answer has arrived: what it upheld is upheld from now, inside that verb."""
    request.served_at = at
    request.save(update_fields=["served_at"])
    audit.record(
        "reconsideration.served", by=by.user, thing=request.decision, letter_no=request.letter_no
    )
    if not request.overturned and request.decision.kind == Decision.Kind.REFUSE:
        workflow.advance(application, states.UPHELD, by=by.user)
    _tell_answer(application, request, by)


def why_not_ask(decision: Decision, application: Application, *, today: date) -> str:
    """Why the household cannot ask for re-consideration of this decision now."""
    refused = decision.kind == Decision.Kind.REFUSE and application.state == states.REFUSED
    ended = decision.kind == Decision.Kind.END and not decision.replaced
    if decision.served_at is None or not (refused or ended):
        return _("这份决定现在不能申请复核。")
    if getattr(decision, "reconsideration", None) is not None:
        return _("这份决定已经申请过复核。")
    last = last_day_to_ask(decision)
    if today > last:
        return _("申请复核的时间到%(last)s为止。您仍可以申请行政复议或提起行政诉讼，见决定书。") % {
            "last": display.day(last)
        }
    return ""


def open_of(decision: Decision) -> Reconsideration | None:
    """The request about a decision whose written answer has not reached the household yet."""
    asked: Reconsideration | None = getattr(decision, "reconsideration", None)
    return asked if asked is not None and asked.served_at is None else None


def last_day_to_ask(decision: Decision) -> date:
    """The last day to ask for re-consideration; the period runs from service."""
    return legal_days.last_day("reconsideration_ask", decision)


def answer_by_check_code(code: str) -> Reconsideration | None:
    """The written answer to a re-consideration with this check code."""
    clean = "".join(code.upper().replace("-", "").split())
    return Reconsideration.objects.filter(check_code=clean).first() if clean else None


# -- Parts ---------------------------------------------------------------------------------------


def _answer_number(at: datetime) -> str:
    """The next number of the year for an answer to a re-consideration."""
    year = at.astimezone(clock.LOCAL).year
    locks.advisory("answer_no", year)
    stem = f"鄞住复〔{year}〕"
    return f"{stem}{Reconsideration.objects.filter(letter_no__startswith=stem).count() + 1}号"


def _overturn(application: Application, decision: Decision, by: Staff) -> None:
    decision.replaced = True
    decision.save(update_fields=["replaced"])
    try:
        with transaction.atomic():
            application.members.filter(excluded=False).update(holding=True)
    except IntegrityError as error:
        raise ReconsiderationRefused(
            _("这户家庭已有另一份申请在办，请先与家庭商定保留哪一份。")
        ) from error
    workflow.advance(application, states.OVERTURNED, by=by.user)
    application.closed_at = None
    application.save(update_fields=["closed_at"])
    publicity.open_for(application, by=by.user)
    open_changes.take_up(application, by=by.user, waits_for=Change.Waits.NOTICE)


def _no_longer_ends(decision: Decision) -> None:
    """The decision to end a tenancy is taken back; the exit's own procedure clears the case."""
    decision.replaced = True
    decision.save(update_fields=["replaced"])


def _tell_answer(application: Application, request: Reconsideration, by: Staff) -> None:
    kept, changed = gettext_lazy("维持原决定"), gettext_lazy("已改为符合")
    if request.decision.kind == Decision.Kind.END:
        changed = gettext_lazy("原决定已撤销，您家照常居住")
    notices.tell(
        application.applicant.id_index, ANSWERED, by=by.user, case_no=application.case_no or "",
        result=changed if request.overturned else kept, answer=request.answer,
    )  # fmt: skip
