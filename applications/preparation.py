"""Preparing the what-if panel (试算准备): each household's newest assessment becomes columns.

Made in parts by the workers of the bulk queue, so that several work at once and a lost one costs a
part. The pack of the day holds for every case, on the day of its own facts, as in the preview of a
release: only the rules differ, and no date that has passed since.
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import lru_cache
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Sum
from django.utils.translation import gettext_lazy as _

from applications import releases
from applications.eligibility import policy as policies
from applications.eligibility.cast import Case
from applications.eligibility.policy import Policy
from applications.eligibility.whatif import movable, parts
from applications.eligibility.whatif.columns import Columns
from applications.models import Assessment, Preparation, PreparedPart
from core import audit, clock, locks
from core.refusals import Refusal

PART = 500
STALLED_AFTER = timedelta(seconds=120)  # without a part: its workers were lost


class PreparationRefused(Refusal):
    """The columns cannot be prepared now."""


def newest() -> Preparation | None:
    """The newest one that is finished: what the panel stands on."""
    return Preparation.objects.filter(finished_at__isnull=False).select_related("policy").first()


def running() -> Preparation | None:
    return Preparation.objects.filter(finished_at__isnull=True).first()


def done(row: Preparation) -> int:
    """Cases of the parts that stand."""
    standing = row.parts.filter(data__isnull=False)
    return standing.aggregate(cases=Sum("cases"))["cases"] or 0


def is_stalled(row: Preparation) -> bool:
    return row.finished_at is None and clock.now() - row.moved_at > STALLED_AFTER


def time_left(row: Preparation, cases: int) -> timedelta | None:
    """How long it will take at the pace so far; None before the first part stands."""
    if not cases:
        return None
    return (clock.now() - row.asked_at) * ((row.total - cases) / cases)


def cancel(*, by: Any) -> None:
    """Stops the one that runs and throws its parts away; what was prepared before stays in use.

    Raises PreparationRefused.
    """
    with transaction.atomic():
        row = Preparation.objects.select_for_update().filter(finished_at__isnull=True).first()
        if row is None:
            raise PreparationRefused(_("现在没有在准备数据。"))
        audit.record("what_if.cancelled", by=by, thing=row, cases=done(row), total=row.total)
        row.delete()


def ask(*, by: Any) -> Preparation:
    """Prepare anew, or go on with what lost its workers. Raises PreparationRefused."""
    try:
        with transaction.atomic():
            return _resumed(by=by) or _begun(by=by)
    except IntegrityError:  # another leader asked in the same moment
        raise PreparationRefused(_("已经在准备数据。")) from None


def _resumed(*, by: Any) -> Preparation | None:
    row = running()
    if row is None:
        return None
    row = locks.fresh(row)
    if not is_stalled(row):
        raise PreparationRefused(_("已经在准备数据。"))
    row.moved_at = clock.now()
    row.save(update_fields=["moved_at"])
    audit.record("what_if.resumed", by=by, thing=row)
    _hand_out(row)
    return row


def _begun(*, by: Any) -> Preparation:
    ids = newest_assessments()
    if not ids:
        raise PreparationRefused(_("还没有评估过的办件，没有可以试算的。"))
    today, now = clock.today(), clock.now()
    row = Preparation.objects.create(
        policy=releases.text_of(releases.in_force(today)), on=today, streets=_streets(),
        total=len(ids), newest=max(ids), asked_by=by, asked_at=now, moved_at=now,
    )  # fmt: skip
    PreparedPart.objects.bulk_create(
        PreparedPart(preparation=row, position=place, assessments=some, cases=len(some))
        for place in range(0, len(ids), PART)
        if (some := ids[place : place + PART])
    )
    audit.record("what_if.asked", by=by, thing=row, cases=len(ids))
    _hand_out(row)
    return row


def _hand_out(row: Preparation) -> None:
    from applications import tasks  # tasks import the verbs

    for part in row.parts.filter(data__isnull=True).values_list("pk", flat=True):
        tasks.prepare_part.delay_on_commit(part)


def newest_assessments() -> list[int]:
    """The newest assessment of each household, live or past."""
    rows = Assessment.objects.order_by().values("application").annotate(last=Max("pk"))
    return sorted(rows.values_list("last", flat=True))


def _streets() -> list[str]:
    rows = Assessment.objects.order_by().values_list("application__street__name", flat=True)
    return ["", *sorted(filter(None, rows.distinct()))]


# -- A worker's part -----------------------------------------------------------------------------


def fill(part_id: int) -> bool:
    """Make one part; False where it stands already or its preparation is gone."""
    part = PreparedPart.objects.filter(pk=part_id).select_related("preparation__policy").first()
    if part is None or part.data is not None:
        return False
    data = _columns(part).to_bytes()
    with transaction.atomic():
        row = Preparation.objects.select_for_update().filter(pk=part.preparation_id).first()
        if row is None:  # cancelled meanwhile
            return False
        if not PreparedPart.objects.filter(pk=part_id, data__isnull=True).exists():
            return False
        part.data = data
        part.save(update_fields=["data"])
        row.moved_at = clock.now()
        if not row.parts.filter(data__isnull=True).exists():
            row.finished_at = row.moved_at
            Preparation.objects.filter(pk__lt=row.pk).delete()
        row.save(update_fields=["moved_at", "finished_at"])
    return True


def _columns(part: PreparedPart) -> Columns:
    row = part.preparation
    streets = {name: at for at, name in enumerate(row.streets)}
    return parts.made(_households(part, streets), pack_of(row))


def _households(part: PreparedPart, streets: dict[str, int]) -> Iterator[parts.Household]:
    stored = Assessment.objects.filter(pk__in=part.assessments).defer("result").order_by("pk")
    for one in stored.select_related("application__street").iterator(chunk_size=100):
        street = one.application.street.name if one.application.street else ""
        case = Case.from_dict(one.inputs)
        yield parts.Household(case, one.on, one.pk, streets.get(street, 0))


# -- Reading -------------------------------------------------------------------------------------


def pack_of(row: Preparation) -> Policy:
    """The pack with the values of the preparation's day."""
    return movable.pinned(policies.load(row.policy.text), row.on)


def columns_of(row: Preparation) -> Columns:
    """All columns of a finished preparation; each process keeps those it read last.

    Raises PreparationRefused where a newer one has taken its place in this moment.
    """
    return _read(row.pk, row.asked_at.isoformat())


@lru_cache(maxsize=1)
def _read(pk: int, _asked_at: str) -> Columns:
    every = PreparedPart.objects.filter(preparation_id=pk).order_by("position")
    read = every.filter(data__isnull=False).values_list("data", flat=True).iterator(chunk_size=20)
    columns = Columns.joined(Columns.from_bytes(data) for data in read if data is not None)
    if not len(columns):
        raise PreparationRefused(_("数据刚刚更新，请再试一次。"))
    return columns


def is_outdated(row: Preparation) -> bool:
    """Whether another pack or another value is in force today than on the preparation's day."""
    today = clock.today()
    now, then = releases.in_force(today), policies.load(row.policy.text)
    return now.day(today).values != then.day(row.on).values


def assessed_since(row: Preparation) -> int:
    """Assessments made since, which the columns do not know."""
    return Assessment.objects.filter(pk__gt=row.newest).count()
