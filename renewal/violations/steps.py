"""告知 → 责令改正 → 复查 → 认定: each by a person, told before, heard; never by itself.

Silence of the household proves nothing by itself, nor does a closed door. Before a case of exit is
opened the household was told, had its days to speak and its days to put things right, somebody
looked again, and a second person established it. Setting aside is possible at every step.
"""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from allocation import arrears, rent_account
from allocation import states as allocation_states
from applications import periods, permissions, service_consents
from core import audit, clock, display, locks
from core.notices import Template, tell
from core.workflow import advance
from renewal import exits
from renewal import violation_states as states
from renewal.models import InspectionVisit, Kind, Violation, ViolationStatement
from renewal.occupancy import presence
from renewal.violations import kinds
from renewal.violations.finding import MOST_WORDS, ViolationRefused

Look, Met = InspectionVisit.Look, InspectionVisit.Met
_SPEAKS = (states.V_TOLD, states.V_CORRECTING, states.V_CONFIRMED)

TOLD = Template(
    "violation_told",
    gettext_lazy("请您说明居住的情况"),
    gettext_lazy(
        "有一项居住情况要和您核对，现在没有任何决定。请在{due}前在「入户检查」里看是什么事，"
        "在线、到窗口或打电话说明，也可以请人代您说明。"
    ),
    gettext_lazy(
        "有一项居住情况请您在{day}前说明，现在没有任何决定。我们不会在短信里要您转账或点链接。"
    ),
)
ORDERED = Template(
    "violation_ordered",
    gettext_lazy("请您改正一件事"),
    gettext_lazy(
        "您家有一份责令限期改正通知书（{number}），写明要改正什么、到哪天。有困难可以说明，也可以请求延长。"
    ),
    gettext_lazy(
        "您家有一份通知书，请查看。有困难可以请求延长。我们不会在短信里要您转账或点链接。"
    ),
)
EXTENDED = Template(
    "violation_extended",
    gettext_lazy("改正的时间延长了"),
    gettext_lazy("改正的时间延长到{due}。"),
)
CORRECTED = Template(
    "violation_corrected",
    gettext_lazy("已经改正"),
    gettext_lazy("之前要您改正的事已经改好，这件事结束了。"),
)
SET_ASIDE = Template(
    "violation_set_aside",
    gettext_lazy("居住情况已核对清楚"),
    gettext_lazy("之前要核对的居住情况已经清楚，不影响您家，不用您办理。"),
)
CONFIRMED = Template(
    "violation_confirmed",
    gettext_lazy("复查的结果"),
    gettext_lazy(
        "到期以后复查，要改正的事还没有改好，已经记录下来。您家的居住现在没有变化，仍然可以说明，也仍然可以改正。"
    ),
)


def why_not_work(violation: Violation, staff: Staff) -> str:
    """Why this person may not take a step: the district does, and never about kin."""
    return permissions.why_not_draft(staff, violation.lease.application)


# -- What explains it ------------------------------------------------------------------------------


def check(violation: Violation, *, answers: Mapping[str, str], by: Staff) -> Violation:
    """A person notes which decent explanations were looked into, and what came of it."""
    with transaction.atomic():
        row = _for(violation, by)
        _refuse_closed(row)
        known = {key for key, _word in kinds.of(row.kind).checks}
        said = {key: value for key, value in answers.items() if key in known}
        if set(said) != known or not set(said.values()) <= {kinds.YES, kinds.NO, kinds.UNKNOWN}:
            raise ViolationRefused(_("请逐项写明核实的结果，没有查清的选「没有查清」。"))
        row.checks, row.checked_by, row.checked_at = said, by, clock.now()
        row.save(update_fields=["checks", "checked_by", "checked_at"])
        audit.record("violation.checked", by=by.user, thing=row, checks=len(said))
        return row


def why_not_tell(violation: Violation) -> str:
    """What is missing before the household is told: explanations, and help where rent is owed."""
    if violation.state != states.V_FOUND:
        return _("这一条已经告知过住户，请刷新页面。")
    if not violation.checks:
        return _("先逐项核实有没有正当情况，再告知住户。")
    if kinds.YES in violation.checks.values():
        return _("有一项正当情况属实，请写明情况，记为不成立。")
    return _why_not_helped(violation) if violation.kind == Kind.ARREARS else ""


