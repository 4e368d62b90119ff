"""A campaign's pages: numbers that lead to their households, the sample, the report, the export."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from core import clock
from core.models import AuditEntry
from office import exports, sealed_file, tasks
from renewal import campaign_list, campaigns, exits, numbers, recheck, sampling, states
from renewal.models import ExitCase, Recheck, SampleCheck
from tests.browsing import enter, faults_of, width_of
from tests.factories import accounts, tenancies
from tests.renewal.test_campaigns import settle_all

pytestmark = pytest.mark.django_db
COUNTED = {"all": 2, "renewed": 1, "flagged": 1, "sample": 1, "sample_open": 1, "in_force": 2}


@pytest.fixture
def campaign(registers, households):
    """Run to its end: one household confirmed and drawn for the sample, one with a clue."""
    made, leases = settle_all(registers, households, "H02", "H19", tier="DB")
    made.leases = leases
    return made


@pytest.fixture
def office(client):
    client.force_login(accounts.staff("admin").user)
    return client


def test_every_number_counts_the_households_that_it_leads_to(campaign):
    found = numbers.counted(campaign)
    for one in numbers.NUMBERS:
        assert found[one.code] == numbers.households(campaign, one.code).count(), one.code
        query = QueryDict(f"number={one.code}")
        assert campaign_list.of(campaign, query).total == found[one.code]
    assert {code: n for code, n in found.items() if n} == COUNTED
    for column in ("street", "tier"):
        rows = numbers.by(campaign, column)
        assert sum(counts["all"] for _key, _word, counts in rows) == 2
        for key, _word, counts in rows:
            query = QueryDict(f"number=flagged&{column}={key}")
            assert campaign_list.of(campaign, query).total == counts["flagged"]


def test_each_household_ends_in_one_lane_that_stays_when_a_person_has_settled_it(campaign):
    lanes = dict(campaign.rechecks.values_list("lease_id", "lane"))
    assert lanes == {campaign.leases["H02"].pk: "clean", campaign.leases["H19"].pk: "suspect"}
    case = ExitCase.objects.get()
    staff = accounts.staff("district")
    exits.clear(case, by=staff, reason="合同已注销")
    row = Recheck.objects.get(lease=campaign.leases["H19"])
    assert (row.state, row.lane) == ("settled", "suspect")
    counts = numbers.counted(campaign)
    assert (counts["flagged"], counts["wrong"], counts["ended"]) == (1, 1, 0)
    (reason,) = numbers.reasons(campaign)
    assert (reason.flagged, reason.wrong, reason.ended) == (1, 1, 0)


def test_the_days_to_the_hearing_run_from_the_notice(campaign):
    case, staff = ExitCase.objects.get(), accounts.staff("district")
    assert numbers.days_to_hearing(campaign) is None
    exits.confirm(case, by=staff, second_route="契税已完税")
    exits.serve_notice(ExitCase.objects.get(), by=staff)
    with clock.held_at(clock.now() + timedelta(days=3)):
        exits.hear(ExitCase.objects.get(), by=staff.user, channel="phone", text="正在办理过户")
    days = numbers.days_to_hearing(campaign)
    assert (days.households, days.middle, days.longest) == (1, 3, 3)
    assert numbers.counted(campaign)["confirmed"] == 1


def test_a_case_that_was_open_before_is_settled_with_the_recheck(registers, households):
    case = households["H19"]
    from tests.factories import applications as make

    lease = tenancies.lease([make.Person(p.name, p.id_number, p.relation) for p in case.household])
    for source, answers in case.to_dict()["records"].items():
        for number, rows in answers.items():
            registers.rows[source, number] = rows
    before = exits.open_case(lease, ground="arrears", flags=[], by=recheck.SYSTEM)
    admin = accounts.staff("admin").user
    made = campaigns.start(campaigns.plan(case.as_of.year, by=admin, on=case.as_of), by=admin)
    while campaigns.step(made.pk):
        pass
    before.refresh_from_db()
    assert before.recheck == Recheck.objects.get(lease=lease)


# -- Sample ---------------------------------------------------------------------------------------


def test_the_sample_is_drawn_by_the_seed_and_drawn_again_the_same(campaign):
    redone = sampling.redone(campaign)
    assert (redone.clean, redone.marked, redone.same) == (1, 1, True)
    Recheck.objects.filter(sampled=True).update(sampled=False)
    assert not sampling.redone(campaign).same


def test_the_households_with_the_smallest_numbers_are_drawn_and_never_too_few():
    seed, leases = "00" * 32, [f"L{n:05d}" for n in range(4000)]
    share = sum(sampling.number_of(seed, one) < sampling.SHARE for one in leases) / len(leases)
    assert 0.04 < share < 0.06
    assert sampling.number_of(seed, "L00000") != sampling.number_of("11" * 32, "L00000")


def test_what_a_person_finds_different_becomes_a_question_and_never_an_end(campaign, office):
    row = Recheck.objects.get(sampled=True)
    address = f"/office/recheck/sample/{row.pk}/"
    assert office.get(address).status_code == 200
    looked = AuditEntry.objects.filter(verb="looked", case_no=row.case_no)
    assert looked.count() == 1
    answer = office.post(address, {"verdict": "differs", "note": " "})
    assert "请写下哪里有出入" in answer.content.decode()
    row.refresh_from_db()
    assert row.state == states.K_CLEAN and not SampleCheck.objects.exists()
    answer = office.post(address, {"verdict": "differs", "note": "邻居说房子没有人住"})
    assert answer.status_code == 302
    row.refresh_from_db()
    assert (row.state, row.lane, row.settled_at) == (states.K_QUESTION, states.K_CLEAN, None)
    assert not ExitCase.objects.filter(lease=row.lease).exists()
    counts = numbers.counted(campaign)
    assert (counts["renewed"], counts["question"], counts["differs"]) == (0, 1, 1)
    assert sampling.redone(campaign).same
    with pytest.raises(sampling.SampleRefused, match="已经抽查过"):
        staff = accounts.staff("admin")
        sampling.conclude(row, by=staff, verdict="agrees", note="")


def test_nobody_looks_at_their_own_household_in_the_sample(campaign):
    row, staff = Recheck.objects.get(sampled=True), accounts.staff("admin")
    staff.id_index = row.lease.application.applicant.id_index
    staff.save(update_fields=["id_index"])
    with pytest.raises(sampling.SampleRefused):
        sampling.conclude(row, by=staff, verdict="agrees", note="")
    assert not SampleCheck.objects.exists()


# -- Pages ----------------------------------------------------------------------------------------


def test_the_list_pages_by_key_in_the_same_statements_for_any_number(campaign, office, monkeypatch):
    address = f"/office/recheck/{campaign.code}/"
    assert office.get(address).status_code == 200
    with CaptureQueriesContext(connection) as few:
        office.get(address)
    for _n in range(3):
        Recheck.objects.create(campaign=campaign, lease=tenancies.lease(), state_since=clock.now())
    with CaptureQueriesContext(connection) as more:
        office.get(address)
    assert len(more) == len(few)
    monkeypatch.setattr(campaign_list, "PAGE", 2)
    seen, query = [], QueryDict("")
    while True:
        found = campaign_list.of(campaign, query)
        seen += [line.row.pk for line in found.lines]
        if not found.next_href:
            break
        query = QueryDict(found.next_href[1:])
    assert seen == sorted(campaign.rechecks.values_list("pk", flat=True))
    assert campaign_list.of(campaign, QueryDict(found.previous_href[1:])).lines
    assert campaign_list.of(campaign, QueryDict("number=nonsense")).total == 0


def test_the_dry_run_on_the_page_plans_nothing(office):
    tenancies.lease()
    answer = office.post("/office/recheck/", {"year": 2030, "try": "1"})
    assert "试算结果" in answer.content.decode()
    assert not recheck.Campaign.objects.exists()
    answer = office.post("/office/recheck/", {"year": 2030, "limit": 5, "plan": "1"})
    assert answer.headers["Location"] == "/office/recheck/2030/"
    answer = office.post("/office/recheck/", {"year": 2030, "special": "on", "plan": "1"})
    assert answer.headers["Location"] == "/office/recheck/2030-1/"


def test_a_leader_reads_and_moves_nothing(client, campaign):
    client.force_login(accounts.staff("leader").user)
    assert client.get(f"/office/recheck/{campaign.code}/report/").status_code == 200
    page = client.get(f"/office/recheck/{campaign.code}/").content.decode()
    assert "取消这次复核" not in page
    client.post("/office/recheck/", {"year": 2040, "plan": "1"})
    assert not recheck.Campaign.objects.filter(year=2040).exists()


def test_a_campaign_is_cancelled_with_a_reason_alone(office, registers):
    tenancies.lease()
    made = campaigns.plan(2030, by=accounts.staff("admin").user)
    address = f"/office/recheck/{made.code}/do/cancel/"
    office.post(address, {"reason": ""})
    made.refresh_from_db()
    assert made.state == states.C_PLANNED
    office.post(address, {"reason": "年度写错了"})
    made.refresh_from_db()
    assert made.state == states.C_CANCELLED
    assert AuditEntry.objects.filter(verb="campaign.left_out").count() == 1


def test_the_list_is_taken_out_as_a_file_by_its_filters(campaign, settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(tasks.make_export, "delay_on_commit", lambda *_a: None)
    staff = accounts.staff("admin")
    query = QueryDict(f"campaign={campaign.code}&number=flagged")
    row = exports.ask("rechecks", "csv", query, purpose="年度复核总结报区政府", by=staff)
    assert exports.make(row.pk, row.attempt)
    row.refresh_from_db()
    text = b"".join(sealed_file.read(row.file)).decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    assert len(lines) == 4  # the mark, the heads, the household, the mark
    assert lines[2][0] == campaign.leases["H19"].case_no
    with pytest.raises(exports.ExportRefused):
        exports.ask(
            "rechecks", "csv", QueryDict("campaign=x"), purpose="年度复核总结报区政府", by=staff
        )


@pytest.mark.django_db(transaction=True)
def test_the_pages_of_a_campaign_fit_a_narrow_window(
    page, client, live_server, registers, households
):
    made, _leases = settle_all(registers, households, "H02", "H19", tier="DB")
    row = Recheck.objects.get(sampled=True)
    enter(page, client, live_server, accounts.staff("admin").user)
    one = f"/office/recheck/{made.code}/"
    pages = ["/office/recheck/", one, f"{one}report/", f"{one}sample/", f"{one}?number=flagged"]
    for width in (360, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        for address in [*pages, f"/office/recheck/sample/{row.pk}/"]:
            page.goto(f"{live_server.url}{address}")
            assert width_of(page) <= 0, address
            if width == 360:
                assert faults_of(page) == [], address
            assert page.locator("h1").count() == 1
    page.set_viewport_size({"width": 360, "height": 900})
    page.goto(f"{live_server.url}/office/recheck/")
    page.get_by_role("button", name="试算").click()
    page.get_by_role("heading", name="试算结果").wait_for()
    assert faults_of(page) == [] and width_of(page) <= 0
