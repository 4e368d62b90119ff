"""Possible duplicates (疑似重复): found by likeness, judged by a person, undone by one.

A possible duplicate refuses, delays and ends nothing: both cases go on. Once a person has found
that two entries are one person, the later application's family is told and asked to keep one, and
the rule DUPLICATE reads what is in force under the other number; what follows from that is again a
department's finding and, in the end, a decision with notice. An undone judgement takes it all back.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import access
from accounts.models import Staff
from accounts.roles import Role
from applications import (
    likeness,
    likeness_keys,
    likeness_table,
    notice_texts,
    permissions,
    settling,
    states,
)
from applications.letters import PHONE
from applications.likeness import Likeness, Sketch
from applications.models import (
    Application,
    DuplicateResolution,
    LikenessKey,
    Member,
    PossibleDuplicate,
)
from core import audit, clock, locks, notices
from core.identity.masking import mask_name
from core.refusals import Refusal
from core.workflow import advance

WORKER = audit.System("worker")
JUDGES = (Role.DISTRICT, Role.ADMIN)
REASONS = (
    ("id_seen", _("已看身份证原件")),
    ("register", _("已向公安户籍核实")),
    ("asked", _("已向当事人核实")),
    ("typing", _("录入有误，已对照材料")),
    ("relatives", _("是亲属，不是同一人")),
    ("same_name", _("只是同名，不是同一人")),
)
# a case accepted just now is read by the rules once its registers have answered
_IN_REVIEW = (states.STREET_REVIEW, states.JOINT_REVIEW, states.DISTRICT_REVIEW)


class ResolutionRefused(Refusal):
    """The judgement cannot be given or undone like this."""


@dataclass(frozen=True)
class Found:
    """Two members alike enough for a person to look at."""

    one: Member
    other: Member
    likeness: Likeness


# -- Finding -------------------------------------------------------------------------------------


def check(application: Application) -> int:
    """Looks for people of a case who stand elsewhere under another number; returns new finds.

    Two steps and two transactions: of two cases sent in the same second the one that looks later
    must see the keys of the other. Repeating it adds nothing.
    """
    likeness_keys.write(application)
    return look(application)


def look(application: Application) -> int:
    """The second step: compares the case's members with whoever shares a key."""
    with transaction.atomic():
        mine = LikenessKey.objects.filter(member__application=application)
        keys = {pk: set(found) for pk, found in mine.values_list("member_id", "keys")}
        table = likeness_table.on(clock.today())
        pairs = _sharing(keys, table.block_limit)
        return keep(alike(pairs, table), table.code, by=WORKER)


def alike(pairs: Sequence[tuple[int, int]], table: likeness_table.Table) -> list[Found]:
    """Those of the pairs of members that reach the points from which a person is asked."""
    wanted = {pk for pair in pairs for pk in pair}
    rows = likeness_keys.standing().filter(pk__in=wanted).order_by("pk")
    members = {one.pk: one for one in rows}
    sketches = likeness_keys.sketches_of(list(members.values()))
    found = []
    for one, other in pairs:
        if one in sketches and other in sketches:
            made = _enough(sketches[one], sketches[other], table)
            found += [Found(members[one], members[other], made)] if made else []
    return found


def keep(found: Sequence[Found], table: str, *, by: Any) -> int:
    """Lays what was found before a person; returns how many are new. What was judged stays.

    Whoever has found something waits for who is writing: so each pair is new to one of them only.
    """
    if not found:
        return 0
    with transaction.atomic():
        locks.advisory("duplicates.keep")
        wanted = {_pair_of(one): one for one in found}
        known = _known(wanted)
        new = [_new(one, table) for pair, one in wanted.items() if pair not in known]
        for row in PossibleDuplicate.objects.bulk_create(new):
            _record("duplicate.found", row, by, score=row.score)
        for pair, row in known.items():
            _bring_up_to_date(row, wanted[pair], table, by)
        return len(new)


