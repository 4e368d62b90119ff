"""Pages of the public, the household, the office and the operator, and the API."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.roles import Role
from allocation import leases, offers, rounds, slips, states, verify
from allocation.bundle import unpack
from allocation.leases import explaining, texts
from allocation.models import Home, Offer, Round
from applications import letters
from applications import states as application_states
from core import clock, display
from core.models import OutboxMessage
from tests.factories import accounts
from tests.factories import allocation as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked")]


def text(answer) -> str:
    return answer.content.decode()


def citizen_of(application):
    """The account of the household's applicant."""
    applicant = application.applicant
    return accounts.citizen(name=applicant.name, number=applicant.id_number).user


def sign_in(client, offer):
    client.force_login(citizen_of(offer.entrant.application))


class TestPublic:
    def test_each_situation_of_a_round_is_said_first(self, client):
        assert "还没有摇号" in text(client.get("/public/draws/"))
        row = make.planned(3, 1)
        page = reverse("public_draw", args=[row.code])
        assert "正在登记意向" in text(client.get(page))
        make.freeze(row, by=row.created_by)
        assert "正在听取异议" in text(client.get(page))
        make.wait_for(clock.local_midnight(row.objection_until + timedelta(days=1)))
        assert "等待公开事件" in text(client.get(page))
        make.wait_for(row.entropy_at)
        assert "公开事件已经发生" in text(client.get(page))
        rounds.reveal(row, by=row.created_by, entropy=make.ENTROPY)
        assert "结果已公布" in text(client.get(page))
        rounds.propose_void(row, by=make.administrator(), reason="名单有误")
        rounds.void(row, by=make.administrator())
        assert "名单有误" in text(client.get(page))
        assert row.title in text(client.get("/public/draws/"))

    def test_tickets_are_shown_and_nobody_is_named(self, client):
        row = make.revealed(3, 1)
        page = text(client.get(reverse("public_draw", args=[row.code])))
        for entrant in row.entrants.all():
            assert entrant.ticket in page and entrant.case_no not in page
            for member in entrant.application.members.all():
                assert member.name not in page and member.id_number not in page

    def test_the_bundle_is_downloaded_without_signing_in_and_verifies(self, client):
        row = make.revealed(3, 1)
        got = client.get(reverse("public_draw_file", args=[row.code, "bundle.zip"]))
        assert verify.passed(verify.verify_files(unpack(got.content)))
        for name in ("roster.json", "reveal.json", "result.json", "ledger.jsonl"):
            one = client.get(reverse("public_draw_file", args=[row.code, name]))
            assert one.status_code == 200 and "attachment" in one["Content-Disposition"]

    def test_before_the_reveal_only_the_roster_is_there(self, client):
        row = make.frozen(2, 1)
        wanted = {"roster.json": 200, "reveal.json": 404, "bundle.zip": 404, "secret": 404}
        for name, status in wanted.items():
            got = client.get(reverse("public_draw_file", args=[row.code, name]))
            assert got.status_code == status, name
        page = text(client.get(reverse("public_draw", args=[row.code])))
        assert row.roster_sha256 in page and row.secret not in page

    @pytest.mark.parametrize(
        "name", ["yz_draw_verify.py", "verify.html", "verify.js", "verify.css"]
    )
    def test_both_verifiers_are_downloaded_as_they_lie_in_the_repository(
        self, client, settings, name
    ):
        got = client.get(reverse("public_verifier", args=[name]))
        assert got.content == (settings.BASE_DIR / "static" / "draw" / name).read_bytes()
        assert client.get(reverse("public_verifier", args=["base.css"])).status_code == 404

    def test_a_ticket_is_found_and_an_unknown_one_is_told(self, client):
        row = make.revealed(2, 1)
        page = reverse("public_draw", args=[row.code])
        ticket = row.entrants.first().ticket
        assert "摇号顺序第" in text(client.get(page, {"ticket": ticket}))
        assert "没有找到这个号牌" in text(client.get(page, {"ticket": "T0"}))

    def test_an_unknown_round_is_a_404(self, client):
        assert client.get(reverse("public_draw", args=["NOPE"])).status_code == 404


