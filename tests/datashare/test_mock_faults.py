"""Faults of the mock departments: by source, person, share and period, and how each looks."""

from __future__ import annotations

import io
import json
from datetime import date
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from django.core.management import CommandError, call_command

from datashare import mock_control
from datashare.mock_gateway.faults import MIXED, MODES, Faults, MockFault
from datashare.mock_gateway.protocol import signature
from tests.factories.departments import APP_KEY, APP_SECRET, Departments, departments

ON = date(2026, 3, 18)
PERSON, OTHER = "330212197906259911", "330212198109149925"
WHEN = "1607593161938"


def struck(faults: Faults, source: str, person: str, times: int) -> list[str]:
    return [faults.strike(source, person, ON) for _ in range(times)]


def test_a_share_of_the_calls_is_hit_and_always_the_same_ones() -> None:
    def hits() -> list[str]:
        faults = Faults()
        faults.append(MockFault("death", "http_500", rate=0.2, seed=4))
        return [mode for n in range(500) for mode in struck(faults, "death", f"P{n}", 2)]

    assert hits() == hits()
    assert 0.15 < sum(map(bool, hits())) / 1000 < 0.25


def test_asked_again_a_call_of_a_share_may_succeed() -> None:
    faults = Faults()
    faults.append(MockFault("death", "http_500", rate=0.5))
    assert set(struck(faults, "death", PERSON, 30)) == {"", "http_500"}


def test_another_seed_hits_other_calls() -> None:
    outcomes = []
    for seed in (1, 2):
        faults = Faults()
        faults.append(MockFault("*", "empty", rate=0.3, seed=seed))
        outcomes.append(struck(faults, "death", PERSON, 60))
    assert outcomes[0] != outcomes[1]


def test_mixed_faults_are_of_every_kind() -> None:
    faults = Faults()
    faults.append(MockFault("*", MIXED, rate=0.5, seed=1))
    seen = {faults.strike("death", f"P{n}", ON) for n in range(1500)}
    assert seen == {"", *MODES}


def test_a_fault_ends_after_its_calls() -> None:
    faults = Faults()
    faults.append(MockFault("death", "reset", calls=2))
    assert struck(faults, "death", PERSON, 4) == ["reset", "reset", "", ""]
    assert len(faults) == 0


def test_a_fault_ends_after_its_seconds() -> None:
    faults = Faults()
    one = faults.append(MockFault("death", "reset", seconds=60))
    assert struck(faults, "death", PERSON, 1) == ["reset"]
    one.began -= 61
    assert struck(faults, "death", PERSON, 1) == [""]


def test_one_fault_or_one_source_can_be_mended() -> None:
    faults = Faults()
    for source in ("death", "death", "vehicle"):
        faults.append(MockFault(source, "empty"))
    faults.end(number=1)
    assert [one.number for one in faults] == [2, 3]
    faults.end("death")
    assert [one.fault.source for one in faults] == ["vehicle"]
    faults.end()
    assert not faults


