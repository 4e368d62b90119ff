"""Promises and their check (告知承诺与事后核查).

A promise tells its four parts: the fact, what it does, how it is checked, what follows if it is
untrue. After approval a person checks it by its day. A doubt decides nothing: the family is heard
first, and only then may somebody else find that it was untrue. Even that ends nothing by itself:
the written procedure with its own notice, hearing and two signatures follows.
"""

from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff, User
from accounts.roles import Role
from applications import conflicts, periods, permissions
from applications.material_items import Item
from applications.models import Application, Commitment, Member
from core import audit, clock, display, locks, notices
from core.refusals import Refusal

State = Commitment.State
CHECKERS = (Role.STREET, Role.DISTRICT)

DOUBTED = notices.Template(
    "promise.doubted",
    gettext_lazy("请说明一项承诺"),
    gettext_lazy(
        "您承诺：{fact}我们查到的情况和它不同：{finding}。这还不是结论，请在{due}前告诉我们实际情况。"
    ),
    sms=gettext_lazy(
        "有一项承诺需要您在{due_short}前说明，这还不是结论。我们不会在短信里要您转账或点链接"
    ),
)
KEPT = notices.Template(
    "promise.kept",
    gettext_lazy("承诺已核实"),
    gettext_lazy("您承诺的「{fact}」已经核实，不用您办理。"),
)
FALSE = notices.Template(
    "promise.false",
    gettext_lazy("承诺核查有了结果"),
    gettext_lazy(
        "听取说明之后，核查认为这项承诺不实：{finding}。"
        "资格没有因此改变；要作出决定，会另外书面告知，并再听您说明。"
    ),
)


class PromiseRefused(Refusal):
    """Not due, settled already, not heard yet, or not for this person."""


def parts(item: Item) -> list[tuple[str, str]]:
    """The four parts that the law wants told, as heading and sentence."""
    days = periods.of("promise_check").value
    return [
        (_("您承诺的事实"), str(item.promise)),
        (_("承诺的效力"), _("作出承诺后，这一样不用交证明材料，申请照常办理。")),
        (
            _("怎么核查"),
            _("批准后%(days)s个工作日内，工作人员向登记部门核实，必要时上门。") % {"days": days},
        ),
        (
            _("不实的后果"),
            _("如不属实，资格会被撤销并可能记入信用记录；作出决定前，会先听您说明。"),
        ),
    ]


def terms(item: Item) -> str:
    """The whole text as it was told; its digest is kept with the promise."""
    return "\n".join(f"{head}：{body}" for head, body in parts(item))


def give(
    application: Application, item: Item, *, by: Any, member: Member | None = None
) -> Commitment:
    """Keeps a promise in place of a paper, with the whole text as it was told; once a fact."""
    told = terms(item)
    with transaction.atomic():
        row = locks.fresh(application)
        made, _new = Commitment.objects.get_or_create(
            application=row, member=member, fact=item.fact,
            defaults={
                "text": str(item.promise),
                "terms": told,
                "text_digest": sha256(told.encode()).hexdigest(),
                "given_at": clock.now(),
            },
        )  # fmt: skip
        audit.record(
            "commitment.given", by=by, thing=made, case_no=row.case_no or "", fact=item.fact
        )
        return made


def schedule(application: Application) -> int:
    """Gives each open promise of an approved case the day of its check; returns how many."""
    due = periods.of("promise_check").after(clock.today())
    return application.commitments.filter(state=State.OPEN, check_due=None).update(check_due=due)


def to_check(staff: Staff) -> QuerySet[Commitment]:
    """Promises that this office has to check or to settle, the earliest day first."""
    mine = permissions.applications_visible_to(staff)
    rows = Commitment.objects.filter(application__in=mine, check_due__isnull=False)
    waiting = conflicts.free_of(staff, rows.filter(state__in=(State.OPEN, State.DOUBTED)))
    return waiting.select_related("application", "doubted_by").order_by("check_due", "pk")


def confirm(commitment: Commitment, *, by: Staff, finding: str) -> Commitment:
    """A person has checked the promise: it holds. Raises PromiseRefused."""
    with transaction.atomic():
        row = _locked(commitment, by, finding, (State.OPEN, State.DOUBTED))
        _settle(row, State.KEPT, by, finding)
        _tell(row, KEPT, by.user, fact=row.text)
        return row