def _why_not_helped(violation: Violation) -> str:
    """Help comes first: somebody was reached and offered it, and no answer is outstanding."""
    lease = violation.lease
    reached = [one for one in lease.rent_contacts.all() if one.reached and one.helps]
    if not reached:
        return _("先联系上住户，商量分期、减免或者救助，并记在租金的联系记录里。")
    if lease.rent_reductions.filter(state=allocation_states.D_ASKED).exists():
        return _("这一户申请了租金减免，先答复。")
    if lease.rent_arrangements.filter(state__in=allocation_states.ARRANGEMENT.open_ids).exists():
        return _("这一户有一份分期，先按分期办。")
    return ""


# -- Told and heard --------------------------------------------------------------------------------


def tell_household(violation: Violation, *, by: Staff) -> Violation:
    """Tells the household what was seen and what it can say; the time to speak runs from here."""
    with transaction.atomic():
        row = _for(violation, by)
        if why := why_not_tell(row):
            raise ViolationRefused(why)
        row.told_by, row.speak_until = by, periods.of("hearing").after(clock.today())
        row.save(update_fields=["told_by", "speak_until"])
        row = advance(row, states.V_TOLD, by=by.user)
        _tell(row, TOLD, by, due=row.speak_until, day=partial(display.day_short, row.speak_until))
        return row


def why_not_speak(violation: Violation) -> str:
    """Why nothing can be said to it now."""
    if violation.state not in _SPEAKS:
        return _("这件事现在不用您说明。")
    return ""


def speak(violation: Violation, *, by: Any, channel: str, text: str) -> ViolationStatement:
    """Takes down what the household says, for as long as the matter is open."""
    with transaction.atomic():
        row = locks.fresh(violation)
        if why := why_not_speak(row):
            raise ViolationRefused(why)
        if not text.strip():
            raise ViolationRefused(_("请写下您要说明的情况。"), "text")
        now = clock.now()
        made = ViolationStatement.objects.create(
            violation=row, channel=channel, text=text.strip()[:MOST_WORDS], recorded_at=now,
            recorded_by=audit.label(by)[:80],
        )  # fmt: skip
        if row.heard_at is None:
            row.heard_at = now
            row.save(update_fields=["heard_at"])
        audit.record("violation.heard", by=by, thing=row, channel=channel)
        return made


def close_speaking(violation: Violation, *, by: Staff) -> ViolationStatement:
    """A person notes that the day passed without a word; silence proves nothing by itself."""
    with transaction.atomic():
        row = _for(violation, by)
        if row.heard_at is not None:
            raise ViolationRefused(_("住户已经说明过。"))
        if row.speak_until is None or clock.today() <= row.speak_until:
            raise ViolationRefused(_("说明的期限还没有到，不能提前结束。"))
        return speak(row, by=by.user, channel="none", text=_("到期没有收到说明。"))


# -- Put right -------------------------------------------------------------------------------------


def order(violation: Violation, *, text: str, by: Staff) -> Violation:
    """责令限期改正: what is to be put right; its days run from service."""
    with transaction.atomic():
        row = _for(violation, by)
        if row.state != states.V_TOLD:
            raise ViolationRefused(_("告知住户以后才能责令改正。"))
        if row.heard_at is None:
            raise ViolationRefused(_("先听取住户说明，或者等说明的期限过去。"))
        if not text.strip():
            raise ViolationRefused(_("请写明要改正什么。"), "text")
        now = clock.now()
        row.order_no, row.order_text = f"YZ-GZ-{now:%Y}-{row.pk:06d}", text.strip()[:MOST_WORDS]
        row.ordered_by, row.ordered_at = by, now
        row.save(update_fields=["order_no", "order_text", "ordered_by", "ordered_at"])
        row = advance(row, states.V_CORRECTING, by=by.user)
        _tell(row, ORDERED, by, number=row.order_no)
        if service_consents.in_force(row.lease.application.applicant.id_index) is not None:
            return _serve(row, Violation.Service.ELECTRONIC, clock.today(), by)
        return row


