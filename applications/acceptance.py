"""The outcomes of acceptance (受理的四种结果, 浙江省“最多跑一次”改革规定 §11).

1 Complete: accepted, with a receipt. 2 The main papers are there and only listed items are
missing: accepted first, with one notice on the spot and a day (容缺先予受理). 3 Not complete: one
notice on the spot (补正); late, it counts as withdrawn. 4 Still wrong: a person refuses acceptance
(不予受理), or, after a warning and its days, another person revokes one that was given first
(撤销受理).

The machine only ever accepts or asks; what is adverse is done by people, in writing.
"""

from typing import Any

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from accounts.roles import Role
from applications import (
    acceptance_letters,
    authority,
    conflicts,
    consent,
    consent_waits,
    correction,
    deadlines,
    endings,
    material_list,
    notice_texts,
    periods,
    permissions,
    states,
)
from applications.acceptance_letters import Kind
from applications.material_items import Item
from applications.models import AcceptanceLetter, Application, Supplement
from core import audit, clock, display, locks, notices, workflow
from core.refusals import Refusal

DESKS = (Role.STREET, Role.DISTRICT)
_SYSTEM = audit.System("acceptance")
_REVOCABLE = (states.ACCEPTED, states.STREET_REVIEW, states.JOINT_REVIEW, states.DISTRICT_REVIEW)

FOLLOW = notices.Template(
    "acceptance.follow",
    gettext_lazy("先予受理，有材料要补"),
    gettext_lazy("先给您受理。{items}请在{due}前补交，其他环节照常办理。"),
)
NOT_ACCEPTED = notices.Template(
    "acceptance.refused",
    gettext_lazy("没有受理"),
    gettext_lazy("您的申请没有受理：{reasons}。补齐以后可以马上重新申请。"),
    sms=gettext_lazy("您的申请没有受理，原因见通知书。我们不会在短信里要您转账或点链接"),
)
WARNED = notices.Template(
    "acceptance.warned",
    gettext_lazy("请补交材料或者说明"),
    gettext_lazy(
        "{items}到期还没有补齐，我们拟撤销受理，现在还没有决定。请在{due}前补交，或者告诉我们原因。"
    ),
    sms=gettext_lazy(
        "有材料到期没有补交，请在{due_short}前补交或说明。我们不会在短信里要您转账或点链接"
    ),
)
REVOKED = notices.Template(
    "acceptance.revoked",
    gettext_lazy("受理已撤销"),
    gettext_lazy("材料到期没有补齐，受理已经撤销：{reasons}。材料齐了以后可以马上重新申请。"),
    sms=gettext_lazy("您的申请的受理已撤销，原因见决定书。我们不会在短信里要您转账或点链接"),
)
WRONG = notices.Template(
    "acceptance.wrong",
    gettext_lazy("补交的材料还不行"),
    gettext_lazy("{item}：{because}。请在{due}前重新补交，其他环节照常办理。"),
)


class AcceptanceRefused(Refusal):
    """Not the moment, not the person, or no reason is given."""


# -- What the machine does -----------------------------------------------------------------------


def settle(row: Application, *, by: Any) -> Application:
    """Outcome 1, 2 or 3 of an application just sent, inside the verb that sent it."""
    missing = main_missing(row)
    return ask_to_complete(row, missing, by=by) if missing else accept(row, by=by)


def main_missing(application: Application) -> list[Item]:
    """Main items that neither a register nor a paper shows."""
    return [line.item for line in material_list.left(application) if line.item.main and line.open]


def accept(row: Application, *, by: Any) -> Application:
    """Accepts; what follows later is told in one notice with its day."""
    row = workflow.advance(row, states.ACCEPTED, by=_SYSTEM)
    deadlines.start(row, row.accepted_at or clock.now())
    row.save(update_fields=["promised_due", "statutory_due"])
    consent.settle(row, by=by)
    _tell_accepted(row, by)
    _tell_follow(row, by)
    return row


def ask_to_complete(row: Application, missing: list[Item], *, by: Any) -> Application:
    """补正 before acceptance: everything missing in one notice, on the spot."""
    row = workflow.advance(row, states.CORRECTION, by=_SYSTEM)
    correction.send_list(row, [one.shown_by for one in missing], by=by)
    return row


def lift_if_complete(application: Application) -> None:
    """A warning falls away once nothing is missing; called by what takes papers in."""
    if not late(application):
        open_warning(application).update(lifted_at=clock.now())


# -- What people do ------------------------------------------------------------------------------


