"""What the frame of every page knows: language, text size, 长者模式, demo clock, navigation.

One variable, ``frame``; nothing is read before a template asks for it.
"""

from dataclasses import dataclass
from functools import lru_cache

from django.urls import NoReverseMatch, is_valid_path, reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core import clock
from core.preferences import ELDER_COOKIE, SIZE_COOKIE, SIZES


@dataclass(frozen=True)
class Entry:
    """One link of the main navigation and the roles that see it."""

    path: str
    word: object
    roles: frozenset[str] = frozenset()


def _for(*roles: str) -> frozenset[str]:
    return frozenset(roles)


# An address that the project does not (yet) answer is left out of the navigation.
STAFF_ENTRIES = (
    Entry("/window/", _("受理台"), _for("window")),
    Entry("/window/contact/", _("改联系方式"), _for("window")),
    Entry("/window/consult/", _("咨询"), _for("window")),
    Entry("/window/intention/", _("登记意向"), _for("window")),
    Entry("/window/receive/", _("收补交材料"), _for("window")),
    Entry("/window/employers/", _("单位名单"), _for("window")),
    Entry("/window/day/", _("交班"), _for("window")),
    Entry("/window/family/", _("家庭事项"), _for("window", "street")),
    Entry("/window/recheck/", _("代填复核"), _for("window")),
    Entry("/review/", _("待办"), _for("street", "reviewer", "district")),
    Entry("/review/visit/", _("入户核实"), _for("street")),
    Entry(
        "/review/messages/", _("消息"), _for("street", "reviewer", "district", "admin", "leader")
    ),
    Entry("/review/changes/", _("家庭变化"), _for("street", "district")),
    Entry("/review/batch/", _("批量"), _for("street", "reviewer", "district")),
    Entry("/review/sign/", _("签发"), _for("district")),
    Entry("/review/publicity/", _("公示"), _for("street", "district")),
    Entry("/operator/", _("今日"), _for("operator")),
    Entry("/operator/viewings/", _("看房预约"), _for("operator")),
    Entry("/operator/homes/", pgettext_lazy("several", "房源"), _for("operator")),
    Entry("/operator/rent/", _("租金"), _for("operator")),
    Entry("/operator/handover/", _("交接"), _for("operator")),
    Entry("/operator/access/", _("门禁"), _for("operator")),
    Entry("/operator/repairs/", _("报修"), _for("operator")),
    Entry("/operator/patrol/", _("巡查"), _for("operator")),
    Entry("/operator/moveout/", _("验房"), _for("operator")),
    Entry("/operator/messages/", _("没送到的消息"), _for("operator", "admin", "system")),
    Entry("/operator/reconcile/", _("对账"), _for("operator", "admin")),
    Entry("/office/", _("今天要定的事"), _for("admin", "leader")),
    Entry("/office/onestop/", _("一站式"), _for("admin", "leader")),
    Entry("/office/oneflow/", _("一体化"), _for("admin", "leader")),
    Entry("/office/onenet/", _("一张网"), _for("admin", "leader")),
    Entry("/office/review/", _("审核统计"), _for("admin", "leader")),
    Entry("/office/waiting/", _("轮候名单"), _for("admin", "district", "leader")),
    Entry("/office/exports/", _("导出"), _for("admin", "leader", "street", "reviewer", "district")),
    Entry("/office/rounds/", _("摇号配租"), _for("admin", "district")),
    Entry("/office/choice/", _("选房日"), _for("admin", "attendant")),
    Entry("/office/declines/", _("选房后续"), _for("admin", "district")),
    Entry("/office/rent/", _("租金"), _for("admin", "leader", "district")),
    Entry("/office/homes/", pgettext_lazy("several", "房源"), _for("admin", "leader")),
    Entry("/office/estates/", _("小区和租金标准"), _for("admin", "leader")),
    Entry("/office/kiosks/", pgettext_lazy("several", "自助机"), _for("admin", "leader")),
    Entry(
        "/office/leases/",
        pgettext_lazy("several", "租约"),
        _for("admin", "district", "leader", "window"),
    ),
    Entry("/office/recheck/", _("年度复核"), _for("admin", "leader")),
    Entry("/office/renewals/", _("续租审核"), _for("admin", "district")),
    Entry("/office/contacts/", _("联系家庭"), _for("street", "district", "admin", "leader")),
    Entry("/office/exits/", _("退出"), _for("admin", "district", "leader")),
    Entry("/office/rules/", _("政策规则"), _for("admin", "leader")),
    Entry("/office/late/", _("督办"), _for("admin", "leader", "district")),
    Entry("/office/calendar/", _("工作日历"), _for("admin", "leader")),
    Entry("/office/sources/", _("部门数据"), _for("admin", "system")),
    Entry("/office/search/", _("查找"), _for("admin", "leader")),
    Entry("/office/duplicates/", _("疑似重复"), _for("district", "admin", "street")),
    Entry("/office/data/", _("数据疑问"), _for("district", "security")),
    Entry("/office/deferrals/", _("暂缓展示"), _for("security", "auditor")),
    Entry("/office/ratings/", _("差评回访"), _for("admin", "district")),
    Entry("/office/messages/", _("通知模板"), _for("admin")),
    Entry("/office/ops/", _("运行"), _for("system")),
    Entry("/office/people/", _("人员与岗位"), _for("security")),
    Entry("/kiosk/attend/", _("现场值守"), _for("attendant")),
    Entry("/kiosk/attend/code/", _("换摇号码"), _for("attendant", "window")),
    Entry("/audit/", _("审计"), _for("auditor")),
)
CITIZEN_ENTRIES = (
    Entry("/my/", _("我的")),
    Entry("/apply/", _("申请")),
    Entry("/my/data/", _("谁查过我的数据")),
    Entry("/my/people/", _("代办与联系")),
)


