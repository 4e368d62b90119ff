"""What a household is told in an exit (退出的消息): calm, and never with a link or a demand."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from applications import permissions
from core.notices import Template, tell
from renewal.exits.opening import ExitRefused
from renewal.models import ExitCase

NOTICE = Template(
    "exit_notice",
    _("请您说明情况"),
    _(
        "我们拟终止您家的保障，现在还没有决定。您可以在{due}前在线、到窗口或打电话说明，也可以请人代您说明。"
    ),
    _("有一项住房保障信息需要您在{due}前说明，现在还没有决定。我们不会在短信里要您转账或点链接。"),
)
NOTICE_ON_PAPER = Template(
    "exit_notice",
    _("请您说明情况"),
    _(
        "我们拟终止您家的保障，现在还没有决定。告知书正在送给您，收到后还有{n}个工作日可以说明；现在就可以在线、到窗口或打电话说明。"
    ),
    _("有一项住房保障信息请您说明，现在还没有决定。我们不会在短信里要您转账或点链接。"),
)
MORE_TIME = Template(
    "exit_more_time",
    _("时间已延长"),
    _("{what}延长到{until}。{answer}"),
    _("您家的时间已延长，请在「我的」里查看。我们不会在短信里要您转账或点链接。"),
)
NO_MORE_TIME = Template(
    "exit_no_more_time",
    _("延期的答复"),
    _("{what}没有延长，仍到{until}。原因：{answer} 有困难请打{line}，我们一起想办法。"),
)
MEETING = Template(
    "exit_meeting",
    _("当面听取的时间"),
    _("{at}，在{place}，请您当面说明情况。时间不合适，可以打{line}改约。"),
    _("请您当面说明情况的时间定了，请在「我的」里查看。我们不会在短信里要您转账或点链接。"),
)
HEARING_SOON = Template(
    "exit_hearing_soon",
    _("还可以说明情况"),
    _("您可以说明到{due}。不说明也不会自动终止，由工作人员核对以后再决定；要更多时间可以提出。"),
    _("有一项住房保障信息可以说明到{due}。我们不会在短信里要您转账或点链接。"),
)
MOVE_OUT_SOON = Template(
    "exit_move_out_soon",
    _("搬迁期快到了"),
    _("搬迁期到{until}。来不及的可以申请延长，需要帮助请打{line}。"),
    _("您家的搬迁期到{due}，来不及可以申请延长。我们不会在短信里要您转账或点链接。"),
)
CLEARED = Template(
    "exit_cleared",
    _("核对已完成"),
    _("之前需要核对的信息已经核对清楚，不影响您家的保障，不用您办理。"),
)
ENDED = Template(
    "exit_decided",
    _("终止决定"),
    _(
        "您家的保障资格从{date}起终止。搬迁期到{until}，期间租金不变。不同意或需要帮助，见决定书上的办法。"
    ),
    _("您家的住房保障有一份决定，请查看决定书。我们不会在短信里要您转账或点链接。"),
)
REFERRED = Template(
    "exit_referred",
    _("已移送法院"),
    _("腾退的事由{court}依法处理，您可以在法庭上说明。门禁照常使用；法律援助请打12348。"),
)
BACK = Template(
    "exit_handed_back",
    _("住房已交还"),
    _("住房已在{on}交还，从第二天起不再计租金。押金在{due}前退还，怎么算的会逐项告诉您。"),
)
LEAVING = Template(
    "exit_leaving",
    _("退出申请已登记"),
    _("您家打算在{until}前搬走。签字交还以前什么都不变，改变主意了随时可以收回。"),
)
TAKEN_OVER = Template(
    "exit_taken_over",
    _("您家照常居住"),
    _("租约由{name}接着承租，租金和住处不变，租期不中断。合同改名的补充协议会请您看过再签。"),
)


def say(case: ExitCase, template: Template, *, by: Any, **values: Any) -> None:
    """Tells the household's applicant; inside the verb."""
    applicant = case.lease.application.applicant
    tell(
        applicant.id_index,
        template,
        by=by,
        case_no=case.case_no,
        phone=applicant.phone or "",
        **values,
    )


def refuse_kin(case: ExitCase, by: Staff) -> None:
    """回避: nobody takes a step about their own household. Raises ExitRefused."""
    if why := permissions.why_not_free(by, case.lease.application):
        raise ExitRefused(why)


def refuse_blank(words: str, sentence: Any, field: str) -> str:
    """The words of a step, stripped. Raises ExitRefused without any."""
    if not words.strip():
        raise ExitRefused(sentence, field=field)
    return words.strip()