def served(violation: Violation, *, how: str, on: date, by: Staff) -> Violation:
    """A person records how and when the letter reached the household (送达回证)."""
    with transaction.atomic():
        row = _for(violation, by)
        if row.state != states.V_CORRECTING or row.served_on is not None:
            raise ViolationRefused(_("这份通知书不等送达，请刷新页面。"))
        if how not in (Violation.Service.HAND, Violation.Service.MAIL):
            raise ViolationRefused(_("请选择怎么送达的。"), "how")
        ordered_on = row.ordered_at.astimezone(clock.LOCAL).date() if row.ordered_at else on
        if not ordered_on <= on <= clock.today():
            raise ViolationRefused(_("送达的日期在签发以后，不晚于今天。"), "on")
        return _serve(row, how, on, by)


def extend(violation: Violation, *, why: str, by: Staff) -> Violation:
    """More time, once, where the household asks for it or cannot do it in time."""
    with transaction.atomic():
        row = _for(violation, by)
        if row.state != states.V_CORRECTING or row.due_on is None:
            raise ViolationRefused(_("送达以后、认定以前才能延长。"))
        if row.extended_by_id is not None:
            raise ViolationRefused(_("已经延长过一次。"))
        if not why.strip():
            raise ViolationRefused(_("请写明为什么延长。"), "why")
        start = max(row.due_on, clock.today())
        row.due_on = periods.of("violation_extension").after(start)
        row.extended_by, row.extended_why = by, why.strip()[:MOST_WORDS]
        row.save(update_fields=["due_on", "extended_by", "extended_why"])
        audit.record("violation.extended", by=by.user, thing=row, due=row.due_on.isoformat())
        _tell(row, EXTENDED, by, due=row.due_on)
        return row


def corrected(violation: Violation, *, words: str, by: Staff) -> Violation:
    """It was put right: the matter is over, and the household hears so."""
    with transaction.atomic():
        row = _for(violation, by)
        _close(row, words, by)
        row = advance(row, states.V_CORRECTED, by=by.user)
        _tell(row, CORRECTED, by)
        return row


def set_aside(violation: Violation, *, words: str, by: Staff) -> Violation:
    """There is nothing in it, or it is explained: nothing changes for the household."""
    with transaction.atomic():
        row = _for(violation, by)
        told = row.told_at is not None
        _close(row, words, by)
        row = advance(row, states.V_SET_ASIDE, by=by.user)
        if told:
            _tell(row, SET_ASIDE, by)
        return row


# -- Established -----------------------------------------------------------------------------------


def why_not_confirm(violation: Violation, staff: Staff) -> str:
    """What is missing before it may be established, in the order of the procedure."""
    if violation.state != states.V_CORRECTING:
        return _("责令改正以后、到期以后才能认定。")
    if violation.ordered_by_id == staff.pk:
        return _("责令改正的人不能自己认定，请换一位同事。")
    if violation.due_on is None:
        return _("通知书还没有送达，改正的时间还没有开始。")
    if clock.today() <= violation.due_on:
        return _("改正的时间到%(day)s，还没有过。") % {"day": display.day_short(violation.due_on)}
    if kinds.UNKNOWN in violation.checks.values() or kinds.YES in violation.checks.values():
        return _("还有没查清的正当情况，查清以后再认定。")
    if violation.kind == Kind.ARREARS:
        return _why_not_owing(violation)
    if violation.kind == Kind.IDLE:
        return _why_not_idle(violation)
    return _why_not_seen_again(violation)


def follow_up(violation: Violation) -> InspectionVisit | None:
    """The newest visit after the last day to put it right at which somebody was met."""
    if violation.due_on is None:
        return None
    after = clock.local_midnight(violation.due_on)
    rows = InspectionVisit.objects.filter(
        inspection__violation=violation, visited_at__gt=after
    ).exclude(met=Met.NOBODY)
    found = rows.order_by("-visited_at").first()
    return found if found and _day(found) > violation.due_on else None


def confirm(violation: Violation, *, words: str, by: Staff) -> Violation:
    """A second person establishes that it was not put right; nothing changes for the household."""
    with transaction.atomic():
        row = _for(violation, by)
        if why := why_not_confirm(row, by):
            raise ViolationRefused(why)
        if not words.strip():
            raise ViolationRefused(_("请写明复查看到的情况。"), "words")
        if row.kind not in (Kind.IDLE, Kind.ARREARS):
            row.follow_up = follow_up(row)
        row.follow_words, row.confirmed_by = words.strip()[:MOST_WORDS], by
        row.save(update_fields=["follow_up", "follow_words", "confirmed_by"])
        row = advance(row, states.V_CONFIRMED, by=by.user)
        _tell(row, CONFIRMED, by)
        return row


