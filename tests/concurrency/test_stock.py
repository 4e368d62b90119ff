"""Several take-ins at the same moment: each household once, a person and a home in one of them."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from allocation.models import Home, Lease
from applications.models import Benefit
from renewal import states
from renewal.models import StockEntry, StockImport
from renewal.stock import file, imports, take_in
from tests.factories import accounts, stock
from tests.factories import allocation as make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    """Chunks are run by hand here."""
    from renewal import tasks_stock

    monkeypatch.setattr(tasks_stock.take_in, "delay", lambda *_a: None)


def test_two_files_and_two_workers_each_house_a_person_and_let_a_home_once(monkeypatch):
    monkeypatch.setattr(imports, "CHUNK", 1)
    make.estate()
    number, by = accounts.id_number(), make.administrator()
    one = [stock.house("A1", "501", **{file.NUMBER: number}), stock.house("A2", "502")]
    other = [stock.house("B1", "503", **{file.NUMBER: number}), stock.house("B2", "502")]
    rows = [stock.checked(stock.book(houses), by=by) for houses in (one, other)]
    for row in rows:
        imports.start(row, by=by)
    ready = Barrier(4)

    def run(row):
        try:
            ready.wait(10)
            while take_in.step(row.pk):
                pass
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, [*rows, *rows]))
    assert Lease.objects.count() == Home.objects.count() == Benefit.objects.count() == 2
    found = sorted(StockEntry.objects.values_list("state", flat=True))
    assert found == ["refused", "refused", "taken", "taken"]
    assert {row.state for row in StockImport.objects.all()} == {states.S_DONE}