def lapse_gone(*, by: Any = WORKER) -> int:
    """Closes questions about people of whom one stands in nothing any more."""
    stands = likeness_keys.standing()
    low, high = stands.filter(pk=OuterRef("low")), stands.filter(pk=OuterRef("high"))
    open_ = PossibleDuplicate.objects.filter(state=states.DUPLICATE_OPEN)
    gone = list(open_.filter(~Exists(low) | ~Exists(high)).order_by("pk"))
    for one in gone:
        with transaction.atomic():
            row = locks.fresh(one)
            if row.state == states.DUPLICATE_OPEN:
                advance(row, states.DUPLICATE_LAPSED, by=by)
    return len(gone)


# -- Judging -------------------------------------------------------------------------------------


def resolve(
    duplicate: PossibleDuplicate, outcome: str, *, reason_code: str, text: str, by: Staff
) -> DuplicateResolution:
    """Says whether two entries are one person, and why (判断). Raises ResolutionRefused."""
    if outcome not in DuplicateResolution.Outcome.values:
        raise ResolutionRefused(_("请选择是不是同一人。"), "outcome")
    if reason_code not in dict(REASONS):
        raise ResolutionRefused(_("请选择怎样核实的。"), "reason_code")
    if not text.strip():
        raise ResolutionRefused(_("请写明理由。"), "text")
    with transaction.atomic():
        row = locks.fresh(duplicate)
        if why := why_not_resolve(row, by):
            raise ResolutionRefused(why)
        made = DuplicateResolution.objects.create(
            duplicate=row, outcome=outcome, reason_code=reason_code, text=text.strip()[:1000],
            by=by, at=clock.now(),
        )  # fmt: skip
        advance(row, outcome, by=by.user, reason=str(dict(REASONS)[reason_code]))
        _record("duplicate.resolved", row, by, outcome=outcome, reason=reason_code)
        if outcome == states.DUPLICATE_SAME:
            _follow_up(row, notice_texts.SAME_PERSON, by)
        return made


def undo(duplicate: PossibleDuplicate, *, why: str, by: Staff) -> DuplicateResolution:
    """Takes a judgement back (撤销判断): the question is open again. Raises ResolutionRefused."""
    if not why.strip():
        raise ResolutionRefused(_("请写明为什么撤销。"), "why")
    with transaction.atomic():
        row = locks.fresh(duplicate)
        if refused := why_not_undo(row, by):
            raise ResolutionRefused(refused)
        standing = row.resolutions.get(undone_at=None)
        standing.undone_why, standing.undone_by = why.strip()[:1000], by
        standing.undone_at = clock.now()
        standing.save(update_fields=["undone_why", "undone_by", "undone_at"])
        advance(row, states.DUPLICATE_OPEN, by=by.user, reason=str(_("撤销判断")))
        _record("duplicate.undone", row, by, outcome=standing.outcome)
        if standing.outcome == states.DUPLICATE_SAME:
            _follow_up(row, notice_texts.SAME_PERSON_UNDONE, by)
        return standing


def why_not_resolve(duplicate: PossibleDuplicate, staff: Staff) -> Any:
    """Why this person may not judge now; '' if they may. Button, view and verb ask."""
    if duplicate.state == states.DUPLICATE_LAPSED:
        return _("有一方已经不在申请或保障中，不用再判断。")
    if duplicate.state != states.DUPLICATE_OPEN:
        return _("刚才已经有人判断过了。")
    return _why_not_judge(duplicate, staff)


def why_not_undo(duplicate: PossibleDuplicate, staff: Staff) -> Any:
    """Why this person may not take the judgement back; '' if they may."""
    if duplicate.state not in DuplicateResolution.Outcome.values:
        return _("现在没有可以撤销的判断。")
    return _why_not_judge(duplicate, staff)


def visible_to(staff: Staff) -> QuerySet[PossibleDuplicate]:
    """All for the district; a street sees those with a case of its own territory."""
    rows = PossibleDuplicate.objects.select_related(
        "low__application__street", "high__application__street"
    )
    if access.has_role(staff.user, *JUDGES):
        return rows
    street = staff.bureau_id
    return rows.filter(Q(low__application__street=street) | Q(high__application__street=street))