def to_case(violation: Violation, *, by: Staff) -> Violation:
    """Opens a case of exit, which has its own notice, hearing and two signatures (§27, §29)."""
    with transaction.atomic():
        row = _for(violation, by)
        if row.state != states.V_CONFIRMED:
            raise ViolationRefused(_("认定以后才能转退出核对。"))
        if row.kind == Kind.ARREARS and (why := _why_not_owing(row)):
            raise ViolationRefused(why)
        meaning = kinds.of(row.kind)
        case = exits.open_case(
            row.lease, ground=meaning.ground, flags=[_flag(row, meaning)], by=by,
            note=f"{row.order_no}",
        )  # fmt: skip
        row.exit_case, row.closed_by = case, by
        row.save(update_fields=["exit_case", "closed_by"])
        return advance(row, states.V_CASE, by=by.user)


# -- Parts -----------------------------------------------------------------------------------------


def _flag(row: Violation, meaning: kinds.Meaning) -> dict[str, Any]:
    actual, limit = row.follow_words, ""
    if row.kind == Kind.ARREARS and (debt := _debt(row)) is not None:
        actual, limit = str(debt.months), str(arrears.rent_rules.of("arrears_line"))
    return {
        "rule": meaning.rule, "result": "fail", "person": None, "actual": actual,
        "limit": limit, "op": "", "citation": meaning.clause, "evidence": [row.order_no],
    }  # fmt: skip


def _debt(row: Violation) -> arrears.Owing | None:
    return arrears.owing_of(row.lease, rent_account.of([row.lease])[row.lease.pk])


def _why_not_owing(row: Violation) -> str:
    debt = _debt(row)
    if debt is None or not debt.at_the_line:
        return _("欠的月数已经不到%(n)s个月，不能再往下办。") % {
            "n": arrears.rent_rules.of("arrears_line")
        }
    return _why_not_helped(row)


def _why_not_idle(row: Violation) -> str:
    if presence.since(row.lease) > row.found_at.astimezone(clock.LOCAL).date():
        return _("登记线索以后，门禁上报过有人。请记为已改正。")
    return ""


def _why_not_seen_again(row: Violation) -> str:
    visit = follow_up(row)
    if visit is None:
        return _("改正的时间过去以后，要再上门看一次。家中无人不算。")
    if visit.looks.get(row.kind) != Look.SEEN:
        return _("复查没有看到这一项。请记为已改正，或者再约时间。")
    return ""


def _serve(row: Violation, how: str, on: date, by: Staff) -> Violation:
    row.served_how, row.served_on = how, on
    row.due_on = periods.of("violation_correction").after(on)
    row.save(update_fields=["served_how", "served_on", "due_on"])
    audit.record("violation.served", by=by.user, thing=row, how=how, on=on.isoformat())
    return row


def _close(row: Violation, words: str, by: Staff) -> None:
    if not words.strip():
        raise ViolationRefused(_("请写明核对的结果。"), "words")
    row.closed_by, row.closed_reason = by, words.strip()[:MOST_WORDS]
    row.save(update_fields=["closed_by", "closed_reason"])


def _for(violation: Violation, by: Staff) -> Violation:
    """The locked row, for a person who may work on it."""
    row = locks.fresh(violation)
    if why := why_not_work(row, by):
        raise ViolationRefused(why)
    return row


def _refuse_closed(row: Violation) -> None:
    if not row.STATES[row.state].open:
        raise ViolationRefused(_("这一条已经办结，请刷新页面。"))


def _day(visit: InspectionVisit) -> date:
    return visit.visited_at.astimezone(clock.LOCAL).date()


def _tell(row: Violation, template: Template, by: Staff, **values: Any) -> None:
    applicant = row.lease.application.applicant
    tell(
        applicant.id_index, template, by=by.user, case_no=row.case_no,
        phone=applicant.phone or "", **values,
    )  # fmt: skip
