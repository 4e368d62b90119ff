"""The pages of homes: the list and its filters, a building, one home, the operating company."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.roles import Role
from allocation import home_list, retirements, states, tasks_homes
from allocation.models import Home, HomeHold
from core import clock
from tests.factories import accounts
from tests.factories import allocation as make
from tests.factories import homes as stock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked")]


def text(answer):
    return answer.content.decode()


@pytest.fixture
def admin(client):
    client.force_login(make.administrator().user)
    return client


def codes(page):
    """Codes in the rows of the list."""
    return re.findall(r'<td data-label="房源"><a class="num" href="[^"]+">([^<]+)', page)


def step(home, name, face="office"):
    return reverse(f"{face}_home_step", args=[home.code, name])


class TestList:
    def test_filters_say_how_many_they_would_show_and_cut_the_list(self, admin):
        other = make.estate("EST-B")
        make.home(floor=2, accessible=True)
        make.home(other, floor=9, unit_type="1R")
        stock.held(make.home(other, floor=5))
        found = home_list.of(admin.get("/office/homes/?estate=EST-B").wsgi_request.GET)
        assert found.total == 2
        numbers = {str(title): [(str(word), n) for word, _href, n, _on in options]
                   for title, options in found.facets}  # fmt: skip
        assert numbers["小区"] == [("测试小区A", 1), ("测试小区B", 2)]
        assert numbers["状态"] == [("可配租", 1), ("保留中", 1)]
        assert numbers["楼层"] == [("4到7层", 1), ("8层以上", 1)]
        page = text(admin.get("/office/homes/?accessible=true&floor=low&state=available"))
        assert len(codes(page)) == 1 and codes(page)[0].startswith("EST-A")
        assert len(codes(text(admin.get("/office/homes/?q=est-b")))) == 2

    def test_a_filter_that_fits_nothing_and_an_empty_stock_are_told(self, admin):
        assert "还没有房源" in text(admin.get("/office/homes/"))
        make.home()
        assert "没有符合这些条件的房源" in text(admin.get("/office/homes/?state=nonsense"))
        assert "没有符合这些条件的房源" in text(admin.get("/office/homes/?state=retired"))

    def test_pages_are_turned_by_key_forwards_and_back(self, admin, monkeypatch):
        monkeypatch.setattr(home_list, "PAGE", 3)
        made = sorted(make.home().code for _n in range(7))
        page, seen = text(admin.get("/office/homes/")), []
        seen.append(codes(page))
        while found := re.search(r'href="([^"]+)" rel="next"', page):
            page = text(admin.get("/office/homes/" + found[1].replace("&amp;", "&")))
            seen.append(codes(page))
        assert seen == [made[:3], made[3:6], made[6:]]
        back = re.search(r'href="([^"]+)" rel="prev"', page)[1].replace("&amp;", "&")
        assert codes(text(admin.get("/office/homes/" + back))) == made[3:6]

    def test_the_number_of_homes_does_not_change_the_number_of_queries(
        self, admin, django_assert_max_num_queries
    ):
        for _n in range(12):
            stock.held(until=clock.today())
        admin.get("/office/homes/")
        with django_assert_max_num_queries(20):
            admin.get("/office/homes/")

    def test_what_waits_for_somebody_stands_above_the_list(self, admin):
        row = stock.held(until=clock.today())
        retirements.propose(make.home(room="777"), by=make.administrator(), reason="整幢拆除")
        page = text(admin.get("/office/homes/"))
        assert "快到期和已到期" in page and row.owner.name in page and "整幢拆除" in page

    def test_a_leader_reads_and_others_stay_outside(self, client):
        home = make.home()
        client.force_login(accounts.staff(Role.LEADER).user)
        page = text(client.get(reverse("office_home", args=[home.code])))
        assert home.code in page and '<form method="post" novalidate' not in page
        assert client.post(step(home, "hold"), {}).status_code == 403
        client.force_login(stock.operator().user)
        assert client.get("/office/homes/").status_code == 403


class TestBuilding:
    def test_each_home_has_its_state_by_shape_and_by_word(self, admin):
        home = make.home(room="501", accessible=True)
        stock.held(make.home(room="502"))
        make.home(room="301", floor=3, state=states.H_RETIRED)
        page = text(admin.get(reverse("office_building", args=["EST-A", "1"])))
        for state, word in (("free", "可配租，无障碍"), ("held", "保留中"), ("retired", "已退出")):
            assert re.search(rf'yz-unit yz-unit-{state}"[^>]*><svg.*?</svg>.*?{word}', page, re.S)
        assert reverse("office_home", args=[home.code]) in page
        assert page.index(">5<") < page.index(">3<")
        assert admin.get(reverse("office_building", args=["EST-A", "9"])).status_code == 404


class TestHome:
    def test_its_past_says_who_and_why_and_what_may_follow_by_whom(self, admin):
        row = stock.held(make.home(room="501"), kind=HomeHold.Kind.REPAIR)
        page = text(admin.get(reverse("office_home", args=[row.home.code])))
        assert "卫生间渗水" in page and row.owner.name in page
        assert "维修完了验收，合格后放行" in page and "运营公司或业务管理岗位" in page
        assert "25.00元每平方米每月" in page

    def test_a_form_in_error_keeps_what_was_typed_and_changes_nothing(self, admin):
        home = make.home()
        answer = admin.post(step(home, "hold"), {"hold-reason": "留给应急安置"})
        assert answer.status_code == 422
        assert "留给应急安置" in text(answer) and "id_hold-until_year" in text(answer)
        day = clock.today() - timedelta(days=1)
        sent = {"hold-reason": "留给应急安置", "hold-until_year": day.year,
                "hold-until_month": day.month, "hold-until_day": day.day}  # fmt: skip
        assert "已经过去" in text(admin.post(step(home, "hold"), sent))
        home.refresh_from_db()
        assert home.state == states.H_AVAILABLE

    def test_from_hold_to_stock_on_the_page(self, admin):
        home, day = make.home(), clock.today() + timedelta(days=5)
        parts = {"year": day.year, "month": day.month, "day": day.day}
        sent = {f"hold-until_{name}": value for name, value in parts.items()}
        page = text(admin.post(step(home, "hold"), {**sent, "hold-reason": "应急"}, follow=True))
        assert "保留到" in page
        page = text(admin.post(step(home, "object"), {"object-reason": "还没定"}, follow=True))
        assert "还没定" in page
        page = text(admin.post(step(home, "end"), {"end-reason": "取消安置"}, follow=True))
        assert "已放回" in page
        assert "已经结束" in text(admin.post(step(home, "end"), {"end-reason": "再一次"}))

    def test_two_persons_retire_it(self, admin, client):
        home = make.home()
        page = text(admin.post(step(home, "retire"), {"retire-reason": "整幢拆除"}, follow=True))
        assert "请另一位同事确认" in page
        assert "换一位" in text(admin.post(step(home, "confirm-retire"), follow=True))
        client.force_login(make.administrator().user)
        page = text(client.post(step(home, "confirm-retire"), follow=True))
        assert "已退出" in page and "整幢拆除" in page

    def test_an_unknown_home_and_an_unknown_step_are_404(self, admin):
        home = make.home()
        assert admin.get("/office/homes/EST-A/9-9-999/").status_code == 404
        assert admin.post(step(home, "burn")).status_code == 404


class TestCompany:
    def test_it_inspects_and_releases(self, client):
        home = stock.acquired()
        client.force_login(stock.operator().user)
        assert "等待验收" in text(client.get("/operator/homes/"))
        sent = {"inspect-passed": ["doors"], "inspect-remarks": ""}
        assert client.post(step(home, "inspect", "operator"), sent).status_code == 422
        everything = {"inspect-passed": list(stock.inspections.ITEMS), "inspect-remarks": ""}
        page = text(client.post(step(home, "inspect", "operator"), everything, follow=True))
        assert "现在可以放行" in page and "放行，可以配租" in page
        assert "验收合格，等待放行" in text(client.get("/operator/homes/"))
        client.post(step(home, "release", "operator"))
        home.refresh_from_db()
        assert home.state == states.H_AVAILABLE

    def test_several_are_inspected_and_released_together_each_by_itself(self, client):
        first, second, other = stock.acquired(), stock.acquired(), make.home()
        client.force_login(stock.operator().user)
        batch = reverse("operator_homes_batch")
        sent = {"do": "inspect", "estate": "EST-A", "home": [first.code, second.code]}
        assert "逐项看过以后打勾" in text(client.post(batch, sent, follow=True))
        assert not first.inspections.exists()
        page = text(client.post(batch, {**sent, "seen": "on"}, follow=True))
        assert "2套验收合格" in page and "放行选中的" in page
        sent = {"do": "release", "estate": "EST-A", "home": [first.code, second.code, other.code]}
        assert "3套已放行" in text(client.post(batch, sent, follow=True))
        assert set(Home.objects.values_list("state", flat=True)) == {states.H_AVAILABLE}
        assert "请先选房源" in text(client.post(batch, {**sent, "home": []}, follow=True))
        refused = make.home(state=states.H_LET)
        page = text(client.post(batch, {**sent, "home": [refused.code]}, follow=True))
        assert refused.code in page and "不用验收" in page
        assert client.post(batch, {**sent, "do": "burn"}).status_code == 404

    def test_it_reads_no_reason_of_a_hold_and_nobody_of_a_household(self, client):
        lease, held = make.signed(), stock.held()
        client.force_login(stock.operator().user)
        page = text(client.get(reverse("operator_home", args=[held.home.code])))
        assert "保留到" in page and "应急安置" not in page
        assert "状态记录" not in page
        for member in lease.application.members.all():
            home = lease.home.code
            assert member.name not in text(client.get(reverse("operator_home", args=[home])))
            assert member.name not in text(client.get("/operator/homes/"))
        refused = {"hold-reason": "x", "hold-until_year": "2030", "hold-until_month": "1",
                   "hold-until_day": "1"}  # fmt: skip
        home = make.home()
        assert client.post(step(home, "hold", "operator"), refused).status_code == 422
        assert Home.objects.get(pk=home.pk).state == states.H_AVAILABLE

    def test_the_picture_does_not_ask_for_each_home(self, client, django_assert_max_num_queries):
        for n in range(20):
            make.home(room=f"{n:04d}", floor=n + 1)
        client.force_login(stock.operator().user)
        client.get("/operator/homes/")
        with django_assert_max_num_queries(16):
            client.get("/operator/homes/")


def test_the_api_gives_estates_with_their_standards_and_homes_by_state(client):
    stock.held(make.home())
    client.force_login(stock.operator().user)
    (estate,) = client.get("/api/v1/estates/").json()["results"]
    assert (estate["code"], estate["homes"]) == ("EST-A", 1)
    assert estate["rent_standards"][0]["per_square_metre"] == "25.00"
    assert client.get("/api/v1/estates/EST-A/").json()["code"] == "EST-A"
    (home,) = client.get("/api/v1/homes/?state=held").json()["results"]
    assert home["state_word"] == "保留中"
    client.force_login(accounts.staff(Role.REVIEWER).user)
    assert client.get("/api/v1/estates/").status_code == 403


def test_the_scheduler_returns_a_hold_and_the_agenda_names_what_is_overdue(client):
    row, repair = stock.held(), stock.held(make.home(), kind=HomeHold.Kind.REPAIR)
    clock.advance(timedelta(days=12))
    tasks_homes.look_after_holds()
    tasks_homes.scan_waiting_pictures()
    assert Home.objects.get(pk=row.home_id).state == states.H_AVAILABLE
    assert Home.objects.get(pk=repair.home_id).state == states.H_REPAIR
    client.force_login(make.administrator().user)
    assert "待办的房源" in text(client.get("/office/"))