def accept_after_look(application: Application, *, by: Staff) -> Application:
    """A person has looked at the answers to a 补正 and takes the case. Raises AcceptanceRefused."""
    with transaction.atomic():
        row = locks.fresh(application)
        _refuse(why_not_settle(row, by))
        row = accept(row, by=by.user)
        application.refresh_from_db()
        return row


def refuse(application: Application, *, by: Staff, reasons: str) -> AcceptanceLetter:
    """不予受理: after the one 补正 it is still wrong. Raises AcceptanceRefused."""
    with transaction.atomic():
        row = locks.fresh(application)
        _refuse(why_not_settle(row, by))
        reasons = _needed(reasons)
        row = workflow.advance(row, states.NOT_ACCEPTED, by=by.user, reason=reasons[:200])
        letter = acceptance_letters.issue(row, Kind.NOT_ACCEPTED, reasons=reasons, by=by)
        _close(row, by, NOT_ACCEPTED, reasons)
        application.refresh_from_db()
        return letter


def find_wrong(supplement: Supplement, *, by: Staff, because: str) -> Supplement:
    """What was brought does not do: it is asked once more, with a new day."""
    with transaction.atomic():
        application = locks.fresh(supplement.application)
        row = locks.fresh(supplement)
        _refuse(_why_not_this_desk(application, by))
        if row.received_at is None or application.state not in _REVOCABLE:
            raise AcceptanceRefused(_("这一样还没有补交，不用退回。"))
        row.wrong_because, row.received_at = _needed(because), None
        row.due_on = periods.of("supplement").after(clock.today())
        row.save(update_fields=["wrong_because", "received_at", "due_on"])
        audit.record("supplement.wrong", by=by.user, thing=application, item=row.item)
        _tell(
            application, WRONG, by, item=row.text, because=row.wrong_because,
            due=row.due_on,
        )  # fmt: skip
        return row


def warn(application: Application, *, by: Staff, reasons: str) -> AcceptanceLetter:
    """拟撤销受理: told before anything is decided, with days to bring it or explain."""
    with transaction.atomic():
        row = locks.fresh(application)
        _refuse(why_not_warn(row, by))
        missing, due = late(row), periods.of("hearing").after(clock.today())
        words = [one.text for one in missing]
        letter = acceptance_letters.issue(
            row, Kind.WARNED, items=words, due_on=due, reasons=_needed(reasons), by=by
        )
        audit.record("acceptance.warned", by=by.user, thing=row, letter=letter.number)
        _tell(
            row, WARNED, by, items=lambda: display.listed(words), due=due,
            due_short=lambda: display.day_short(due),
        )  # fmt: skip
        return letter


def revoke(application: Application, *, by: Staff, reasons: str) -> AcceptanceLetter:
    """撤销受理: after the warning and its days, by another person. Raises AcceptanceRefused."""
    with transaction.atomic():
        row = locks.fresh(application)
        _refuse(why_not_revoke(row, by))
        reasons, words = _needed(reasons), [one.text for one in late(row)]
        row = workflow.advance(row, states.ACCEPTANCE_REVOKED, by=by.user, reason=reasons[:200])
        letter = acceptance_letters.issue(row, Kind.REVOKED, items=words, reasons=reasons, by=by)
        _close(row, by, REVOKED, reasons)
        application.refresh_from_db()
        return letter


# -- Whether -------------------------------------------------------------------------------------


def to_settle(staff: Staff) -> QuerySet[Application]:
    """Cases not accepted yet whose family has answered the 补正: a person looks at them."""
    mine = _of_desk(staff).filter(state=states.CORRECTION)
    unanswered = Supplement.objects.of_correction().filter(received_at=None)
    rows = mine.filter(accepted_at=None).exclude(supplements__in=unanswered)
    return rows.order_by("state_since", "pk")


def with_late_items(staff: Staff) -> QuerySet[Application]:
    """Accepted cases whose listed item is late; `late` reads the items with no query a case."""
    mine = _of_desk(staff).filter(state__in=_REVOCABLE)
    rows = mine.filter(pk__in=_late_rows().values("application")).order_by("pk")
    items = _late_rows().order_by("pk")
    return rows.prefetch_related(Prefetch("supplements", queryset=items, to_attr="late_items"))


def late(application: Application) -> list[Supplement]:
    """Items that were to follow and whose day has passed."""
    if (known := getattr(application, "late_items", None)) is not None:
        return list(known)
    return list(_late_rows().filter(application=application).order_by("pk"))


def open_warning(application: Application) -> QuerySet[AcceptanceLetter]:
    """The warning that stands."""
    return application.acceptance_letters.filter(kind=Kind.WARNED, lifted_at=None)


