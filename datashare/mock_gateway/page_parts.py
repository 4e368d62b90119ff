"""操纵台页面的各部分 the HTML of the mock's page, by section. People's numbers are masked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from html import escape
from typing import TYPE_CHECKING, Any

from datashare.mock_gateway.faults import MIXED, MODES, InForce
from datashare.mock_gateway.feed import KINDS, Change
from datashare.mock_gateway.interfaces import SERVED
from datashare.mock_gateway.turns import TURNS

if TYPE_CHECKING:
    from datashare.mock_gateway.server import MockGateway

NAMES: dict[str, str] = {
    "identity_card": "居民身份证", "household_register": "居民户口簿", "population": "人口信息",
    "residence_permit": "居住证", "marriage": "婚姻登记", "marriage_national": "民政部婚姻核验",
    "orphan": "孤儿登记", "low_income_aid": "低保救助", "extreme_poverty": "特困供养",
    "disability": "残疾人证", "death": "死亡登记", "cremation": "火化登记", "education": "学历学籍",
    "property": "不动产登记", "public_tenancy": "直管公房承租", "presale_contract": "商品房合同",
    "resale_contract": "存量房合同", "deed_tax": "契税完税", "social_insurance": "职工参保",
    "provident_fund": "公积金缴存", "vehicle": "机动车登记", "company": "市场主体",
    "income_check": "经济状况核对报告", "social_assistance": "省大救助",
    "housing_benefit": "在保公租房和租赁补贴",
}  # fmt: skip

SERVED_NAMES = {**NAMES, "changes": "变更订阅"}

NUMBER = "[0-9]{17}[0-9Xx]"
STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC",
  sans-serif; color: #1f2328; background: #f6f7f9; }
main { max-width: 75rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.6rem; margin: .5rem 0; } h2 { font-size: 1.2rem; margin: 0 0 .5rem; }
section { background: #fff; border: 1px solid #d0d7de; border-radius: 6px; padding: 1rem;
  margin: 1rem 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; color: #57606a; padding-bottom: .5rem; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid #d8dee4;
  vertical-align: top; white-space: nowrap; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
form.fields { display: grid; gap: .75rem; align-items: end;
  grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); }
form + form, p + form, .scroll + form { margin-top: 1rem; }
label { display: block; font-weight: 600; } .hint { font-weight: 400; color: #57606a; }
input, select, button { font: inherit; min-height: 2.75rem; padding: .3rem .6rem; max-width: 100%; }
input, select { width: 100%; border: 1px solid #6e7781; border-radius: 4px; background: #fff;
  color: inherit; }
button { border: 1px solid #0b4f9e; border-radius: 4px; background: #0b4f9e; color: #fff;
  cursor: pointer; }
button.quiet { background: #fff; color: #0b4f9e; }
:focus-visible { outline: 3px solid #b35900; outline-offset: 2px; }
.done { border-left: 6px solid #1a7f37; background: #e9f7ec; padding: .5rem 1rem; }
.problem { border-left: 6px solid #b42318; background: #fdeceb; padding: .5rem 1rem; }
.bad { color: #9a1c13; font-weight: 600; }
"""


def document(
    gateway: MockGateway, today: date, sections: Iterable[str], *, done: str, problem: str
) -> str:
    """The whole page."""
    city = gateway.world.city
    size = f"{city.households} 户，种子 {city.seed}，建于 {city.on}" if city else "没有城市"
    said = f'<p class="done" role="status">{escape(done)}</p>' if done else ""
    if problem:
        said = f'<p class="problem" role="alert">{escape(problem)}</p>'
    return f"""<!doctype html>
<html lang="zh-Hans"><head><meta charset="utf-8"><title>模拟部门 · 操纵台</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>{STYLE}</style></head><body><main>
<h1>模拟部门 · 操纵台</h1>
<p>这里代替各部门的数据接口，人和记录都是虚构的。今天是 {today}；{size}；演员表
{len(gateway.world.cast)} 人；共回答 {gateway.codes["00"]} 次。</p>
{said}{"".join(sections)}</main></body></html>"""


