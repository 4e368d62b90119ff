"""Outreach (主动联系): the street speaks to a household that was found, and helps it apply.

Nothing is decided here and nothing of the registers is told to others. Who says no is left in
peace; who says yes gets a draft, to which they agree themselves before any register is asked. What
becomes of their case is read from the case: it never calls back.
"""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Bureau, Staff
from accounts.roles import BureauKind, Role
from applications import conflicts, periods, submission
from applications import states as case_states
from applications.models import Application
from applications.models.application import Channel, Origin
from core import audit, clock, locks, notices
from core.refusals import Refusal
from core.workflow import advance
from datashare.queries import Person
from renewal import discovery_standing, states
from renewal.models import NoContact, Outreach, OutreachAttempt
from renewal.outreach_following import close, follow

WORKERS = (Role.STREET, Role.WINDOW)
OVERSEERS = (Role.DISTRICT, Role.ADMIN, Role.LEADER, Role.AUDITOR)
PLACERS = (Role.DISTRICT, Role.ADMIN)
Way, Result = OutreachAttempt.Way, OutreachAttempt.Result
# what may come of which way
RESULTS = {
    Way.PHONE: (Result.REACHED, Result.NOBODY, Result.WRONG),
    Way.VISIT: (Result.REACHED, Result.NOBODY, Result.WRONG),
    Way.NOTICE: (Result.LEFT,),
    Way.COUNTER: (Result.REACHED,),
}

DRAFT_WAITS = notices.Template(
    "outreach.draft",
    gettext_lazy("为您备好了一份申请草稿"),
    gettext_lazy(
        "{street}的工作人员和您联系以后，为您备好了一份住房保障申请草稿。"
        "您登录以后可以接着填，也可以删除。您同意以前，我们不会再查询您的信息。"
    ),
)


class OutreachRefused(Refusal):
    """Not this person's task, not now, or not complete."""


# -- Which rows, and who may -----------------------------------------------------------------------


def visible_to(staff: Staff) -> QuerySet[Outreach]:
    """A street sees its own households, the district all; kin and oneself nobody."""
    rows = Outreach.objects.all()
    if not set(OVERSEERS) & set(staff.roles):
        if not set(WORKERS) & set(staff.roles):
            return rows.none()
        rows = rows.filter(street_id=staff.bureau_id)
    return conflicts.without_kin(staff, rows)


def why_not_touch(row: Outreach, staff: Staff) -> str:
    """Why this person may not work on the household at all."""
    if not set(WORKERS) & set(staff.roles) or row.street_id != staff.bureau_id:
        street = row.street.name if row.street else _("区住房保障中心")
        return _("这一户由%(street)s联系。") % {"street": street}
    if not row.is_open:
        return _("这一户现在的状态是「%(state)s」，不用再联系。") % {
            "state": row.STATES[row.state].tag
        }
    if conflicts.concerns(staff, row.person_index):
        return _("这一户涉及您本人或家人，按回避规定请由同事办理。")
    return ""


def why_not_work(row: Outreach, staff: Staff) -> str:
    """Why this person may not do the next step: somebody else's, or nobody's yet."""
    if why := why_not_touch(row, staff):
        return why
    if row.assigned_to is None:
        return _("请先认领，再联系。")
    if row.assigned_to_id != staff.pk:
        return _("这一户由%(who)s联系。要换人，请让他转给您。") % {"who": row.assigned_to.name}
    return ""


def why_not_begin(row: Outreach, staff: Staff) -> str:
    """Why no draft may be begun: nobody has spoken to the person yet, or there is one."""
    if why := why_not_work(row, staff):
        return why
    if row.state == states.O_DRAFT:
        return _("草稿已经备好，等本人填完提交。")
    if row.state != states.O_REACHED:
        return _("先联系上本人，他愿意申请，才能起草。")
    if not row.name:
        return _("姓名还没有核实，请本人带身份证到窗口办理。")
    return ""


def why_not_give_up(row: Outreach, staff: Staff) -> str:
    """Why the household may not be noted as not found."""
    if why := why_not_work(row, staff):
        return why
    if row.state not in (states.O_ASSIGNED, states.O_TRYING):
        return _("已经联系上，不能记为没有找到。")
    least = periods.of("outreach_tries").value
    tries = row.attempts.all()
    if len(tries) < least or not {Way.VISIT, Way.NOTICE} & {one.way for one in tries}:
        return _("至少联系%(n)d次，其中要上过门或留过联系函，才能记为没有找到。") % {"n": least}
    return ""


def why_not_place(row: Outreach, staff: Staff) -> str:
    """Why this person may not say which street the household belongs to."""
    if not set(PLACERS) & set(staff.roles):
        return _("由区住房保障中心分到镇街。")
    if row.state not in (states.O_FOUND, states.O_ASSIGNED, states.O_TRYING):
        return _("已经联系上或已经结束，不能再改镇街。")
    return ""


# -- Verbs of the street ---------------------------------------------------------------------------


