"""Clean cases passed together (批量同意), after a person has opened a sample of them.

The set and its sample are fixed when they are shown. What has changed by the time of the pass
leaves the set and says why; every task is a transaction of its own, so that one that fails takes no
other with it, and what a lost worker left is taken up again.
"""

import logging
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Staff
from applications import clean_cases, periods, permissions, review, sampling, states
from applications.models import Batch, BatchItem, ReviewTask
from core import audit, clock, display, locks
from core.refusals import Refusal

log = logging.getLogger(__name__)
State, Outcome = Batch.State, BatchItem.Outcome


class BatchRefused(Refusal):
    """Nothing to pass, the sample not looked at, or somebody else's batch."""


def begin(*, by: Staff) -> Batch:
    """Fixes the clean tasks of the desk and draws the sample; today's own batch is shown again.

    Raises BatchRefused where nothing is clean.
    """
    with transaction.atomic():
        locks.advisory("batch", by.pk)
        standing = standing_of(by)
        if standing is not None:
            return standing
        tasks = list(clean_cases.tasks_of(by)[: periods.of("batch_most").value])
        if not tasks:
            raise BatchRefused(_("现在没有可以批量同意的任务。"))
        made = Batch.objects.create(
            bureau=by.bureau,
            made_by=by,
            made_at=clock.now(),
            seed=sampling.new_seed(),
            share=periods.of("batch_share").value,
            minimum=periods.of("batch_minimum").value,
        )
        chosen = set(redraw(made, [one.pk for one in tasks]))
        digests = clean_cases.digests(tasks)
        BatchItem.objects.bulk_create(
            BatchItem(batch=made, task=one, digest=digests[one.pk], sampled=one.pk in chosen)
            for one in tasks
        )
        audit.record(
            "batch.shown", by=by.user, thing=made, tasks=len(tasks), sampled=len(chosen),
            seed=made.seed,
        )  # fmt: skip
        return made


def redraw(batch: Batch, tasks: list[int]) -> list[int]:
    """The sample of a batch from its seed and the keys of its tasks, as an auditor draws it."""
    count = sampling.size(len(tasks), share=batch.share, minimum=batch.minimum)
    return sampling.drawn(batch.seed, tasks, count)


def look(item: BatchItem, *, by: Staff) -> BatchItem:
    """The person has opened one case of the sample. Raises BatchRefused."""
    with transaction.atomic():
        row = locks.fresh(item)
        if why := why_not_mine(row.batch, by):
            raise BatchRefused(why)
        if row.opened_at is None:
            row.opened_by, row.opened_at = by, clock.now()
            row.save(update_fields=["opened_by", "opened_at"])
            audit.record(
                "batch.opened", by=by.user, thing=row.batch, case_no=row.task.case_no,
                task=row.task_id,
            )  # fmt: skip
        return row


def pass_on(batch: Batch, *, by: Staff, text: str) -> Batch:
    """Passes the set: each task gets its own opinion, one after the other. Raises BatchRefused.

    A second click changes nothing.
    """
    with transaction.atomic():
        row = locks.fresh(batch)
        if row.state != State.LOOKING:
            return row
        if why := why_not_pass(row, by):
            raise BatchRefused(why)
        if not text.strip():
            raise BatchRefused(_("请写意见，每件的意见里都会有这句话。"), "text")
        row.state, row.text = State.PASSING, text.strip()[:2000]
        row.passed_by, row.passed_at = by, clock.now()
        row.save(update_fields=["state", "text", "passed_by", "passed_at"])
        audit.record("batch.passed", by=by.user, thing=row, tasks=row.items.count())
        _go_on_soon(row)
        return row


def go_on(batch_id: int) -> int:
    """Gives the opinions that are still to be given; how many tasks it settled."""
    waiting = BatchItem.objects.filter(
        batch=batch_id, batch__state=State.PASSING, outcome=Outcome.WAITING
    )
    settled = sum(_settle_one(pk) for pk in list(waiting.values_list("pk", flat=True)))
    _finish(batch_id)
    return settled


def unfinished() -> QuerySet[Batch]:
    """Batches that a lost worker may have left."""
    return Batch.objects.filter(state=State.PASSING).order_by("pk")


def standing_of(staff: Staff) -> Batch | None:
    """The person's batch of today that is not passed yet and still has something to pass."""
    since = clock.local_midnight(clock.today())
    rows = Batch.objects.filter(
        made_by=staff, bureau=staff.bureau_id, state=State.LOOKING, made_at__gte=since
    )
    open_ = Q(items__task__state__in=(states.TASK_OPEN, states.TASK_CLAIMED))
    return rows.annotate(left=Count("items", filter=open_)).filter(left__gt=0).first()


