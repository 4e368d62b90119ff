"""Return for correction (一次性补正): one notice with everything missing, once in a case.

What the desks miss is gathered in ``correction_lists``; here is the notice and what follows. While
the family answers the clock stands. Answered, the case goes back to where it was; unanswered to the
last day it counts as withdrawn, and the family may apply again (浙江省保障“最多跑一次”改革规定
§11).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from applications import (
    acceptance_letters,
    deadlines,
    endings,
    periods,
    review,
    states,
)
from applications.models import Application, Pause, Supplement
from core import audit, clock, locks, notices, workflow
from core.refusals import Refusal

_SHOWN = "已上传"  # kept in the file: what stands where pages answer without words
_NUMERALS = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳㉑㉒㉓㉔㉕㉖㉗㉘㉙㉚㉛㉜㉝㉞㉟㊱㊲㊳㊴㊵㊶㊷㊸㊹㊺㊻㊼㊽㊾㊿"

ASKED = notices.Template(
    "correction.asked",
    gettext_lazy("请补材料"),
    gettext_lazy(
        "还差{n}样，请在{due}前一次补齐：{items}。补齐后接着办。"
        "到期没有补，这次申请按撤回处理，可以重新申请。"
    ),
    sms=gettext_lazy("您的申请还差{n}样，请在{due}前补齐。我们不会在短信里要您转账或点链接"),
)
LAPSED = notices.Template(
    "correction.lapsed",
    gettext_lazy("按撤回处理"),
    gettext_lazy("到{due}没有收到补充的内容，这次申请按撤回处理。您可以重新申请。"),
)


class CorrectionRefused(Refusal):
    """Nothing is named, it was asked before, or it is too late to answer."""


def send_list(application: Application, wanted: list[str], *, by: Any) -> list[Supplement]:
    """The one list of what is missing, as notice and as letter, inside the verb that asks."""
    made = _write(application, wanted)
    acceptance_letters.issue(
        application, acceptance_letters.Kind.CORRECTION, items=wanted, due_on=made[0].due_on
    )
    audit.record("correction.asked", by=by, thing=application, items=len(made))
    _tell_asked(application, made, by)
    return made


def answer(application: Application, *, by: User, answers: Mapping[int, str]) -> Application:
    """Takes the family's answers, by key of the supplement; all of them at once.

    An item is answered by words, by uploaded pages, or both. Not accepted yet, the case is accepted
    where each item has its pages; else a person looks at it. Raises CorrectionRefused.
    """
    with transaction.atomic():
        row = locks.fresh(application)
        if row.state != states.CORRECTION:
            raise CorrectionRefused(_("这份申请现在不用补充。"))
        waiting = list(open_items(row))
        shown = set(row.pages.values_list("item", flat=True))
        if any(not answers.get(one.pk, "").strip() and one.item not in shown for one in waiting):
            raise CorrectionRefused(_("请把每一样都填上或者传上照片，一次补齐。"))
        _keep(row, waiting, answers)
        audit.record("correction.answered", by=by, thing=row, items=len(waiting))
        if row.accepted_at is None:
            _accept_if_shown(row, waiting, shown, by)
            application.refresh_from_db()
            return row
        deadlines.resume(row, Pause.Reason.CORRECTION, by=by)
        workflow.advance(row, _came_from(row), by=by)
        _give_time(row)
        review.refresh_findings(row)  # a register may have answered while the case stood
        application.refresh_from_db()
        return row


def lapse_due(today: date) -> int:
    """Closes the cases whose last day to answer has passed; returns how many."""
    late = Application.objects.in_state(states.CORRECTION).filter(
        supplements__item__startswith=Supplement.CORRECTION,
        supplements__received_at=None,
        supplements__due_on__lt=today,
    )
    return sum(lapse(pk, today) for pk in late.distinct().values_list("pk", flat=True))


def lapse(application_id: int, today: date) -> bool:
    """Counts one unanswered case as withdrawn; False if it was answered meanwhile."""
    by = audit.System("correction")
    with transaction.atomic():
        row = locks.fresh(Application.objects.get(pk=application_id))
        due = open_items(row).order_by("due_on").values_list("due_on", flat=True).first()
        if row.state != states.CORRECTION or due is None or due >= today:
            return False
        workflow.advance(row, states.DEEMED_WITHDRAWN, by=by)
        endings.end(row, by=by, reason="not answered")
        notices.tell(row.applicant.id_index, LAPSED, by=by, case_no=row.case_no or "", due=due)
        return True


def open_items(application: Application) -> QuerySet[Supplement]:
    """What the family still has to answer."""
    return application.supplements.of_correction().filter(received_at=None).order_by("pk")


def told_by_family(application: Application) -> list[tuple[str, str]]:
    """What was asked and what the family answered."""
    answers = application.declared.get("corrections", {})
    asked = application.supplements.of_correction().order_by("pk")
    return [(one.text, answers[one.item]) for one in asked if one.item in answers]


def _write(application: Application, wanted: list[str]) -> list[Supplement]:
    due = periods.of("correction").after(clock.today())
    return [
        Supplement.objects.create(
            application=application, item=f"{Supplement.CORRECTION}{n}", text=text[:600], due_on=due
        )
        for n, text in enumerate(wanted, start=1)
    ]


def _keep(row: Application, waiting: list[Supplement], answers: Mapping[int, str]) -> None:
    told = {one.item: answers.get(one.pk, "").strip()[:2000] or _SHOWN for one in waiting}
    row.declared = {**row.declared, "corrections": told}
    row.save(update_fields=["declared"])
    open_items(row).update(received_at=clock.now())


def _accept_if_shown(
    row: Application, waiting: list[Supplement], shown: set[str], by: User
) -> None:
    from applications import acceptance  # it asks for the list here

    if all(one.item in shown for one in waiting):
        acceptance.accept(row, by=by)


def _came_from(row: Application) -> str:
    last = workflow.history(row).filter(to_state=states.CORRECTION).last()
    return last.from_state if last else states.STREET_REVIEW


def _give_time(row: Application) -> None:
    """Open tasks get their full time again, counted from the answer."""
    for task in row.tasks.filter(state__in=review.AT_WORK):
        task.due_on = max(task.due_on, periods.of(task.stage).after(clock.today()))
        task.save(update_fields=["due_on"])


def _tell_asked(application: Application, made: list[Supplement], by: Any) -> None:
    applicant = application.applicant
    listed = "；".join(f"{sign}{one.text}" for sign, one in zip(_NUMERALS, made, strict=False))
    notices.tell(
        applicant.id_index, ASKED, by=by, case_no=application.case_no or "",
        phone=applicant.phone or "", n=len(made), due=made[0].due_on, items=listed,
    )  # fmt: skip
