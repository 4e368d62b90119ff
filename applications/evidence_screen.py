"""What a reviewer sees of a case (核对材料): verdicts, people × registers, values, both sides.

Read-only views of stored rows, shaped for the page. A department reads the records of its own
registers and the values of its own rules; of the others it sees only that a register answered and
how a rule came out. Street and district weigh the whole case and read all of it.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Bureau, Staff
from accounts.roles import BureauKind
from applications import (
    archive,
    attestation,
    duties,
    findings,
    household_claims,
    inquiries,
    inquiry_answers,
    inquiry_screen,
    permissions,
    reason_codes,
    registers,
    states,
    visit_screen,
)
from applications.correction import told_by_family
from applications.eligibility import explain
from applications.inquiry_screen import JOINED, Group, Routes
from applications.kin import relation_word
from applications.models import (
    Application,
    Assessment,
    Evidence,
    Member,
    Opinion,
    ReviewTask,
)
from applications.models.evidence import APPLY
from applications.models.review import Second, Stage
from core import clock, display
from core.identity.masking import mask_id, mask_text

_MARK = {"pass": "met", "fail": "unmet", "unknown": "unknown"}
_HIDDEN = ("zp", "photo", "picture")  # pictures are no text


@dataclass(frozen=True)
class Line:
    """One finding as a card shows it."""

    rule: str
    name: str
    mark: str
    person: str
    sentence: str
    actual: str
    limit: str
    clause: str
    sources: str
    settled: findings.Settled | None = None

    @property
    def title(self) -> str:
        """Rule and, where it is about one person, whom."""
        return f"{self.name} · {self.person}" if self.person else self.name

    @property
    def settled_mark(self) -> str:
        return "unmet" if self.settled and self.settled.failed else "met"

    @property
    def settled_word(self) -> str:
        return str(findings.How(self.settled.how).label) if self.settled else ""


@dataclass(frozen=True)
class Record:
    """The rows of one register about one person, masked; what the person says stands beside."""

    key: int
    person: str
    source: str
    word: str
    fetched_at: Any
    valid_to: Any
    request: str
    digest: str
    rows: list[list[tuple[str, str]]]
    said: list[tuple[str, str]]

    @property
    def stale(self) -> bool:
        """Whether the answer may no longer be relied on."""
        return self.valid_to is not None and self.valid_to < clock.today()


@dataclass(frozen=True)
class Said:
    """An opinion as a card shows it; without its words where they are another department's."""

    bureau: Bureau
    by: Staff | None  # None: it passed by itself
    verdict: str
    text: str
    at: datetime
    reasons: list[dict[str, str]] = field(default_factory=list)
    second: Staff | None = None
    second_at: datetime | None = None
    held: str = ""  # why it does not count: waits for its second person, sent back, taken back
    why: str = ""  # the reason of that
    batch: int | None = None


@dataclass
class Screen:
    """Everything of the evidence page."""

    application: Application
    task: ReviewTask
    assessment: Assessment | None
    people: list[Member]
    confined: str = ""  # the reader's department; empty: reads the whole case
    mine: list[Line] = field(default_factory=list)
    others: list[Line] = field(default_factory=list)
    met: list[Line] = field(default_factory=list)
    strip: list[tuple[str, str, str]] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    matrix: list[tuple[str, list[Any]]] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    pairs: list[tuple[str, str, str]] = field(default_factory=list)
    opinions: list[Said] = field(default_factory=list)
    put_aside: list[Said] = field(default_factory=list)  # opinions that do not count
    told: list[tuple[str, str]] = field(default_factory=list)
    at_window: list[tuple[Any, Any]] = field(default_factory=list)
    routes: Routes = field(default_factory=Routes)
    inquiries: list[Group] = field(default_factory=list)
    answered: list[tuple[Group, str]] = field(default_factory=list)
    visits: list[visit_screen.Seen] = field(default_factory=list)

    @property
    def closing(self) -> bool:
        return self.task.stage == Stage.DISTRICT

    @property
    def differs(self) -> str:
        """What a visit saw differently; a finding for a person."""
        return visit_screen.differing(self.visits)


