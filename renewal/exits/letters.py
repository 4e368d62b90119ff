"""The letters of an exit (告知书、通知书): each with number, check code and proof of service.

They go the way of decisions (applications.deliveries): into the app of who agreed to that, on paper
for everybody else. They decide nothing; what ends a support is the decision alone.
"""

from collections.abc import Iterable

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import Staff
from applications import decision, deliveries, periods
from applications.letters import PHONE
from applications.models import Decision
from core import audit, clock, display, locks
from renewal.flags import reasons_of
from renewal.models import ExitCase

NOTICE = gettext_noop("退出核对告知书")
MORE_TIME = gettext_noop("延期答复书")
REFERRED = gettext_noop("移送法院告知书")
CLEARED = gettext_noop("核对结果告知书")
BACK = gettext_noop("住房交还结算告知书")
CONDOLENCE = gettext_noop("慰问信")
WISH = gettext_noop("自愿退出确认书")


def issue(
    case: ExitCase, heading: str, lines: Iterable[str], *, by: Staff, with_reasons: bool = False,
    addressee: str = "",
) -> Decision:  # fmt: skip
    """Writes a letter and sends it on its way; the caller holds the case's lock.

    ``addressee``: to whom it goes where that is not the applicant; such a letter goes on paper.
    """
    application = locks.fresh(case.lease.application)  # as every verb that serves a letter does
    now, number = clock.now(), case.letters.count() + 1
    names = {one.id_number: one.name for one in application.members.all()}
    letter = Decision.objects.create(
        application=application, kind=Decision.Kind.NOTICE, heading=heading,
        letter_no=f"YZ-TG-{now:%Y}-{case.pk:06d}-{number}", check_code=decision.new_check_code(),
        reasons=reasons_of(case.flags, names) if with_reasons else [],
        text="\n".join(lines), addressee=addressee, drafted_by=by, drafted_at=now,
        signed_by=by, signed_at=now,
    )  # fmt: skip
    case.letters.add(letter)
    audit.record("exit.letter", by=by.user, thing=case, letter=letter.letter_no, heading=heading)
    if not addressee and deliveries.by_consent(letter, by=by):
        decision.take_effect(letter, application, by=by, at=now)
    return letter


def notice_lines(case: ExitCase) -> list[str]:
    """告知书: what is considered and why, what was found twice, how to speak and until when."""
    with translation.override("zh-hans"):
        days = periods.of("hearing").value
        return [
            _("我们拟终止您家的住房保障，现在还没有决定，先听您说。"),
            _("为什么：%(ground)s。查到的情况、标准、依据、来源和日期，一条一条写在下面。")
            % {"ground": case.get_ground_display()},
            _("第二个部门的核实：%(route)s") % {"route": case.second_route},
            _("怎么说明：从收到这份告知书的第二天起%(n)d个工作日内，可以在「我的—陈述申辩」写，到窗口说，或者打电话%(phone)s；可以交材料，可以请人代您说，也可以要求约一天当面说。")
            % {"n": days, "phone": PHONE},
            _("时间不够可以申请延期。没有说明不等于认可，也不会自动终止；由两个人核对以后再决定。"),
            _("在作出决定并送达以前，居住、租金和门禁都不变。"),
        ]  # fmt: skip


def more_time_lines(what: str, until: object, answer: str, *, granted: bool) -> list[str]:
    """延期答复书: until when, and why."""
    with translation.override("zh-hans"):
        first = (
            _("%(what)s延长到%(until)s。") if granted else _("%(what)s没有延长，仍到%(until)s。")
        )
        return [first % {"what": what, "until": display.day(until)}, answer]


def referred_lines(case: ExitCase) -> list[str]:
    """移送法院告知书: which court, that nothing is locked, and who helps."""
    with translation.override("zh-hans"):
        return [
            _("搬迁期已过，住房还没有交还，这件事移送%(court)s依法处理。") % {"court": case.court},
            _("您可以在法庭上说明情况。法院作出处理以前，门禁照常使用，我们不会断水断电、换锁或者清物。"),
            _("任何时候签字交还住房，都可以结束这件事。"),
            _("需要法律援助请打12348，需要帮助找住处请打%(phone)s。") % {"phone": PHONE},
        ]  # fmt: skip


def cleared_lines(reason: str) -> list[str]:
    """核对结果告知书: nothing changes."""
    with translation.override("zh-hans"):
        return [
            _("之前请您说明的事已经核对清楚，不影响您家的住房保障。"),
            _("核对结果：%(reason)s") % {"reason": reason},
            _("居住、租金和门禁都不变，不用您办理。"),
        ]


def back_lines(on: object, due: object) -> list[str]:
    """住房交还结算告知书: the last day of rent, the deposit, how to object."""
    with translation.override("zh-hans"):
        return [
            _("住房已在%(on)s签字交还，从第二天起不再计租金。") % {"on": display.day(on)},
            _("押金在%(due)s前退还；有抵扣的，每一项和原因都写在「我的租约」里。")
            % {"due": display.day(due)},
            _("对验房或结算有不同意见，可以在「我的」里写，或者打%(phone)s，由另一位工作人员核对。")
            % {"phone": PHONE},
            _("以后符合条件，可以再申请。"),
        ]  # fmt: skip


def wish_lines(until: object) -> list[str]:
    """自愿退出确认书: by when, that it may be taken back, that nothing changes before."""
    with translation.override("zh-hans"):
        return [
            _("收到您家签字的退出申请，打算在%(until)s前搬走。") % {"until": display.day(until)},
            _("签字交还以前，居住、租金和门禁都不变；改变主意了，随时可以收回，不用理由。"),
            _("以后符合条件，可以再申请。"),
        ]


def condolence_lines(until: object) -> list[str]:
    """慰问信 to the relatives: sympathy, time, somebody to call. It asks for nothing."""
    with translation.override("zh-hans"):
        return [
            _("得知您的家人离世，我们深表哀悼，请您节哀。"),
            _("住房里的东西请按您方便的时候整理，一直到%(until)s都可以；需要更久，告诉我们就行。")
            % {"until": display.day(until)},
            _("这段时间门禁照常使用。"),
            _("有任何需要，可以打%(phone)s，会有一位工作人员专门陪您办。") % {"phone": PHONE},
        ]  # fmt: skip
