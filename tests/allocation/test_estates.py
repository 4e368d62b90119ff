"""Estates and rent standards: by day, with a source, and never another past."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import InternalError, transaction
from django.urls import reverse

from accounts.roles import Role
from allocation import rents, standards
from allocation.models import Estate, RentStandard
from allocation.standards import StandardRefused
from core import clock
from tests.factories import accounts
from tests.factories import allocation as make
from tests.factories import homes as stock

pytestmark = pytest.mark.django_db


def set_one(estate, day, sum="26.50", source="甬房发〔2026〕1号", by=None):
    return standards.set_standard(
        estate, by=by or make.administrator(), starts_on=day, per_square_metre=Decimal(sum),
        source=source,
    )  # fmt: skip


def add(code="EST-N", by=None):
    return standards.add_estate(
        by=by or make.administrator(), code=code, name="新小区", address="新路1号",
        street=accounts.bureau("street"), phone="0574-00000001",
    )  # fmt: skip


def test_a_standard_begins_on_its_day_and_what_was_in_force_stays():
    home, today = make.home(), clock.today()
    before = rents.market_rent(home, today)
    set_one(home.estate, today + timedelta(days=1))
    assert rents.market_rent(home, today) == before
    assert rents.market_rent(home, today + timedelta(days=1)) == Decimal("26.50")


def test_two_standards_on_a_day_and_another_past_are_refused():
    estate, tomorrow = make.estate(), clock.today() + timedelta(days=1)
    set_one(estate, tomorrow)
    with pytest.raises(StandardRefused, match="同一天只能有一条"):
        set_one(estate, tomorrow)
    for day in (clock.today(), date(2020, 1, 1)):
        with pytest.raises(StandardRefused, match="不能改写"):
            set_one(estate, day)
    assert estate.rent_standards.count() == 2


def test_the_first_standard_of_an_estate_may_begin_earlier():
    estate = add()
    set_one(estate, date(2024, 1, 1))
    with pytest.raises(StandardRefused, match="不能改写"):
        set_one(estate, date(2025, 1, 1))


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"source": " "}, "source"), ({"sum": "0"}, "per_square_metre"),
     ({"sum": "501"}, "per_square_metre")],
)  # fmt: skip
def test_a_standard_needs_a_sum_in_reach_and_its_source(changes, field):
    estate = make.estate()
    with pytest.raises(StandardRefused) as refused:
        set_one(estate, clock.today() + timedelta(days=1), **changes)
    assert refused.value.field == field and estate.rent_standards.count() == 1


def test_the_database_rewrites_no_standard():
    estate = make.estate()
    with pytest.raises(InternalError), transaction.atomic():
        estate.rent_standards.update(per_square_metre=Decimal(1))


def test_only_a_standard_that_has_not_begun_is_taken_back_with_a_reason():
    estate, by = make.estate(), make.administrator()
    later = set_one(estate, clock.today() + timedelta(days=9))
    with pytest.raises(StandardRefused, match="为什么"):
        standards.take_back(later, by=by, reason="")
    standards.take_back(later, by=by, reason="文件作废")
    standards.take_back(later, by=by, reason="再按一次")
    with pytest.raises(StandardRefused, match="已经开始"):
        standards.take_back(estate.rent_standards.get(), by=by, reason="改错")
    assert estate.rent_standards.count() == 1


def test_an_estate_is_registered_once_by_the_administration():
    add()
    for code in ("EST-N", "import", "两字", "A/B"):
        with pytest.raises(StandardRefused):
            add(code)
    for person in (stock.operator(), accounts.staff(Role.LEADER)):
        with pytest.raises(StandardRefused, match="业务管理"):
            add("EST-M", by=person)
        with pytest.raises(StandardRefused, match="业务管理"):
            set_one(Estate.objects.get(), clock.today() + timedelta(days=1), by=person)
    assert Estate.objects.count() == 1


def test_from_an_estate_to_its_standard_on_the_pages(client):
    client.force_login(make.administrator().user)
    assert "还没有小区" in client.get(reverse("office_estates")).content.decode()
    told = {"code": "EST-N", "name": "新小区", "address": "新路1号", "phone": "0574-1",
            "street": accounts.bureau("street").pk}  # fmt: skip
    wrong = client.post(reverse("office_estate_add"), {**told, "code": "一号"})
    assert wrong.status_code == 422 and "新路1号" in wrong.content.decode()
    page = client.post(reverse("office_estate_add"), told, follow=True).content.decode()
    assert "没有现行的租金标准" in page
    day = clock.today() + timedelta(days=1)
    form = {"starts_on_year": day.year, "starts_on_month": day.month, "starts_on_day": day.day,
            "per_square_metre": "24.00", "source": "甬房发〔2026〕1号"}  # fmt: skip
    address = reverse("office_standard", args=["EST-N"])
    assert client.post(address, {**form, "source": ""}).status_code == 422
    assert "还没有开始" in client.post(address, form, follow=True).content.decode()
    again = client.post(address, form)
    assert again.status_code == 422 and "同一天只能有一条" in again.content.decode()
    row = RentStandard.objects.get()
    back = reverse("office_standard_back", args=["EST-N", row.pk])
    assert "请写明为什么撤回" in client.post(back, {}, follow=True).content.decode()
    client.post(back, {"reason": "文件作废"})
    assert not RentStandard.objects.exists()
    assert "新小区" in client.get(reverse("office_estates")).content.decode()