def screen_of(task: ReviewTask, reader: Staff) -> Screen:
    """The evidence screen of one task for who reads it, in a constant number of queries."""
    application = task.application
    assessment = findings.latest_assessment(application)
    people = [one for one in application.members.all() if not one.excluded]
    screen = Screen(application, task, assessment, people, permissions.confined_to(reader))
    evidence = list(
        application.evidence.filter(round=APPLY)
        .select_related("member")
        .prefetch_related("corrections")
    )
    _sort_lines(screen, findings.settled_of(application, assessment))
    own = set(duties.sources_of(screen.confined or task.bureau.kind))
    _fill_matrix(screen, evidence, own)
    kept = archive.newest_kept(evidence)
    screen.records = [
        _record(one, kept.get(one.pk)) for one in evidence if one.source in own and _shown(one)
    ]
    screen.routes = inquiry_screen.routes_of(assessment, people, screen.confined)
    _fill_inquiries(screen, reader)
    screen.pairs = _pairs(screen)
    said = _opinions(screen, reader)
    screen.opinions = [one for one in said if not one.held]
    screen.put_aside = [one for one in said if one.held]
    screen.told = told_by_family(application)
    screen.at_window = attestation.told(application)
    screen.visits = visit_screen.seen(application, screen.confined)
    return screen


def _fill_inquiries(screen: Screen, reader: Staff) -> None:
    """The questions of this desk, and what departments have answered to theirs."""
    rows = screen.application.inquiries.filter(round=APPLY).select_related(*JOINED)
    rows = rows.filter(pk__in=permissions.inquiries_visible_to(reader).values("pk"))
    listed = list(rows.order_by("kind", "subject", "pk"))
    mine = [one for one in listed if one.state in inquiries.UNDER_WAY]
    screen.inquiries = inquiry_screen.groups(mine, reader)
    asked = {side.label for group in screen.inquiries for side in group.sides}
    screen.routes.differ = [one for one in screen.routes.differ if one.label not in asked]
    done = [one for one in listed if one.state == states.INQUIRY_SETTLED]
    screen.answered = [
        (group, inquiry_answers.outcome_word(group.first))
        for group in inquiry_screen.groups(done, reader)
    ]


def draft_sentence(screen: Screen) -> str:
    """An opinion to start from, in the department's words; the person changes it freely."""
    if screen.task.stage == Stage.STREET:
        if screen.differs:
            return _("经入户核实，与申报有不同：%(what)s") % {"what": screen.differs}
        return _("经初审，申请材料齐全，家庭情况与申报一致，同意报部门联审。")
    if screen.closing:
        return _draft_of_district(screen)
    if not screen.mine:
        return _("经核对，本部门负责的各项条件均符合。")
    names = display.listed(dict.fromkeys(line.name for line in screen.mine))
    return _("经核实，%(rules)s的情况如下：") % {"rules": names}


def _draft_of_district(screen: Screen) -> str:
    failed = [line.name for line in screen.mine if line.settled and line.settled.failed]
    if not failed:
        return _("各部门已核实完毕，无不符合条件的事项，同意公示。")
    return _("部门核实%(rules)s不符合规定，拟作出不符合条件的决定。") % {
        "rules": display.listed(dict.fromkeys(failed))
    }


def _sort_lines(screen: Screen, settled: dict[tuple[str, str], findings.Settled]) -> None:
    names = {one.id_number: one.name for one in screen.people}
    everything = findings.findings_of(screen.assessment)
    for found in findings.readable_by(screen.confined, everything):
        line = _line(found, names, _settlement_of(found, settled))
        if found["result"] == findings.PASS:
            screen.met.append(line)
        elif screen.closing or line.rule in screen.task.findings:
            screen.mine.append(line)
        else:
            screen.others.append(line)
    worst = {line.rule: line for line in (*screen.met, *screen.others, *screen.mine)}
    order = {"unmet": 0, "unknown": 1, "met": 2}
    ranked = sorted(worst.values(), key=lambda line: order[line.mark])
    screen.strip = [(line.mark, line.name, line.actual) for line in ranked]


