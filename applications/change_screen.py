"""What pages show of a change (家庭变化的页面); decides nothing.

The family reads what it said itself and the effect for the household; what one adult told of
another stays with who told it, who it is about, and the desk.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import get_language, gettext_lazy, npgettext
from django.utils.translation import gettext as _

from accounts.models import Bureau
from applications import (
    authority,
    change_settling,
    changes,
    mandates,
    open_changes,
    states,
    waiting,
)
from applications.change_effects import GAINS, LOSES, OTHER, SAME, TERMS, UNKNOWN, Effect
from applications.changes import Kind
from applications.eligibility import explain, wording
from applications.evidence_words import line
from applications.letters import OFFICE
from applications.models import Application, Change, Evidence, ReviewTask
from core import audit, display
from core.models import AuditEntry


@dataclass(frozen=True)
class News:
    """A change as the desk with a task is shown it."""

    change: Change
    word: str
    tag: Any
    unseen: bool  # since this person last looked at the case
    href: str


def effect_of(effect: Effect | Mapping[str, Any], application: Application) -> dict[str, Any]:
    """The preview in words: what changes, from when, why; and what never does."""
    kept = effect.to_record() if isinstance(effect, Effect) else effect
    if not kept:
        return {}
    language = _language()
    rows = [
        (label, before, after)
        for label, before, after in (
            (_("家庭人数"), *_people(kept["persons"])),
            (
                _("保障档次"),
                *(explain.tier_name(one, language) if one else "" for one in kept["tier"]),
            ),
            (_("户型"), *(_units(one, language) for one in kept["units"])),
            (_("公租房租金"), *(display.rent(one) if one else "" for one in kept["rent"])),
            (_("租赁补贴"), *(display.rent(one) if one else "" for one in kept["subsidy"])),
        )
        if before or after
    ]
    return {
        "word": kept["word"],
        "sentence": _SENTENCES[kept["word"]](),
        "rows": [(label, before or display.NOTHING, after or display.NOTHING, before != after)
                 for label, before, after in rows],
        "month": _month(kept["from_month"]),
        "steps": explain.sums(kept["sums"], language) if kept.get("sums") else [],
        "clauses": [explain.clause(one, language) for one in kept["clauses"]],
        "rules": [explain.title(one, language) for one in kept["changed"]],
        "asks_person": kept["word"] in (LOSES, OTHER, UNKNOWN),
        "queue": queue_words(application),
    }  # fmt: skip


def queue_words(application: Application) -> str:
    """The sentence about the place on the list, which no change touches."""
    entry = getattr(application, "wait_entry", None)
    if entry is None or entry.ended_at is not None:
        return _("受理日期不变；进入轮候后，按登记的先后排队。")
    return _("轮候登记日期%(day)s不变，现在第%(n)s位，报告变化不改变次序。") % {
        "day": display.day_short(entry.registered_at),
        "n": waiting.place_of(entry),
    }


def standing(change: Change) -> dict[str, Any]:
    """Tag, line and tone of a change, as the family reads them."""
    state = change.STATES[change.state]
    street = change.application.street
    words = {
        "office": street.name if street else OFFICE,
        "due": display.day(change.due_on),
    }
    line_ = str(state.line).format(**words)
    later = open_changes.why_later(open_changes.waits_of(change.application))
    if later and change.state in (states.CHANGE_REPORTED, states.CHANGE_CHECKING):
        line_ = later
    if change.kind == Kind.MAJORITY and change.state == states.CHANGE_CHECKING:
        line_ = _("等本人授权，请在%(due)s前。审核照常进行，办理时间照常计算。") % words
    elif change.state == states.CHANGE_CHECKING and _waits_for_a_word(change):
        line_ = (_CHILD_WAITS if change.kind == Kind.BIRTH else _SPOUSE_WAITS) % words
    return {"tag": state.tag, "line": line_, "tone": state.tone}


_CHILD_WAITS = gettext_lazy(
    "户口登记写明孩子以后，自动办好；也可以带户口簿到%(office)s的窗口签字。轮候日期不变。"
)
_SPOUSE_WAITS = gettext_lazy(
    "等配偶本人授权，授权码在「家人授权」页。授权以前不查询配偶的信息，轮候日期不变。"
)


def _waits_for_a_word(change: Change) -> bool:
    """Whether who joined has still to be agreed for, or to agree."""
    joined = change.member if change.kind in (Kind.BIRTH, Kind.MARRIAGE) else None
    return joined is not None and authority.word_of(joined) == "none"


def declared(change: Change) -> list[tuple[str, str]]:
    """What was said, label and answer; numbers masked."""
    details, rows = change.details, []
    if change.member is not None and "name" not in details:
        rows.append((_("哪一位"), change.member.name))
    if change.kind != Kind.MAJORITY or change.reported_by_id:
        rows.append((_("哪一天"), display.day_short(change.happened_on)))
    for key, say in _SAID.items():
        if details.get(key) not in (None, "", []):
            rows.append(say(details[key]))
    if change.kind == Kind.AID and not details.get("aid"):
        rows.append((_("现在是"), _("不再享受救助")))
    if change.proof:
        rows.append((_("手上的证明"), change.proof))
    return rows


def fetched(change: Change) -> list[Any]:
    """What the registers say of it now: the lines asked because of the change."""
    sources = changes.sources_of(change.kind)
    rows = Evidence.objects.filter(
        application=change.application_id, source__in=sources, round=change.round
    ).select_related("member")
    if change.member_id and change.kind in changes.ABOUT_ONE:
        rows = rows.filter(member=change.member_id)
    return [(one.member.name, line(one)) for one in rows.order_by("member__position", "source")]


def may_read_details(change: Change, user: Any) -> bool:
    """Who told it, or whom it is about; a household shares its case, not each one's life."""
    if change.reported_by_id == user.pk:
        return True
    if user.as_citizen is None or change.member is None:
        return False
    return bool(change.member.id_index == mandates.index_of(user))


