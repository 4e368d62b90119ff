"""A department's part that passes by itself (自动通过) where its registers all answered and agree.

Which departments may, stands in the table of periods. Whatever leaves anything to weigh goes to a
person: a doubtful rule, a question, a dispute, a promise, a change, two routes that disagree. A
share is drawn for a person's eyes afterwards; what that person finds wrong is asked anew.
"""

from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Staff
from applications import (
    clean_cases,
    duties,
    findings,
    inquiries,
    periods,
    permissions,
    review,
    sampling,
    states,
)
from applications.eligibility import routes
from applications.models import (
    AutoPass,
    Change,
    Commitment,
    Evidence,
    HouseholdClaim,
    ReviewTask,
)
from applications.models.evidence import APPLY
from applications.models.review import Stage
from core import audit, clock, locks
from core.refusals import Refusal

Outcome = AutoPass.Outcome
_MOST = 500  # tasks a sweep looks at


class CheckRefused(Refusal):
    """Not this desk's, checked already, or not opened yet."""


def may_pass(kind: str) -> bool:
    """Whether policy lets the part of such a department pass by itself."""
    return kind in duties.DEPARTMENTS and bool(periods.of(f"auto_{kind}").value)


def why_not(task: ReviewTask) -> str:
    """Why a person has to give this opinion; '' where the registers say it all."""
    if task.stage != Stage.JOINT or task.round != 1 or task.state != states.TASK_OPEN:
        return _("这件任务要由人办理。")
    if not may_pass(task.bureau.kind):
        return _("这个部门的事项都由人办理。")
    return clean_cases.why_not(task) or _why_not_by_records(task)


def pass_one(task_id: int) -> AutoPass | None:
    """Gives the opinion of one task and keeps what it rests on; None where a person has to."""
    with transaction.atomic():
        task = ReviewTask.objects.select_related("application", "bureau").get(pk=task_id)
        locks.fresh(task.application)  # a late answer waits, or was here before
        task.refresh_from_db()
        if why_not(task):
            return None
        opinion = review.agree_by_rule(
            task, text=_("登记信息齐全、在有效期内并且一致，本部门各项条件符合，自动通过。")
        )
        seed, share = sampling.new_seed(), periods.of("auto_check_share").value
        return AutoPass.objects.create(
            opinion=opinion,
            bureau=task.bureau,
            at=opinion.at,
            digest=clean_cases.digests([task])[task.pk],
            answers=list(_answers(task).values_list("pk", flat=True)),
            seed=seed,
            share=share,
            sampled=sampling.is_drawn(seed, task.pk, share=share),
        )


def sweep() -> int:
    """Looks at the tasks that may pass; how many did. Harmless to repeat."""
    passed = 0
    for pk in list(_candidates().values_list("pk", flat=True)[:_MOST]):
        try:
            passed += pass_one(pk) is not None
        except Refusal:  # somebody took it in the meantime
            continue
    return passed


# -- The check afterwards ------------------------------------------------------------------------


def to_check(staff: Staff) -> QuerySet[AutoPass]:
    """What was drawn of the person's desk and nobody has checked, the oldest first."""
    rows = AutoPass.objects.filter(
        bureau=staff.bureau_id, sampled=True, outcome="", opinion__undone_at=None
    )
    return rows.select_related("opinion__task__application", "bureau").order_by("at", "pk")


def look(row: AutoPass, *, by: Staff) -> AutoPass:
    """The person has opened the case."""
    with transaction.atomic():
        one = locks.fresh(row)
        if one.looked_at is None:
            one.looked_at = clock.now()
            one.save(update_fields=["looked_at"])
            audit.record("auto_pass.opened", by=by.user, thing=one, case_no=_case_no(one))
        return one


def check(row: AutoPass, *, by: Staff, right: bool, text: str = "") -> AutoPass:
    """What a person found (事后抽查). Raises CheckRefused.

    Found wrong, the part is asked anew; once the case is past the departments it becomes a
    question to them.
    """
    with transaction.atomic():
        task = row.opinion.task
        locks.fresh(task.application)
        one = locks.fresh(row)
        if why := why_not_check(one, by):
            raise CheckRefused(why)
        if not right and not text.strip():
            raise CheckRefused(_("请写明哪里有问题。"), "text")
        one.outcome = Outcome.RIGHT if right else Outcome.WRONG
        one.text, one.checked_by, one.checked_at = text.strip()[:2000], by, clock.now()
        one.save(update_fields=["outcome", "text", "checked_by", "checked_at"])
        audit.record(
            "auto_pass.checked", by=by.user, thing=one, case_no=_case_no(one), outcome=one.outcome
        )
        if not right:
            _ask_anew(one, task, by)
        return one


