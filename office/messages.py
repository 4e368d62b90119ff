"""通知模板: every message that the platform sends, as it reads, in both languages, app and SMS.

Templates are found where they stand, so that none can be forgotten; sample values show them as a
person would read them. What an SMS must not carry is checked here, for the page and for the tests.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, partial
from importlib import import_module
from pkgutil import walk_packages
from string import Formatter
from typing import Any

from django.conf import settings
from django.db.models import Count
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import letters, registers
from core import clock, display
from core.models import Notice
from core.notices import Template, segments

_APPS = ("applications", "allocation", "renewal")
_NOT_READ = (".migrations", ".management", ".mock_")
# places whose values are a date, a count or a code; nothing else may travel in an SMS
SAFE_IN_SMS = frozenset({"due", "due_short", "day", "end", "n", "code", "hour", "line", "minutes"})
_LINK = re.compile(r"https?:|www\.|\.(com|cn|gov)\b", re.IGNORECASE)
_ID_NUMBER = re.compile(r"\d{15,}")
_ROOM = re.compile(r"\d+(室|幢|号楼)")
MOST_SEGMENTS = {"zh-hans": 1, "en": 4}
_LATER = datetime(2026, 12, 31, 17, 0, tzinfo=clock.LOCAL)
_DAY = date(2026, 12, 31)
# place → what stands there in the preview; nobody of these exists
SAMPLES: Mapping[str, Any] = {
    "number": "YZ2026-000123",
    "due": _DAY,
    "due_short": partial(display.day_short, _DAY),
    "day": partial(display.day_short, _DAY),
    "end": _DAY,
    "start": _DAY,
    "on": _DAY,
    "date": _DAY,
    "until": _DAY,
    "event": _DAY,
    "homes": "18",
    "report": _DAY,
    "asked": partial(display.day_short, _DAY),
    "month": partial(display.month, _DAY),
    "first": partial(display.month, _DAY),
    "last": partial(display.month, _DAY),
    "time": _LATER,
    "slot": _LATER,
    "at": _LATER,
    "meet": "小区东门，找物业王师傅",
    "n": 3,
    "k": 2,
    "y": 2,
    "code": "402615",
    "source": partial(registers.name_of, "property"),
    "office": "不动产登记中心",
    "title": gettext_lazy("住房保障轮候登记通知书"),
    "letter_no": "鄞住保〔2026〕15号",
    "result": gettext_lazy("维持原决定"),
    "finding": gettext_lazy("反映的情况属实"),
    "answer": "合同已经撤销，不再计入。",
    "item": "户口簿（王某某）",
    "items": "①户口簿②结婚证",
    "home": "3幢2单元502室",
    "area": "59.83",
    "rent": "412.50",
    "rent_old": "380.00",
    "ticket": "0018",
    "place": "区行政服务中心",
    "old": "138****0000",
    "new": "139****0000",
    "step": gettext_lazy("受理"),
    "part": gettext_lazy("上午"),
    "what": gettext_lazy("孩子出生"),
    "name": "王某某",
    "words": gettext_lazy("家庭情况已经更正"),
    "days": 15,
    "reasons": gettext_lazy("缺少居民身份证"),
    "reason": gettext_lazy("看不清签名"),
    "minutes": "10",
    "because": gettext_lazy("看不清文字"),
    "fact": gettext_lazy("婚姻状况属实"),
    "street": "下应街道",
    "office_phone": letters.PHONE,
    "helper": "李某某",
    "hour": partial(display.clock_time, _LATER),
    "choice": gettext_lazy("已接受"),
    "question": gettext_lazy("孩子现在跟谁一起住？"),
    "why": gettext_lazy("名单已定，摇号以后再办"),
    "line": letters.PHONE,
    "how": gettext_lazy("请凭回执到该单位办理"),
    "way": gettext_lazy("邮寄"),
    "court": "区人民法院",
    "grounds": gettext_lazy("违反使用规定"),
    "clause": "《公共租赁住房管理办法》第三十六条",
}
_STAGES: Mapping[str, Any] = {
    "application": gettext_lazy("申请和受理"),
    "inquiry": gettext_lazy("部门核实"),
    "dispute": gettext_lazy("当事人异议"),
    "correction": gettext_lazy("补正"),
    "publicity": gettext_lazy("公示"),
    "decision": gettext_lazy("决定"),
    "reconsideration": gettext_lazy("复核"),
    "waiting": gettext_lazy("轮候"),
    "look": gettext_lazy("谁查过我的数据"),
    "rating": gettext_lazy("好差评"),
    "contact": gettext_lazy("联系方式"),
    "round": gettext_lazy("摇号配租"),
    "appointment": gettext_lazy("摇号配租"),
    "offer": gettext_lazy("选房"),
    "viewing": gettext_lazy("选房"),
    "choice": gettext_lazy("选房"),
    "cause": gettext_lazy("选房"),
    "ban": gettext_lazy("选房"),
    "kiosk": gettext_lazy("摇号配租"),
    "recheck": gettext_lazy("年度复核"),
    "inspection": gettext_lazy("入户检查"),
    "violation": gettext_lazy("违规核实"),
    "fine": gettext_lazy("行政处罚"),
    "exit": gettext_lazy("退出"),
    "acceptance": gettext_lazy("申请和受理"),
    "promise": gettext_lazy("承诺核实"),
    "paper": gettext_lazy("材料"),
    "change": gettext_lazy("家庭变化"),
    "consent": gettext_lazy("家人授权"),
    "mandate": gettext_lazy("代办"),
    "stand": gettext_lazy("家人授权"),
    "duplicate": gettext_lazy("疑似重复"),
    "letter": gettext_lazy("送达"),
    "objection": gettext_lazy("公示"),
    "visit": gettext_lazy("入户核实"),
    "lease": gettext_lazy("租约"),
}


@dataclass(frozen=True)
class Shown:
    """A template in one language, with sample values."""

    language: str
    name: str
    title: str
    text: str
    sms: str
    segments: int


@dataclass(frozen=True)
class Sheet:
    """A template on the page: where it is used, how it reads, what is wrong with it."""

    code: str
    stage: str
    where: str
    at_once: bool
    shown: list[Shown]
    faults: list[str]


@cache
def templates() -> tuple[tuple[Template, str], ...]:
    """Every template with the module and the name under which it stands."""
    found: dict[int, tuple[Template, str]] = {}
    for module in _modules():
        for name, value in vars(module).items():
            if isinstance(value, Template):
                found.setdefault(id(value), (value, f"{module.__name__}.{name}"))
    return tuple(sorted(found.values(), key=lambda pair: (pair[0].code, pair[1])))


def sheets() -> list[Sheet]:
    """All templates as the page shows them."""
    return [
        Sheet(
            code=template.code,
            stage=str(_STAGES.get(re.split(r"[._]", template.code)[0], where)),
            where=where,
            at_once=template.at_once,
            shown=[shown(template, language) for language, _name in settings.LANGUAGES],
            faults=faults(template),
        )
        for template, where in templates()
    ]


def shown(template: Template, language: str) -> Shown:
    """A template as a person of that language reads it. KeyError for a place without a sample."""
    with translation.override(language):
        title, text, sms = template.said(SAMPLES)
    name = str(dict(settings.LANGUAGES)[language])
    return Shown(language, name, title, text, sms, segments(sms))


def faults(template: Template) -> list[str]:
    """What an SMS of this template must not carry; empty if all is well."""
    wrong = [
        _("短信里不能有{%(place)s}：它可能带出个人信息") % {"place": place}
        for place in sorted(places(str(template.sms)) - SAFE_IN_SMS)
    ]
    for language, most in MOST_SEGMENTS.items():
        one = shown(template, language)
        if one.segments > most:
            wrong.append(_("短信太长：%(n)d条") % {"n": one.segments})
        if _LINK.search(one.sms):
            wrong.append(_("短信里不能有链接"))
        if _ID_NUMBER.search(one.sms) or _ROOM.search(one.sms):
            wrong.append(_("短信里不能有证件号或房号"))
    return wrong


def places(text: str) -> set[str]:
    """The {places} of a text."""
    return {name for _literal, name, _spec, _conversion in Formatter().parse(text) if name}


def receipts() -> list[tuple[str, int]]:
    """What became of the messages that were sent by SMS: word and count."""
    rows = Notice.objects.exclude(sms_state="").order_by().values_list("sms_state")
    counts = dict(rows.annotate(n=Count("pk")))
    return [(str(one.label), counts.get(one.value, 0)) for one in Notice.Sms if one.value]


def _modules() -> Iterator[Any]:
    for app in _APPS:
        package = import_module(app)
        for info in walk_packages(package.__path__, f"{app}."):
            if not any(part in info.name for part in _NOT_READ):
                yield import_module(info.name)