def claim(row: Outreach, *, by: Staff) -> Outreach:
    """Takes the household in hand; claimed before by oneself, it is returned."""
    with transaction.atomic():
        fresh = locks.fresh(row)
        if why := why_not_touch(fresh, by):
            raise OutreachRefused(why)
        if fresh.assigned_to_id == by.pk:
            return fresh
        if fresh.assigned_to_id is not None:
            raise OutreachRefused(why_not_work(fresh, by))
        return _hand_to(fresh, by, by=by)


def give(row: Outreach, *, to: Staff, by: Staff) -> Outreach:
    """Hands the household to a colleague of the same street."""
    with transaction.atomic():
        fresh = locks.fresh(row)
        if why := why_not_work(fresh, by):
            raise OutreachRefused(why)
        if why := why_not_touch(fresh, to):
            raise OutreachRefused(
                _("不能转给%(who)s：%(why)s") % {"who": to.name, "why": why}, "to"
            )
        return _hand_to(fresh, to, by=by)


def release(row: Outreach, *, by: Staff) -> Outreach:
    """Puts it back for colleagues, before anything was tried."""
    with transaction.atomic():
        fresh = locks.fresh(row)
        if why := why_not_work(fresh, by):
            raise OutreachRefused(why)
        if fresh.state != states.O_ASSIGNED:
            raise OutreachRefused(_("已经联系过，请转给同事接着联系。"))
        fresh = advance(fresh, states.O_FOUND, by=by.user)
        fresh.assigned_to = None
        fresh.save(update_fields=["assigned_to"])
        return fresh


def place(row: Outreach, street: Bureau, *, by: Staff) -> Outreach:
    """The district says which street it belongs to, where no register did or it moved."""
    with transaction.atomic():
        fresh = locks.fresh(row)
        if why := why_not_place(fresh, by):
            raise OutreachRefused(why)
        if street.kind != BureauKind.STREET:
            raise OutreachRefused(_("请选择一个镇街。"), "street")
        if fresh.state == states.O_ASSIGNED:
            fresh = advance(fresh, states.O_FOUND, by=by.user)
        fresh.street, fresh.assigned_to = street, None
        fresh.save(update_fields=["street", "assigned_to"])
        _record("outreach.placed", fresh, by.user, street=street.code)
        return fresh


def attempt(row: Outreach, *, way: str, result: str, by: Staff, note: str = "") -> OutreachAttempt:
    """Writes down one attempt; the table of periods says when the next one is due."""
    with transaction.atomic():
        fresh = locks.fresh(row)
        if why := why_not_work(fresh, by):
            raise OutreachRefused(why)
        if way not in RESULTS or result not in RESULTS[Way(way)]:
            raise OutreachRefused(_("请选择联系方式和这种方式会有的结果。"), "result")
        today, now = clock.today(), clock.now()
        reached = result == Result.REACHED
        again = periods.of("outreach_ask" if reached else "outreach_again").after(today)
        made = OutreachAttempt.objects.create(
            outreach=fresh, way=way, result=result, note=note.strip()[:500], by=by, at=now,
            again_on=again,
        )  # fmt: skip
        if reached and fresh.state in (states.O_ASSIGNED, states.O_TRYING):
            fresh = advance(fresh, states.O_REACHED, by=by.user)
        elif fresh.state == states.O_ASSIGNED:
            fresh = advance(fresh, states.O_TRYING, by=by.user)
        fresh.next_on, fresh.contacted_at = again, fresh.contacted_at or now
        fresh.save(update_fields=["next_on", "contacted_at"])
        _record("outreach.tried", fresh, by.user, way=way, result=result)
        return made


def begin(row: Outreach, *, way: str, by: Staff, phone: str = "") -> Application:
    """Begins a draft for the person, who said that they want one.

    ``online``: it waits for them after signing in; ``window``: they are here, with their ID card.
    No register is asked by it: that takes their own signature. A draft of their own is taken as it
    is. Raises OutreachRefused.
    """
    with transaction.atomic():
        fresh = locks.fresh(row)
        if why := why_not_begin(fresh, by):
            raise OutreachRefused(why)
        standing = discovery_standing.case_or_home(fresh.person_index, clock.today())
        if standing:
            raise OutreachRefused(_("这一位已经有申请在办理或已经有保障，不用再起草。"))
        if way not in Channel.values:
            raise OutreachRefused(_("请选择网上还是窗口。"), "way")
        if way == Channel.WINDOW and Role.WINDOW not in by.roles:
            raise OutreachRefused(_("窗口申请由窗口人员办理。"), "way")
        draft = _own_draft(fresh) if way == Channel.ONLINE else None
        fresh.began_here = draft is None
        if draft is None:
            draft = submission.start_draft(
                by=by.user, channel=way, person=Person(fresh.name, fresh.person_number),
                origin=Origin.OUTREACH, street=fresh.street,
            )  # fmt: skip
        if phone:
            submission.keep_phone(draft.applicant, phone, by=by.user)
        fresh = _follow_draft(fresh, draft, by)
        _tell(fresh, way, by)
        return draft


