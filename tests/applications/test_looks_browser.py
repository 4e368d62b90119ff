"""谁查过我的数据, questions and deferrals as a browser shows them: axe, width, print, languages."""

import re
from datetime import timedelta

import pytest
from django.conf import settings

from applications import look_deferrals, look_questions, looks, states
from applications.models import EvidenceAnswer
from core import audit, clock
from core.preferences import ELDER_COOKIE, SIZE_COOKIE
from datashare.models import Call
from tests.browsing import enter, look_at
from tests.factories import accounts
from tests.factories import applications as make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def story():
    """A family whose registers were asked, a reviewer who read, one question, two deferrals."""
    me = accounts.citizen(name="Lin")
    people = [make.person("01"), make.person("20", name="Xiao", child=True)]
    case = make.application(people, applicant=me, state=states.JOINT_REVIEW)
    member, at = case.applicant, clock.now() - timedelta(hours=3)
    for source in ("property", "vehicle", "marriage", "income_check"):
        call = Call.objects.create(
            source=source, case_no=case.case_no, purpose="x", by="worker",
            basis=f"consent:{member.consents.get().digest}", person_index=me.id_index,
            started_at=at, duration_ms=9, outcome="found",
        )  # fmt: skip
        row = make.evidence(case, source, member=member, status="found")
        EvidenceAnswer.objects.create(
            evidence=row, status="found", content={"records": []}, digest="d",
            fetched_at=at, asked_at=at, recorded_at=at,
        )  # fmt: skip
    make.assessment(case, findings=[make.finding("HOUSING_AREA", evidence=["property"])])
    reader = accounts.staff("reviewer", name="Wang")
    bureau = type(reader.bureau).objects.filter(pk=reader.bureau_id)
    bureau.update(name="Civil affairs")
    reader.refresh_from_db()
    entry = audit.looked(case, by=reader.user, purpose="-", subjects=[me.id_index])
    look = looks.one(me.id_index, looks.ENTRY, entry.pk)
    question = look_questions.ask(look, me.id_index, text="Why?", by=me.user)
    asked = look_deferrals.Asked(
        member=member, staff=(accounts.staff("reviewer", name="Cha"),), looks_from=clock.today(),
        ends_on=clock.today() + timedelta(days=9), office="Office", legal_basis="Law 1",
        document_no="D-7", reason="Because",
    )  # fmt: skip
    running = look_deferrals.request(asked, by=accounts.staff("district", name="Ask").user)
    look_deferrals.approve(running, by=accounts.staff("security", name="Yes").user)
    open_one = look_deferrals.request(asked, by=accounts.staff("district", name="Ask").user)
    return {
        "me": me, "case": case, "call": call, "question": question, "deferral": open_one,
        "consent": member.consents.get(),
    }  # fmt: skip


def addresses(story):
    """Each page, and whose it is."""
    case = story["case"].case_no
    return [
        ("citizen", "/my/data/"),
        ("citizen", "/my/data/?all=1"),
        ("citizen", f"/my/data/ask/call/{story['call'].pk}/"),
        ("citizen", f"/my/data/consents/{story['consent'].pk}/withdraw/"),
        ("security", "/office/data/"),
        ("security", f"/office/data/{story['question'].pk}/"),
        ("security", "/office/deferrals/"),
        ("security", f"/office/deferrals/{story['deferral'].pk}/"),
        ("security", "/office/deferrals/ask/"),
        ("security", f"/office/deferrals/ask/?case={case}"),
    ]


def test_each_page_passes_axe_and_fits_its_width(page, client, live_server, story):
    page.emulate_media(reduced_motion="reduce")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    users = {"citizen": story["me"].user, "security": accounts.staff("security").user}
    entered = ""
    for who, address in addresses(story):
        if who != entered:
            enter(page, client, live_server, users[who])
            entered = who
        look_at(page, live_server, address)
    assert said == []


def test_the_pages_say_nothing_in_chinese_when_read_in_english(page, client, live_server, story):
    page.context.add_cookies(
        [{"name": settings.LANGUAGE_COOKIE_NAME, "value": "en", "url": live_server.url}]
    )
    enter(page, client, live_server, story["me"].user)
    for who, address in addresses(story):
        if who != "citizen":
            continue
        page.goto(live_server.url + address)
        words = page.locator("main").inner_text()
        assert {line for line in words.splitlines() if HAN.search(line)} == set(), address


def test_the_list_fits_a_phone_in_the_largest_print(page, client, live_server, story):
    page.context.add_cookies(
        [
            {"name": name, "value": value, "url": live_server.url}
            for name, value in ((ELDER_COOKIE, "1"), (SIZE_COOKIE, "xlarge"))
        ]
    )
    enter(page, client, live_server, story["me"].user)
    page.set_viewport_size({"width": 360, "height": 800})
    for who, address in addresses(story):
        if who == "citizen":
            page.goto(live_server.url + address)
            wide = "document.documentElement.scrollWidth <= innerWidth"
            assert page.evaluate(wide), address
    page.goto(live_server.url + "/my/data/")
    box = page.locator(".yz-ask a, .yz-whose a").first.bounding_box()
    assert box and box["height"] >= 44
