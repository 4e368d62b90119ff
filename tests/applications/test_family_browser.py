"""The family's pages as a grandmother sees them: 长者模式, the largest print, 360 px, axe."""

import os
from pathlib import Path

import pytest
from django.urls import reverse

from applications import consent, consent_waits, household, mandates, stand_ins, submission
from applications.models import HouseholdClaim, MissingConsent, StandIn
from core.preferences import ELDER_COOKIE, SIZE_COOKIE
from tests.applications.registers import registers
from tests.browsing import enter, faults_of
from tests.factories import accounts
from tests.factories import applications as make

__all__ = ["registers"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("YZ_SHOTS", "")
# what is touched: a link inside a sentence may be as small as its words (WCAG 2.5.8, inline)
SMALL = """() => [...document.querySelectorAll(
  'button, a.yz-button, input:not([type=hidden]), select, textarea, summary, label.yz-choice, '
  + '.yz-nav a, .yz-back, p > a:only-child, li > a:only-child')]
  .filter(e => { const b = e.getBoundingClientRect();
    const l = e.closest('label'); const box = l ? l.getBoundingClientRect() : b;
    const seen = e.checkVisibility({visibilityProperty: true, opacityProperty: true});
    return seen && b.width > 1 && b.height > 1 && Math.max(b.height, box.height) < 59.5; })
  .map(e => e.outerHTML.slice(0, 90) + ' ' + Math.round(e.getBoundingClientRect().height))"""


@pytest.fixture
def story(registers):
    """A grandmother with a draft, a helper, a sent case of a neighbour with what may be missing."""
    elder = accounts.citizen(name="欧阳秀英", phone="13800000001")
    people = [
        make.person("01"), make.person("10", name="周国强"),
        make.person("20", name="周小明", child=True), make.person("70", name="欧阳秀兰"),
    ]  # fmt: skip
    draft = make.application(people, applicant=elder, consents=False)
    draft.step = "check"
    draft.save()
    make.consent(draft.applicant)
    spouse = draft.members.get(position=1)
    make.consent(draft.members.get(position=3), refused=True)
    HouseholdClaim.objects.create(
        application=draft, member=spouse, kind="name", fetched="周国强", declared="周国蔷",
        reason="户口簿", made_at=draft.created_at, made_by="t",
    )  # fmt: skip
    household.add(
        draft, submission.Entry("欧阳老太", make.person().id_number, "52", "added"), by=elder.user
    )
    make.evidence(draft, "property")
    mandates.ask(elder, by=accounts.citizen(name="王邻居").user)
    mandates.give(elder, accounts.citizen(name="周大明"), by=elder.user)
    mother = accounts.citizen(name="欧阳母亲")
    acting = mandates.give(mother, elder, by=mother.user)

    son = accounts.citizen(name="刘刚")
    case = make.application(
        [make.person("01"), make.person("10", name="陈美"), make.person("70", name="刘强"),
         make.person("70", name="刘军")],
        applicant=son, state="accepted", consents=False,
    )  # fmt: skip
    make.consent(case.applicant)
    consent.settle(case, by=son.user)
    consent.refuse(case.members.get(position=2), by=son.user)
    named = stand_ins.name(
        case.members.get(position=3), "illness", "hospital", signer="刘刚", by=son.user
    )
    return {
        "elder": elder, "draft": draft, "son": son, "case": case, "acting": acting, "named": named,
        "spouse": spouse, "clerk": accounts.staff("window", bureau=case.street),
        "wait": MissingConsent.objects.filter(settled_at=None).first(),
    }  # fmt: skip


def of_elder(story):
    spouse, sister = story["spouse"].pk, story["draft"].members.get(name="欧阳秀兰").pk
    helped = story["elder"].user
    standing = mandates.helpers_of(helped)[0].pk
    return [
        "/apply/", "/apply/for/", "/apply/consent/", "/apply/household/", "/apply/household/add/",
        f"/apply/household/{spouse}/claim/", "/apply/family/", f"/apply/family/{spouse}/cannot/",
        f"/apply/family/{spouse}/cannot/?route=illness", f"/apply/family/{sister}/refused/",
        "/apply/family/join/", "/apply/known/", "/apply/left/", "/apply/wishes/", "/apply/check/",
        "/my/", "/my/helpers/", "/my/helpers/add/", "/my/helpers/accept/",
        f"/my/helpers/{standing}/end/", "/my/notices/", "/help/",
    ]  # fmt: skip


def of_son(story):
    case = story["case"]
    brother = case.members.get(position=2).pk
    return [
        f"/my/case/{case.case_no}/", f"/my/case/{case.case_no}/family/",
        f"/apply/family/{brother}/refused/", f"/apply/family/{brother}/out/",
        f"/apply/done/{case.case_no}/", f"/my/case/{case.case_no}/withdraw/",
    ]  # fmt: skip


def hold_mandate(client, mandate):
    """The clerk signed in has this mandate's principal at the window."""
    found = client.post(reverse("window_mandate_find"), {"id_number": mandate.principal_number})
    assert found.url == reverse("window_mandate_end", args=[mandate.pk])


def prefer(page, live_server, **cookies):
    page.context.add_cookies(
        [{"name": name, "value": value, "url": live_server.url} for name, value in cookies.items()]
    )


def shot(page, name):
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{name.strip('/').replace('/', '_') or 'home'}.png",
                        full_page=True)  # fmt: skip