def for_task(task: ReviewTask, user: Any) -> list[News]:
    """Changes for the desk that has the case; read before this look is noted."""
    rows = list(open_changes.since(task))
    if not rows:
        return []
    looks = AuditEntry.objects.filter(
        verb="looked", thing_type=task._meta.label_lower, thing_id=str(task.pk), actor_id=user.pk
    )
    last = looks.order_by("-at").values_list("at", flat=True).first()
    staff = user.as_staff
    visible = set(
        open_changes.visible_to(staff)
        .filter(pk__in=[one.pk for one in rows])
        .values_list("pk", flat=True)
    )
    return [
        News(
            change=one,
            word=str(one.get_kind_display()),
            tag=one.STATES[one.state],
            unseen=last is not None and one.reported_at > last,
            href="review_change" if one.pk in visible else "",
        )
        for one in rows
    ]


def note_look(change: Change, *, by: Any) -> None:
    """A member of staff has read a reported change."""
    people = change.application.members.values_list("id_index", flat=True)
    audit.looked(
        change, by=by, purpose=_("核对家庭变化"), case_no=change.case_no, subjects=list(people)
    )


def successors(change: Change) -> list[Any]:
    """Who could take the case over, where the applicant leaves; empty otherwise."""
    case = change.application
    if not change_settling.needs_successor(case, change):
        return []
    return change_settling.successors(case, change)


# -- Words -------------------------------------------------------------------------------------

_SENTENCES: dict[str, Any] = {
    SAME: lambda: _("预估不影响您家的保障。"),
    GAINS: lambda: _("预估您家会符合条件，由工作人员核对。"),
    TERMS: lambda: _("预估您家仍然符合条件，标准会有变化。"),
    LOSES: lambda: _(
        "预估有一项要由工作人员核对。核对清楚以前，一切照旧；作出任何不利决定以前，会先通知您、听您说明。"
    ),
    OTHER: lambda: _(
        "预估有一项要由工作人员核对。核对清楚以前，一切照旧；作出任何不利决定以前，会先通知您、听您说明。"
    ),
    UNKNOWN: lambda: _("现在还算不出来，要等部门答复或者本人授权。等待不影响您家的位置。"),
}


def _aid_word(kind: str) -> str:
    return explain.tier_name(kind, _language())


def _what_word(what: str) -> str:
    return {
        "bought": _("买了房，或者得了一套房"),
        "sold": _("名下的房卖了或给了别人"),
        "cancelled": _("购房合同取消了"),
    }[what]


_SAID: dict[str, Any] = {
    "name": lambda one: (_("姓名"), one),
    "monthly_income": lambda one: (_("每月收入"), display.money(one)),
    "aid": lambda one: (_("现在是"), _aid_word(one)),
    "what": lambda one: (_("怎么变的"), _what_word(one)),
    "area": lambda one: (_("建筑面积"), display.area(one)),
    "names": lambda one: (_("不再一起申请的"), display.listed(one)),
    "street": lambda one: (_("新的镇街"), str(Bureau.objects.get(pk=one).name)),
}


def _language() -> str:
    return "en" if (get_language() or "").startswith("en") else "zh-hans"


def _people(persons: Any) -> tuple[str, str]:
    return tuple(  # type: ignore[return-value]
        npgettext("household", "%(n)s人", "%(n)s人", one) % {"n": one} if one else ""
        for one in persons
    )


def _units(kinds: Any, language: str) -> str:
    place = 1 if language == "en" else 0
    return display.listed(
        wording.UNITS[one][place] if one in wording.UNITS else one for one in kinds
    )


def _month(day: str) -> str:
    return display.month(date.fromisoformat(day))
