"""What each desk misses (补正清单), and the one notice that tells the family all of it.

The law lets a family be asked once. So every desk of a stage writes its own list; the notice goes
out when each of them has answered (an opinion, its list, or that nothing is missing), or when the
gathering period is over, so that one slow department holds nobody up. What was sent in between
nothing can be added to.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Staff
from applications import correction, deadlines, material_items, periods, permissions, review, states
from applications.correction import CorrectionRefused
from applications.models import Application, MissingList, Pause, ReviewTask, Supplement
from applications.models.review import Stage
from core import audit, clock, display, locks, workflow

MOST = 10  # things on one desk's list
LONGEST = 100  # characters of what is missing, or why
_OPEN = (states.TASK_OPEN, states.TASK_CLAIMED)
_SYSTEM = audit.System("correction")


def write(task: ReviewTask, *, by: Staff, items: Iterable[Mapping[str, str]]) -> MissingList:
    """Keeps what this desk misses: ``what``, ``why``, and ``key`` of the listed material.

    The notice follows at once where nobody else has to be waited for. Raises CorrectionRefused.
    """
    wanted = [item for one in items if (item := _item(one))["what"]]
    with transaction.atomic():
        application, row = locks.fresh(task.application), locks.fresh(task)
        _refuse(row, application, by)
        _refuse_bad_items(wanted)
        made = _keep(row, application, by, wanted)
        gather(application)
        task.application.refresh_from_db()
        return made


def nothing_missing(task: ReviewTask, *, by: Staff) -> MissingList:
    """The desk misses nothing, so that the others' lists need not wait for its opinion."""
    with transaction.atomic():
        application, row = locks.fresh(task.application), locks.fresh(task)
        _refuse(row, application, by)
        made = _keep(row, application, by, [])
        gather(application)
        task.application.refresh_from_db()
        return made


def withdraw(task: ReviewTask, *, by: Staff) -> MissingList:
    """Takes the desk's answer back before it was sent. Raises CorrectionRefused."""
    with transaction.atomic():
        locks.fresh(task.application)
        row = locks.fresh(task)
        standing = row.missing_lists.filter(withdrawn_at=None).first()
        if why := why_not_withdraw(row, by):
            raise CorrectionRefused(why)
        assert standing is not None  # the refusal above says so
        standing.withdrawn_at, standing.withdrawn_by = clock.now(), by
        standing.save(update_fields=["withdrawn_at", "withdrawn_by"])
        audit.record("correction.withdrawn", by=by.user, thing=row, case_no=row.case_no)
        return standing


def gather(application: Application) -> list[Supplement]:
    """Sends the one notice if every desk has answered or the period is over; else nothing.

    Inside the verb that may have given the last answer; harmless to repeat.
    """
    with transaction.atomic():
        row = locks.fresh(application)
        lists = list(_pending(row).select_related("task__bureau").order_by("at", "pk"))
        if not lists or row.state not in review.STATE_OF_STAGE.values() or was_told(row):
            return []
        if _unanswered(row) and clock.today() <= _last_day(lists):
            return []
        return _send(row, lists)


def send_due() -> int:
    """Sends what was gathered where the last day has passed, or a worker stopped in between."""
    ids = set(MissingList.objects.pending().values_list("task__application", flat=True))
    cases = Application.objects.filter(pk__in=ids).order_by("pk")
    return sum(bool(gather(one)) for one in cases)


def was_told(application: Application) -> bool:
    """Whether the family was asked already; the law allows it once."""
    return application.supplements.of_correction().exists()


def why_not_write(task: ReviewTask, application: Application, by: Staff) -> str:
    """Why this person may not say now what is missing, or that nothing is."""
    if was_told(application):
        return _(
            "补正只能一次告知，这个办件已经告知过。还有不清楚的，可以按承诺办理、开核实单或者征询其他部门。"
        )
    if application.state != review.STATE_OF_STAGE[Stage(task.stage)]:
        return _("办件现在的状态不能退回补正。")
    if why := permissions.why_not_work_on(task, by, now=clock.now()):
        return why
    if task.missing_lists.filter(withdrawn_at=None, count__gt=0).exists():
        return _("本部门的清单已经写好，还没有发出。要改的话，请先撤回再写。")
    return ""


def why_not_withdraw(task: ReviewTask, by: Staff) -> str:
    """Why this person may not take the desk's answer back."""
    standing = task.missing_lists.filter(withdrawn_at=None).first()
    if standing is None:
        return _("本部门没有等待发出的清单。")
    if standing.sent_at is not None:
        return _("清单已经发给家庭，不能再撤回。")
    return permissions.why_not_work_on(task, by, now=clock.now())


# -- What pages read -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Gathering:
    """Who has answered what, while the lists of a case are being gathered."""

    lists: list[MissingList]  # with something on them
    clear: list[str]  # desks that miss nothing or have given their opinion
    waiting: list[str]  # desks that are waited for
    last_day: date


