"""What an exported list holds (导出内容): the very rows that its reader sees, column by column.

The rows come through a cursor of the server's, some at a time; numbers of people are masked as on
every page, and what the reader may not see is not in the file either.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, cast

from django.db.models import Prefetch, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import Staff
from accounts.roles import Role
from allocation import facts, months, rent_totals
from allocation.models import Estate
from applications import filters, permissions, states
from applications.duties import name_of
from applications.models import Member, ReviewTask
from core import clock, display
from core.identity.masking import mask_id_strong
from office.cases import Chosen, NoSuchFigure
from office.figures.figure import Line, Moment
from office.models import Export
from renewal import campaign_list, numbers
from renewal.models import Campaign, Recheck

CHUNK = 1000  # rows read from the server at a time
REVIEWERS = (Role.STREET, Role.REVIEWER, Role.DISTRICT)
LEADERS = (Role.ADMIN, Role.LEADER)
_PEOPLE = ("application_id", "name", "id_number", "id_index", "is_applicant")


class NoSuchList(LookupError):
    """The address names no list, or its filters do not fit."""


Cells = Sequence[Any]
Chunk = tuple[list[Cells], list[str], int]  # rows, blind indexes of their people, how many rows


class Listing(ABC):
    """One list with its filters, as one member of staff sees it."""

    roles: tuple[Role, ...]

    def __init__(self, staff: Staff, query: QueryDict) -> None:
        self.staff, self.query = staff, query

    @property
    @abstractmethod
    def title(self) -> str:
        """The list and its filters in words."""

    @property
    @abstractmethod
    def heads(self) -> list[str]:
        """The columns."""

    @abstractmethod
    def count(self) -> int:
        """How many rows there are now."""

    @abstractmethod
    def chunks(self) -> Iterator[Chunk]:
        """The rows with the people they are about, some at a time."""


class QueueListing(Listing):
    """待办任务: the shared queue under the reader's filters."""

    roles = REVIEWERS

    @property
    def title(self) -> str:
        words = [str(_("待办任务"))]
        if self.query.get("scope") == "all":
            words.append(str(_("全区各部门")))
        elif self.staff.bureau:
            words.append(self.staff.bureau.name)
        words += [
            str(dict(filters.TaskFilter.base_filters[name].extra["choices"]).get(value, value))
            for name in ("urgency", "stage", "state", "tone", "channel")
            if (value := self.query.get(name))
        ]
        if self.query.get("street") or self.query.get("q"):
            words.append(str(_("按镇街或者文字筛选")))
        return " · ".join(words)

    @property
    def heads(self) -> list[str]:
        return [
            _("办件编号"), _("申请人"), _("身份证号（隐去）"), _("人数"), _("环节"), _("单位"),
            _("镇街"), _("申请方式"), _("任务状态"), _("办理人"), _("到期日"),
            _("还有几个工作日"), _("待核实的条件"),
        ]  # fmt: skip

    def count(self) -> int:
        return self._tasks().count()

    def chunks(self) -> Iterator[Chunk]:
        people = Member.objects.filter(excluded=False).only(*_PEOPLE)
        tasks = (
            self._tasks()
            .select_related("application__street", "bureau", "claimed_by")
            .prefetch_related(Prefetch("application__members", queryset=people))
            .order_by("due_on", "pk")
        )
        today, chunk = clock.today(), []
        for task in tasks.iterator(chunk_size=CHUNK):
            chunk.append(task)
            if len(chunk) >= CHUNK:
                yield self._cells(chunk, today)
                chunk = []
        if chunk:
            yield self._cells(chunk, today)

    def _tasks(self) -> QuerySet[ReviewTask]:
        tasks = permissions.tasks_visible_to(self.staff).filter(state__in=filters.OPEN_STATES)
        if self.query.get("scope") != "all":
            tasks = tasks.filter(bureau_id=self.staff.bureau_id)
        chosen = filters.TaskFilter(
            self.query, queryset=filters.with_facets(tasks, clock.today())
        )  # fmt: skip
        if not chosen.is_valid():
            raise NoSuchList
        return cast("QuerySet[ReviewTask]", chosen.qs)

    def _cells(self, tasks: list[ReviewTask], today: Any) -> Chunk:
        left = filters.days_left((one.due_on for one in tasks), today)
        cells: list[Cells] = []
        subjects: list[str] = []
        for task in tasks:
            people = list(task.application.members.all())
            first = next((one for one in people if one.is_applicant), None)
            subjects += [one.id_index for one in people]
            held = task.claimed_by if task.state == states.TASK_CLAIMED else None
            cells.append([
                task.case_no, first.name if first else "",
                mask_id_strong(first.id_number) if first else "", len(people),
                task.get_stage_display(), task.bureau.name,
                task.application.street.name if task.application.street else "",
                task.application.get_channel_display(), task.STATES[task.state].tag,
                held.name if held else "", task.due_on.isoformat(), left[task.due_on].days,
                display.listed(name_of(rule) for rule in task.findings),
            ])  # fmt: skip
        return cells, subjects, len(tasks)


