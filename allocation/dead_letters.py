"""Messages that did not arrive (没送到的消息): why in plain words, and the ways to mend them.

Sent again as it is, corrected at its source and sent anew, or given up by a person with a reason.
Each is logged. Behind a dead message the later ones of its household wait, so that none overtakes.
"""

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from allocation import handover, states
from allocation.models import AccessGrant, Home, Lease, Push
from core import audit, locks, outbox
from core.identity import phones
from core.models import OutboxMessage
from core.refusals import Refusal

State = OutboxMessage.State
KINDS = {
    "lease": gettext_lazy("合同"),
    "grant": gettext_lazy("开通门禁"),
    "lease_ended": gettext_lazy("合同结束"),
    "revoke": gettext_lazy("停用门禁"),
    "spare": gettext_lazy("发卡、发密码"),
    "spare_ended": gettext_lazy("停用旧卡"),
}
RECEIVERS = {
    handover.OPERATOR: gettext_lazy("运营公司系统"),
    handover.ACCESS: gettext_lazy("门禁系统"),
}
_WHY = (
    ("HTTPError 403", gettext_lazy("对方不认签名或者时间，请双方核对密钥和时钟。")),
    ("HTTPError 4", gettext_lazy("对方不接受这条消息，多半是地址或者人员信息和对方登记的不一样。")),
    ("HTTPError 5", gettext_lazy("对方系统出了故障。")),
    ("NotTaken", gettext_lazy("对方收到了，但没有登记成功，多半是地址或者人员信息不对。")),
    ("TakenForLater", gettext_lazy("对方收到了，还没有告诉我们结果。")),
    ("TimeoutError", gettext_lazy("对方太久没有回答。")),
    ("URLError", gettext_lazy("连不上对方系统。")),
    ("Remote", gettext_lazy("连接中断，不知道对方收到没有；再发不会重复登记。")),
    ("Connection", gettext_lazy("连接中断，不知道对方收到没有；再发不会重复登记。")),
    ("JSONDecodeError", gettext_lazy("对方的回答看不懂，可能前面的设备拦下了请求。")),
)
_UNKNOWN = gettext_lazy("没有送到，原因还不清楚。")


class CorrectionRefused(Refusal):
    """The address or a person cannot be set right like this."""


@dataclass(frozen=True)
class Person:
    """What gate and lock are to know of one member."""

    grant_id: int
    name: str
    mobile: str


def why(message: OutboxMessage) -> str:
    """The last fault as a person says it."""
    found = (words for name, words in _WHY if message.error.startswith(name))
    return str(next(found, _UNKNOWN))


def pushes() -> QuerySet[Push]:
    """Every message of the move-in with its lease."""
    return Push.objects.select_related("message", "lease__home__estate", "lease__application")


def dead() -> QuerySet[Push]:
    """Those that need a person, the oldest first."""
    return pushes().filter(message__state=State.DEAD).order_by("message__created_at", "pk")


def resend(push: Push, *, by: User) -> OutboxMessage:
    """The same message once more; the receiver applies its id once. Logged by the outbox."""
    return outbox.retry(push.message, by=by)


def give_up(push: Push, *, by: User, reason: str) -> OutboxMessage:
    """Not sent any more, and why. Raises outbox.PushRefused.

    What it would have told is then missing there: the daily reconciliation names it.
    """
    return outbox.give_up(push.message, by=by, reason=reason)


def correct(
    push: Push, *, by: User, building: str, unit: str, room: str, people: list[Person]
) -> OutboxMessage:
    """Sets address and people right where they stand, and sends a new message in its place.

    Raises CorrectionRefused; then nothing has changed.
    """
    if push.kind not in handover.WHOLE.values():
        raise CorrectionRefused(_("这条消息里没有地址和人员，直接再发一次就行。"))
    try:
        with transaction.atomic():
            lease = locks.fresh(push.lease)
            if lease.state not in states.L_IN_FORCE:
                raise CorrectionRefused(
                    _("合同已经结束，不用再开通。请写明原因，不再推送这条消息。")
                )
            message = OutboxMessage.objects.select_for_update().get(pk=push.message_id)
            if message.state != State.DEAD:
                raise CorrectionRefused(_("这条消息已经在发送，不用再更正。"))
            changed = _set_address(lease.home, building, unit, room)
            changed += _set_people(lease, people)
            if not changed:
                raise CorrectionRefused(_("没有改动。信息没有错的话，请直接再发一次。"))
            outbox.give_up(message, by=by, reason=_("已更正，换一条新消息发送"))
            lease.refresh_from_db()
            audit.record(
                "push.corrected", by=by, thing=push, case_no=lease.case_no, changed=changed
            )
            return handover.tell_again(lease, message.destination)
    except IntegrityError as error:
        if "home_once_per_address" in str(error):
            raise CorrectionRefused(_("这个地址已经是另一套房，请再核对。"), "room") from error
        raise


def _set_address(home: Home, building: str, unit: str, room: str) -> list[str]:
    row = locks.fresh(home)
    wanted = {"building": building.strip(), "unit": unit.strip(), "room": room.strip()}
    if not all(wanted.values()):
        raise CorrectionRefused(_("幢、单元、室都要写。"), "room")
    changed = [name for name, value in wanted.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, wanted[name])
    if changed:
        row.save(update_fields=changed)
    return changed


def _set_people(lease: Lease, people: list[Person]) -> list[str]:
    """Only what gate and lock are told; the household's file is not touched."""
    changed = []
    grants = {one.pk: one for one in lease.grants.select_related("member")}
    for told in people:
        grant = grants.get(told.grant_id)
        if grant is None or grant.state == AccessGrant.State.REVOKED:
            continue
        name, mobile = told.name.strip(), phones.narrow(told.mobile)
        if not name:
            raise CorrectionRefused(_("姓名不能空着。"), f"name_{grant.pk}")
        if mobile and not phones.is_mobile(mobile):
            raise CorrectionRefused(_("手机号是11位数字，请再核对一次。"), f"mobile_{grant.pk}")
        if (name, mobile) == (grant.name, grant.mobile):
            continue
        grant.told_name, grant.told_mobile = name[:60], mobile
        grant.save(update_fields=["told_name", "told_mobile"])
        changed.append(f"person {grant.pk}")
    return changed
