"""A round: planned, frozen and revealed at the office, opened at the machine, signed at home."""

import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from allocation import intentions
from allocation.models import Home, Round
from applications.eligibility.cast import Case
from applications.models import Application, Evidence, Member
from core import clock
from datashare import queries
from datashare.mock_gateway.world import World
from tests.factories import accounts
from tests.factories import allocation as make
from tests.factories.applications import Person

VALUE = "3141592653589793238462643383279502884197"  # what the public event came to
CODE = "YZ-2021-10"


# -- the other households ---------------------------------------------------------------------


def like(case: Case) -> Case:
    """The same situation with other people: every number and name is replaced in every record."""
    text = json.dumps(case.to_dict(), ensure_ascii=False)
    for member in case.household:
        born = date.fromisoformat(f"{member.id_number[6:10]}-{member.id_number[10:12]}-"
                                  f"{member.id_number[12:14]}")  # fmt: skip
        number = accounts.id_number(born=born, male=int(member.id_number[16]) % 2 == 1)
        text = text.replace(member.id_number, number).replace(member.name, f"户{number[14:17]}")
    return Case.from_dict(json.loads(text))


def waits_with_evidence(case: Case, round_: Round, **standing: Any) -> Application:
    """A household on the waiting list that joined the round; its registers have answered."""
    people = [Person(one.name, one.id_number, one.relation) for one in case.household]
    row = make.joined(make.waiting(members=people, **standing), round_, by=round_.created_by)
    departments = World()
    departments.add_cast(case.to_dict())
    Evidence.objects.bulk_create(
        _answer(row, member, question.source, departments, round_)
        for member in row.members.all()
        for question in queries.questions_about(
            queries.Person(member.name, member.id_number),
            applicant=member.is_applicant,
            category=row.category,
        )
    )
    return row


def _answer(
    row: Application, member: Member, source: str, departments: World, round_: Round
) -> Evidence:
    """What the department says today, as the mock would."""
    rows = departments.rows(source, member.id_number, clock.today())
    now = clock.now()
    return Evidence(
        application=row, member=member, source=source, round=intentions.check_round(round_),
        status="found" if rows else "no_record", rows=rows, due_at=now, asked_at=now,
        fetched_at=now,
    )  # fmt: skip


# -- at the office ----------------------------------------------------------------------------


def plan(page: Page, homes: list[Home]) -> Round:
    """The plan is typed in and published, its homes ticked."""
    today = clock.today()
    page.goto("/office/rounds/")
    page.get_by_role("link", name="新的一轮").click()
    page.get_by_label("轮次编号").fill(CODE)
    page.get_by_label("名称").fill("秋季配租")
    page.get_by_label("配租方案").fill("25套二居室，面向轮候家庭。")
    _fill_date(page, "intention_until", today + timedelta(days=2))
    _fill_date(page, "objection_until", today + timedelta(days=9))
    page.get_by_label("公开事件", exact=True).fill("当期号码按顺序连写")
    _fill_date(page, "entropy_on", today + timedelta(days=10))
    page.get_by_role("button", name="公布方案").click()
    page.wait_for_url(f"**/{CODE}/homes/")
    for home in homes:
        page.get_by_label(home.code, exact=True).check()
    page.get_by_role("button", name="保存房源").click()
    page.wait_for_url(f"**/rounds/{CODE}/")
    return Round.objects.get(code=CODE)


def freeze(page: Page) -> None:
    page.goto(f"/office/rounds/{CODE}/")
    page.get_by_role("button", name="定名单").click()
    expect(page.locator("body")).to_contain_text("名单已定，摘要已公布。每户")


def reveal(page: Page) -> None:
    page.goto(f"/office/rounds/{CODE}/")
    page.get_by_label("公开数值").fill(VALUE)
    page.get_by_label("再输一遍").fill(VALUE)
    page.get_by_role("button", name="揭晓").click()
    expect(page.locator("body")).to_contain_text("已揭晓，结果和公示包已公布")


def _fill_date(page: Page, name: str, day: date) -> None:
    for part in ("year", "month", "day"):
        page.locator(f"[name={name}_{part}]").fill(str(getattr(day, part)))


# -- the household ----------------------------------------------------------------------------


def join(page: Page) -> None:
    """Registers the intention for the open round."""
    page.goto("/my/wait/")
    page.get_by_role("button", name="登记意向").click()
    expect(page.locator("body")).to_contain_text("已登记意向。名单公布之前")


def code_in_the_notice(page: Page) -> str:
    """The six digits that only the household was told."""
    page.goto("/my/notices/")
    found = re.search(r"摇号码是(\d{6})", page.locator("main").inner_text())
    assert found, page.locator("main").inner_text()
    return found[1]


def pair(page: Page, token: str) -> None:
    """The machine is bound once, by whoever installs it."""
    page.goto("/kiosk/pair/")
    page.get_by_label("设备码").fill(token)
    page.get_by_role("button", name="绑定").click()
    page.wait_for_url("**/kiosk/")


def open_and_accept(page: Page, number: str, code: str) -> str:
    """首屏 → 身份 → 摇号码 → 号牌 → 揭晓 → 房源 → 接受 → 凭条; the home that was shown."""
    page.get_by_role("link", name="开始").click()
    _type(page, number)
    page.get_by_role("button", name="下一步").click()
    page.wait_for_url("**/kiosk/code/")
    _type(page, code)
    page.get_by_role("button", name="下一步").click()
    page.wait_for_url("**/kiosk/ticket/")
    page.get_by_role("button", name="揭晓").click()
    page.wait_for_url("**/kiosk/result/")
    expect(page.get_by_role("heading", level=1)).to_have_text("您家摇到房源了")
    page.get_by_role("link", name="看房源和选择").click()
    shown = page.locator(".yz-plate-number").inner_text()
    page.get_by_role("link", name="接受这套房").click()
    page.get_by_role("button", name="确定接受").click()
    page.wait_for_url("**/kiosk/slip/")
    expect(page.get_by_role("heading", level=1)).to_have_text("已接受，下一步签约")
    page.get_by_role("link", name="结束并清除屏幕").click()
    page.get_by_role("link", name="开始").wait_for()
    return shown


def sign_lease(page: Page, name: str) -> None:
    """Clauses first, then the name."""
    page.goto("/my/lease/")
    assert page.get_by_label("签名").count() == 0
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="责任和退出条款我看清楚了").click()
    page.get_by_role("button", name="改用键盘输入姓名").click()
    page.get_by_label("签名").fill(name)
    page.get_by_role("button", name="签名", exact=True).click()
    expect(page.locator("body")).to_contain_text("已签约。运营公司和门禁系统")


def download_bundle(page: Page, folder: Path) -> Path:
    """The public file, as anybody gets it."""
    got = page.request.get(f"/public/draws/{CODE}/bundle.zip")
    assert got.ok
    path = folder / "bundle.zip"
    path.write_bytes(got.body())
    return path


def _type(page: Page, text: str) -> None:
    """On the screen's own keys."""
    pad = page.locator("[data-keypad]")
    for sign in text:
        pad.locator(f'[data-key="{sign}"]').click()