@lru_cache(maxsize=256)
def answered(path: str) -> bool:
    return bool(is_valid_path(path))


@lru_cache(maxsize=32)
def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


class Frame:
    """Reads the request only as far as the page's frame asks."""

    def __init__(self, request):
        self._request = request

    @cached_property
    def text_size(self) -> str:
        """``""``, ``large`` (大字) or ``xlarge`` (超大字)."""
        size = self._request.COOKIES.get(SIZE_COOKIE, "")
        return size if size in SIZES else ""

    @cached_property
    def elder(self) -> bool:
        return self._request.COOKIES.get(ELDER_COOKIE) == "1"

    @cached_property
    def other_language(self) -> str:
        return "zh-hans" if (get_language() or "").startswith("en") else "en"

    @cached_property
    def here(self) -> str:
        """The page to come back to after a preference was changed."""
        return self._request.get_full_path()

    @cached_property
    def _user(self):
        user = getattr(self._request, "user", None)
        return user if user is not None and user.is_authenticated else None

    @cached_property
    def kind(self) -> str:
        """``""``, ``citizen`` or ``staff``."""
        return self._user.kind if self._user else ""

    @cached_property
    def who(self) -> str:
        return self._user.display_name if self._user else ""

    @cached_property
    def where(self) -> str:
        """The bureau of a member of staff."""
        staff = self._user.as_staff if self.kind == "staff" else None
        return str(staff.bureau.name) if staff and staff.bureau else ""

    @cached_property
    def nav(self) -> list[dict]:
        """Links of this person's face; the longest matching address is the current one."""
        if self.kind == "staff":
            roles = frozenset(self._user.as_staff.roles) if self._user.as_staff else frozenset()
            entries = [entry for entry in STAFF_ENTRIES if entry.roles & roles]
        else:
            entries = list(CITIZEN_ENTRIES) if self.kind == "citizen" else []
        entries = [entry for entry in entries if answered(entry.path)]
        path = self._request.path
        here = max((e.path for e in entries if path.startswith(e.path)), key=len, default="")
        return [
            {"path": entry.path, "word": entry.word, "current": entry.path == here}
            for entry in entries
        ]

    @cached_property
    def demo_time(self):
        """The shifted time while the demo's clock runs ahead, else None."""
        return clock.now() if clock.offset() else None

    @cached_property
    def sign_in(self) -> str:
        return _address("accounts:citizen_sign_in")

    @cached_property
    def staff_sign_in(self) -> str:
        return _address("accounts:staff_sign_in")

    @cached_property
    def sign_out(self) -> str:
        return _address("accounts:sign_out")


def frame(request) -> dict:
    """Context processor (settings.TEMPLATES)."""
    return {"frame": Frame(request)}