def departments(gateway: MockGateway) -> str:
    """Every source with its calls, what is used of its quota, and its faults."""
    faults = list(gateway.world.faults)
    rows = []
    for source in SERVED:
        meter = gateway.meters[source]
        broken = sorted({f.fault.mode for f in faults if f.fault.source in ("*", source)})
        rows.append(
            [
                _name(source),
                _number(gateway.calls[source]),
                _number(meter.used),
                _number(meter.daily),
                _number(meter.rate),
                _number(meter.most),
                _number(sum(meter.refused.values())),
                f'<span class="bad">{"；".join(map(_mode, broken))}</span>' if broken else "正常",
            ]
        )
    heads = ["部门数据", "#调用", "#今日已用", "#每日配额", "#每秒配额", "#一秒内最多"]
    heads += ["#超量拒绝", "状态"]
    return _section("部门", _table("各数据源的调用和配额", heads, rows))


def faults(items: Sequence[InForce]) -> str:
    """The faults in force, each with a button that ends it."""
    if not items:
        return _section("生效的故障", "<p>没有故障，所有部门正常。</p>")
    rows = [
        [
            str(one.number),
            "全部" if one.fault.source == "*" else _name(one.fault.source),
            _mode(one.fault.mode),
            masked(one.fault.person) if one.fault.person else "所有人",
            f"{one.fault.rate:.0%}",
            _period(one),
            _number(one.hits),
            _button("mend", "恢复", number=one.number, quiet=True, say=f"第 {one.number} 号故障"),
        ]
        for one in items
    ]
    heads = ["编号", "部门数据", "故障", "对象", "比例", "期限", "#命中", "操作"]
    table = _table("按设定的先后", heads, rows)
    return _section("生效的故障", table + _button("mend", "全部恢复", source="*"))


def fault_form() -> str:
    """Break a department."""
    modes = {**MODES, MIXED: "各种故障轮着来"}
    fields = [
        _select("source", "部门数据", {"*": "全部", **SERVED_NAMES}),
        _select("mode", "故障", modes),
        _input("person", "只对这个证件号码", hint="空 = 所有人", pattern=NUMBER),
        _input("percent", "比例（%）", kind="number", value="100", max="100", step="any"),
        _input("from", "从哪天起", kind="date", hint="空 = 现在"),
        _input("until", "到哪天止", kind="date", hint="空 = 直到恢复"),
        _input("seconds", "只持续几秒", kind="number", hint="空 = 不限", min="1"),
        _input("calls", "只命中几次", kind="number", hint="空 = 不限", min="1"),
    ]
    return _section("让部门出故障", _form("fault", fields, "使故障生效"))


def reports(state: dict[str, Any]) -> str:
    """Ordered reports: how many, haste, the delay."""
    told = (
        f"<p>在办 {state['ordered']} 份，已出具 {state['delivered']} 份；办理时限 "
        f"{escape(state['days'])} 个工作日（0 = 当场出具）。</p>"
    )
    days = _input("days", "办理时限（工作日）", value=state["days"], pattern="[0-9]+(-[0-9]+)?")
    hurry = _button("hurry", "全部立即出具")
    return _section("核对报告", told + hurry + _form("days", [days], "改办理时限"))


def turn_form() -> str:
    """Let something happen to a family."""
    fields = [
        _select("kind", "事情", {kind: turn.words for kind, turn in TURNS.items()}),
        _input("person", "发生在谁家（证件号码）", hint="空 = 随便一家", pattern=NUMBER),
    ]
    return _section("让一件事今天发生", _form("turn", fields, "使它发生"))


def changes(shown: Sequence[Change], total: int, days: int) -> str:
    """The newest changes of the feed."""
    if not shown:
        return _section("变更", f"<p>最近 {days} 天没有变更。</p>")
    rows = [
        [
            str(one.on),
            escape(KINDS[one.kind]),
            masked(one.person),
            _name(one.source),
            escape(one.what),
        ]
        for one in shown
    ]
    caption = f"最近 {days} 天共 {total} 条，显示最新的 {len(shown)} 条"
    return _section("变更", _table(caption, ["日期", "变更", "人", "部门数据", "说明"], rows))


