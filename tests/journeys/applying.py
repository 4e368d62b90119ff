"""Applying on the phone, page by page, and what the family's own hands do there."""

from collections.abc import Iterable

from playwright.sync_api import Page, expect

from applications import authority, states
from applications.eligibility.cast import Person
from applications.models import Application
from core import clock
from core.identity.ciphers import blind_index
from tests.journeys import accessible


def up_to_the_family(page: Page) -> None:
    """From the start page over one's own consent to the family's; everybody applies together."""
    up_to_the_household(page)
    confirm_household(page)


def up_to_the_household(page: Page) -> None:
    """From the start page over one's own consent to who is drafted from the registers."""
    page.goto("/apply/")
    page.get_by_role("link", name="开始").click()
    page.get_by_label("我自己和家人").check()
    go_on(page, "继续")
    page.get_by_label("我已看过，同意查询我的信息").check()
    page.get_by_label("手机号").fill("13800000000")
    go_on(page, "同意并继续")
    page.wait_for_url("**/apply/household/")


def confirm_household(page: Page, without: Iterable[str] = ()) -> None:
    """Everybody who was drafted applies together, except those with these names."""
    gone = set(without)
    for group in page.locator("main fieldset").all():
        name = group.locator("legend").inner_text().partition("（")[0].strip()
        if name in gone:
            group.get_by_label("不一起申请", exact=True).check()
            reason = page.get_by_label(f"{name}不一起申请的原因")
            if reason.count():
                reason.fill("已离世")
    go_on(page, "确认")
    page.wait_for_url("**/apply/family/")


def adults_to_ask(applicant: str) -> list[tuple[str, str]]:
    """Name and number of the other adults in the applicant's draft."""
    draft = Application.objects.get(
        state=states.DRAFT, members__id_index=blind_index(applicant), members__is_applicant=True
    )
    people = draft.members.filter(excluded=False, is_applicant=False)
    adults = [one for one in people if authority.is_adult(one, clock.today())]
    return [(one.name, one.id_number) for one in adults]


def code_for(page: Page, name: str) -> str:
    """The six digits that the family's page shows for an adult."""
    card = page.get_by_role("listitem").filter(has_text=name)
    return card.locator(".yz-code [data-copy-text]").inner_text().strip()


def agree_by_code(page: Page, code: str) -> None:
    """Another adult, signed in as themselves, reads what is asked and agrees."""
    page.goto("/apply/family/join/")
    page.get_by_label("授权码").fill(code)
    page.get_by_role("button", name="继续").click()
    expect(page.get_by_text("授权内容")).to_be_visible()
    accessible.look(page)
    page.get_by_role("button", name="我同意").click()
    page.wait_for_url("**/my/")


def from_the_family_to_the_receipt(page: Page) -> str:
    """Consent for the children, what is known, wishes, signature; returns the case number."""
    from_the_family_to_what_is_known(page)
    return from_what_is_known_to_the_receipt(page)


def from_the_family_to_what_is_known(page: Page) -> None:
    """Consent for the children, and every register has answered."""
    page.goto("/apply/family/")
    guardian = page.get_by_label("我是孩子的监护人")
    if guardian.count():
        guardian.check()
    promise = page.get_by_label("我承诺我是孩子的父母或者法定监护人")
    if promise.count():
        promise.check()
    go_on(page, "继续")
    page.wait_for_url("**/apply/known/")
    expect(page.locator("main")).to_contain_text("部门都查过了", timeout=30_000)


def from_what_is_known_to_the_receipt(page: Page) -> str:
    """What is left, wishes, signature; returns the case number."""
    go_on(page, "没问题，继续")
    if page.url.endswith("/apply/left/"):
        promise_everything(page)
    page.wait_for_url("**/apply/wishes/")
    page.get_by_role("radio").first.check()
    where = page.get_by_label("现在住在哪个镇街")
    if not where.input_value():
        where.select_option(index=1)
    go_on(page, "继续")
    page.wait_for_url("**/apply/check/")
    page.get_by_label("以上内容属实").check()
    electronic = page.get_by_label("我确认用电子方式接收")
    if electronic.count():  # the applicant alone is asked
        electronic.check()
    sign(page)
    accessible.look(page)
    page.get_by_role("button", name="签名并提交").click()
    page.wait_for_url("**/apply/done/**")
    accessible.look(page)
    return page.url.rstrip("/").rsplit("/", 1)[-1]


def promise_everything(page: Page) -> None:
    """Chooses the promise wherever a register could not tell."""
    for choice in page.get_by_label("我承诺：").all():
        choice.check()
    go_on(page, "继续")


def sign(page: Page) -> None:
    """Writes with a finger on the pad."""
    pad = page.locator("[data-signature-pad]")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    left, top = box["x"] + 20, box["y"] + box["height"] / 2
    page.mouse.move(left, top)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(left + 20 * step, top + (15 if step % 2 else -15))
    page.mouse.up()


def go_on(page: Page, name: str) -> None:
    """Presses the page's one button and sees that it was not refused; whoever uses it could."""
    accessible.look(page)
    before = page.url
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()
    assert page.url != before, page.locator("main").inner_text()


def case(number: str) -> Application:
    return Application.objects.get(case_no=number)


_WORDS = {"10": "配偶", "20": "儿子", "30": "女儿", "51": "父亲", "52": "母亲"}


def add_person(page: Page, person: Person) -> None:
    """Types in a relative whom no register named."""
    page.get_by_role("link", name="添加家人").click()
    page.wait_for_url("**/apply/household/add/")
    page.get_by_label("姓名").fill(person.name)
    page.get_by_label("身份证号").fill(person.id_number)
    page.get_by_label(_WORDS[person.relation], exact=True).check()
    go_on(page, "添加")
    page.wait_for_url("**/apply/household/")
    expect(page.locator("main")).to_contain_text(person.name)