def _settlement_of(
    found: dict[str, Any], settled: dict[tuple[str, str], findings.Settled]
) -> findings.Settled | None:
    """The settlement of this finding; of a closed one, that of its rule, whoever it is about."""
    if not found.get("closed"):
        return settled.get((found["rule"], findings.person_tag(found.get("person"))))
    same = [one for one in settled.values() if one.rule == found["rule"]]
    return next((one for one in same if one.failed), same[0] if same else None)


def _line(found: dict[str, Any], names: dict[str, str], settled: findings.Settled | None) -> Line:
    if settled and found.get("closed"):
        settled = replace(settled, reason="", was="")
    return Line(
        rule=found["rule"],
        name=duties.name_of(found["rule"]),
        mark=_MARK[found["result"]],
        person=names.get(found.get("person") or "", ""),
        sentence=findings.sentence(found),
        actual=found.get("actual") or "",
        limit=_limit_words(found),
        clause=explain.clause(found.get("citation") or "", get_language() or "zh-hans"),
        sources=display.listed(registers.name_of(code) for code in found.get("evidence") or []),
        settled=settled,
    )


def _limit_words(found: dict[str, Any]) -> str:
    """A limit with its operator in words: 不高于18.00."""
    words = {
        "<=": _("不高于%(limit)s"),
        "<": _("低于%(limit)s"),
        ">=": _("不少于%(limit)s"),
        ">": _("高于%(limit)s"),
    }
    limit = found.get("limit") or ""
    return words.get(found.get("op") or "", "%(limit)s") % {"limit": limit} if limit else ""


def _fill_matrix(screen: Screen, evidence: list[Evidence], own: set[str]) -> None:
    asked = {one.source for one in evidence}
    sources = [code for code in duties.sources_of(screen.task.bureau.kind) if code in asked]
    sources += [code for code in duties.SOURCES if code in asked and code not in sources]
    marks = _marks_by_source(screen.assessment)
    told = own if screen.confined else asked
    cells = {
        (one.member_id, one.source): _cell(one, marks if one.source in told else {})
        for one in evidence
    }
    screen.columns = [registers.name_of(code) for code in sources]
    screen.matrix = [
        (one.name, [cells.get((one.pk, code)) for code in sources]) for one in screen.people
    ]


def _cell(one: Evidence, marks: dict[tuple[str, str], str]) -> tuple[str, str]:
    if one.disputed:
        return "unknown", _("当事人有异议")
    if one.status == Evidence.Status.PENDING:
        return "current", _("查询中")
    if one.status == Evidence.Status.UNAVAILABLE:
        return "paused", _("源不可用")
    if one.status == Evidence.Status.ORDERED:
        return "current", _("核对报告在途")
    word = _("已取得") if one.status == Evidence.Status.FOUND else _("无记录")
    return _mark(one, marks), word


def _mark(one: Evidence, marks: dict[tuple[str, str], str]) -> str:
    """A failure of the household is shown where a record led to it, not at every empty answer."""
    own, whole = marks.get((one.source, one.member.id_number)), marks.get((one.source, ""))
    if whole == "unmet" and one.status != Evidence.Status.FOUND:
        whole = None
    return own or whole or "met"


def _marks_by_source(assessment: Assessment | None) -> dict[tuple[str, str], str]:
    """The worst result that a register's answer about a person led to."""
    marks: dict[tuple[str, str], str] = {}
    for wanted in ("unknown", "fail"):
        for found in findings.findings_of(assessment):
            if found["result"] == wanted:
                for source in found.get("evidence") or []:
                    marks[source, found.get("person") or ""] = _MARK[wanted]
    return marks


def _shown(one: Evidence) -> bool:
    return one.status == Evidence.Status.FOUND or one.disputed


def _record(one: Evidence, kept: dict[str, Any] | None) -> Record:
    return Record(
        key=one.pk,
        person=one.member.name,
        source=registers.name_of(one.source),
        word=str(Evidence.Status(one.status).label),
        fetched_at=one.fetched_at,
        valid_to=one.valid_to,
        request=(kept["request_id"] if kept else one.call_ref)[:12],
        digest=kept["digest"][:8] if kept else "",
        rows=[_masked(row) for row in one.rows],
        said=_said(one),
    )