def gathering(application: Application) -> Gathering | None:
    """How far the lists of a case are; None where none waits."""
    lists = list(_pending(application).select_related("task__bureau", "by").order_by("at", "pk"))
    if not lists:
        return None
    waiting = list(_unanswered(application))
    listed = {one.task_id for one in lists}
    stage = application.tasks.filter(stage=lists[0].task.stage).exclude(
        state__in=(states.TASK_CANCELLED, states.TASK_RETURNED, states.TASK_UNDONE)
    )
    busy = listed | {one.pk for one in waiting}
    clear = stage.exclude(pk__in=busy).values_list("bureau__name", flat=True)
    return Gathering(
        lists=lists,
        clear=list(dict.fromkeys(clear.order_by("bureau__name"))),
        waiting=[one.bureau.name for one in waiting],
        last_day=_last_day(lists),
    )


def why_not_close(task: ReviewTask) -> str:
    """Why a list that waits keeps a desk from its opinion; '' if none does."""
    lists = _pending(task.application)
    if task.stage == Stage.DISTRICT and lists.exists():
        return _("还有补正清单没有发给家庭，发出并补齐以后再作决定。")
    if lists.filter(task=task).exists():
        return _("本部门的补正清单还没有发出。等家庭补齐以后再提意见，或者先撤回清单。")
    return ""


def choices() -> list[tuple[str, Any]]:
    """The listed materials that a family may be asked for: none that the registers must answer."""
    return [
        (one.key, one.shown_by) for one in material_items.ITEMS if material_items.UPLOAD in one.ways
    ]


# -- One notice ----------------------------------------------------------------------------------


def merged(lists: Iterable[MissingList]) -> list[dict[str, Any]]:
    """Every thing once, with its reasons and the names of all desks that asked for it."""
    found: dict[str, dict[str, Any]] = {}
    for one in lists:
        for item in one.items:
            at = item["key"] or "".join(item["what"].split())
            into = found.setdefault(at, {"what": item["what"], "why": [], "desks": []})
            for name, value in (("why", item["why"]), ("desks", one.task.bureau.name)):
                if value and value not in into[name]:
                    into[name].append(value)
    return list(found.values())


def _words(item: Mapping[str, Any]) -> str:
    """结婚证（外省登记没有查到；民政局、不动产登记中心提出）."""
    said = [*item["why"], _("%(desks)s提出") % {"desks": display.listed(item["desks"])}]
    return _("%(what)s（%(said)s）") % {"what": item["what"], "said": "；".join(said)}


def _send(row: Application, lists: list[MissingList]) -> list[Supplement]:
    workflow.advance(row, states.CORRECTION, by=_SYSTEM)
    deadlines.pause(row, Pause.Reason.CORRECTION, by=_SYSTEM)
    with translation.override("zh-hans"):  # kept in the file, and printed
        wanted = [_words(one) for one in merged(lists)]
    made = correction.send_list(row, wanted, by=_SYSTEM)
    at = clock.now()
    MissingList.objects.unsent().filter(task__application=row).update(sent_at=at)
    audit.record(
        "correction.gathered", by=_SYSTEM, thing=row, case_no=row.case_no or "",
        desks=[one.task.bureau.code for one in lists], items=len(made),
    )  # fmt: skip
    return made


# -- One list ------------------------------------------------------------------------------------


def _refuse(row: ReviewTask, application: Application, by: Staff) -> None:
    if why := why_not_write(row, application, by):
        raise CorrectionRefused(why)


def _refuse_bad_items(wanted: list[dict[str, str]]) -> None:
    if not 1 <= len(wanted) <= MOST:
        raise CorrectionRefused(_("请写明缺什么，每行一样，最多10样。"), "items")
    if any(not one["why"] for one in wanted):
        raise CorrectionRefused(_("每一样都要写明为什么要，申请人会看到。"), "items")
    keys = {key for key, _title in choices()}
    if any(one["key"] and one["key"] not in keys for one in wanted):
        raise CorrectionRefused(_("这一样登记部门会答复，不能向家庭要。"), "items")


def _item(one: Mapping[str, str]) -> dict[str, str]:
    """A line as it is kept; what is listed is called as the table calls it."""
    key = one.get("key", "").strip()
    listed = material_items.BY_KEY.get(key)
    what = one.get("what", "").strip() or (listed.shown_by if listed else "")
    return {"key": key, "what": what[:LONGEST], "why": one.get("why", "").strip()[:LONGEST]}


def _keep(
    row: ReviewTask, application: Application, by: Staff, wanted: list[dict[str, str]]
) -> MissingList:
    row.missing_lists.filter(withdrawn_at=None, sent_at=None).update(
        withdrawn_at=clock.now(), withdrawn_by=by
    )
    first = _pending(application).order_by("due_on").values_list("due_on", flat=True).first()
    made = MissingList.objects.create(
        task=row, items=wanted, count=len(wanted), by=by, at=clock.now(),
        due_on=first or periods.of("correction_gather").after(clock.today()),
    )  # fmt: skip
    audit.record("correction.listed", by=by.user, thing=row, case_no=row.case_no, items=len(wanted))
    return made


def _pending(application: Application) -> Any:
    return MissingList.objects.pending().filter(task__application=application)


def _unanswered(application: Application) -> Any:
    """Tasks at work whose desk has said nothing yet: no opinion, no list, not that all is there."""
    said = MissingList.objects.unsent().filter(task__application=application).values("task")
    at_work = application.tasks.filter(state__in=_OPEN).exclude(pk__in=said)
    return at_work.select_related("bureau").order_by("bureau__name", "pk")


def _last_day(lists: list[MissingList]) -> date:
    return min(one.due_on for one in lists)