def doubt(commitment: Commitment, *, by: Staff, finding: str) -> Commitment:
    """What was found differs: the family is told and heard; nothing else changes."""
    with transaction.atomic():
        row = _locked(commitment, by, finding, (State.OPEN,))
        row.state, row.finding = State.DOUBTED, finding.strip()
        row.doubted_by, row.doubted_at = by, clock.now()
        row.hearing_due = periods.of("hearing").after(clock.today())
        row.save(update_fields=["state", "finding", "doubted_by", "doubted_at", "hearing_due"])
        audit.record("commitment.doubted", by=by.user, thing=row, due=row.hearing_due)
        _tell(
            row, DOUBTED, by.user, fact=row.text, finding=row.finding,
            due=display.day(row.hearing_due), due_short=display.day_short(row.hearing_due),
        )  # fmt: skip
        return row


def explain(commitment: Commitment, *, by: User, text: str) -> Commitment:
    """The family's own words; said again, the newer words stand. Raises PromiseRefused."""
    with transaction.atomic():
        row = locks.fresh(commitment)
        if row.state != State.DOUBTED:
            raise PromiseRefused(_("这项承诺现在不用说明。"))
        if not text.strip():
            raise PromiseRefused(_("请写一写实际情况，一两句话就可以。"), "text")
        row.heard, row.heard_at = text.strip()[:2000], clock.now()
        row.save(update_fields=["heard", "heard_at"])
        audit.record("commitment.heard", by=by, thing=row)
        return row


def find_false(commitment: Commitment, *, by: Staff, finding: str) -> Commitment:
    """After the hearing another person finds that the promise was untrue. Raises PromiseRefused.

    No right ends by it: what follows goes its own written way.
    """
    with transaction.atomic():
        row = _locked(commitment, by, finding, (State.DOUBTED,))
        if why := why_not_find_false(row, by):
            raise PromiseRefused(why)
        _settle(row, State.FALSE, by, finding)
        _tell(row, FALSE, by.user, finding=row.finding)
        return row


def why_not_check(commitment: Commitment, staff: Staff) -> str:
    """Why this person may not answer this promise now."""
    if commitment.state in (State.KEPT, State.FALSE):
        return _("这项承诺已经核实。")
    if commitment.check_due is None:
        return _("批准以后才核实承诺。")
    if not set(CHECKERS) & set(staff.roles):
        return _("您的岗位不办理这一步。需要的话，请联系本单位的系统管理员。")
    return permissions.why_not_free(staff, commitment.application)


def why_not_find_false(commitment: Commitment, staff: Staff) -> str:
    """Why this person may not find a promise untrue now."""
    if commitment.state != State.DOUBTED or commitment.hearing_due is None:
        return _("认定不实之前，要先告知当事人并听取说明。")
    if commitment.doubted_by_id == staff.pk:
        return _("提出疑问的人不能自己认定，请由另一位同事办理。")
    if not commitment.heard_at and clock.today() <= commitment.hearing_due:
        return _("听取说明到%(due)s为止，在那之前不能认定。") % {
            "due": display.day(commitment.hearing_due)
        }
    return ""


def _locked(
    commitment: Commitment, by: Staff, finding: str, allowed: tuple[str, ...]
) -> Commitment:
    row = locks.fresh(commitment)
    if why := why_not_check(row, by):
        raise PromiseRefused(why)
    if row.state not in allowed:
        raise PromiseRefused(_("这项承诺的状态已经变了，请刷新后再看。"))
    if not finding.strip():
        raise PromiseRefused(_("请写明怎么核实的、查到了什么。"), "finding")
    return row


def _settle(row: Commitment, state: str, by: Staff, finding: str) -> None:
    row.state, row.finding = state, finding.strip()[:2000]
    row.checked_at, row.checked_by, row.settled_by = clock.now(), audit.label(by.user)[:80], by
    row.save(update_fields=["state", "finding", "checked_at", "checked_by", "settled_by"])
    audit.record("commitment.checked", by=by.user, thing=row, outcome=state)


def _tell(row: Commitment, template: notices.Template, by: Any, **words: Any) -> None:
    applicant = row.application.applicant
    notices.tell(
        applicant.id_index, template, by=by, case_no=row.case_no, phone=applicant.phone or "",
        **words,
    )  # fmt: skip
