"""The pages of the import of the stock in a browser: axe, and the widths of phone and desk."""

import os
from pathlib import Path

import pytest
from django.urls import reverse

from renewal import tasks_stock
from renewal.models import StockEntry
from renewal.stock import file, imports, take_in
from tests.browsing import enter, faults_of, width_of
from tests.factories import allocation as make
from tests.factories import stock

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("YZ_STOCK_PICTURES", "")


def test_the_pages_of_an_import_fit_phone_and_desk(page, client, live_server, monkeypatch):
    monkeypatch.setattr(tasks_stock.take_in, "delay", lambda *_a: None)  # run by hand here
    make.estate()
    by = make.administrator()
    houses = [stock.house(), stock.house("H2", "502", **{file.RENT: "?"})]
    content = stock.book(houses, [stock.person()])
    row = imports.upload(content, file_name="鄞州区存量家庭.xlsx", by=by)
    enter(page, client, live_server, by.user)

    def seen(name, address):
        page.goto(live_server.url + address)
        assert faults_of(page) == [], name
        for width in (1440, 360):
            page.set_viewport_size({"width": width, "height": 900})
            assert width_of(page) == 0, (name, width)
            if PICTURES:
                Path(PICTURES).mkdir(parents=True, exist_ok=True)
                page.screenshot(path=f"{PICTURES}/{name}-{width}.png", full_page=True)

    here = reverse("office_stock_import", args=[row.pk])
    seen("mapping", reverse("office_stock_mapping", args=[row.pk]))
    imports.judge(row, row.mapping, by=by, make_homes=True)
    take_in.rehearse(row, by=by)
    seen("checked", here)
    imports.start(row, by=by)
    seen("running", here)
    stock.run(row)
    seen("done", here)
    entry = StockEntry.objects.get(state="taken")
    seen("entry", reverse("office_stock_entry", args=[entry.pk]))
    seen("index", reverse("office_stock"))
