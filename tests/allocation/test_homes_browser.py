"""The pages of homes in a browser: axe, the widths of phone and desk, and the keyboard."""

import os
from pathlib import Path

import pytest
from django.urls import reverse

from allocation import pictures
from allocation.models import HomePicture
from core import clock
from tests.applications.test_materials import photo
from tests.browsing import enter, faults_of, width_of
from tests.factories import allocation as make
from tests.factories import homes as stock

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("checked"),
]
WIDTHS = (1440, 360)
PICTURES = os.environ.get("YZ_HOME_PICTURES", "")


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "papers"


def seen(page, live_server, name, address):
    """Opens a page once: no violation, and no width at which it runs over."""
    page.goto(live_server.url + address)
    assert faults_of(page) == [], name
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert width_of(page) == 0, (name, width)
        if PICTURES:
            Path(PICTURES).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=f"{PICTURES}/{name}-{width}.png", full_page=True)


def test_the_offices_pages_fit_phone_and_desk(page, client, live_server):
    by = make.administrator()
    home = make.home(room="501", accessible=True)
    for floor in (1, 2, 3, 4):
        for door in (1, 2, 3):
            make.home(room=f"{floor}0{door}", floor=floor)
    held = stock.held(make.home(room="504"), by=by, until=clock.today())
    stock.held(make.home(room="505"), by=by, kind="repair")
    pictures.add(home, photo(), by=by, kind=HomePicture.Kind.PLAN, illustrative=True)
    enter(page, client, live_server, by.user)
    seen(page, live_server, "homes", reverse("office_homes"))
    seen(page, live_server, "home", reverse("office_home", args=[home.code]))
    seen(page, live_server, "held", reverse("office_home", args=[held.home.code]))
    seen(page, live_server, "building", reverse("office_building", args=["EST-A", "1"]))
    first = page.locator(".yz-unit[href]").first
    first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert "402" in page.locator(":focus").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**/office/homes/EST-A/**")
    seen(page, live_server, "estates", reverse("office_estates"))
    seen(page, live_server, "estate", reverse("office_estate", args=["EST-A"]))


def test_an_import_is_read_and_confirmed_on_the_page(page, client, live_server, tmp_path):
    make.estate()
    enter(page, client, live_server, make.administrator().user)
    wrong = tmp_path / "wrong.xlsx"
    wrong.write_bytes(stock.sheet(stock.line(楼层="0"), stock.line(室="502", 户型="五室")))
    page.goto(live_server.url + reverse("office_home_imports"))
    page.set_input_files("#id_file", str(wrong))
    page.get_by_role("button", name="上传并核对").click()
    seen(page, live_server, "import-wrong", page.url.removeprefix(live_server.url))
    good = tmp_path / "good.xlsx"
    good.write_bytes(stock.sheet(stock.line(), stock.line(室="502")))
    page.get_by_role("link", name="重新上传").click()
    page.set_input_files("#id_file", str(good))
    page.get_by_role("button", name="上传并核对").click()
    seen(page, live_server, "import-good", page.url.removeprefix(live_server.url))
    page.get_by_role("button", name="导入2套").click()
    page.get_by_text("已全部导入").wait_for()


def test_the_companys_pages_fit_phone_and_desk(page, client, live_server):
    ready, waiting = stock.inspected(), stock.acquired(room="601", floor=6)
    make.home(room="602", floor=6)
    enter(page, client, live_server, stock.operator().user)
    seen(page, live_server, "company-homes", reverse("operator_homes"))
    seen(page, live_server, "company-home", reverse("operator_home", args=[waiting.code]))
    page.goto(live_server.url + reverse("operator_home", args=[ready.code]))
    page.get_by_role("button", name="放行，可以配租").click()
    page.get_by_text("已放行").wait_for()
