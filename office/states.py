"""States of what the office keeps: tables only."""

from django.utils.translation import gettext_lazy as _

from core.workflow import DONE, ENDED, GOING, WAITING, State, StateTable

EXPORT_WAITING, EXPORT_RUNNING, EXPORT_READY = "waiting", "running", "ready"
EXPORT_FAILED, EXPORT_CANCELLED, EXPORT_EXPIRED = "failed", "cancelled", "expired"

_SYSTEM, _ASKER = "platform", "the person who asked"

EXPORT = StateTable(
    "export",
    (
        State(EXPORT_WAITING, _("等待生成"), _("排到以后自动开始"), WAITING, _SYSTEM,
              (EXPORT_RUNNING, EXPORT_CANCELLED, EXPORT_FAILED)),
        State(EXPORT_RUNNING, _("正在生成"), _("可以离开这一页，生成好了再来"), GOING, _SYSTEM,
              (EXPORT_READY, EXPORT_CANCELLED, EXPORT_FAILED)),
        State(EXPORT_READY, _("可以下载"), _("{date}到期，到期后文件删除"), DONE, _ASKER,
              (EXPORT_EXPIRED, EXPORT_CANCELLED)),
        State(EXPORT_FAILED, _("没有生成"), _("我们这边出了问题，请重新导出"), ENDED, _ASKER,
              open=False),
        State(EXPORT_CANCELLED, _("已取消"), _("文件没有保留"), ENDED, _ASKER, open=False),
        State(EXPORT_EXPIRED, _("已到期"), _("文件已删除，需要的话请重新导出"), ENDED, _SYSTEM,
              open=False),
    ),
)  # fmt: skip