@pytest.mark.parametrize(
    "wrong",
    [
        {"rate": 0.0},
        {"rate": 1.5},
        {"seconds": -1.0},
        {"since": date(2026, 3, 2), "until": date(2026, 3, 1)},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"rate|negative|before"):
        MockFault("death", "empty", **wrong)


# -- on the wire ----------------------------------------------------------------------------


class Caller:
    """A caller with nothing but the standard library: what it sees is what travels."""

    def __init__(self, mock: Departments) -> None:
        self.url = mock.url
        found = self.post("app/refreshTokenByKey.htm", self.signed(APP_SECRET))
        self.secret = json.loads(found[1])["datas"]["requestSecret"]

    def signed(self, secret: str) -> dict[str, str]:
        return {
            "appKey": APP_KEY, "requestTime": WHEN, "sign": signature(APP_KEY, secret, WHEN),
        }  # fmt: skip

    def post(self, path: str, fields: dict[str, Any]) -> tuple[str, bytes]:
        headers = {"Content-Type": "application/json"}
        request = Request(self.url + path, json.dumps(fields).encode(), headers)
        with build_opener(ProxyHandler({})).open(request, timeout=10) as response:
            return response.headers["Content-Type"], response.read()

    def ask(self, person: str, path: str = "api/disabledBaseInfo.htm", **more: Any) -> Any:
        """The parsed envelope."""
        return json.loads(self.raw(person, path, **more)[1])

    def raw(self, person: str, path: str = "api/disabledBaseInfo.htm", **more: Any) -> Any:
        why = {"powerMatters": "1", "accesscardId": "2", "projectId": "3", "sponsorCode": "4"}
        fields = {"cardId": person, "additional": json.dumps(why), **more}
        return self.post(path, {**fields, **self.signed(self.secret)})


@pytest.fixture(scope="module")
def served() -> Any:
    with departments() as running:
        yield running


@pytest.fixture
def caller(served: Departments, settings: Any) -> Any:
    settings.DATASHARE_GATEWAY_URL = served.url
    served.gateway.accounts.lenient_case = False
    yield Caller(served)
    served.mend()


@pytest.fixture
def disabled(served: Departments) -> str:
    """Somebody with a disability card."""
    return next(p.id_number for p in served.city.people.values() if p.disability)


@pytest.mark.parametrize("code", ["03", "11", "14"])
def test_a_data_call_may_be_refused_for_its_secret(
    served: Departments, caller: Caller, disabled: str, code: str
) -> None:
    served.break_down("disability", f"code_{code}")
    assert caller.ask(disabled)["code"] == code


def test_a_truncated_answer_is_no_json(served: Departments, caller: Caller, disabled: str) -> None:
    served.break_down("disability", "truncated")
    with pytest.raises(ValueError):
        caller.ask(disabled)


def test_good_json_may_come_under_a_wrong_name(
    served: Departments, caller: Caller, disabled: str
) -> None:
    whole = caller.ask(disabled)["datas"]
    served.break_down("disability", "content_type")
    kind, body = caller.raw(disabled)
    assert kind.startswith("text/html")
    assert json.loads(body)["datas"] == whole


def test_numbers_may_come_masked(served: Departments, caller: Caller, disabled: str) -> None:
    served.break_down("disability", "masked")
    rows = caller.ask(disabled)["datas"]
    assert {row["identityCard"] for row in rows} == {disabled[:6] + "*" * 12}


def test_rows_may_come_more_than_once_beside_older_copies(
    served: Departments, caller: Caller, disabled: str
) -> None:
    row, *_ = caller.ask(disabled)["datas"]
    served.break_down("disability", "duplicates")
    rows = caller.ask(disabled)["datas"]
    assert rows.count(row) == 2
    assert min(one["tongTime"] for one in rows) < "2012" < row["tongTime"]


def test_half_of_the_rows_may_be_all_that_comes(
    served: Departments, caller: Caller, disabled: str
) -> None:
    served.break_down("disability", "partial_page")
    answer = caller.ask(disabled)
    assert len(answer["datas"] or []) < answer["totalDataCount"]
    assert answer["totalPage"] == 2


def test_every_fault_of_a_cast_file_and_of_the_command_has_a_word() -> None:
    assert {"quota", "timeout", "http_500", "garbage", "empty", "stale"} <= set(MODES)
    assert all(MODES.values())


def test_a_cast_files_fault_ends_with_its_last_day(served: Departments, caller: Caller) -> None:
    fault = {"mode": "http_500", "from": date(2026, 3, 17), "to": date(2026, 3, 18)}
    served.know({"household": [{"id_number": PERSON}], "faults": {"death": [fault]}})
    world = served.gateway.world
    assert [world.fault("death", PERSON, date(2026, 3, day)) for day in (16, 17, 18, 19)] == [
        "", "http_500", "http_500", "",
    ]  # fmt: skip


# -- the command ----------------------------------------------------------------------------


def said(*arguments: str) -> str:
    out = io.StringIO()
    call_command("mock_fault", *arguments, stdout=out)
    return out.getvalue()


def test_a_department_is_broken_and_mended_by_a_command(
    served: Departments, caller: Caller
) -> None:
    told = said("property", "http_500", "--rate", "0.2", "--from", "2026-03-01", "--calls", "5")
    assert "property http_500 rate=0.2" in told
    assert "since=2026-03-01" in told
    assert "calls=5" in told
    assert said("death", "empty", "--person", PERSON).count("\n") == 2
    assert "death" not in said("--clear", "death")
    assert said("--clear") == "all departments work\n"


def test_the_command_lists_modes_and_refuses_unknown_ones(
    served: Departments, caller: Caller
) -> None:
    assert set(MODES) <= set(said("--list").split())
    with pytest.raises(CommandError, match="unknown fault mode"):
        said("property", "sulking")
    with pytest.raises(CommandError, match="unknown source"):
        said("weather", "empty")
    with pytest.raises(CommandError, match="name a source"):
        said("property")


def test_a_share_of_mixed_faults_is_set_through_the_control(
    served: Departments, caller: Caller
) -> None:
    number = mock_control.break_down("*", "mixed", rate=0.2, seed=7)
    (fault,) = mock_control.broken()
    assert (fault["number"], fault["mode"], fault["rate"], fault["seed"]) == (
        number, "mixed", 0.2, 7,
    )  # fmt: skip
    mock_control.mend(number=number)
    assert mock_control.broken() == []
