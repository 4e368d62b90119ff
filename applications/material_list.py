"""The list of papers of one case (材料清单), computed from what the registers answered.

Each line goes one of three ways: 免提交 where a register answered; 等部门答复 where one is late,
and the family is not asked; or open, and then by the ways that the table allows: 上传, 承诺, 容缺.
The table is data, `material_items`; 容缺 is only for items that are listed there.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from applications import further_papers, registers, visit_photos
from applications.material_items import (
    ABSENT,
    APPLICANT,
    AUTHORISATION,
    BY_KEY,
    COUPLE,
    ITEMS,
    MIGRANT,
    NEW_EMPLOYEE,
    Item,
)
from applications.models import Application, Commitment, Evidence, Supplement
from core import display
from core.identity import kinship
from datashare import catalogue

FREE, WAITING, OPEN, GIVEN, PROMISED, FOLLOWS = (
    "free", "waiting", "open", "given", "promised", "follows",
)  # fmt: skip
CORRECTION, SILENT = Supplement.CORRECTION, "silent-"
AGAIN = "again-"  # an answered item of a correction whose file had to be thrown away
_FOUND, _NONE = Evidence.Status.FOUND, Evidence.Status.NO_RECORD


@dataclass(frozen=True)
class Line:
    """An item in one case: how it stands and the sentence that says so."""

    item: Item
    state: str
    sentence: str
    pages: int = 0

    @property
    def open(self) -> bool:
        """Whether the family still has to do something, or to say that it will."""
        return self.state == OPEN

    @property
    def asked(self) -> bool:
        """Whether the registers left it to the family."""
        return self.state in (OPEN, GIVEN, PROMISED, FOLLOWS)

    @property
    def mark(self) -> str:
        """The shape of its mark."""
        return _MARKS[self.state]


_MARKS = {
    FREE: "met", WAITING: "paused", OPEN: "unknown", GIVEN: "met", PROMISED: "current",
    FOLLOWS: "later",
}  # fmt: skip


def lines(application: Application) -> list[Line]:
    """The list of a case, in the order of the table; items that do not concern it are left out."""
    case = _Case(application)
    found = [(item, case.standing(item)) for item in ITEMS if case.concerns(item)]
    return [Line(item, *standing) for item, standing in found if standing]


def left(application: Application) -> list[Line]:
    """What the registers leave to the family, settled or not."""
    return [one for one in lines(application) if one.asked]


def of(key: str) -> Item | None:
    """The item of the table that a stored key belongs to, also where a desk asked for it."""
    if key.startswith(SILENT):
        source = key.removeprefix(SILENT).rpartition("-")[0]
        return next((one for one in ITEMS if source in one.sources), None)
    return AUTHORISATION if key == AUTHORISATION.key else BY_KEY.get(key)


def title_of(application: Application, key: str) -> str:
    """What is asked for under a key, in words."""
    if visit_photos.is_photos(key):
        return visit_photos.title(application, key)
    if (kind := further_papers.of(key)) is not None:
        return kind.title(application, key)
    row = application.supplements.filter(item=key).first()
    if row is not None and key.startswith((CORRECTION, SILENT)):
        return row.text
    item = of(key)
    return item.shown_by if item else (row.text if row else key)


# -- One case --------------------------------------------------------------------------------


class _Case:
    """What is known of one case, read once."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.members = [one for one in application.members.all() if not one.excluded]
        rows = application.evidence.filter(round="apply", member__excluded=False)
        self.evidence = list(rows.select_related("member"))
        self.promised = {one.fact: one for one in application.commitments.all()}
        self.following = {one.item: one for one in application.supplements.all()}
        self.pages = Counter(application.pages.values_list("item", flat=True))

    def concerns(self, item: Item) -> bool:
        return not item.only_if or _ONLY_IF[item.only_if](self)

    def standing(self, item: Item) -> tuple[str, str, int] | None:
        rows = [one for one in self.evidence if _is_about(item, one)]
        if not rows:
            return None
        count = self.pages[item.key]
        settled = self._settled(item, count)
        if any(one.disputed for one in rows) and item.ways:
            return settled or (OPEN, _("您说登记不对，以您自己的材料为准，由部门核实。"), count)
        if _is_silent(item, rows):
            return (settled or (OPEN, str(item.why), count)) if item.ways else None
        if any(one.status not in (_FOUND, _NONE) for one in rows) and not _answered(item, rows):
            return WAITING, _("等部门答复，不用您交材料。"), count
        # of what no family is asked for, it is nobody's business which register knew something
        found = [one for one in rows if one.status == _FOUND] if item.ways else []
        return FREE, _free(found or rows), count

    def _settled(self, item: Item, count: int) -> tuple[str, str, int] | None:
        if count:
            return GIVEN, _("已上传%(n)d页。") % {"n": count}, count
        if row := self.promised.get(item.key):
            return PROMISED, _promised(row), count
        if following := self.following.get(item.key):
            return FOLLOWS, _follows(following), count
        return None


def _is_about(item: Item, row: Evidence) -> bool:
    mine = item.per != APPLICANT or row.member.is_applicant
    return row.source in item.sources and mine


_ONLY_IF: dict[str, Callable[[_Case], bool]] = {
    COUPLE: lambda case: any(one.relation in kinship.SPOUSES for one in case.members),
    NEW_EMPLOYEE: lambda case: case.application.declared.get("category") == NEW_EMPLOYEE,
    ABSENT: lambda case: _is_absent(case.application),
    MIGRANT: lambda case: case.application.declared.get("category") == MIGRANT,
}


def _is_absent(application: Application) -> bool:
    """Signing in as oneself and standing at the window both prove who one is (§10)."""
    typist = application.created_by.as_citizen
    if application.channel != "online" or typist is None:
        return False
    return bool(typist.id_index != application.applicant.id_index)


def _is_silent(item: Item, rows: Iterable[Evidence]) -> bool:
    """Whether somebody's registers all answered that they know nothing, where that is unknown."""
    people: dict[int, list[Evidence]] = {}
    for one in rows:
        if catalogue.entry(one.source).silence_is_unknown:
            people.setdefault(one.member_id, []).append(one)
    silent = [told for told in people.values() if all(one.status == _NONE for one in told)]
    return bool(silent)


def _answered(item: Item, rows: Iterable[Evidence]) -> bool:
    """Whether each person's registers say enough without the one that is late."""
    people: dict[int, bool] = {}
    for one in rows:
        people[one.member_id] = people.get(one.member_id, False) or one.status == _FOUND
    return all(people.values())


def _free(found: list[Evidence]) -> str:
    """免提交, with the registers that answered and the day."""
    names = display.listed(dict.fromkeys(registers.name_of(one.source) for one in found))
    days = [one.fetched_at for one in found if one.fetched_at]
    if not days:
        return _("免提交 · %(registers)s") % {"registers": names}
    return _("免提交 · %(registers)s，%(day)s查到") % {
        "registers": names,
        "day": display.day_short(max(days)),
    }


def _promised(row: Commitment) -> str:
    return _("您承诺：%(fact)s") % {"fact": row.text}


def _follows(row: Supplement) -> str:
    if row.received_at:
        return _("已收到。")
    return _("请在%(due)s前补交。") % {"due": display.day(row.due_on)}
