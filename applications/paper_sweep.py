"""What the scheduler does about papers: scan what waited, forget what never came whole."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applications import material_list, material_permissions, paper_parts, periods, states
from applications.models import Application, Material, MaterialPage, Supplement
from applications.papers import fields, scanning, store
from applications.papers.scanning import Verdict
from core import audit, clock, display, locks, notices

State = Material.State
SYSTEM = audit.System("papers")
_ORPHAN = 2 * 24 * 3600.0  # seconds
_AT_ONCE = 200

INFECTED = notices.Template(
    "paper.infected",
    _("有一份材料请重新上传"),
    _("{item}里有一个文件带病毒，已经删除，没有人打开过。请在{due}前直接拍照重新上传。"),
    sms=_("有一份材料没有收下，请重新拍照上传。我们不会在短信里要您转账或点链接"),
)

# what is still waited for: not of a draft or a case that has ended, and the list of a correction
# only while the case stands in it
_ASKED = (
    Q(application__state__in=states.APPLICATION.open_ids)
    & ~Q(application__state=states.DRAFT)
    & (Q(application__state=states.CORRECTION) | ~Q(item__startswith=Supplement.CORRECTION))
)

DUE_SOON = notices.Template(
    "paper.due_soon",
    _("有材料快到期"),
    _("请在{due}前补交：{items}。已经交了的不用理会；来不及的，请打电话告诉我们。"),
    sms=_("有材料请在{due_short}前补交，来不及请打电话。我们不会在短信里要您转账或点链接"),
)


def scan_waiting() -> int:
    """Scans files in quarantine until the scanner is away again; returns how many it settled."""
    settled = 0
    waiting = Material.objects.filter(state=State.QUARANTINED).order_by("touched_at", "pk")
    for material in waiting[:_AT_ONCE]:
        try:
            verdict = scanning.scan(store.read(material.file))
        except store.PaperGone:
            continue
        if verdict == Verdict.UNAVAILABLE:
            break
        settled += settle(material, verdict)
    return settled


def settle(material: Material, verdict: Verdict) -> bool:
    """Writes what the scanner said; False if another worker did it first."""
    with transaction.atomic():
        application = locks.fresh(material.application)
        row = Material.objects.select_for_update().filter(pk=material.pk).first()
        if row is None or row.state != State.QUARANTINED:
            return False
        store.drop(row.file)
        row.file, row.touched_at = "", clock.now()
        if verdict == Verdict.INFECTED:
            _throw_away(application, row)
        else:
            row.state = State.CLEAN if verdict == Verdict.CLEAN else State.UNSCANNED
        row.save(update_fields=["file", "state", "touched_at"])
        audit.record("paper.scanned", by=SYSTEM, thing=row, item=row.kind, scan=verdict.value)
        return True


def remind(today: date) -> int:
    """Reminds families once of what they have to bring in the next working days; returns how many.

    A day that was moved is reminded of again. Nothing follows from silence here.
    """
    soon = periods.of("supplement_reminder").after(today)
    rows = Supplement.objects.filter(
        received_at=None, due_on__gte=today, due_on__lte=soon,
    ).exclude(reminded_for=F("due_on"))  # fmt: skip
    cases = rows.filter(_ASKED).values_list("application", flat=True)
    return sum(_remind(pk, today, soon) for pk in sorted(set(cases)))


def _remind(pk: int, today: date, soon: date) -> bool:
    with transaction.atomic():
        row = Application.objects.select_for_update().get(pk=pk)
        due = [
            one
            for one in row.supplements.filter(_ASKED, received_at=None).order_by("due_on", "pk")
            if today <= one.due_on <= soon and one.reminded_for != one.due_on
        ]
        if not due:
            return False
        first, applicant = due[0].due_on, row.applicant
        notices.tell(
            applicant.id_index, DUE_SOON, by=SYSTEM, case_no=row.case_no or "",
            phone=applicant.phone or "", items=lambda: display.listed(one.text for one in due),
            due=first, due_short=lambda: display.day_short(first),
        )  # fmt: skip
        for one in due:
            one.reminded_for = one.due_on
            one.save(update_fields=["reminded_for"])
        return True


def sweep() -> tuple[int, int]:
    """Forgets half files of yesterday and files without a row; returns how many of each."""
    limit = clock.now() - timedelta(hours=settings.PAPER_HALF_HOURS)
    old = Material.objects.filter(state=State.HALF, touched_at__lt=limit)
    forgotten = sum(paper_parts.forget(one) for one in old)
    orphans = list(store.forgotten(_known(), older_than=_ORPHAN))
    for one in orphans:
        one.unlink(missing_ok=True)
    return forgotten, len(orphans)


def _throw_away(application: Application, row: Material) -> None:
    """The file and its pages go; while the case runs, what came by it is asked again.

    A photo of the office is missing from then on, and its desk sees that.
    """
    row.state = State.INFECTED
    store.drop(*row.pages.values_list("file", flat=True))
    row.pages.all().delete()
    if row.kind.startswith(material_permissions.OFFICE):
        return
    title = material_list.title_of(application, row.kind)
    if application.is_open:
        _tell(application, title, _ask_again(application, row.kind, title))


def _ask_again(application: Application, item: str, title: str) -> date:
    """The day until which it is asked again: never an earlier one than the family was given."""
    again = periods.of("supplement").after(clock.today())
    asked = application.supplements.filter(item=item).first()
    if asked is None:
        return again
    one_list = item.startswith(Supplement.CORRECTION)
    if asked.received_at is None:
        # the items of a correction keep one day, so that none of them lapses before the others
        open_ = application.supplements.filter(received_at=None)
        same = open_.of_correction() if one_list else open_.filter(pk=asked.pk)
        again = max(again, asked.due_on)
        same.update(due_on=again)
    elif one_list:
        # the one list was answered and is not opened again: this follows like any other paper
        application.supplements.update_or_create(
            item=f"{material_list.AGAIN}{item}"[:40],
            defaults={"text": title[:200], "due_on": again, "received_at": None},
        )
    else:
        application.supplements.filter(pk=asked.pk).update(received_at=None, due_on=again)
    return again


def _tell(application: Application, title: str, due: Any) -> None:
    applicant = application.applicant
    notices.tell(
        applicant.id_index, INFECTED, by=SYSTEM, case_no=application.case_no or "",
        phone=applicant.phone or "", item=title, due=due,
    )  # fmt: skip


def _known() -> set[str]:
    names = fields.names()  # of apps that stand on this one
    names |= set(MaterialPage.objects.values_list("file", flat=True))
    names |= set(Material.objects.exclude(file="").values_list("file", flat=True))
    for parts in Material.objects.filter(state=State.HALF).values_list("parts", flat=True):
        names |= set(parts)
    return names