def why_not_check(row: AutoPass, staff: Staff) -> str:
    """Why this person may not say what they found."""
    if row.outcome:
        return _("这件已经抽查过。")
    if row.bureau_id != staff.bureau_id:
        return _("这件由%(bureau)s抽查。") % {"bureau": row.bureau.name}
    if row.looked_at is None:
        return _("先打开办件看过，再填抽查结果。")
    return permissions.why_not_free(staff, row.opinion.task.application)


def _ask_anew(row: AutoPass, task: ReviewTask, by: Staff) -> None:
    if review.look_again(task, by=by, reason="auto-pass checked") is not None:
        return
    answer = Evidence.objects.filter(pk__in=row.answers).order_by("pk").first()
    if answer is not None:
        inquiries.open_checked(
            task.application, answer, key=f"auto {row.pk}", told=row.text,
            department=task.bureau.kind,
        )  # fmt: skip


# -- What it rests on ----------------------------------------------------------------------------


def _candidates() -> QuerySet[ReviewTask]:
    """Tasks that may pass as far as a query tells; the rest is read one by one."""
    kinds = [kind for kind in duties.DEPARTMENTS if may_pass(kind)]
    case = {"application": OuterRef("application")}
    reported = Change.objects.filter(**case).exclude(state=states.CHANGE_RETRACTED)
    return (
        ReviewTask.objects.filter(
            stage=Stage.JOINT, round=1, state=states.TASK_OPEN, findings=[],
            bureau__kind__in=kinds, application__state=states.JOINT_REVIEW,
        )
        .exclude(Exists(Commitment.objects.filter(**case)))
        .exclude(Exists(HouseholdClaim.objects.filter(**case)))
        .exclude(Exists(reported))
        .order_by("due_on", "pk")
    )  # fmt: skip


def _why_not_by_records(task: ReviewTask) -> str:
    case = task.application
    if Commitment.objects.filter(application=case).exists():
        return _("有按承诺办理的事项。")
    if HouseholdClaim.objects.filter(application=case).exists():
        return _("当事人对查到的信息有异议。")
    if Change.objects.filter(application=case).exclude(state=states.CHANGE_RETRACTED).exists():
        return _("家里报告过变化。")
    return _why_not_by_answers(task) or _why_not_by_assessment(task)


def _why_not_by_answers(task: ReviewTask) -> str:
    rows = list(_answers(task).values_list("waived_at", "corrections"))
    if not rows or any(waived for waived, _said in rows):
        return _("有登记没有答复。")
    return _("当事人对查到的信息有异议。") if any(said for _waived, said in rows) else ""


def _why_not_by_assessment(task: ReviewTask) -> str:
    newest = findings.latest_assessment(task.application)
    last = _answers(task).aggregate(last=Max("fetched_at"))["last"]
    if newest is None or last is None or newest.created_at < last:
        return _("还没有按最新的信息核对。")
    if duties.rules_of(task.bureau.kind, findings.doubtful(newest)):
        return _("有待核实的事项。")
    told = inquiries.confirmations(newest)
    return _("两路信息不一致。") if any(one.result == routes.DISAGREE for one in told) else ""


def _answers(task: ReviewTask) -> QuerySet[Evidence]:
    """What the desk's registers said about this household."""
    return task.application.evidence.filter(
        round=APPLY, source__in=duties.sources_of(task.bureau.kind), member__excluded=False
    )


def _case_no(row: AutoPass) -> str:
    return row.opinion.task.case_no


def counts(bureau_id: int) -> dict[str, Any]:
    """How many parts of a desk passed by themselves, were drawn, and were found right or wrong."""
    rows = AutoPass.objects.filter(bureau=bureau_id)
    return {
        "passed": rows.count(),
        "sampled": rows.filter(sampled=True).count(),
        "right": rows.filter(outcome=Outcome.RIGHT).count(),
        "wrong": rows.filter(outcome=Outcome.WRONG).count(),
    }
