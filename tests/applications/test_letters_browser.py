"""Notices, letters, service and re-consideration as a browser shows them: axe, width, keyboard."""

import pytest
from django.core.cache import cache

from accounts.roles import Role
from applications import decision, objections, publicity, reconsiderations, serving
from applications.models.review import Stage
from core import clock
from core.preferences import ELDER_COOKIE, SIZE_COOKIE
from tests.browsing import enter, faults_of, look_at, width_of
from tests.factories import accounts
from tests.factories import review as desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def story():
    """A notice with an objection and a clue; letters in every state; a request to look again."""
    case = desk.at_district()
    desk.agree(desk.task_of(case, Stage.DISTRICT))
    notice = case.publicities.get()
    words = "他家在别的区还有一套住房，请核查。"
    made = publicity.object_to(notice, text=words, contact="王某 13911112222")
    clue = publicity.object_to(notice, text=words)
    checker = desk.district()
    publicity.answer(clue, by=checker, upheld=True, text="不动产登记查实")
    served = decision.sign(desk.refusal_drafted(), by=desk.district())
    asked = reconsiderations.ask(served, by=served.application.created_by, text="合同已经退了")
    failed = decision.sign(desk.refusal_drafted(electronic=False), by=desk.district())
    row = serving.send(
        failed, by=checker, channel="post", address="鄞州区某路1号", tracking_no="EM123456789CN"
    )
    serving.record(row, by=checker, proof="returned", on=clock.today(), note="查无此人")
    going = decision.sign(desk.refusal_drafted(electronic=False), by=desk.district())
    serving.send(going, by=checker, channel="window")
    answered = decision.sign(desk.refusal_drafted(), by=desk.district())
    again = reconsiderations.ask(
        answered, by=answered.application.created_by, text="合同已经退了，请再看一次"
    )
    reconsiderations.answer(
        again, by=desk.district(), overturned=False, text="合同仍在备案，应当计入。"
    )
    return {"notice": notice, "made": made, "clue": clue, "checker": checker, "served": served,
            "asked": asked, "failed": failed, "going": going, "answered": answered}  # fmt: skip


def addresses(story):
    notice, street = story["notice"], story["notice"].application.street
    checker = story["checker"].user
    mine = story["failed"].application.created_by
    own = accounts.staff(Role.WINDOW, bureau=story["going"].application.street).user
    return [
        ("notices", None, "/public/notices/"),
        ("object", None, f"/public/notices/{notice.pk}/object/"),
        ("follow", None, "/public/notices/follow/"),
        ("received", None, "/public/notices/objected/"),
        ("signing", checker, "/review/sign/"),
        ("deliver-failed", checker, f"/review/deliver/decision/{story['failed'].pk}/"),
        ("deliver-going", checker, f"/review/deliver/decision/{story['going'].pk}/"),
        ("deliver-served", checker, f"/review/deliver/decision/{story['served'].pk}/"),
        ("reconsideration", desk.district().user, f"/review/reconsider/{story['asked'].pk}/"),
        ("publicity", checker, "/review/publicity/"),
        ("objection", checker, f"/review/objections/{story['made'].pk}/"),
        ("take-up", checker, f"/review/objections/{story['clue'].pk}/refuse/"),
        ("poster", accounts.staff(Role.STREET, bureau=street).user,
         f"/review/publicity/{notice.pk}/poster/"),
        ("window-letters", own, "/window/letters/"),
        ("my-undelivered", mine, f"/my/case/{story['failed'].case_no}/"),
        ("my-answered", story["answered"].application.created_by,
         f"/my/case/{story['answered'].case_no}/"),
        ("my-too-late", story["answered"].application.created_by,
         f"/my/case/{story['answered'].case_no}/reconsider/"),
        ("my-service", mine, "/my/contact/service/"),
    ]  # fmt: skip


def test_no_page_has_a_fault_or_runs_over_at_any_width(page, client, live_server, story):
    objections.claim(story["made"], by=story["checker"])
    for name, user, address in addresses(story):
        cache.clear()
        enter(page, client, live_server, user)
        look_at(page, live_server, address, widths=(360, 1440), name=name)


def test_the_largest_letters_and_the_elders_mode_fit_a_phone(page, client, live_server, story):
    page.set_viewport_size({"width": 360, "height": 800})
    page.context.add_cookies(
        [
            {"name": SIZE_COOKIE, "value": "xlarge", "url": live_server.url},
            {"name": ELDER_COOKIE, "value": "1", "url": live_server.url},
        ]
    )
    for _name, user, address in addresses(story):
        if not address.startswith(("/my/", "/public/")):
            continue
        enter(page, client, live_server, user)
        page.goto(live_server.url + address)
        assert (address, width_of(page)) == (address, 0)
        assert (address, faults_of(page)) == (address, [])


def test_a_letter_is_sent_and_proven_by_keyboard_without_scripts(
    browser, client, live_server, story
):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    enter(page, client, live_server, story["checker"].user)
    page.goto(f"{live_server.url}/review/deliver/decision/{story['failed'].pk}/")
    page.get_by_label("上门送达").check()
    page.get_by_label("送到哪里").fill("鄞州区另一处2号")
    page.get_by_label("邮件号码").press("Enter")
    page.get_by_text("鄞州区另一处2号").first.wait_for()
    page.get_by_label("回执已签收").check()
    page.get_by_label("谁签收的，或者为什么没送到").fill("本人签收，身份证已核对")
    page.get_by_role("button", name="记录结果").press("Enter")
    page.get_by_text("期限从第二天算起").first.wait_for()
    story["failed"].refresh_from_db()
    assert story["failed"].served_at is not None
    context.close()


def test_somebody_objects_without_a_name_on_a_phone(page, live_server, story):
    notice = story["notice"]
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(f"{live_server.url}/public/notices/{notice.pk}/object/")
    page.get_by_label("您了解到的情况").fill("他们家好像另外还有一套房子在出租。")
    page.get_by_role("button", name="提交异议").click()
    page.get_by_text("公示照常进行").wait_for()
    assert notice.objections.filter(named=False).count() == 2