class CasesListing(Listing):
    """办件清单: the rows behind a figure under the filters of its link, people masked."""

    roles = LEADERS

    def __init__(self, staff: Staff, query: QueryDict) -> None:
        super().__init__(staff, query)
        try:
            self.chosen = Chosen.of(query)
        except NoSuchFigure as error:
            raise NoSuchList from error

    @property
    def title(self) -> str:
        asked = [
            str(self.query[name])
            for name in ("street", "month", "source", "outcome", "desk", "stage")
            if self.query.get(name)
        ]
        return " · ".join([str(self.chosen.figure.title), *asked])

    @property
    def heads(self) -> list[str]:
        return [
            _("编号"), _("申请人（隐去）"), _("身份证号（隐去）"), _("状态"), _("镇街"),
            _("日期"), _("说明"),
        ]  # fmt: skip

    def count(self) -> int:
        return self.chosen.rows(Moment.now()).count()

    def chunks(self) -> Iterator[Chunk]:
        chunk: list[Any] = []
        for row in self.chosen.rows(Moment.now()).iterator(chunk_size=CHUNK):
            chunk.append(row)
            if len(chunk) >= CHUNK:
                yield self._cells(chunk)
                chunk = []
        if chunk:
            yield self._cells(chunk)

    def _cells(self, rows: list[Any]) -> Chunk:
        lines = self.chosen.figure.population.lines(rows)
        people = _applicants([line.case_no for line in lines if line.case_no])
        cells = [_line(line, people.get(line.case_no)) for line in lines]
        return cells, [one.id_index for one in people.values()], len(rows)


class RentsListing(Listing):
    """租金清单: households of a month and estate with their sums, nobody named."""

    roles = (Role.ADMIN, Role.DISTRICT, Role.LEADER)

    def __init__(self, staff: Staff, query: QueryDict) -> None:
        super().__init__(staff, query)
        text = query.get("month") or ""
        try:
            self.month = months.of_text(text) if text else None
        except ValueError as error:
            raise NoSuchList from error
        self.estate = Estate.objects.filter(code=query.get("estate") or "").first()

    @property
    def title(self) -> str:
        month = [display.month(self.month)] if self.month else []
        return " · ".join([_("租金清单"), *month, *([self.estate.name] if self.estate else [])])

    @property
    def heads(self) -> list[str]:
        return [
            _("合同编号"), _("小区"), _("房屋"), _("应收租金"), _("减免"), _("到今天还欠"),
        ]  # fmt: skip

    def count(self) -> int:
        return int(self._rows().count())

    def chunks(self) -> Iterator[Chunk]:
        rows = self._rows().iterator(chunk_size=CHUNK)
        while chunk := list(islice(rows, CHUNK)):
            people = Member.objects.filter(
                application__in=[one.application_id for one in chunk], is_applicant=True
            )
            yield (
                [_rent(one) for one in chunk],
                list(people.values_list("id_index", flat=True)),
                len(chunk),
            )

    def _rows(self) -> Any:
        return rent_totals.homes(self.month, self.estate.code if self.estate else "")