class TestHousehold:
    def test_an_intention_is_registered_shown_and_taken_back(self, client):
        household = make.waiting()
        row = make.planned(0, 1)
        client.force_login(citizen_of(household))
        assert "现在第1位" in text(client.get(reverse("my_wait")))
        client.post(reverse("my_wait"), {"first": "EST-A", "second": "EST-A", "any_estate": "on"})
        household.refresh_from_db()
        assert household.state == application_states.RE_REVIEW
        assert household.wishes["preferences"] == ["EST-A"]
        assert "已登记意向" in text(client.get(reverse("my_wait")))
        client.post(reverse("my_wait_leave"))
        household.refresh_from_db()
        assert household.state == application_states.WAITLISTED
        assert row.state == states.R_PLANNED

    def test_from_ticket_to_keys_on_the_phone(self, client):
        round_ = make.revealed(2, 1)
        offer = Offer.objects.get(entrant__round=round_)
        sign_in(client, offer)
        page = text(client.get(reverse("my_draw")))
        assert offer.entrant.ticket in page and reverse("public_draw", args=[round_.code]) in page
        assert offer.home.code not in text(client.get(reverse("my_offer")))
        client.post(reverse("my_offer"))
        offer.refresh_from_db()
        assert (offer.state, offer.opened_via) == (states.O_OPEN, "phone")
        page = text(client.get(reverse("my_offer")))
        assert offer.home.code in page and "966.00元/月" in page and "25.00元每平方米" in page
        assert "第1次放弃" in text(client.get(reverse("my_choose", args=["decline"])))
        client.post(reverse("my_choose", args=["think"]))
        assert "考虑中" in text(client.get(reverse("my_offer")))
        assert client.post(reverse("my_choose", args=["accept"])).url == reverse("my_lease")
        name = offer.entrant.application.applicant.name
        lease = reverse("my_lease")
        assert name in text(client.get(lease)).partition("<main")[2]
        assert client.post(lease, {"name": name}).status_code == 422
        keys = explaining.left(texts.contract_of(offer.lease))
        assert "还有条款没有打勾" in text(
            client.post(lease, {"step": "explained", "clause": keys[1:]})
        )
        assert client.post(lease, {"name": name}).status_code == 422
        client.post(lease, {"step": "explained", "clause": keys[:1]})
        assert client.post(lease, {"name": "别人"}).status_code == 422
        assert client.post(lease, {"name": name}).status_code == 302
        offer.lease.refresh_from_db()
        assert offer.lease.state == states.L_SIGNED
        assert client.get(reverse("my_lease_pdf")).content.startswith(b"%PDF")
        for name in ("my_slip", "my_appointment"):
            assert client.get(reverse(name)).content.startswith(b"%PDF")
        page = text(client.get(reverse("my_keys")))
        assert "开通中" in page and name not in page.partition("<main")[2]

    def test_the_page_of_the_case_says_until_when_the_home_is_held(self, client):
        offer = make.opened()
        sign_in(client, offer)
        page = text(client.get(reverse("my_case", args=[offer.case_no])))
        assert display.day(offers.last_day(offer)) in page

    def test_the_codes_on_slip_and_contract_are_known_as_genuine(self, client):
        lease = make.signed()
        slip = slips.of(lease.offer.entrant)
        codes = {slip.code: "摇号结果凭条", letters.check_code(lease.number): "租赁合同"}
        for code, kind in codes.items():
            assert kind in text(client.post(reverse("letter_check"), {"code": code}))

    def test_a_stranger_reads_nothing_of_it(self, client):
        lease = make.signed()
        client.force_login(accounts.citizen().user)
        for name in ("my_wait", "my_draw", "my_offer", "my_lease", "my_keys"):
            answer = client.get(reverse(name))
            assert answer.status_code == 200
            assert lease.home.code not in text(answer) and lease.number not in text(answer)
        for name in ("my_lease_pdf", "my_slip", "my_appointment"):
            assert client.get(reverse(name)).status_code == 404
        assert client.post(reverse("my_choose", args=["accept"])).status_code == 404

    def test_a_refusal_is_read_on_the_page_where_it_happened(self, client):
        offer = make.opened()
        sign_in(client, offer)
        make.wait_for(offer.due_at)
        answer = client.post(reverse("my_choose", args=["accept"]))
        assert answer.status_code == 422 and "期限已过" in text(answer)

    def test_who_is_on_the_reserve_reads_the_place(self, client):
        row = make.revealed(2, 1)
        entrant = row.assignments.get(home=None).entrant
        client.force_login(citizen_of(entrant.application))
        assert "候补第1位" in text(client.get(reverse("my_draw")))
        assert "候补第1位" in text(client.get(reverse("my_offer")))


