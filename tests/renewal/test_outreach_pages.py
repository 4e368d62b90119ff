"""The pages of outreach: the street's list, one household, the letter, numbers, the person's."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from applications import looks
from applications import states as case_states
from core import clock
from core.identity import masking
from core.models import AuditEntry
from renewal import outreach, states
from renewal.models import NoContact, Outreach
from tests.factories import accounts
from tests.factories import applications as make
from tests.factories import discovery as found

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk():
    return accounts.staff([Role.STREET, Role.WINDOW])


@pytest.fixture
def desk(client, clerk):
    client.force_login(clerk.user)
    return client


def page_of(row):
    return reverse("outreach_one", args=[row.pk])


def text(response) -> str:
    return response.content.decode()


def test_a_street_lists_its_own_households_with_masked_names(desk, clerk):
    found.outreach(street=clerk.bureau, name="欧阳主动")
    found.outreach(street=accounts.another_street(clerk.bureau), name="别处的人")
    shown = text(desk.get("/review/outreach/?what=free"))
    assert masking.mask_name("欧阳主动") in shown
    assert "欧阳主动" not in shown
    assert "别处" not in shown


def test_the_list_goes_on_by_key_and_asks_no_more_for_more_rows(desk, clerk):
    for _n in range(3):
        found.outreach(street=clerk.bureau)
    address = "/review/outreach/?what=free"
    desk.get(address)
    with CaptureQueriesContext(connection) as few:
        desk.get(address)
    for _n in range(49):
        found.outreach(street=clerk.bureau)
    with CaptureQueriesContext(connection) as many:
        first = desk.get(address)
    assert len(many) == len(few)
    assert len(first.context["lines"]) == 50
    second = desk.get("/review/outreach/" + first.context["next_href"])
    assert len(second.context["lines"]) == 2
    assert not second.context["next_href"]
    both = {one.row.pk for one in (*first.context["lines"], *second.context["lines"])}
    assert len(both) == 52


@pytest.mark.parametrize("after", ["x", "2026-99-01.1", "2026-01-01.x", ""])
def test_a_key_that_is_none_begins_at_the_beginning(desk, clerk, after):
    found.outreach(street=clerk.bureau)
    shown = desk.get(f"/review/outreach/?what=free&after={after}")
    assert len(shown.context["lines"]) == 1


def test_from_claim_to_draft_by_plain_forms(desk, clerk):
    row = found.outreach(street=clerk.bureau)
    address = page_of(row)
    assert "我们没有作任何决定" in text(desk.get(address))
    assert desk.post(address, {"action": "claim"}).status_code == 302
    tried = {"action": "attempt", "attempt-way": "visit", "attempt-result": "reached"}
    assert desk.post(address, tried).status_code == 302
    begun = {"action": "begin", "begin-way": "online"}
    assert desk.post(address, begun).status_code == 422  # the person has not said yes
    assert desk.post(address, {**begun, "begin-agreed": "on"}).status_code == 302
    row.refresh_from_db()
    assert row.state == states.O_DRAFT
    assert "草稿还没有提交" in text(desk.get(address))


def test_begun_at_the_window_it_goes_on_at_the_windows_desk(desk, clerk):
    row = outreach.claim(found.outreach(street=clerk.bureau), by=clerk)
    outreach.attempt(row, way="counter", result="reached", by=clerk)
    sent = {"action": "begin", "begin-way": "window", "begin-agreed": "on"}
    went = desk.post(page_of(row), sent)
    row.refresh_from_db()
    assert went.url == reverse("window_desk", kwargs={"ref": row.application.ref})
    assert desk.get(went.url).status_code == 200


def test_a_wrong_pair_of_way_and_result_is_told_on_the_form(desk, clerk):
    row = outreach.claim(found.outreach(street=clerk.bureau), by=clerk)
    sent = {"action": "attempt", "attempt-way": "notice", "attempt-result": "reached"}
    answer = desk.post(page_of(row), sent)
    assert answer.status_code == 422
    assert "请选择联系方式" in text(answer)


def test_each_look_is_recorded_and_the_person_reads_it_in_plain_words(desk, clerk):
    row = found.outreach(street=clerk.bureau)
    for address in (page_of(row), reverse("outreach_letter", args=[row.pk])):
        before = AuditEntry.objects.filter(verb="looked").count()
        assert desk.get(address).status_code == 200
        last = AuditEntry.objects.filter(verb="looked").order_by("pk").last()
        assert AuditEntry.objects.filter(verb="looked").count() == before + 1
        assert last.subjects == [row.person_index]
        assert last.purpose
    days = looks.page(row.person_index, looks.Wanted(), 1).object_list
    assert {one.what for day in days for one in day.looks} == {"查看主动联系的任务"}


def test_nobody_of_another_street_or_department_opens_the_household(client, clerk):
    row = found.outreach(street=clerk.bureau)
    elsewhere = accounts.staff(Role.STREET, bureau=accounts.another_street(clerk.bureau))
    client.force_login(elsewhere.user)
    assert client.get(page_of(row)).status_code == 404
    client.force_login(accounts.staff(Role.REVIEWER).user)
    assert client.get(page_of(row)).status_code == 403
    client.force_login(accounts.staff(Role.OPERATOR).user)
    assert client.get(page_of(row)).status_code == 403


def test_the_letter_names_nobody_and_no_finding(desk, clerk, monkeypatch, settings):
    from renewal import outreach_letter

    settings.SITE_URL = "https://housing.example"
    told = {}
    real = outreach_letter.letters.pdf

    def seen(template, data, **more):
        told.update(data, template=template.read_text())
        return real(template, data, **more)

    monkeypatch.setattr(outreach_letter.letters, "pdf", seen)
    row = found.outreach(street=clerk.bureau, name="欧阳主动")
    answer = desk.get(reverse("outreach_letter", args=[row.pk]))
    assert answer.content.startswith(b"%PDF")
    said = str(told)
    for secret in (row.name, row.person_number, "低保", "救助", row.address):
        assert secret not in said
    assert "没有作任何决定" in said
    assert told["address"] == "https://housing.example/check/"
    assert told["qr"]


def test_numbers_count_by_street_and_each_opens_its_list(client, clerk):
    other = accounts.another_street(clerk.bureau)
    days = timedelta(days=1)
    found.outreach(street=clerk.bureau, contacted_at=clock.now() + 2 * days)
    found.outreach(
        street=clerk.bureau, state=states.O_NOT_WANTED, contacted_at=clock.now() + 4 * days,
        reached_at=clock.now(),
    )  # fmt: skip
    case = make.application(state=case_states.JOINT_REVIEW)
    found.outreach(street=other, state=states.O_APPLIED, application=case, reached_at=clock.now())
    late = found.outreach(street=other, next_on=clock.today() - days)
    client.force_login(accounts.staff(Role.DISTRICT).user)
    shown = client.get("/review/outreach/numbers/")
    lines = {one.code: one for one in shown.context["lines"]}
    counts = [dict(zip(shown.context["words"], (cell[1] for cell in one.cells), strict=True))
              for one in (lines[""], lines[clerk.bureau.code], lines[other.code])]  # fmt: skip
    assert [one["发现"] for one in counts] == [4, 2, 2]
    assert [one["联系上"] for one in counts] == [2, 1, 1]
    assert [one["已申请"] for one in counts] == [1, 0, 1]
    assert [one["暂不需要"] for one in counts] == [1, 1, 0]
    assert [one["该联系没联系"] for one in counts] == [1, 0, 1]
    assert lines[clerk.bureau.code].days == 3.0
    for _word, number, href in lines[other.code].cells:
        assert len(client.get(href).context["lines"]) == number
    named = client.get(f"/review/outreach/?what=late&street={other.code}").context["lines"]
    assert [one.row.pk for one in named] == [late.pk]


def test_numbers_ask_the_same_however_many_streets_there_are(client):
    client.force_login(accounts.staff(Role.DISTRICT).user)
    street = accounts.bureau("street")
    found.outreach(street=street)
    client.get("/review/outreach/numbers/")
    with CaptureQueriesContext(connection) as few:
        client.get("/review/outreach/numbers/")
    for _n in range(4):
        found.outreach(street=accounts.another_street(street))
    with CaptureQueriesContext(connection) as many:
        client.get("/review/outreach/numbers/")
    assert len(many) == len(few)


def test_a_household_that_was_found_and_signed_a_lease_counts_as_housed(client):
    from tests.factories import tenancies

    lease = tenancies.lease()
    found.outreach(
        number=lease.application.applicant.id_number, state=states.O_APPLIED,
        application=lease.application,
    )  # fmt: skip
    client.force_login(accounts.staff(Role.DISTRICT).user)
    housed = client.get("/review/outreach/?what=housed").context["lines"]
    assert len(housed) == 1
    assert "已签约入住" in text(client.get(page_of(housed[0].row)))


def test_the_person_reads_why_and_what_deletes_the_draft_and_says_never_again(client, clerk):
    row = outreach.claim(found.outreach(street=clerk.bureau), by=clerk)
    outreach.attempt(row, way="visit", result="reached", by=clerk)
    outreach.begin(row, way="online", by=clerk)
    person = accounts.citizen(name=row.name, number=row.person_number)
    client.force_login(person.user)
    start = text(client.get("/apply/"))
    assert "工作人员为您备好" in start
    assert clerk.bureau.name in start
    shown = text(client.get("/my/outreach/"))
    assert clerk.bureau.name in shown
    assert "省大救助" in shown
    client.post("/my/outreach/", {"delete": "1"})
    row.refresh_from_db()
    assert (row.state, row.application) == (states.O_REACHED, None)
    client.post("/my/outreach/", {"never": "1"})
    row.refresh_from_db()
    assert row.state == states.O_NOT_WANTED
    assert "可以再联系我" in text(client.get("/my/outreach/"))
    client.post("/my/outreach/", {"again": "1"})
    assert not NoContact.objects.filter(ended_at=None).exists()


def test_somebody_never_found_reads_that_and_sees_nothing_of_others(client, clerk):
    row = found.outreach(street=clerk.bureau)
    client.force_login(accounts.citizen().user)
    shown = text(client.get("/my/outreach/"))
    assert "我们没有因此联系过您" in shown
    assert row.name not in shown
    client.post("/my/outreach/", {"delete": "1"})
    assert Outreach.objects.get().state == states.O_FOUND