def _said(one: Evidence) -> list[tuple[str, str]]:
    """What the person says against a line: what is so instead, and why; oldest first."""
    said = sorted(one.corrections.all(), key=lambda each: each.pk)
    if not said and one.disputed:
        return [("", one.disputed_reason)]
    return [(each.claim, each.reason) for each in said]


def history_of(one: Evidence) -> list[tuple[archive.Entry, str, list[list[tuple[str, str]]]]]:
    """Everything said about one question, newest first: entry, shape of its mark, masked rows."""
    marks = {archive.ORDER: "current", archive.SILENT: "paused", archive.CORRECTION: "unknown"}
    return [
        (each, marks.get(each.kind, "met"), [_masked(dict(row)) for row in each.rows])
        for each in archive.history_of(one)
    ]


def _masked(row: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (str(name), mask_text(str(value)))
        for name, value in row.items()
        if value not in (None, "") and str(name).lower() not in _HIDDEN
    ]


def _pairs(screen: Screen) -> list[tuple[str, str, str]]:
    """Fetched beside declared: (what, fetched, declared), the different ones first."""
    told, people = screen.application.declared, screen.people
    registered = sum(one.origin == "register" for one in people)
    pairs = [(_("家庭人数"), str(registered), str(len(people)))]
    if screen.confined in ("", duties.department_of("INCOME")):
        pairs += _income_pair(told.get("income"), screen.assessment)
    if (rent := told.get("actual_rent")) and screen.confined in ("", BureauKind.HOUSING):
        pairs.append((_("现在的房租"), display.NOTHING, display.rent(rent)))
    if not screen.confined:
        pairs += household_claims.pairs(screen.application)
    return sorted(pairs, key=lambda pair: pair[1] == pair[2])


def _income_pair(declared: Any, assessment: Assessment | None) -> list[tuple[str, str, str]]:
    found = (one for one in findings.findings_of(assessment) if one["rule"] == "INCOME")
    income = next(found, None)
    if not (declared and income and income.get("actual")):
        return []
    told = sum(map(float, declared.values())) if isinstance(declared, dict) else declared
    return [(_("家庭年收入"), display.money(income["actual"]), display.money(told))]


def _opinions(screen: Screen, reader: Staff) -> list[Said]:
    """Every opinion of the case; of another department's, only what counts."""
    done = screen.application.tasks.filter(opinion__isnull=False).select_related(
        "bureau", "opinion__by", "opinion__second_by"
    )
    given = [_said_of(screen, task, task.opinion) for task in done.order_by("opinion__at")]
    return [
        one for one in given
        if not one.held or not screen.confined or one.bureau.pk == reader.bureau_id
    ]  # fmt: skip


def _said_of(screen: Screen, task: ReviewTask, one: Opinion) -> Said:
    open_ = not _is_foreign(screen, task)
    held, why = _held(one)
    return Said(
        bureau=task.bureau,
        by=one.by,
        verdict=one.verdict,
        text=_words_for(screen, task),
        at=one.at,
        reasons=reason_codes.shown(one.reason_codes) if open_ else [],
        second=one.second_by,
        second_at=one.second_at,
        held=held,
        why=why if open_ else "",
        batch=one.batch_id,
    )


def _held(one: Opinion) -> tuple[str, str]:
    """Why an opinion does not count, and the words of whoever put it aside."""
    if one.undone_at is not None:
        return _("已撤回"), one.undone_reason or ""
    if one.second == Second.WAITING:
        return str(Second.WAITING.label), ""
    if one.second == Second.RETURNED:
        return str(Second.RETURNED.label), one.second_text or ""
    return "", ""


def _words_for(screen: Screen, task: ReviewTask) -> str:
    """A department's words name its values: another department reads the verdict alone."""
    return "" if _is_foreign(screen, task) else task.opinion.text


def _is_foreign(screen: Screen, task: ReviewTask) -> bool:
    kind = task.bureau.kind
    return bool(screen.confined) and kind in duties.DEPARTMENTS and kind != screen.confined


def masked_people(people: list[Member]) -> list[tuple[Member, Any, str]]:
    """Each member with relation and the ID number as a reviewer may see it."""
    return [(one, relation_word(one.relation), mask_id(one.id_number)) for one in people]