class TestOffice:
    def post(self, client, row, step, **data):
        return client.post(reverse("office_round_step", args=[row.code, step]), data)

    def test_a_round_is_planned_filled_frozen_and_revealed_from_the_office(self, client):
        one = make.home()
        client.force_login(make.administrator().user)
        today = clock.today()
        days = {
            "intention_until": today,
            "objection_until": today + timedelta(days=6),
            "entropy_on": today + timedelta(days=7),
        }
        data = {
            "code": "YZ-2026-77", "title": "第77次", "text": "方案", "entropy_name": "开奖",
            "entropy_time": "15:00", "entropy_format": make.FORMAT,
            "entropy_example": make.EXAMPLE, "choose_days": 3,
        }  # fmt: skip
        for name, day in days.items():
            data |= {f"{name}_{part}": getattr(day, part) for part in ("year", "month", "day")}
        answer = client.post(reverse("office_round_plan"), {**data, "entropy_format": "^[0-9]$"})
        assert answer.status_code == 422 and "太短" in text(answer)
        answer = client.post(reverse("office_round_plan"), data)
        assert answer.url == reverse("office_round_homes", args=["YZ-2026-77"])
        assert one.code in text(client.get(answer.url))
        client.post(answer.url, {"homes": [one.pk]})
        row = Round.objects.get(code="YZ-2026-77")
        assert list(row.homes.all()) == [one]
        make.joined(make.waiting(), make.closed(row), by=row.created_by)
        self.post(client, row, "freeze")
        row.refresh_from_db()
        assert row.state == states.R_FROZEN
        answer = self.post(client, row, "reveal", entropy=make.ENTROPY, again=make.ENTROPY)
        assert answer.status_code == 422 and "还没有发生" in text(answer)
        make.wait_for(row.entropy_at)
        answer = self.post(client, row, "reveal", entropy=make.ENTROPY, again=make.EXAMPLE)
        assert answer.status_code == 422 and "两遍不一样" in text(answer)
        self.post(client, row, "reveal", entropy=make.ENTROPY, again=make.ENTROPY)
        row.refresh_from_db()
        assert row.state == states.R_REVEALED
        self.post(client, row, "close")
        row.refresh_from_db()
        assert row.state == states.R_REVEALED  # an answer is still due

    def test_two_people_void_a_round_from_the_office(self, client):
        row = make.frozen(2, 1)
        one, other = make.administrator(), make.administrator()
        client.force_login(one.user)
        assert self.post(client, row, "propose-void").status_code == 422
        self.post(client, row, "propose-void", **{"propose-void-reason": "名单有误"})
        self.post(client, row, "void")
        row.refresh_from_db()
        assert row.state == states.R_FROZEN
        client.force_login(other.user)
        assert "确认作废" in text(client.get(reverse("office_round", args=[row.code])))
        self.post(client, row, "void")
        row.refresh_from_db()
        assert row.state == states.R_VOID

    def test_who_declares_a_relation_loses_the_buttons(self, client):
        row = make.frozen(2, 1)
        client.force_login(make.administrator().user)
        page = reverse("office_round", args=[row.code])
        self.post(client, row, "exclude", **{"exclude-reason": "表弟参加"})
        assert "提出作废" not in text(client.get(page)) and "表弟参加" in text(client.get(page))

    def test_a_leader_looks_and_does_not_act(self, client):
        row = make.frozen(2, 1)
        client.force_login(accounts.staff(Role.LEADER).user)
        assert client.get(reverse("office_rounds")).status_code == 200
        assert client.get(reverse("office_round", args=[row.code])).status_code == 200
        assert self.post(client, row, "close").status_code == 403
        assert client.get(reverse("office_round_plan")).status_code == 403

    def test_an_unknown_step_is_a_404(self, client):
        client.force_login(make.administrator().user)
        assert self.post(client, make.planned(), "explode").status_code == 404