def not_wanted(row: Outreach, *, by: Any, never: bool = False, note: str = "") -> Outreach:
    """The person says no; ``never``: do not contact me again. By the clerk or the person."""
    with transaction.atomic():
        fresh = locks.fresh(row)
        staff = getattr(by, "as_staff", None)
        if staff is not None and (why := _why_not_note_no(fresh, staff)):
            raise OutreachRefused(why)
        if never:
            do_not_contact(fresh.person_index, by=by)
        if not fresh.is_open:
            return fresh
        _drop_untouched_draft(fresh, by)
        return close(fresh, states.O_NOT_WANTED, by=by, note=note)


def not_found(row: Outreach, *, by: Staff, note: str = "") -> Outreach:
    """Every way was tried and nobody reached: it ends without any effect on the person."""
    with transaction.atomic():
        fresh = locks.fresh(row)
        if why := why_not_give_up(fresh, by):
            raise OutreachRefused(why)
        return close(fresh, states.O_NOT_FOUND, by=by.user, note=note)


# -- Verbs of the person ---------------------------------------------------------------------------


def do_not_contact(person_index: str, *, by: Any) -> NoContact:
    """不要再联系我: kept until taken back; said again, it is the one that stands."""
    with transaction.atomic():
        locks.advisory("no contact", person_index)
        row, made = NoContact.objects.get_or_create(
            person_index=person_index, ended_at=None,
            defaults={"since": clock.now(), "said_by": audit.label(by)[:80]},
        )  # fmt: skip
        if made:
            audit.record("outreach.no_contact", by=by, thing=row, subjects=[person_index])
        return row


def contact_again(person_index: str, *, by: Any) -> None:
    """The person takes it back."""
    with transaction.atomic():
        row = NoContact.objects.filter(person_index=person_index, ended_at=None).first()
        if row is not None:
            row = locks.fresh(row)
            row.ended_at = clock.now()
            row.save(update_fields=["ended_at"])
            audit.record("outreach.contact_again", by=by, thing=row, subjects=[person_index])


def delete_draft(row: Outreach, *, by: Any) -> Outreach:
    """The person deletes the draft that was begun for them; the task goes back to the street."""
    with transaction.atomic():
        fresh = locks.fresh(row)
        draft = fresh.application
        if draft is None or draft.state != case_states.DRAFT or not fresh.began_here:
            raise OutreachRefused(_("没有可以删除的草稿。"))
        submission.withdraw(draft, by=by, reason=_("本人删除草稿"))
        return follow(fresh)


# -- Parts -----------------------------------------------------------------------------------------


def _hand_to(row: Outreach, to: Staff, *, by: Staff) -> Outreach:
    row.assigned_to = to
    row.save(update_fields=["assigned_to"])
    if row.state == states.O_FOUND:
        row = advance(row, states.O_ASSIGNED, by=by.user)
    _record("outreach.assigned", row, by.user, to=to.pk)
    return row


def _why_not_note_no(row: Outreach, staff: Staff) -> str:
    if why := why_not_work(row, staff):
        return why
    if row.reached_at is None:
        return _("先联系上本人，才能记下他的意思。")
    return ""


def _drop_untouched_draft(row: Outreach, by: Any) -> None:
    """Who says no keeps no draft that we began and they never agreed to; their own stays."""
    draft = row.application
    if draft is None or not row.began_here or draft.state != case_states.DRAFT:
        return
    if draft.applicant.consents.exists():
        return
    submission.withdraw(draft, by=by, reason=_("本人表示不需要"))
    row.application, row.began_here = None, False
    row.save(update_fields=["application", "began_here"])


def _own_draft(row: Outreach) -> Application | None:
    drafts = Application.objects.in_state(case_states.DRAFT).filter(
        channel=Channel.ONLINE, members__id_index=row.person_index, members__is_applicant=True
    )
    return drafts.order_by("-created_at").first()


def _follow_draft(row: Outreach, draft: Application, by: Staff) -> Outreach:
    row.application = draft
    row.next_on = periods.of("outreach_ask").after(clock.today())
    row.save(update_fields=["application", "began_here", "next_on"])
    row = advance(row, states.O_DRAFT, by=by.user)
    _record("outreach.draft", row, by.user, case_no=draft.case_no or "", own=not row.began_here)
    return row


def _tell(row: Outreach, way: str, by: Staff) -> None:
    if way == Channel.ONLINE and row.began_here:
        street = row.street.name if row.street else by.bureau.name
        notices.tell(row.person_index, DRAFT_WAITS, by=by.user, street=street)


def _record(verb: str, row: Outreach, by: Any, **detail: Any) -> None:
    audit.record(verb, by=by, thing=row, subjects=[row.person_index], **detail)


def is_late(row: Outreach, today: date) -> bool:
    """Whether the next step is overdue."""
    return row.is_open and row.next_on < today


def note_look(rows: list[Outreach], *, by: Any, purpose: str) -> None:
    """Each person finds under 谁查过我的数据 that somebody read their line."""
    for row in rows[:1]:
        audit.looked(row, by=by, purpose=purpose, subjects=[one.person_index for one in rows])
