"""To-dos of desks that live elsewhere (浙政钉待办): told by the outbox, ended with the task.

A message holds a case number, the stage, the last day and the way back to the task: nothing of the
family. The receiver orders by ``seq``, so that an end that overtakes its beginning stays an end. A
浙政钉 that is down delays its own messages and nothing else: the queue here is the one that counts.
What ended a task, in whatever verb, is told by the sweep if the verb did not.
"""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation

from accounts.roles import BureauKind
from applications import states
from applications.models import ReviewTask
from core import locks, outbox

DESTINATION = "zhezhengding"
OPEN = (states.TASK_OPEN, states.TASK_CLAIMED)
_ENDED = {states.TASK_DONE: "todo.done", states.TASK_CANCELLED: "todo.cancelled"}
_FILE = Path(__file__).with_name("desks_elsewhere.yaml")
_BATCH = 200


def announce(task: ReviewTask) -> None:
    """Tells of a new task inside the transaction that opens it, where its desk lives elsewhere."""
    if task.bureau.kind not in desks() or task.todo:
        return
    _post(task, "todo.created", "open", seq=1, **_words(task))
    task.todo = "open"
    task.save(update_fields=["todo"])


def end(task: ReviewTask) -> None:
    """Tells that a task is done, or not needed any more; once."""
    if task.todo != "open" or task.state not in _ENDED:
        return
    _post(task, _ENDED[task.state], "end", seq=2)
    task.todo = "ended"
    task.save(update_fields=["todo"])


def remind(task: ReviewTask, kind: str) -> None:
    """Pushes a reminder of a task that stands there; once for each kind."""
    if task.todo == "open":
        _post(task, "todo.reminded", kind, seq=1, reminder=kind, due=_day(task.due_on))


def settle() -> int:
    """Brings 浙政钉 in line with the tasks as they stand; returns how many were told."""
    ended = ReviewTask.objects.filter(todo="open", state__in=_ENDED)
    new = ReviewTask.objects.filter(todo="", state__in=OPEN, bureau__kind__in=desks())
    told = sum(_settle(pk) for pk in ended.order_by("pk").values_list("pk", flat=True)[:_BATCH])
    return told + sum(
        _settle(pk) for pk in new.order_by("due_on", "pk").values_list("pk", flat=True)[:_BATCH]
    )


@cache
def desks() -> frozenset[str]:
    """Kinds of bureau whose tasks are told there. ValueError for a line without its reason."""
    rows = yaml.safe_load(_FILE.read_text(encoding="utf-8"))[DESTINATION] or {}
    for kind, row in rows.items():
        if bool(row.get("source")) == bool(row.get("unverified")) or not row.get("reason"):
            raise ValueError(f"{kind} needs its reason and either a source or the mark unverified")
    return frozenset(BureauKind(kind) for kind in rows)


def address(task: ReviewTask) -> str:
    """The link that lands at the task; who is not signed in signs in first."""
    return f"{getattr(settings, 'SITE_URL', '')}{reverse('review_task', args=[task.pk])}"


def _settle(pk: int) -> bool:
    with transaction.atomic():
        # the application first, as every verb does
        row = ReviewTask.objects.select_related("application", "bureau").get(pk=pk)
        locks.fresh(row.application)
        row = locks.fresh(row)
        before = row.todo
        announce(row) if row.state in OPEN else end(row)
        return row.todo != before


def _words(task: ReviewTask) -> dict[str, Any]:
    with translation.override(settings.LANGUAGE_CODE):
        stage = str(task.get_stage_display())
    return {
        "stage": stage,
        "bureau": task.bureau.code,
        "due": _day(task.due_on),
        "link": address(task),
    }


def _post(task: ReviewTask, kind: str, part: str, *, seq: int, **payload: Any) -> None:
    outbox.post(
        DESTINATION, kind, key=f"task-{task.pk}-{part}",
        payload={"todo": f"task-{task.pk}", "caseNo": task.case_no, "seq": seq, **payload},
        case_no=task.case_no,
    )  # fmt: skip


def _day(day: date) -> str:
    return day.isoformat()