class RechecksListing(Listing):
    """年度复核清单: a campaign's households behind the filters of its page, nobody named."""

    roles = LEADERS

    def __init__(self, staff: Staff, query: QueryDict) -> None:
        super().__init__(staff, query)
        year, _dash, number = (query.get("campaign") or "").partition("-")
        if not (year.isdecimal() and (number or "0").isdecimal()):
            raise NoSuchList
        self.campaign = Campaign.objects.filter(year=year[:4], number=number[:4] or 0).first()
        if self.campaign is None:
            raise NoSuchList

    @property
    def title(self) -> str:
        number = numbers.BY_CODE.get(self.query.get("number") or "")
        words = [
            str(_("年度复核清单")),
            self.campaign.code,
            *([str(number.word)] if number else []),
        ]
        if any(self.query.get(name) for name in ("lane", "street", "tier")):
            words.append(str(_("按状态、镇街或者档次筛选")))
        return " · ".join(words)

    @property
    def heads(self) -> list[str]:
        return [
            _("办件编号"), _("合同编号"), _("镇街"), _("小区"), _("保障档次"), _("在保"),
            _("状态"), _("要核对的"), _("抽查"), _("从哪天起"),
        ]  # fmt: skip

    def count(self) -> int:
        return self._rows().count()

    def chunks(self) -> Iterator[Chunk]:
        rows = self._rows().order_by("pk").iterator(chunk_size=CHUNK)
        table = campaign_list.words()
        while chunk := list(islice(rows, CHUNK)):
            people = Member.objects.filter(
                application__in=[one.household_id for one in chunk], is_applicant=True
            )
            yield (
                [_recheck(one, str(table[one.state].tag)) for one in chunk],
                list(people.values_list("id_index", flat=True)),
                len(chunk),
            )

    def _rows(self) -> QuerySet[Recheck]:
        return campaign_list.chosen(self.campaign, self.query).select_related(
            "lease__application__street", "lease__home__estate"
        )


def _recheck(row: Recheck, state: str) -> Cells:
    lease, street = row.lease, row.lease.application.street
    return [
        row.case_no, lease.number, street.name if street else "",
        lease.home.estate.name, campaign_list.tier_word(lease.tier),
        _("是") if row.in_force else _("否"), state,
        display.listed(name_of(flag["rule"]) for flag in row.flags),
        _("是") if row.sampled else "", display.day_short(row.state_since),
    ]  # fmt: skip


def _rent(row: Any) -> Cells:
    owed = row.charged_sum - row.paid_sum
    sums = (row.month_sum, -row.month_off, owed)
    home = row.home
    return [row.number, home.estate.name, facts.address(home), *(f"{one:.2f}" for one in sums)]


def _line(line: Line, applicant: Member | None) -> Cells:
    return [
        line.case_no, line.who, mask_id_strong(applicant.id_number) if applicant else "",
        line.state.tag if line.state else "", line.street,
        display.day_short(line.since) if line.since else "", line.note,
    ]  # fmt: skip


def _applicants(case_nos: list[str]) -> dict[str, Member]:
    people = Member.objects.filter(application__case_no__in=case_nos, is_applicant=True)
    found = people.select_related("application").only(*_PEOPLE, "application__case_no")
    return {one.application.case_no or "": one for one in found}


LISTINGS: dict[str, type[Listing]] = {
    Export.Kind.QUEUE: QueueListing,
    Export.Kind.CASES: CasesListing,
    Export.Kind.RENTS: RentsListing,
    Export.Kind.RECHECKS: RechecksListing,
}


def listing(kind: str, staff: Staff, query: QueryDict) -> Listing:
    """The list of a kind as somebody sees it. Raises NoSuchList."""
    found = LISTINGS.get(kind)
    if found is None:
        raise NoSuchList
    return found(staff, query)