# -- Parts ---------------------------------------------------------------------------------------


def _sharing(keys: Mapping[int, set[int]], limit: int) -> list[tuple[int, int]]:
    """Members of the case beside members of others who share a key that few share."""
    wanted = sorted(set().union(*keys.values()))
    holders: dict[int, list[int]] = defaultdict(list)
    for key, pk in likeness_keys.holders_of(wanted):
        if pk not in keys:
            holders[key].append(pk)
    few = {key: others for key, others in holders.items() if len(others) < limit}
    beside = {(pk, one) for pk, own in keys.items() for key in own for one in few.get(key, ())}
    return sorted(beside)


def _enough(one: Sketch, other: Sketch, table: likeness_table.Table) -> Likeness | None:
    made = likeness.compare(one, other, table.levels)
    return made if made is not None and made.score >= table.ask_at else None


def _pair_of(found: Found) -> tuple[str, str]:
    low, high = sorted((found.one.id_index, found.other.id_index))
    return low, high


def _known(pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], PossibleDuplicate]:
    """Rows of these pairs that stand already."""
    lows = {low for low, _high in pairs}
    rows = PossibleDuplicate.objects.filter(low_index__in=lows)
    by_pair = {(row.low_index, row.high_index): row for row in rows}
    return {pair: by_pair[pair] for pair in pairs if pair in by_pair}


def _values(found: Found, table: str) -> dict[str, Any]:
    low, high = sorted((found.one, found.other), key=lambda one: one.id_index)
    return {"low": low, "high": high, "score": found.likeness.score,
            "levels": dict(found.likeness.levels), "table": table}  # fmt: skip


def _new(found: Found, table: str) -> PossibleDuplicate:
    now, (low, high) = clock.now(), _pair_of(found)
    return PossibleDuplicate(
        low_index=low, high_index=high, state_since=now, found_at=now, **_values(found, table)
    )


def _bring_up_to_date(row: PossibleDuplicate, found: Found, table: str, by: Any) -> None:
    """Where the two stand now and how alike they are; a question that had lapsed is open again."""
    values = _values(found, table)
    if row.state not in (states.DUPLICATE_OPEN, states.DUPLICATE_LAPSED) or _is_as(row, values):
        return
    row = locks.fresh(row)
    if row.state in DuplicateResolution.Outcome.values:
        return  # judged in this moment
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))
    if row.state == states.DUPLICATE_LAPSED:
        advance(row, states.DUPLICATE_OPEN, by=by)


def _is_as(row: PossibleDuplicate, values: dict[str, Any]) -> bool:
    stands = {"low_id": values["low"].pk, "high_id": values["high"].pk}
    told = {name: values[name] for name in ("score", "levels", "table")}
    same = all(getattr(row, name) == value for name, value in {**stands, **told}.items())
    return same and row.state == states.DUPLICATE_OPEN


def _why_not_judge(duplicate: PossibleDuplicate, staff: Staff) -> Any:
    if not access.has_role(staff.user, *JUDGES):
        return _("由区住房保障管理中心判断。")
    for one in duplicate.applications:
        if why := permissions.why_not_free(staff, one):
            return why
    return ""


def _follow_up(row: PossibleDuplicate, template: notices.Template, by: Staff) -> None:
    """Tells the family of the later application, and lets the rules read what is known now."""
    later = row.applications[-1]
    member = next(one for one in row.sides if one.application_id == later.pk)
    if not later.is_open:
        return
    applicant = later.applicant
    notices.tell(
        applicant.id_index, template, by=by.user, case_no=later.case_no or "",
        phone=applicant.phone or "", name=mask_name(member.name), line=PHONE,
    )  # fmt: skip
    if later.state in _IN_REVIEW:
        settling.settle(later)


def _record(verb: str, row: PossibleDuplicate, by: Any, **detail: Any) -> None:
    actor = by.user if isinstance(by, Staff) else by
    audit.record(verb, by=actor, thing=row, subjects=[row.low_index, row.high_index], **detail)
