"""The mock's own page: it shows, it breaks and mends, and it works without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from datashare.mock_gateway.faults import MODES
from datashare.mock_gateway.interfaces import INTERFACES
from datashare.mock_gateway.page_parts import NAMES, masked
from datashare.mock_gateway.turns import TURNS
from tests.browsing import faults_of
from tests.factories.departments import Departments, departments

ON = date(2026, 3, 18)
_DIRECT = build_opener(ProxyHandler({}))


@pytest.fixture
def served() -> Iterator[Departments]:
    with departments(report_days="1-10") as running:
        yield running


def send(mock: Departments, fields: dict[str, str] | None = None, **headers: str) -> str:
    """The page, or what it says after a form was sent."""
    address = urljoin(mock.url, "/_mock/page" if fields else "/")
    body = urlencode(fields).encode() if fields else None
    with _DIRECT.open(Request(address, body, headers), timeout=10) as response:
        return response.read().decode()


def refused(mock: Departments, fields: dict[str, str], **headers: str) -> tuple[int, str]:
    with pytest.raises(HTTPError) as caught:
        send(mock, fields, **headers)
    return caught.value.code, caught.value.read().decode()


def test_the_page_names_every_department_fault_and_event(served: Departments) -> None:
    text = send(served)
    assert set(NAMES) == set(INTERFACES)
    for words in (*NAMES.values(), *MODES.values(), *(turn.words for turn in TURNS.values())):
        assert words in text
    assert text.count("<h1>") == 1
    assert '<html lang="zh-Hans">' in text


def test_a_department_is_broken_and_mended_by_forms(served: Departments) -> None:
    form = {"do": "fault", "source": "property", "mode": "http_500", "percent": "20"}
    assert "故障已生效" in send(served, {**form, "person": "", "from": "", "seconds": ""})
    (one,) = served.gateway.world.faults
    assert (one.fault.source, one.fault.mode, one.fault.rate) == ("property", "http_500", 0.2)
    text = send(served)
    assert "第 1 号故障" in text
    assert "已恢复" in send(served, {"do": "mend", "number": "1"})
    assert not served.gateway.world.faults


def test_all_departments_are_mended_at_once(served: Departments) -> None:
    for source in ("property", "*"):
        send(served, {"do": "fault", "source": source, "mode": "empty"})
    send(served, {"do": "mend", "source": "*"})
    assert not served.gateway.world.faults


def test_reports_are_hurried_and_their_delay_changed(served: Departments) -> None:
    world = served.gateway.world
    person = served.city.situations["lower_middle"][0]
    world.answer("income_check", person, ON, served.gateway._order)
    assert "在办 1 份" in send(served)
    assert "在办 0 份，已出具 1 份" in send(served, {"do": "hurry"})
    assert "2-3 个工作日" in send(served, {"do": "days", "days": "2-3"})


def test_something_can_be_made_to_happen(served: Departments) -> None:
    elder = served.city.situations["lone_elder"][0]
    text = send(served, {"do": "turn", "kind": "death", "person": elder})
    assert served.city.people[elder].death
    assert elder not in text
    assert masked(elder) in text


def test_a_quota_is_changed(served: Departments) -> None:
    send(served, {"do": "quota", "source": "death", "rate": "5", "daily": ""})
    meter = served.gateway.meters["death"]
    assert (meter.rate, meter.daily) == (5.0, 200_000)


@pytest.mark.parametrize(
    "form",
    [
        {"do": "fault", "source": "weather", "mode": "empty"},
        {"do": "fault", "source": "death", "mode": "empty", "percent": "0"},
        {"do": "days", "days": "soon"},
        {"do": "turn", "kind": "lottery"},
        {"do": "sing"},
    ],
)
def test_a_form_that_makes_no_sense_is_told_so(served: Departments, form: dict[str, str]) -> None:
    status, text = refused(served, form)
    assert status == 400
    assert 'role="alert"' in text


def test_forms_of_other_sites_are_not_taken(served: Departments) -> None:
    form = {"do": "fault", "source": "death", "mode": "empty"}
    assert refused(served, form, Origin="https://elsewhere.example")[0] == 403
    assert not served.gateway.world.faults
    send(served, form, Origin=served.url.removesuffix("/gateway/"))
    assert len(served.gateway.world.faults) == 1


def test_the_page_shows_no_whole_id_number(served: Departments) -> None:
    person = served.city.situations["tenant"][0]
    send(served, {"do": "fault", "source": "death", "mode": "empty", "person": person})
    served.live_on(date(2027, 3, 18))
    assert not re.search(r"\d{17}[\dX]", send(served))


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1440])
def test_the_page_passes_axe_fits_its_width_and_says_nothing_in_the_console(
    served: Departments, page: Any, width: int
) -> None:

    served.live_on(date(2026, 9, 18))
    send(served, {"do": "fault", "source": "*", "mode": "mixed", "percent": "20"})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(urljoin(served.url, "/"), wait_until="networkidle")
    assert faults_of(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert said == []
    page.get_by_label("部门数据").first.select_option("death")
    page.get_by_role("button", name="使故障生效").click()
    assert page.get_by_role("status").inner_text() == "故障已生效。"
