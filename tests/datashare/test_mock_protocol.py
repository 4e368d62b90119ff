"""What the mock enforces as the real gateway does: quotas, moments, wrapped parameters, pages."""

from __future__ import annotations

import base64
import json
from collections import Counter
from datetime import date
from typing import Any

import pytest

from datashare import mock_control
from datashare.mock_gateway.interfaces import INTERFACES
from datashare.mock_gateway.paging import cut
from datashare.mock_gateway.protocol import Accounts, Meter, Refused, clear_params, signature
from tests.datashare.test_mock_faults import Caller
from tests.factories.departments import Departments, departments

ON = date(2026, 3, 18)


@pytest.fixture
def served() -> Any:
    """A mock for each test: several of them change its quota for good."""
    with departments() as running:
        yield running


@pytest.fixture
def caller(served: Departments, settings: Any) -> Caller:
    settings.DATASHARE_GATEWAY_URL = served.url
    return Caller(served)


@pytest.fixture
def ticks(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock for meters; the last entry is now."""
    moments = [1000.0]
    monkeypatch.setattr(
        "datashare.mock_gateway.protocol.time.monotonic", lambda: moments[-1], raising=True
    )
    return moments


def taken(meter: Meter, times: int, day: date = ON) -> int:
    """How many of so many calls are answered."""
    answered = 0
    for _ in range(times):
        try:
            meter.take(day)
        except Refused as refused:
            assert refused.code == "18"
        else:
            answered += 1
    return answered


def test_a_source_answers_fifty_a_second_and_saves_up_one_second(ticks: list[float]) -> None:
    meter = Meter(50, 50, 200_000)
    assert taken(meter, 80) == 50
    for second in range(1, 6):
        ticks.append(1000.0 + second)
        assert taken(meter, 80) == 50
    assert meter.most == 50
    assert meter.refused == {"pace": 180, "day": 0}


def test_whoever_keeps_to_the_rate_is_never_refused(ticks: list[float]) -> None:
    meter = Meter(50, 50, 200_000)
    for call in range(500):
        ticks.append(1000.0 + call / 50)
        assert taken(meter, 1) == 1


def test_the_days_quota_returns_with_the_departments_next_day(ticks: list[float]) -> None:
    meter = Meter(1000, 1000, 5)
    assert taken(meter, 7) == 5
    assert meter.refused["day"] == 2
    assert taken(meter, 1, date(2026, 3, 19)) == 1


def test_every_source_has_the_same_default_quota_and_answers_in_its_time() -> None:
    assert {(one.rate, one.daily) for one in INTERFACES.values()} == {(50.0, 200_000)}
    slowest = INTERFACES["marriage_national"].latency_ms
    assert slowest == (300, 300)
    others = [one.latency_ms for one in INTERFACES.values() if one.source != "marriage_national"]
    assert (min(others)[0], max(high for _, high in others)) == (20, 150)


def test_a_moment_is_in_milliseconds_of_our_age() -> None:
    accounts = Accounts("key", "secret")

    def code(when: str) -> str:
        sign = signature("key", "secret", when)
        try:
            accounts.by_key({"appKey": "key", "sign": sign, "requestTime": when})
        except Refused as refused:
            return refused.code
        return "00"

    assert code("1607593161938") == "00"
    assert [code(when) for when in ("1607593161", "", "soon", "１６０７５９３１６１９３８")] == [
        "03"
    ] * 4


def test_a_moment_may_be_held_against_the_clock() -> None:
    accounts = Accounts("key", "secret", skew=300, now=lambda: 1_607_593_161.0)
    assert accounts._is_moment("1607593400000")
    assert not accounts._is_moment("1607593600000")


def wrapped(fields: dict[str, Any]) -> dict[str, str]:
    return {"encryptParam": base64.b64encode(json.dumps(fields).encode()).decode()}


def test_parameters_may_come_wrapped(served: Departments, caller: Caller) -> None:
    person = next(p.id_number for p in served.city.people.values() if p.disability)
    clear = caller.ask(person)["datas"]
    for entity in (wrapped({"cardId": person}), json.dumps(wrapped({"cardId": person}))):
        assert caller.ask("", encryptEntity=entity)["datas"] == clear
    assert caller.ask("", encryptEntity={"encryptParam": "§"})["code"] == "23"
    assert clear_params({"a": 1}) == {"a": 1}


def test_an_application_key_may_be_hashed_in_lower_case_if_the_node_is_lenient(
    served: Departments, caller: Caller
) -> None:
    served.gateway.accounts.lenient_case = True
    when = "1607593161938"
    key, secret = served.gateway.accounts.app_key, served.gateway.accounts.app_secret
    sign = signature(key.lower(), secret.lower(), when)
    served.gateway.accounts.by_key({"appKey": key, "sign": sign, "requestTime": when})
    served.gateway.accounts.lenient_case = False
    with pytest.raises(Refused):
        served.gateway.accounts.by_key({"appKey": key, "sign": sign, "requestTime": when})


ROWS = [{"n": n} for n in range(10)]


def test_months_come_page_by_page_the_latest_first() -> None:
    first = cut("social_insurance", ROWS, {"pageSize": "4"})
    assert ([row["n"] for row in first.rows], first.total, first.pages) == ([6, 7, 8, 9], 10, 3)
    third = cut("social_insurance", ROWS, {"pageSize": "4", "pageNo": "3"})
    assert [row["n"] for row in third.rows] == [0, 1]
    assert cut("social_insurance", ROWS, {"pageSize": "4", "pageNo": "4"}).rows == []


def test_other_rows_come_page_by_page_from_the_front() -> None:
    second = cut("education", ROWS, {"pageSize": 4, "pageNo": 2})
    assert ([row["n"] for row in second.rows], second.pages) == ([4, 5, 6, 7], 3)


@pytest.mark.parametrize("asked", [{}, {"pageSize": ""}, {"pageSize": "all"}, {"pageSize": "10"}])
def test_without_a_smaller_page_size_all_rows_come_at_once(asked: dict[str, str]) -> None:
    page = cut("education", ROWS, asked)
    assert (page.rows, page.total, page.pages) == (ROWS, None, 1)


def test_a_source_may_give_only_so_many_rows_at_once(served: Departments, caller: Caller) -> None:
    path = INTERFACES["social_insurance"].path
    person = next(p.id_number for p in served.city.people.values() if len(p.jobs) == 1)
    every = json.loads(caller.ask("", path, aac002=person)["datas"])["data"]
    mock_control.post("pages", {"source": "social_insurance", "size": 7})
    months: list[Any] = []
    for number in range(1, 20):
        page = caller.ask("", path, aac002=person, pageNo=number, pageSize=60)
        months = json.loads(page["datas"])["data"] + months
        if number == page["totalPage"]:
            break
    assert months == every
    mock_control.post("pages", {"source": "*", "size": 0})
    assert caller.ask("", path, aac002=person)["totalPage"] == 1


def test_a_page_of_months_says_how_many_there_are(served: Departments, caller: Caller) -> None:
    path = INTERFACES["social_insurance"].path
    person = next(p.id_number for p in served.city.people.values() if len(p.jobs) == 1)
    every = json.loads(caller.ask("", path, aac002=person)["datas"])["data"]
    page = caller.ask("", path, aac002=person, pageSize=5)
    assert json.loads(page["datas"])["data"] == every[-5:]
    assert page["totalDataCount"] == len(every)
    assert page["totalPage"] == -(-len(every) // 5)


def test_the_statistics_tell_of_quotas_and_repeats(served: Departments, caller: Caller) -> None:
    mock_control.post("quota", {"source": "disability", "rate": 0.001, "burst": 1, "reset": True})
    before = mock_control.stats()
    codes = Counter(caller.ask("330212197906259911")["code"] for _ in range(3))
    told = mock_control.stats()
    quota = told["quota"]["disability"]
    assert codes == {"00": 1, "18": 2}
    assert caller.ask("330212197906259911")["msg"] == "超量：每秒调用次数"
    assert (quota["used"], quota["refused"]) == (1, {"pace": 2, "day": 0})
    caller.ask("330212197906259911", INTERFACES["population"].path)
    caller.ask("330212197906259911", INTERFACES["population"].path)
    assert mock_control.stats()["repeats"] == before["repeats"] + 1
    mock_control.post("quota", {"source": "disability", "rate": 50, "burst": 50, "reset": True})