def quota_form() -> str:
    """Change quotas."""
    fields = [
        _select("source", "部门数据", {"*": "全部", **SERVED_NAMES}, mark="q"),
        _input("rate", "每秒配额", kind="number", hint="空 = 不改", min="0.1", step="0.1"),
        _input("daily", "每日配额", kind="number", hint="空 = 不改", min="0"),
    ]
    return _section("配额", _form("quota", fields, "改配额"))


def masked(number: str) -> str:
    """A number with nothing but its area and its last character."""
    return f"{escape(number[:6])}***********{escape(number[-1:])}" if len(number) == 18 else "—"


# -- small parts ----------------------------------------------------------------------------


def _section(title: str, content: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{content}</section>"


def _table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; heads that begin with # are columns of numbers. The first cell heads its row."""
    marks = [' class="n"' if head.startswith("#") else "" for head in heads]
    top = "".join(
        f'<th scope="col"{mark}>{escape(head.removeprefix("#"))}</th>'
        for head, mark in zip(heads, marks, strict=True)
    )
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>'
        + "".join(f"<td{mark}>{cell}</td>" for cell, mark in zip(row[1:], marks[1:], strict=True))
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="scroll" role="region" aria-label="{escape(caption)}" tabindex="0"><table>'
        f"<caption>{escape(caption)}</caption><thead><tr>{top}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def _form(deed: str, fields: Sequence[str], button: str) -> str:
    inner = "".join(f"<div>{field}</div>" for field in fields)
    inner = inner.replace("@@", deed)
    return (
        f'<form class="fields" method="post" action="/_mock/page">{inner}<div>'
        f'<button name="do" value="{deed}">{escape(button)}</button></div></form>'
    )


def _button(deed: str, words: str, *, quiet: bool = False, say: str = "", **values: Any) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(str(value))}">'
        for name, value in values.items()
    )
    label = f' aria-label="{escape(f"{words}：{say}")}"' if say else ""
    style = ' class="quiet"' if quiet else ""
    return (
        f'<form method="post" action="/_mock/page">{hidden}'
        f'<button name="do" value="{deed}"{style}{label}>{escape(words)}</button></form>'
    )


def _input(name: str, words: str, *, kind: str = "text", hint: str = "", **more: str) -> str:
    extra = "".join(f' {key}="{escape(value)}"' for key, value in more.items())
    told = f' <span class="hint">{escape(hint)}</span>' if hint else ""
    return (
        f'<label for="@@-{name}">{escape(words)}{told}</label>'
        f'<input id="@@-{name}" name="{name}" type="{kind}" autocomplete="off"{extra}>'
    )


def _select(name: str, words: str, options: dict[str, str], *, mark: str = "") -> str:
    inner = "".join(
        f'<option value="{escape(value)}">{escape(label)}</option>'
        for value, label in options.items()
    )
    return (
        f'<label for="@@-{name}{mark}">{escape(words)}</label>'
        f'<select id="@@-{name}{mark}" name="{name}">{inner}</select>'
    )


def _name(source: str) -> str:
    return escape(SERVED_NAMES.get(source, source))


def _mode(mode: str) -> str:
    return escape(MODES.get(mode, "各种故障轮着来"))


def _period(one: InForce) -> str:
    fault = one.fault
    spans = [
        f"{fault.since} 起" if fault.since else "",
        f"{fault.until} 止" if fault.until else "",
        f"{fault.seconds:g} 秒" if fault.seconds else "",
        f"{fault.calls} 次" if fault.calls else "",
    ]
    return "，".join(filter(None, spans)) or "直到恢复"


def _number(value: float) -> str:
    return f"{value:,g}" if isinstance(value, float) else f"{value:,}"
