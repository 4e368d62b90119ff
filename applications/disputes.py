"""What becomes of 有异议: a line that a person called wrong, and what its owner found.

Until the department has answered, the person's own proof prevails and nothing adverse is decided
(浙江省保障“最多跑一次”改革规定 §7). The answer comes with its reason, to the person, on the case.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from applications import authority, inquiries, inquiry_answers, privacy, registers, states
from applications.inquiries import Kind
from applications.models import Application, Inquiry, Member
from core import clock, display, notices

ANSWERED = notices.Template(
    "dispute.answered",
    gettext_lazy("您的异议有了答复"),
    gettext_lazy("您对{source}提出的异议，{office}已经核实：{result}。{answer}"),
    sms=gettext_lazy(
        "您对一项登记信息提出的异议已有答复，请到「浙里办—住房保障」查看。我们不会在短信里要您转账或点链接"
    ),
)


@dataclass(frozen=True)
class Told:
    """One dispute as the person concerned reads it."""

    title: str
    who: str
    reason: str
    office: str
    mark: str
    word: str
    due: str
    answer: str
    at: str


def settle(row: Inquiry, *, by: Staff) -> None:
    """Draws the consequences of a department's answer, inside its transaction.

    The line is no longer in dispute. Where the register was wrong and the review has closed, the
    district looks at the case again; before, the review itself goes by what was found.
    """
    if row.evidence is not None:
        row.evidence.disputed = False
        row.evidence.save(update_fields=["disputed"])
    wrong = row.outcome == inquiry_answers.REGISTER_WRONG
    if wrong and not inquiries.may_change(row.application):
        inquiries.pass_on(row, row.text)
    reader = _who_reads(row)
    notices.tell(
        reader.id_index, ANSWERED, by=by.user, case_no=row.case_no, phone=reader.phone or "",
        source=lambda: registers.name_of(row.subject), office=row.bureau.name,
        answer=row.text, result=lambda: inquiry_answers.outcome_word(row),
    )  # fmt: skip


def of(application: Application, *, reader: Any) -> list[Told]:
    """The disputes of a case about people whose lines this user may read, the newest first."""
    members = list(application.members.filter(excluded=False).prefetch_related("consents"))
    readable = privacy.readable_to(reader, members)
    rows = application.inquiries.filter(kind=Kind.DISPUTE, member__in=readable)
    asked = [_told(one) for one in rows.select_related("bureau", "member").order_by("-pk")]
    waiting = application.evidence.filter(disputed=True, member__in=readable).exclude(
        pk__in=rows.filter(state__in=inquiries.UNDER_WAY).values("evidence")
    )
    return [_not_asked_yet(one) for one in waiting.select_related("member")] + asked


def _who_reads(row: Inquiry) -> Member:
    """The person concerned; of a minor, who applied for them."""
    grown = row.member is not None and authority.is_adult(row.member, clock.today())
    return row.member if row.member is not None and grown else row.application.applicant


def _told(row: Inquiry) -> Told:
    settled = row.state == states.INQUIRY_SETTLED
    return Told(
        title=registers.name_of(row.subject),
        who=row.member.name if row.member else "",
        reason=row.facts.get("reason", ""),
        office=row.bureau.name,
        mark="met" if settled else "current",
        word=inquiry_answers.outcome_word(row) if settled else _("正在核实"),
        due="" if settled else display.day(row.due_on),
        answer=row.text if settled else "",
        at=display.day(row.settled_at) if settled else "",
    )


def _not_asked_yet(row: Any) -> Told:
    return Told(
        title=registers.name_of(row.source),
        who=row.member.name,
        reason=row.disputed_reason,
        office=registers.owner_of(row.source),
        mark="later",
        word=_("审核开始后由登记部门核实"),
        due="",
        answer="",
        at="",
    )
