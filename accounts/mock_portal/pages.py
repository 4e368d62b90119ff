"""The mock portal's pages: plain HTML, every value escaped. Only for demo and tests."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from accounts.mock_portal.tickets import FAULTS
from core.identity.masking import mask_id

_FRAME = """<!doctype html>
<html lang="zh-Hans">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title} · 演示门户</title>
<link rel="stylesheet" href="/assets/portal.css">
</head>
<body>
<header><p class="name">政务服务网统一登录</p><p class="mark">演示门户 · 人物均为虚构</p></header>
<main>
{body}
</main>
</body>
</html>
"""


def choose(
    people: Iterable[Mapping[str, str]],
    *,
    goto: str,
    callback: str,
    typed: Mapping[str, str] | None = None,
    wrong: str = "",
) -> str:
    """The sign-in page: type anybody of the city, or take one of the suggested people."""
    hidden = _hidden(goto=goto, callback=callback)
    body = f"""<h1>您是谁？</h1>
<p class="lead">正式系统里，这一步由省政务服务网完成。这里可以扮演任何一位虚构的居民。</p>
{_typed_form(hidden, typed or {}, wrong)}
{_suggested(people, hidden)}"""
    return _FRAME.format(title="登录", body=body)


def message(sentence: str) -> str:
    """A page with one sentence."""
    return _FRAME.format(title="提示", body=f"<h1>{escape(sentence)}</h1>")


def cases(received: Iterable[tuple[str, Any]], words: Mapping[str, str]) -> str:
    """The cases that were received, the newest first: number, status in order, ratings."""
    rows = "".join(_case(number, case, words) for number, case in reversed(list(received)))
    body = f"""<h1>收到的办件</h1>
<p class="lead">平台推送的办件编号、办件状态和好差评，按序号排列。这里不显示完整的姓名和证件号。</p>
{rows or "<p>还没有收到办件。</p>"}"""
    return _FRAME.format(title="收到的办件", body=body)


def todos(received: Iterable[Any]) -> str:
    """The to-dos of desks that work elsewhere (浙政钉待办), open ones first."""
    words = {"open": "待办", "done": "已办", "cancelled": "不用办"}
    ordered = sorted(received, key=lambda one: (one.state != "open", one.due))
    rows = "".join(
        f"<tr><td>{escape(words[one.state])}</td><td>{escape(one.case_no)}</td>"
        f"<td>{escape(one.stage)}</td><td>{escape(one.due)}</td>"
        f'<td><a href="{escape(one.link)}">去办理</a></td></tr>'
        for one in ordered
        if one.link.startswith(("http://", "https://", "/"))
    )
    body = f"""<h1>浙政钉待办</h1>
<p class="lead">平台推送给在别的系统办公的科室。只有办件编号、环节、期限和链接，没有家庭的信息。</p>
<table><tr><th>状态</th><th>办件编号</th><th>环节</th><th>期限</th><th>链接</th></tr>
{rows or '<tr><td colspan="5">还没有收到待办。</td></tr>'}</table>"""
    return _FRAME.format(title="浙政钉待办", body=body)


def _case(number: str, case: Any, words: Mapping[str, str]) -> str:
    steps = "".join(
        f"<li>{escape(words.get(one['status'], one['status']))}：{escape(str(one['word']))}"
        f' <span class="note">{escape(str(one["at"])[:16].replace("T", " "))}</span></li>'
        for one in case.timeline
    )
    ratings = "".join(
        f"<li>{escape(words.get(f'rated_{step}', step))}：{escape(str(one['level']))}分</li>"
        for step, one in case.ratings.items()
    )
    told = f"<h3>好差评</h3><ul>{ratings}</ul>" if ratings else ""
    who = " ".join(filter(None, (case.applicant, case.number)))
    return f"""<section><h2>{escape(number)}</h2>
<p>统一办件编码 {escape(case.proj_id)}<br>{escape(who)}</p>
<ol>{steps}</ol>{told}</section>"""


def post_back(callback: str, ticket: str, goto: str) -> str:
    """Posts the ticket to the service, as some of the real portal's entrances do."""
    fields = _hidden(ticket=ticket, sp=goto)
    body = f"""<h1>登录成功</h1>
<form method="post" action="{escape(callback)}" id="back">{fields}
<button type="submit">返回办事页面</button></form>
<script src="/assets/post.js"></script>"""
    return _FRAME.format(title="登录成功", body=body)


def _typed_form(hidden: str, typed: Mapping[str, str], wrong: str) -> str:
    alert = f'<p class="wrong" role="alert">{escape(wrong)}</p>' if wrong else ""
    return f"""<form method="post" action="/sso/usp.do" class="typed">{hidden}{alert}
<label for="name">姓名</label>
<input id="name" name="name" autocomplete="off" required value="{_value(typed, "name")}">
<label for="id_number">身份证号码</label>
<input id="id_number" name="id_number" autocomplete="off" inputmode="text" required
 maxlength="24" value="{_value(typed, "id_number")}">
<details{" open" if typed.get("fault") else ""}><summary>让这次登录出一点问题</summary>
<label for="fault">故障</label>
<select id="fault" name="fault">{_faults(typed.get("fault", ""))}</select>
<label class="check"><input type="checkbox" name="by_post" value="1"> 用 POST 送回票据</label>
</details>
<button type="submit">登录</button></form>"""


def _suggested(people: Iterable[Mapping[str, str]], hidden: str) -> str:
    rows = "".join(_suggestion(person, hidden) for person in people)
    return f'<h2>这座城里的人</h2><ul class="people">{rows}</ul>' if rows else ""


def _suggestion(person: Mapping[str, str], hidden: str) -> str:
    fields = _hidden(name=person["name"], id_number=person["id_number"])
    note = f'<span class="note">{escape(person["note"])}</span>' if person.get("note") else ""
    number = escape(mask_id(person["id_number"]))
    return f"""<li><form method="post" action="/sso/usp.do">{hidden}{fields}
<button type="submit" class="person"><span class="who">{escape(person["name"])}</span>
<span class="number">{number}</span>{note}</button></form></li>"""


def _faults(chosen: str) -> str:
    return "".join(_option(key, word, key == chosen) for key, word in FAULTS.items())


def _option(key: str, word: str, chosen: bool) -> str:
    mark = " selected" if chosen else ""
    return f'<option value="{escape(key)}"{mark}>{escape(word)}</option>'


def _hidden(**fields: str) -> str:
    return "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in fields.items()
    )


def _value(typed: Mapping[str, str], name: str) -> str:
    return escape(typed.get(name, ""))
