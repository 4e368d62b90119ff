"""Pages around a round: plan, roster by ticket, objections, checks, intentions at the window."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.roles import Role
from allocation import intentions, re_reviews, roster_objections, rounds, states
from allocation.models import ReReview, RosterObjection, Round
from applications import objections
from applications import states as application_states
from core import clock
from core.models import AuditEntry
from tests.factories import accounts, applications
from tests.factories import allocation as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked")]
TEXT, CONTACT = "名单里少了一套已经公布的房源", "周明 13800001111"


def text(answer) -> str:
    return answer.content.decode()


def of(row, name, *more):
    return reverse(name, args=[row.code, *more])


def citizen_of(application):
    applicant = application.applicant
    return accounts.citizen(name=applicant.name, number=applicant.id_number).user


class TestPublic:
    def test_the_plan_says_place_number_type_area_rent_groups_and_days(self, client):
        row = make.planned(0, 2, groups=["ZPX"])
        page = text(client.get(of(row, "public_plan")))
        for word in ("测试路1号", "2套", "两室", "55.20", "966.00元/月", "中等偏下", "一体机预约"):
            assert word in page, word
        got = client.get(of(row, "public_plan_pdf"))
        assert got.content.startswith(b"%PDF")

    def test_a_plan_without_homes_says_so(self, client):
        assert "房源还没有列入" in text(client.get(of(make.planned(0, 0), "public_plan")))

    def test_the_roster_shows_tickets_and_ones_own_only_to_who_signed_in(self, client):
        mine = make.waiting()
        row = make.frozen([mine, make.waiting()], 1)
        page = text(client.get(of(row, "public_roster")))
        for entrant in row.entrants.all():
            assert entrant.ticket in page and entrant.application.applicant.name not in page
        assert "您家的号牌" not in page
        client.force_login(citizen_of(mine))
        page = text(client.get(of(row, "public_roster")))
        own = row.entrants.get(application=mine).ticket
        assert own in page.partition("您家的号牌")[2].partition("找号牌")[0]
        assert "您家的号牌" in text(client.get(of(row, "public_draw")))
        client.force_login(accounts.citizen().user)
        assert "您家的号牌" not in text(client.get(of(row, "public_roster")))

    def test_a_ticket_is_found_on_the_roster(self, client):
        row = make.frozen(3, 1)
        one, other = row.entrants.all()[:2]
        page = text(client.get(of(row, "public_roster"), {"ticket": one.ticket.lower()}))
        assert one.ticket in page and other.ticket not in page
        assert "没有找到这个号牌" in text(client.get(of(row, "public_roster"), {"ticket": "T1"}))
        assert client.get(of(make.planned(0, 0), "public_roster")).status_code == 404

    def test_an_objection_is_made_followed_and_answered_without_a_name(self, client):
        row = make.frozen(2, 1)
        page = of(row, "public_roster_object")
        answer = client.post(page, {"about": "homes", "text": "不对", "contact": CONTACT})
        assert answer.status_code == 422 and "至少10个字" in text(answer)
        answer = client.post(page, {"about": "homes", "text": TEXT, "contact": CONTACT})
        assert answer.url == of(row, "public_roster_objected")
        made = RosterObjection.objects.get()
        number = objections.grouped(made.number)
        assert number in text(client.get(answer.url))
        follow = of(row, "public_roster_follow")
        assert "正在核查" in text(client.post(follow, {"number": number}))
        assert client.post(follow, {"number": "AAAAA-AAAAA"}).status_code == 422
        roster_objections.answer(
            made, by=make.administrator(), outcome="no_effect", text="清单已经补上说明"
        )
        assert "清单已经补上说明" in text(client.post(follow, {"number": number}))
        shown = text(client.get(of(row, "public_draw")))
        assert "清单已经补上说明" in shown and "周明" not in shown and TEXT not in shown
        assert "答复名单异议" in shown

    def test_after_the_window_the_page_says_what_else_to_do(self, client):
        row = make.frozen(2, 1)
        make.wait_for(clock.local_midnight(row.objection_until + timedelta(days=1)))
        page = client.get(of(row, "public_roster_object"))
        assert "已经结束" in text(page) and "<form method" not in text(page).partition("<main")[2]
        client.post(of(row, "public_roster_object"), {"about": "homes", "text": TEXT})
        assert not RosterObjection.objects.exists()

    def test_a_held_reveal_and_who_keeps_out_are_said_on_the_public_page(self, client):
        household, related = make.waiting(), make.administrator()
        related.id_index = household.applicant.id_index
        related.save()
        row = make.frozen([household, make.waiting()], 1)
        said = roster_objections.Said(about="homes", text=TEXT, contact=CONTACT)
        roster_objections.raise_(row, said)
        make.wait_for(row.entropy_at)
        page = text(client.get(of(row, "public_draw")))
        assert "异议还在核查" in page and related.name in page and "户籍登记" in page


class TestWishes:
    def test_they_are_changed_on_the_phone(self, client):
        row = make.planned(0, 1)
        household = make.waiting()
        client.force_login(citizen_of(household))
        client.post(reverse("my_wait"), {"any_estate": "on"})
        page = text(client.get(reverse("my_wait")))
        assert reverse("my_wait_change") in page and "等待答复" in page
        page = text(client.get(reverse("my_wait_change")))
        assert "改几次都行" in page
        client.post(reverse("my_wait_change"), {"first": "EST-A", "low_floor": "on"})
        household.refresh_from_db()
        assert household.wishes["preferences"] == ["EST-A"] and household.wishes["low_floor"]
        assert "希望低楼层" in text(client.get(reverse("my_wait")))
        make.wait_for(clock.local_midnight(row.intention_until + timedelta(days=1)))
        assert "现在不能改" in text(client.get(reverse("my_wait_change")))
        answer = client.post(reverse("my_wait_change"), {"first": "", "any_estate": "on"})
        assert answer.status_code == 422
        household.refresh_from_db()
        assert household.wishes["preferences"] == ["EST-A"]

    def test_somebody_without_a_phone_registers_and_changes_at_the_window(self, client):
        row = make.planned(0, 1)
        household = make.waiting()
        client.force_login(accounts.staff(Role.WINDOW).user)
        start = reverse("window_intention")
        assert "号码可能有一位填错" in text(client.post(start, {"id_number": "330212198701189935"}))
        answer = client.post(start, {"id_number": household.applicant.id_number})
        page = reverse("window_wishes", args=[household.ref])
        assert answer.url == page
        shown = text(client.get(page))
        assert household.applicant.name not in shown.partition("<main")[2]
        client.post(page, {"first": "EST-A", "needs_accessible": "on"})
        household.refresh_from_db()
        assert household.state == application_states.RE_REVIEW
        assert ReReview.objects.get(round=row).channel == "window"
        client.post(page, {"first": "", "any_estate": "on"})
        household.refresh_from_db()
        assert household.wishes["preferences"] == []
        looks = AuditEntry.objects.filter(case_no=household.case_no, purpose="窗口登记意向")
        assert looks.exists()

    def test_a_clerk_serves_neither_own_household_nor_one_that_does_not_wait(self, client):
        household, clerk = make.waiting(), accounts.staff(Role.WINDOW)
        clerk.id_index = household.applicant.id_index
        clerk.save()
        client.force_login(clerk.user)
        start = reverse("window_intention")
        for number in (
            household.applicant.id_number,
            applications.application().applicant.id_number,
        ):
            assert client.post(start, {"id_number": number}).status_code == 422
        page = reverse("window_wishes", args=[household.ref])
        assert client.get(page).status_code == 404


class TestOffice:
    def test_the_page_says_what_is_next_what_blocks_it_and_who_may(self, client):
        row = make.planned(3, 2)
        admin = make.administrator()
        client.force_login(admin.user)
        page = text(client.get(of(row, "office_round")))
        for words in (
            "下一步：定名单",
            "已选2套房源",
            "已登记意向3户",
            "第1档",
            "两室",
            "选房截止",
        ):
            assert words in page, words
        client.force_login(accounts.staff(Role.LEADER).user)
        assert "轮次管理员" in text(client.get(of(row, "office_round")))

    def test_the_page_takes_as_many_queries_for_many_households_as_for_few(
        self, client, django_assert_max_num_queries
    ):
        row = make.planned(6, 3)
        client.force_login(make.administrator().user)
        with django_assert_max_num_queries(60):
            client.get(of(row, "office_round"))

    def test_the_preview_masks_names_and_fixes_nothing(self, client):
        household = make.waiting()
        row = make.planned([household], 1)
        client.force_login(make.administrator().user)
        page = text(client.get(of(row, "office_round_preview")))
        assert household.case_no in page and household.applicant.name not in page
        row.refresh_from_db()
        assert row.state == states.R_PLANNED

    def test_a_plan_is_changed_and_impossible_days_are_refused_at_their_field(self, client):
        row = make.planned(1, 1)
        client.force_login(make.administrator().user)
        page = of(row, "office_round_change")
        assert row.entropy_name in text(client.get(page))
        event = row.entropy_at.date() + timedelta(days=3)
        data = {
            "code": row.code, "title": "改名的轮次", "text": "方案", "entropy_name": "开奖",
            "entropy_time": "15:00", "entropy_format": make.FORMAT,
            "entropy_example": make.EXAMPLE, "choose_days": 3, "groups": ["ZPX"],
        }  # fmt: skip
        for name, day in (
            ("intention_until", row.intention_until), ("objection_until", row.objection_until),
            ("entropy_on", event),
        ):  # fmt: skip
            data |= {f"{name}_{part}": getattr(day, part) for part in ("year", "month", "day")}
        early = row.objection_until
        bad = {f"entropy_on_{part}": getattr(early, part) for part in ("year", "month", "day")}
        answer = client.post(page, {**data, **bad})
        assert answer.status_code == 422 and "最早" in text(answer)
        assert client.post(page, data).url == of(row, "office_round")
        row.refresh_from_db()
        assert (row.title, row.groups) == ("改名的轮次", ["ZPX"])

    def test_checks_are_listed_and_settled_by_a_person(self, client, checked):
        row, household = make.planned(0, 1), make.waiting()
        intentions.register(
            household, row, by=household.created_by, preferences=[], any_estate=True,
            needs_accessible=False,
        )  # fmt: skip
        checked[household.pk] = "manual_review"
        re_reviews.look_at_due()
        check = ReReview.objects.get()
        client.force_login(make.administrator().user)
        assert "待人工核实" in text(client.get(of(row, "office_round_checks"), {"state": "person"}))
        page = of(row, "office_round_check", check.pk)
        assert "拟不符合条件决定" not in text(client.get(page))  # the reviewers' part
        answer = client.post(page, {"act": "clear", "words": "可以"})
        assert answer.status_code == 422 and "至少5个字" in text(answer)
        client.post(page, {"act": "clear", "words": "核对了产权证，已经注销"})
        check.refresh_from_db()
        assert check.state == states.C_CLEARED
        assert "已经有结果" in text(client.get(page))

    def test_objections_are_taken_in_claimed_and_answered(self, client):
        row = make.frozen(2, 1)
        one, other = make.administrator(), make.administrator()
        client.force_login(one.user)
        index = of(row, "office_objections")
        client.post(index, {"about": "homes", "text": TEXT, "contact": CONTACT})
        made = RosterObjection.objects.get()
        assert made.channel == "window"
        page = of(row, "office_objection", made.pk)
        assert "周明" not in text(client.get(page))
        client.post(of(row, "office_objection_claim", made.pk))
        assert "周明" in text(client.get(page))
        client.force_login(other.user)
        assert "周明" not in text(client.get(page)) and one.name in text(client.get(page))
        client.force_login(one.user)
        client.post(page, {"outcome": "roster_wrong", "text": "清单确实少了一套"})
        made.refresh_from_db()
        assert made.outcome == "roster_wrong"
        assert "清单确实少了一套" in text(client.get(page))
        assert "名单有误" in text(client.get(index))

    def test_a_colleague_turns_a_void_down(self, client):
        row = make.frozen(2, 1)
        rounds.propose_void(row, by=make.administrator(), reason="名单有误")
        client.force_login(make.administrator().user)
        assert "不同意作废" in text(client.get(of(row, "office_round")))
        client.post(of(row, "office_round_step", "drop-void"))
        assert Round.objects.get().void_proposed_by is None

    def test_only_the_centre_comes_in(self, client):
        row = make.frozen(2, 1)
        client.force_login(accounts.staff(Role.OPERATOR).user)
        for name in ("office_objections", "office_round_checks", "office_round_preview"):
            assert client.get(of(row, name)).status_code == 403