def why_not_settle(application: Application, staff: Staff) -> str:
    """Why this person may neither accept nor refuse after a 补正 now."""
    waiting = correction.open_items(application).exists()
    if application.state != states.CORRECTION or application.accepted_at or waiting:
        return _("这份申请现在不用决定是否受理。")
    return _why_not_this_desk(application, staff)


def why_not_warn(application: Application, staff: Staff) -> str:
    """Why this person may not warn of a revocation now."""
    if application.state not in _REVOCABLE or not late(application):
        return _("没有到期未补的材料，不能撤销受理。")
    if open_warning(application).exists():
        return _("已经告知过，等申请人补交或者说明。")
    return _why_not_this_desk(application, staff)


def why_not_revoke(application: Application, staff: Staff) -> str:
    """Why this person may not revoke the acceptance now."""
    if application.state not in _REVOCABLE or not late(application):
        return _("没有到期未补的材料，不能撤销受理。")
    letter = open_warning(application).first()
    if letter is None or letter.due_on is None:
        return _("撤销受理之前，要先书面告知申请人。")
    if clock.today() <= letter.due_on:
        return _("告知的期限到%(due)s为止，在那之前不能撤销。") % {
            "due": display.day(letter.due_on)
        }
    if letter.issued_by_id == staff.pk:
        return _("告知的人不能自己作出撤销决定，请由另一位同事办理。")
    return _why_not_this_desk(application, staff)


# -- Parts ---------------------------------------------------------------------------------------


def _of_desk(staff: Staff) -> QuerySet[Application]:
    """This office's cases without those that the person keeps away from (回避)."""
    return conflicts.free_of(staff, permissions.applications_visible_to(staff), "pk")


def _late_rows() -> QuerySet[Supplement]:
    late_ones = Supplement.objects.filter(received_at=None, due_on__lt=clock.today())
    return late_ones.to_follow()


def _why_not_this_desk(application: Application, staff: Staff) -> str:
    if not set(DESKS) & set(staff.roles):
        return _("您的岗位不办理这一步。需要的话，请联系本单位的系统管理员。")
    if not permissions.applications_visible_to(staff).filter(pk=application.pk).exists():
        return _("这个办件由别的镇街办理。")
    return permissions.why_not_free(staff, application)


def _refuse(why: str) -> None:
    if why:
        raise AcceptanceRefused(why)


def _needed(reasons: str) -> str:
    if not reasons.strip():
        raise AcceptanceRefused(_("请写明原因，申请人会看到。"), "reasons")
    return reasons.strip()[:2000]


def _close(row: Application, by: Staff, template: notices.Template, reasons: str) -> None:
    """Frees the people, ends pauses and open work, tells the family."""
    endings.end(row, by=by.user, reason=template.code)
    _tell(row, template, by, reasons=reasons.rstrip("。"))


def _tell(row: Application, template: notices.Template, by: Staff, **words: Any) -> None:
    applicant = row.applicant
    notices.tell(
        applicant.id_index, template, by=by.user, case_no=row.case_no or "",
        phone=applicant.phone or "", **words,
    )  # fmt: skip


def _tell_follow(row: Application, by: Any) -> None:
    """Outcome 2: what follows later, in one notice on the spot."""
    following = list(row.supplements.to_follow().filter(received_at=None).order_by("pk"))
    if not following:
        return
    due, words = min(one.due_on for one in following), [one.text for one in following]
    acceptance_letters.issue(row, Kind.FOLLOW, items=words, due_on=due)
    applicant = row.applicant
    notices.tell(
        applicant.id_index, FOLLOW, by=by, case_no=row.case_no or "",
        items=lambda: display.listed(words), due=due,
    )  # fmt: skip


def _tell_accepted(row: Application, by: Any) -> None:
    applicant = row.applicant
    due = row.promised_due
    notices.tell(
        applicant.id_index, notice_texts.ACCEPTED, by=by, case_no=row.case_no or "",
        phone=applicant.phone or "", number=row.case_no, due=lambda: deadlines.told(due),
        due_short=lambda: display.day_short(due),
    )  # fmt: skip
    waiting = authority.pending(row)
    if waiting:
        notices.tell(
            applicant.id_index, notice_texts.FAMILY_CONSENT, by=by, case_no=row.case_no or "",
            n=len(waiting), due=consent_waits.due_of(row) or due,
        )  # fmt: skip
    for member in waiting:
        if not authority.is_adult(member, clock.today()):
            continue  # the guardian signs at the window; a child gets no code
        notices.tell(
            member.id_index, notice_texts.INVITED, by=by, case_no="",
            phone=member.phone or "", code=consent.code_for(member),
        )  # fmt: skip
