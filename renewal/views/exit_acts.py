"""What may be done on the page of one exit (退出的每一步): a table of buttons, forms and verbs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from core import clock
from renewal import exits, states
from renewal.exits import banning, deaths, deciding, extending, leaving
from renewal.exits.opening import Ground
from renewal.forms import WordsForm
from renewal.forms_exits import (
    AnswerMoreTimeForm,
    BackForm,
    CourtForm,
    DraftForm,
    HeardForm,
    MeetingForm,
    MoreTimeForm,
    NumberForm,
    SuccessorForm,
    WishForm,
)
from renewal.models import ExitCase

_SPEAKING = (states.X_NOTICE, states.X_HEARD)
_MOVING = (states.X_MOVING, states.X_RELATIVES, states.X_LEAVING)
_BEFORE_BACK = (*_MOVING, states.X_COURT)
_CLEARABLE = (
    states.X_FLAGGED, states.X_VERIFYING, states.X_NOTICE, states.X_HEARD, states.X_DECIDED,
    states.X_MOVING, states.X_COURT, states.X_RELATIVES, states.X_LEAVING,
)  # fmt: skip
Made = Callable[..., forms.Form]
Verb = Callable[[ExitCase, Staff, Any], Any]


@dataclass(frozen=True)
class Act:
    """One button: its word, the form before it, the verb behind it, when it stands there."""

    key: str
    word: Any
    verb: Verb
    shown: Callable[[ExitCase, Staff], bool]
    form: Made | None = None
    hint: Any = ""
    kind: str = "primary"


def _say(label: Any = None, hint: Any = "") -> Made:
    return lambda case, *args, **kwargs: WordsForm(*args, label=label, hint=hint, **kwargs)


def _plain(made: type[forms.Form]) -> Made:
    return lambda case, *args, **kwargs: made(*args, **kwargs)


def _successor(case: ExitCase, *args: Any, **kwargs: Any) -> forms.Form:
    people = case.lease.application.members.filter(
        pk__in=[one.pk for one in deaths.survivors(case, clock.today())]
    )
    return SuccessorForm(*args, people=people, **kwargs)


def _draft(case: ExitCase, *args: Any, **kwargs: Any) -> forms.Form:
    return DraftForm(*args, initial={"rent_after": deciding.rent_after_of(case)}, **kwargs)


def _is(*wanted: str) -> Callable[[ExitCase, Staff], bool]:
    return lambda case, staff: case.state in wanted


def _unsigned(case: ExitCase) -> bool:
    letter = case.decision
    return letter is not None and letter.signed_at is None and case.state == states.X_HEARD


def _may_sign(case: ExitCase, staff: Staff) -> bool:
    if not _unsigned(case) or case.decision is None:
        return False
    return not deciding.why_not_sign(case, case.decision, staff)


def _asked(case: ExitCase, staff: Staff) -> bool:
    return case.extensions.filter(granted=None).exists()


def _meeting(case: ExitCase, staff: Staff) -> bool:
    return case.state in _SPEAKING and case.appointments.filter(closed_at=None).exists()


def _missed(case: ExitCase, staff: Staff) -> bool:
    past = case.appointments.filter(closed_at=None, at__lte=clock.now())
    return case.state in _SPEAKING and past.exists()


def _answer(case: ExitCase, by: Staff, data: dict[str, Any]) -> Any:
    return extending.answer(
        case.extensions.get(granted=None), by=by, granted=data["granted"] == "yes",
        text=data["text"], until=data["until"],
    )  # fmt: skip


def _dead(case: ExitCase, staff: Staff) -> bool:
    return case.state == states.X_VERIFYING and case.ground == Ground.DECEASED


ACTS = (
    Act("wish", _("登记签字的退出申请"),
        lambda case, by, data: leaving.accept(case, by=by, signed_by=data["signed_by"],
                                              document=data["words"], until=data["until"]),
        lambda case, staff: case.state == states.X_FLAGGED and case.ground == Ground.LEFT,
        _plain(WishForm), _("写明申请书；家庭随时可以收回。")),
    Act("confirm", _("两路核实属实"),
        lambda case, by, data: exits.confirm(case, by=by, second_route=data["words"]),
        lambda case, staff: case.state == states.X_FLAGGED and case.ground != Ground.LEFT, _say(),
        _("请写明第二个部门怎么说，确认后才会告知家庭；不属实就写明情况并关闭。")),
    Act("successor", _("由家人接着承租"),
        lambda case, by, data: deaths.take_over(case, by=by, successor=data["successor"]),
        lambda case, staff: _dead(case, staff) and bool(deaths.survivors(case, clock.today())),
        _successor, _("租金、住处和租期不变；改名的补充协议会请家人看过再签。")),
    Act("relatives", _("没有家人，请亲属整理"),
        lambda case, by, data: deaths.to_relatives(case, by=by),
        lambda case, staff: _dead(case, staff) and not deaths.somebody_is_left(case),
        None, _("寄慰问信，不提任何要求；亲属有六个月整理，可以再延。")),
    Act("notice", _("送达告知书"), lambda case, by, data: exits.serve_notice(case, by=by),
        lambda case, staff: case.state == states.X_VERIFYING and case.ground != Ground.DECEASED,
        None, _("向家庭送达告知书，从送达起计说明的时间。")),
    Act("hear", _("记录说明"),
        lambda case, by, data: exits.hear(case, by=by.user, channel=data["channel"],
                                          text=data["words"], all_said=data["all_said"]),
        lambda case, staff: not exits.why_not_speak(case), _plain(HeardForm)),
    Act("close", _("到期没有说明"), lambda case, by, data: exits.close_hearing(case, by=by),
        lambda case, staff: case.state == states.X_NOTICE
        and not exits.why_not_over(case, clock.today()), None,
        _("没有说明不等于认可，只记录这一步。"), "secondary"),
    Act("meeting", _("定下当面听取的时间"),
        lambda case, by, data: exits.set_meeting(case.appointments.get(closed_at=None), by=by,
                                                 at=data["at"], place=data["place"]),
        _meeting, _plain(MeetingForm), _("家庭要求当面说明，听完以前不作决定。")),
    Act("missed", _("家庭没有来"),
        lambda case, by, data: exits.drop_meeting(case.appointments.get(closed_at=None),
                                                  by=by.user, reason=data["words"]),
        _missed, _say(_("联系的经过")), "", "secondary"),
    Act("answer", _("答复延期申请"), _answer, _asked, _plain(AnswerMoreTimeForm)),
    Act("adjourn", _("延长说明的时间"),
        lambda case, by, data: extending.give(case, of="hearing", by=by, until=data["until"],
                                              reason=data["text"]),
        lambda case, staff: case.state in _SPEAKING and case.hearing_due is not None
        and not exits.why_not_speak(case), _plain(MoreTimeForm), "", "quiet"),
    Act("draft", _("拟终止决定"),
        lambda case, by, data: exits.draft_end(case, by=by, text=data["words"],
                                               rent_after=data["rent_after"]),
        lambda case, staff: not exits.why_not_draft(case, clock.today()), _draft,
        _("搬迁期满以后的租金，签发以前就写明。")),
    Act("sign", _("签发终止决定"), lambda case, by, data: exits.sign_end(case, by=by), _may_sign),
    Act("return", _("退回重拟"),
        lambda case, by, data: exits.return_draft(case, by=by, reason=data["words"]),
        lambda case, staff: _unsigned(case), _say(_("退回的原因")), "", "secondary"),
    Act("handback", _("登记交还"),
        lambda case, by, data: exits.hand_back(case, by=by.user, note=data["words"],
                                               signed_by=data["signed_by"]),
        _is(*_BEFORE_BACK), _plain(BackForm),
        _("签字以后，租约、租金和门禁从今天结束。已确认的搬离验房单优先作为依据。")),
    Act("longer", _("延长搬迁期"),
        lambda case, by, data: extending.give(case, of="move_out", by=by, until=data["until"],
                                              reason=data["text"]),
        _is(*_MOVING), _plain(MoreTimeForm), "", "secondary"),
    Act("market", _("按决定书的市场租金"),
        lambda case, by, data: exits.start_market_rent(case, by=by),
        lambda case, staff: not exits.why_not_market_rent(case, clock.today()), None,
        _("从下个月起；决定书里写明的金额。"), "secondary"),
    Act("refer", _("移送法院"),
        lambda case, by, data: exits.refer(case, by=by, court=data["court"], reason=data["text"]),
        lambda case, staff: not exits.why_not_after(case, clock.today()), _plain(CourtForm),
        _("门禁照常使用，不换锁、不断水断电。"), "secondary"),
    Act("filing", _("登记立案编号"),
        lambda case, by, data: exits.note_filing(case, by=by, filing_no=data["number"]),
        lambda case, staff: case.state == states.X_COURT and not case.filing_no,
        _plain(NumberForm)),
    Act("enforce", _("登记法院强制执行"),
        lambda case, by, data: exits.enforce(case, by=by, document=data["number"]),
        lambda case, staff: case.state == states.X_COURT and bool(case.filing_no),
        _plain(NumberForm), _("法院已经执行，这里只登记文书。"), "danger"),
    Act("ban", _("提出限制申请"),
        lambda case, by, data: banning.propose(case, by=by, grounds=data["words"]),
        lambda case, staff: not banning.why_not_propose(case), _say(_("理由和依据")),
        _("只对违反使用规定或者材料不实，另行告知、听取和两人签发。"), "secondary"),
    Act("archive", _("归档"), lambda case, by, data: exits.archive(case, by=by),
        lambda case, staff: not exits.why_not_archive(case)),
    Act("clear", _("不成立，关闭"),
        lambda case, by, data: exits.clear(case, by=by, reason=data["words"]),
        _is(*_CLEARABLE), _say(), _("家庭的居住、租金和门禁都不变。"), "secondary"),
)  # fmt: skip


def now(request: HttpRequest, case: ExitCase, staff: Staff) -> Iterator[tuple[Act, Any]]:
    """The acts that stand on the page now, each with its form; the one that was sent is bound."""
    sent = request.POST.get("action", "")
    for act in ACTS:
        if not act.shown(case, staff):
            continue
        form = None
        if act.form is not None:
            bound = {"data": request.POST} if act.key == sent else {}
            form = act.form(case, auto_id=f"{act.key}_%s", **bound)
        yield act, form


def run(act: Act, form: Any, case: ExitCase, staff: Staff) -> None:
    """The verb behind the button. Raises what it refuses."""
    act.verb(case, staff, form.cleaned_data if form is not None else {})
