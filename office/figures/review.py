"""审核统计: what answered cases took, against 15 and 45 working days, and what became of them."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications import periods
from applications.models import Application, Pause
from office.figures.figure import Figure, Moment, Population, everyone
from office.figures.populations import of_applications
from office.models.reviewed import PAUSES, PLACES

REVIEWED = Population(
    "reviewed", _("件"),
    lambda: Application.objects.filter(reviewed__isnull=False).select_related("street"),
    ("-reviewed__answered_at", "-pk"), of_applications, "reviewed__street__code",
    month="reviewed__answered_at",
)  # fmt: skip


def _when(**wanted: Any) -> Callable[[Moment], Q]:
    return lambda moment: Q(**{f"reviewed__{name}": value for name, value in wanted.items()})


def _figure(key: str, title: Any, definition: Any, where: Callable[[Moment], Q]) -> Figure:
    return Figure(f"review_{key}", title, definition, REVIEWED, where)


ALL = _figure(
    "all", _("已答复的办件"),
    _("登记了轮候，或者签发了不符合条件决定的申请；每一件只统计一次。"), everyone,
)  # fmt: skip
WITHIN_PROMISED = _figure(
    "promised", _("15个工作日内答复"),
    _("净时长（从受理次日到答复当日，扣除暂停）不超过15个工作日的办件。"),
    lambda moment: Q(reviewed__net__lte=periods.of("promised").value),
)  # fmt: skip
WITHIN_STATUTORY = _figure(
    "statutory", _("45个工作日内答复"),
    _("净时长不超过法定45个工作日的办件。"),
    lambda moment: Q(reviewed__net__lte=periods.of("statutory").value),
)  # fmt: skip
GROSS_PROMISED = _figure(
    "gross_promised", _("连暂停15个工作日内答复"),
    _("总时长（暂停也算）不超过15个工作日的办件。"),
    lambda moment: Q(reviewed__gross__lte=periods.of("promised").value),
)  # fmt: skip
GROSS_STATUTORY = _figure(
    "gross_statutory", _("连暂停45个工作日内答复"),
    _("总时长（暂停也算）不超过45个工作日的办件。"),
    lambda moment: Q(reviewed__gross__lte=periods.of("statutory").value),
)  # fmt: skip
STRAIGHT = _figure(
    "straight", _("一路通过核对"),
    _("各部门的任务里没有待核实的条件，没有核实单，也没有补正的办件。"), _when(straight=True),
)  # fmt: skip
RETURNED = _figure(
    "returned", _("补正过"), _("至少请家庭补正过一次的办件，受理时的补正也算。"),
    _when(returned=True),
)  # fmt: skip
REFUSED = _figure(
    "refused", _("不符合条件"),
    _("签发过不符合条件决定的办件，包括复核后改为符合的。"), _when(refused=True),
)  # fmt: skip
ASKED_AGAIN = _figure(
    "asked_again", _("复核已答复"), _("家庭申请复核并已经答复的办件。"), _when(asked_again=True)
)
OVERTURNED = _figure(
    "overturned", _("复核改为符合"), _("复核后改变了原决定的办件。"), _when(overturned=True)
)
OBJECTED = _figure(
    "objected", _("异议已答复"), _("公示期间有人提出异议并已经答复的办件。"), _when(objected=True)
)
UPHELD = _figure(
    "upheld", _("异议成立"), _("至少一条异议成立的办件。"), _when(upheld=True)
)  # fmt: skip

PLACE_WORDS = {
    "intake": _("受理后分办"), "street": _("街道初审"), "joint": _("部门联审"),
    "district": _("区级复审"), "notice": _("公示"), "correction": _("等家庭补正"),
    "objection": _("核查异议"), "other": _("其他"),
}  # fmt: skip
IN_PLACE = {
    name: _figure(
        f"in_{name}", PLACE_WORDS[name],
        _("在这一环节用过至少1个工作日的办件；每一天只算在当天结束时所在的环节。"),
        _when(**{f"in_{name}__gt": 0}),
    )
    for name in PLACES
}  # fmt: skip
STOOD = {
    name: _figure(
        f"stood_{name}", Pause.Reason(name).label,
        _("因为这个原因暂停计时至少1个工作日的办件；同一天有两个原因的，各算一次。"),
        _when(**{f"stood_{name}__gt": 0}),
    )
    for name in PAUSES
}  # fmt: skip

COUNTED = (
    ALL, WITHIN_PROMISED, WITHIN_STATUTORY, GROSS_PROMISED, GROSS_STATUTORY, STRAIGHT, RETURNED,
    REFUSED, ASKED_AGAIN, OVERTURNED, OBJECTED, UPHELD,
)  # fmt: skip
FIGURES = (*COUNTED, *IN_PLACE.values(), *STOOD.values())