class TestOperator:
    def test_arrivals_pushes_and_dead_messages_are_shown_and_repaired(self, client):
        lease = make.signed()
        OutboxMessage.objects.filter(kind="grant").update(state="dead", error="TimeoutError")
        client.force_login(accounts.staff(Role.OPERATOR).user)
        page = text(client.get(reverse("operator_today")))
        assert lease.number in page and "再发一次" in page
        dead = OutboxMessage.objects.get(kind="grant")
        client.post(reverse("operator_retry", args=[dead.pk]))
        dead.refresh_from_db()
        assert dead.state == OutboxMessage.State.PENDING

    def test_no_name_income_or_tier_reaches_the_operating_company(self, client):
        lease = make.signed()
        leases.start_move_out(lease, until=clock.today(), by=offers.SYSTEM)
        client.force_login(accounts.staff(Role.OPERATOR).user)
        page = text(client.get(reverse("operator_today")))
        for member in lease.application.members.all():
            assert member.name not in page and member.id_number not in page
        assert lease.tier not in page and "搬迁期" in page

    def test_homes_are_drawn_as_buildings(self, client):
        made = make.home()
        client.force_login(accounts.staff(Role.OPERATOR).user)
        assert made.room in text(client.get(reverse("operator_homes")))
        Home.objects.all().delete()
        assert client.get(reverse("operator_homes")).status_code == 200

    def test_a_text_message_is_not_the_operators_business(self, client):
        other = OutboxMessage.objects.create(
            destination="sms", kind="x", key="x", payload={}, next_attempt_at=clock.now(),
            created_at=clock.now(), state="dead",
        )  # fmt: skip
        client.force_login(accounts.staff(Role.OPERATOR).user)
        assert client.post(reverse("operator_retry", args=[other.pk])).status_code == 404


class TestApi:
    def test_rounds_homes_and_households_are_read_and_filtered(self, client):
        lease = make.signed()
        round_ = lease.offer.entrant.round
        client.force_login(make.administrator().user)
        rows = client.get("/api/v1/rounds/", {"state": "revealed"}).json()["results"]
        assert [one["code"] for one in rows] == [round_.code]
        assert round_.secret not in json.dumps(rows)
        let = client.get("/api/v1/homes/", {"state": "let"}).json()["results"]
        assert [one["code"] for one in let] == [lease.home.code]
        on = {"on": clock.today().isoformat()}
        (one,) = client.get("/api/v1/households/", on).json()["results"]
        assert (one["number"], one["rent_monthly"]) == (lease.number, "966.00")
        before = {"on": (clock.today() - timedelta(days=1)).isoformat()}
        assert client.get("/api/v1/households/", before).json()["results"] == []
        got = client.get(f"/api/v1/households/{lease.number}/").json()
        assert got["case_no"] == lease.case_no

    def test_only_the_named_roles_come_in_and_nobody_writes(self, client):
        client.force_login(accounts.staff(Role.WINDOW).user)
        for name in ("rounds", "homes", "households"):
            assert client.get(f"/api/v1/{name}/").status_code == 403
        client.force_login(make.administrator().user)
        assert client.post("/api/v1/rounds/", {}).status_code in {403, 405}
