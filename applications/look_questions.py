"""Questions about a line of 谁查过我的数据 (查询疑问): asked and answered there, by a due date."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import access
from accounts.roles import Role
from applications import periods
from applications.look_lines import Look
from applications.models import LookQuestion
from core import audit, clock, display, locks, notices
from core.models import AuditEntry
from core.refusals import Refusal
from datashare.models import Call

ANSWERERS = (Role.DISTRICT, Role.SECURITY)
ANSWERED = notices.Template(
    "look.answered",
    _("您的疑问已答复"),
    _("您{asked}对一条查询记录提出的疑问已经答复，请到“谁查过我的数据”查看。"),
)


class QuestionRefused(Refusal):
    """The question cannot be asked or answered like this."""


def ask(look: Look, person_index: str, *, text: str, by: Any) -> LookQuestion:
    """Asks about one line (个人信息保护法 §50): somebody answers by the due date.

    ``person_index`` is whose data it was: the asker's own or a child's. Raises QuestionRefused.
    """
    if not text.strip():
        raise QuestionRefused(_("请写一句您想问什么。"), "text")
    try:
        with transaction.atomic():
            made = LookQuestion.objects.create(
                person_index=person_index,
                kind=look.kind,
                ref=look.ref,
                case_no=look.case_no,
                text=text.strip()[:1000],
                asked_by=by,
                asked_at=clock.now(),
                due_on=periods.of("look_question").after(clock.today()),
            )
            audit.record(
                "look.questioned", by=by, thing=made, case_no=look.case_no,
                subjects=[person_index],
            )  # fmt: skip
            return made
    except IntegrityError as error:
        raise QuestionRefused(_("这条记录您已经提过疑问。")) from error


def answer(question: LookQuestion, *, text: str, by: Any) -> LookQuestion:
    """Answers it; the person is told. Raises QuestionRefused."""
    with transaction.atomic():
        row = locks.fresh(question)
        if why := why_not_answer(row, by):
            raise QuestionRefused(why)
        if not text.strip():
            raise QuestionRefused(_("请写明答复。"), "text")
        row.answer, row.answered_by, row.answered_at = text.strip()[:2000], by, clock.now()
        row.save(update_fields=["answer", "answered_by", "answered_at"])
        audit.record(
            "look.answered", by=by, thing=row, case_no=row.case_no, subjects=[row.person_index]
        )
        notices.tell(
            row.person_index, ANSWERED, by=by, case_no=row.case_no,
            asked=lambda: display.day_short(row.asked_at),
        )  # fmt: skip
        return row


def why_not_answer(question: LookQuestion, by: Any) -> Any:
    """Why this person may not answer now; '' if they may. Nobody answers for their own look."""
    if question.answered_at is not None:
        return _("这条疑问已经答复过了。")
    if not access.has_role(by, *ANSWERERS):
        return _("由区级复审人员或安全管理员答复。")
    return _("问的是您本人的查阅，请同事答复。") if audit.label(by) == _actor(question) else ""


def due_word(question: LookQuestion) -> str:
    """The day by which somebody answers, as it is written."""
    return display.day(question.due_on)


def waiting() -> QuerySet[LookQuestion]:
    """Not answered yet, the one due first on top."""
    return LookQuestion.objects.filter(answered_at=None).order_by("due_on", "pk")


def _actor(question: LookQuestion) -> str:
    if question.kind == LookQuestion.Kind.CALL:
        return Call.objects.filter(pk=question.ref).values_list("by", flat=True).first() or ""
    rows = AuditEntry.objects.filter(pk=question.ref)
    return rows.values_list("actor", flat=True).first() or ""