def look(page, live_server, address, *, tag, targets):
    """One page: opens, fits its width, axe finds nothing, targets are large enough."""
    answer = page.goto(live_server.url + address)
    shot(page, tag + address.replace("?", "_"))
    assert answer.status == 200, address
    wrong = []
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    if wide > 0:
        wrong.append((address, "too wide by", wide))
    wrong += [(address, *one) for one in faults_of(page)]
    if targets:
        wrong += [(address, "small", one) for one in page.evaluate(SMALL)]
    return wrong


@pytest.mark.parametrize("size", ["", "xlarge"])
def test_each_page_of_a_grandmother_in_elder_mode(page, client, live_server, story, size):
    page.emulate_media(reduced_motion="reduce")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    prefer(page, live_server, **{ELDER_COOKIE: "1", SIZE_COOKIE: size})
    wrong = []
    for user, addresses in ((story["elder"], of_elder(story)), (story["son"], of_son(story))):
        enter(page, client, live_server, user.user)
        for address in addresses:
            wrong += look(page, live_server, address, tag=f"elder{size}-", targets=True)
    assert wrong == [], "\n".join(map(str, wrong))
    assert said == []


def test_each_page_in_plain_print_and_at_the_window(page, client, live_server, story):
    page.emulate_media(reduced_motion="reduce")
    wrong = []
    for user, addresses in ((story["elder"], of_elder(story)), (story["son"], of_son(story))):
        enter(page, client, live_server, user.user)
        for address in addresses:
            wrong += look(page, live_server, address, tag="plain-", targets=False)
    enter(page, client, live_server, story["clerk"].user)
    hold_mandate(client, story["acting"])
    page.set_viewport_size({"width": 1440, "height": 900})
    for address in (
        "/window/family/", "/window/family/mandate/", f"/window/family/consent/{story['wait'].pk}/",
        f"/window/family/mandate/{story['acting'].pk}/",
        f"/window/family/signing/{StandIn.objects.get().pk}/",
    ):  # fmt: skip
        wrong += look(page, live_server, address, tag="staff-", targets=False)
    assert wrong == [], "\n".join(map(str, wrong))


def test_the_banner_names_the_person_and_reading_aloud_is_offered(page, client, live_server, story):
    prefer(page, live_server, **{ELDER_COOKIE: "1"})
    enter(page, client, live_server, story["elder"].user)
    page.goto(live_server.url + "/my/helpers/")
    page.get_by_role("button", name="看进度").click()
    page.wait_for_url("**/my/")
    assert "您正在代" in page.locator(".yz-acting").inner_text()
    assert look(page, live_server, "/my/", tag="acting-", targets=True) == []
    assert look(page, live_server, "/my/data/", tag="acting-", targets=False) == []
    speak = page.locator("[data-speak-page]")
    can = page.evaluate("!!(window.speechSynthesis && window.SpeechSynthesisUtterance)")
    assert speak.first.is_visible() is can
    page.locator(".yz-acting button").click()
    page.wait_for_url("**/my/helpers/")
    assert page.locator(".yz-acting").count() == 0


def test_reading_aloud_is_not_offered_where_the_browser_has_no_voice(
    page, client, live_server, story
):
    page.add_init_script("delete window.SpeechSynthesisUtterance")
    enter(page, client, live_server, story["elder"].user)
    page.goto(live_server.url + "/apply/consent/")
    assert not page.locator("[data-speak-page]").first.is_visible()


def test_the_steps_of_a_helper_by_keyboard_end_in_a_mandate(page, client, live_server, story):
    """A son asks, his mother confirms with six digits; nothing but keys."""
    son, mother = accounts.citizen(name="郑子"), accounts.citizen(name="郑母")
    enter(page, client, live_server, son.user)
    page.goto(live_server.url + "/apply/for/")
    page.get_by_label("我的亲属").check()
    page.get_by_text("为亲属申请，请填写对方信息").click()
    page.get_by_label("对方姓名").fill(mother.name)
    page.get_by_label("对方身份证号").fill(mother.id_number)
    page.get_by_label("对方同意我代办。").check()
    page.get_by_role("button", name="继续").press("Enter")
    page.wait_for_url("**/apply/consent/")
    codes = page.locator("main .yz-code").all_inner_texts()
    assert len(codes) == 2
    enter(page, client, live_server, mother.user)
    page.goto(live_server.url + "/my/helpers/accept/")
    page.get_by_label("确认码").fill(codes[1])
    page.keyboard.press("Enter")
    page.get_by_role("button", name="同意他代办").press("Enter")
    page.wait_for_url("**/my/helpers/")
    assert "已生效" in page.locator("main").inner_text()
    assert consent_waits.due_of(story["draft"]) is None
