"""Who used somebody's data (谁查过我的数据): registers asked, files read, questions refused.

Two logs lie behind it: datashare's calls and the audit log. A page is cut from both in the
database, newest first, so that a long life with the platform costs no more than a short one. What
a line says is put together in `look_lines`, what an answer changed in `look_effects`.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import ExtractYear
from django.utils.translation import gettext as _

from applications import look_deferrals, look_lines
from applications.look_lines import CALL, ENTRY, LOOKED, REFUSED, Look
from applications.models import Application, LookDeferral
from core import audit, clock
from core.models import AuditEntry
from datashare import catalogue
from datashare.models import Call

STAFF = "staff"  # the filter's word for readings by people of the bureaus
PAGE = 40


def note(case: Application, *, by: Any, purpose: str) -> None:
    """Records that somebody read the file of a case: each person in it sees that, also who was
    left out of the household, for their data stands in it all the same."""
    subjects = list(case.members.values_list("id_index", flat=True))
    audit.looked(case, by=by, purpose=purpose, case_no=case.case_no or "", subjects=subjects)


@dataclass(frozen=True)
class Wanted:
    """What the reader narrowed the list to; empty fields leave it whole."""

    year: int = 0
    case_no: str = ""
    owner: str = ""  # a department, or STAFF


@dataclass(frozen=True)
class Choices:
    """What the list can be narrowed to: value and word."""

    years: list[int]
    cases: list[str]
    owners: list[tuple[str, str]]


def page(person_index: str, wanted: Wanted, number: Any, own_label: str = "") -> Page[Any]:
    """A page of the list about one person; its ``object_list`` are Days.

    ``own_label`` is how the logs call the person themselves.
    """
    deferrals = look_deferrals.of_person(person_index)
    hidden = look_deferrals.hiding(deferrals, clock.today())
    rows = _refs(_calls(person_index, wanted, hidden), "started_at", CALL).union(
        _refs(_entries(person_index, wanted, hidden), "at", ENTRY), all=True
    )
    cut = Paginator(rows.order_by("-moment", "-ref"), PAGE).get_page(number)
    refs = [(row["kind"], row["ref"]) for row in cut.object_list]
    lines = look_lines.of(refs, person_index, own_label, deferrals)
    cut.object_list = look_lines.by_day(lines, person_index)
    return cut


def one(person_index: str, kind: str, ref: int, own_label: str = "") -> Look | None:
    """A single line, if it is about this person and not deferred now; else None."""
    deferrals = look_deferrals.of_person(person_index)
    hidden = look_deferrals.hiding(deferrals, clock.today())
    rows = (_calls if kind == CALL else _entries)(person_index, Wanted(), hidden)
    if not rows.filter(pk=ref).exists():
        return None
    return look_lines.of([(kind, ref)], person_index, own_label, deferrals)[0]


def choices(person_index: str) -> Choices:
    """Years, cases and departments of which there is anything to see: one query and deferrals."""
    hidden = look_deferrals.hiding(look_deferrals.of_person(person_index), clock.today())
    calls = _calls(person_index, Wanted(), hidden).order_by()
    entries = _entries(person_index, Wanted(), hidden).order_by()
    found = set(
        calls.annotate(year=ExtractYear("started_at", tzinfo=clock.LOCAL))
        .values_list("year", "case_no", "source")
        .union(
            entries.annotate(
                year=ExtractYear("at", tzinfo=clock.LOCAL),
                source=Value("", output_field=CharField()),
            ).values_list("year", "case_no", "source")
        )
    )
    sources = {source for _year, _case, source in found}
    owners = sorted({catalogue.entry(code).owner for code in sources if code})
    words = [(owner, look_lines.owner_word(owner)) for owner in owners]
    return Choices(
        years=sorted({year for year, _case, _source in found}, reverse=True),
        cases=sorted({case for _year, case, _source in found if case}, reverse=True),
        owners=words + ([(STAFF, _("工作人员查阅"))] if "" in sources else []),
    )


def announced(person_index: str) -> list[LookDeferral]:
    """Deferrals in force of which the person is told that there is one."""
    hidden = look_deferrals.hiding(look_deferrals.of_person(person_index), clock.today())
    return [each for each in hidden if not each.quiet]


# -- Both logs -----------------------------------------------------------------------------------


def _calls(person_index: str, wanted: Wanted, hidden: list[LookDeferral]) -> QuerySet[Any]:
    rows = Call.objects.filter(person_index=person_index)
    if wanted.owner:
        owned = [each.code for each in catalogue.entries() if each.owner == wanted.owner]
        rows = rows.filter(source__in=owned)
    return _narrowed(rows, wanted, hidden, at="started_at", by="by")


def _entries(person_index: str, wanted: Wanted, hidden: list[LookDeferral]) -> QuerySet[Any]:
    verbs = [LOOKED, REFUSED]
    if wanted.owner:
        verbs = [LOOKED] if wanted.owner == STAFF else []
    rows = AuditEntry.objects.filter(verb__in=verbs, subjects__contains=[person_index])
    return _narrowed(rows, wanted, hidden, at="at", by="actor")


def _narrowed(
    rows: QuerySet[Any], wanted: Wanted, hidden: list[LookDeferral], *, at: str, by: str
) -> QuerySet[Any]:
    if wanted.case_no:
        rows = rows.filter(case_no=wanted.case_no)
    if wanted.year:
        first, after = date(wanted.year, 1, 1), date(wanted.year + 1, 1, 1)
        since, until = clock.local_midnight(first), clock.local_midnight(after)
        rows = rows.filter(**{f"{at}__gte": since, f"{at}__lt": until})
    for each in hidden:
        rows = rows.exclude(look_deferrals.covers(each, at=at, by=by))
    return rows


def _refs(rows: QuerySet[Any], at: str, kind: str) -> QuerySet[Any]:
    """Moment, kind and key of each row: what both logs have in common."""
    word = Value(kind, output_field=CharField())
    return (
        rows.order_by()
        .annotate(ref=F("pk"), moment=F(at), kind=word)
        .values("ref", "moment", "kind")
    )


__all__ = ["CALL", "ENTRY", "STAFF", "Choices", "Look", "Wanted", "announced", "choices", "one",
           "page"]  # fmt: skip