def counts_of(batch: Batch) -> dict[str, int]:
    """How many tasks, drawn, opened, passed and left."""
    return batch.items.aggregate(
        total=Count("pk"),
        drawn=Count("pk", filter=Q(sampled=True)),
        opened=Count("pk", filter=Q(sampled=True, opened_at__isnull=False)),
        passed=Count("pk", filter=Q(outcome=Outcome.PASSED)),
        left=Count("pk", filter=Q(outcome=Outcome.LEFT)),
    )


# -- Refusing ------------------------------------------------------------------------------------


def why_not_mine(batch: Batch, staff: Staff) -> str:
    """Why this person may not look at the sample for this batch."""
    if batch.made_by_id != staff.pk:
        return _("这一批由%(who)s抽查，请由本人提交。") % {"who": batch.made_by.name}
    return ""


def why_not_pass(batch: Batch, staff: Staff) -> str:
    """Why this person may not pass the batch now."""
    if batch.state != State.LOOKING:
        return _("这一批已经提交。")
    if why := why_not_mine(batch, staff):
        return why
    left = batch.items.filter(sampled=True, opened_at=None).count()
    if left:
        return _("抽中的还有%(n)d件没有打开看过，逐件看过才能提交。") % {"n": left}
    return ""


# -- One task ------------------------------------------------------------------------------------


def _settle_one(item_id: int) -> bool:
    """Passes one task or says why it left; whether this call settled it."""
    try:
        with transaction.atomic():
            item = locks.fresh(BatchItem(pk=item_id))
            if item.outcome:
                return False
            why = _pass_one(item)
            item.outcome, item.why = (Outcome.LEFT, why[:200]) if why else (Outcome.PASSED, "")
            item.save(update_fields=["outcome", "why"])
            return True
    except Exception:  # one task that fails takes no other with it; it stays on the desk
        log.exception("batch item %s", item_id)
        words = _("提交时出错，请单独办理。")
        waiting = BatchItem.objects.filter(pk=item_id, outcome=Outcome.WAITING)
        return bool(waiting.update(outcome=Outcome.LEFT, why=words))


def _pass_one(item: BatchItem) -> str:
    """Why the task leaves the set; '' once its opinion is given."""
    task = ReviewTask.objects.select_related("application", "bureau").get(pk=item.task_id)
    locks.fresh(task.application)
    task.refresh_from_db()
    batch, now = item.batch, clock.now()
    by = batch.passed_by
    assert by is not None  # the state says so
    if why := _why_not_now(task, item, by, now):
        return why
    try:
        with transaction.atomic():
            review.opine(task, by=by, verdict=review.AGREE, text=batch.text, batch=batch)
    except Refusal as refusal:
        return str(refusal)
    return ""


def _why_not_now(task: ReviewTask, item: BatchItem, by: Staff, now: datetime) -> str:
    return (
        permissions.why_not_work_on(task, by, now=now)
        or clean_cases.why_not(task)
        or ("" if clean_cases.digests([task])[task.pk] == item.digest else _("查到的信息有更新。"))
    )


def _finish(batch_id: int) -> None:
    with transaction.atomic():
        row = locks.fresh(Batch(pk=batch_id))
        waits = row.items.filter(outcome=Outcome.WAITING).exists()
        if row.state == State.PASSING and not waits:
            row.state = State.DONE
            row.save(update_fields=["state"])
            counts = counts_of(row)
            audit.record(
                "batch.done", by=audit.System("batch"), thing=row, passed=counts["passed"],
                left=counts["left"],
            )  # fmt: skip


def _go_on_soon(batch: Batch) -> None:
    from applications import tasks_clocks  # the task imports this module

    transaction.on_commit(lambda: tasks_clocks.pass_batch.delay(batch.pk), robust=True)


def draft_text(staff: Staff) -> str:
    """An opinion to start from."""
    return _("经核对，登记信息齐全一致，各项条件符合，同意。（%(bureau)s批量办理）") % {
        "bureau": staff.bureau.name
    }


def words_of(item: BatchItem) -> dict[str, Any]:
    """One line of the list as the page shows it."""
    first = next((one for one in item.task.application.members.all() if one.is_applicant), None)
    return {
        "item": item,
        "who": first.name if first else "",
        "due": display.day_short(item.task.due_on),
    }
