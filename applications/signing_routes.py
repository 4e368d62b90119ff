"""Who cannot sign (不能签字): the listed routes, as data. Nothing here decides; a person checks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext_lazy as _

_translated = _  # for the texts of the file; what is marked for the catalogue stands below
_FILE = Path(__file__).with_name("signing_routes.yaml")
# the texts of the file, marked so that the pages speak both languages
_MARKED = (
    _("现役军人，在部队"), _("部队盖章的授权书"), _("部队开具的证明"),
    _("军人地位和权益保障法"),
    _("本人在线登录同意；不能登录的，由本人在授权书上签字，部队盖章后寄回。"),
    _("生病住院，不能到场"), _("看不见或不会写字"), _("正在服刑或被羁押"),
    _("不能辨认自己的行为"), _("在国外或港澳台"), _("下落不明，联系不上"),
    _("本人在病床前口头同意，由一位成年家人代写姓名、本人按手印；两名工作人员上门或视频见证。"),
    _("工作人员当面读出授权内容，本人按手印或盖章；两名见证人签名。"),
    _("授权书交监狱、看守所，由本人签字，监所盖章后寄回或由家人带回。"),
    _("由法定监护人签字。没有监护人的，先由村居或民政部门指定。"),
    _("本人在线登录同意；不能登录的，寄回经公证、认证的委托书，由受托人签字。"),
    _("没有人能替他同意。工作人员核对后，按不一起申请或人工核对办理，不查询他的信息。"),
    _("住院或诊断证明"), _("上门见证记录"), _("残疾人证"), _("两名见证人的签名"),
    _("监所盖章的授权书"), _("判决书或羁押通知书"), _("法院宣告判决书"),
    _("监护证明或指定监护的文件"), _("公证认证的委托书"), _("使领馆出具的声明"),
    _("公安机关的报案回执"), _("法院宣告失踪判决书"), _("村居证明"),
    _("民法典第一百六十一条（代理）"), _("无障碍环境建设法"), _("监狱法"),
    _("民法典第二十一条、第二十三条、第二十八条"), _("公证法；涉外公证按使领馆规定"),
    _("民法典第四十条"),
)  # fmt: skip


@dataclass(frozen=True)
class Route:
    """One route. ``signs`` is False where nobody can sign and a person decides without."""

    code: str
    title: Any
    who: Any
    evidence: Mapping[str, Any]
    law: Any
    unverified: bool = False
    signs: bool = field(default=True)


def of(code: str) -> Route:
    """The route of that code. KeyError if the table has none."""
    return table()[code]


def evidence_word(route: str, code: str) -> Any:
    """What a piece of evidence is called; the code itself where the table no longer has it."""
    found = table().get(route)
    return found.evidence.get(code, code) if found else code


@cache
def table() -> dict[str, Route]:
    """Every route by code. ValueError for one without evidence or source."""
    rows = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {code: _route(code, row) for code, row in rows.items()}


def _route(code: str, row: dict[str, Any]) -> Route:
    if not row.get("evidence") or not row.get("law"):
        raise ValueError(f"signing route {code} needs evidence and a source")
    return Route(
        code=code,
        title=_translated(row["title"]),
        who=_translated(row["who"]),
        evidence={key: _translated(text) for key, text in row["evidence"].items()},
        law=_translated(row["law"]),
        unverified=bool(row.get("unverified")),
        signs=row.get("signs", True),
    )
