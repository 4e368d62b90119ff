"""The contract between client and gateway, over HTTP: tokens, signatures, codes, quotas, faults."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest

from datashare.gateway import wire
from datashare.gateway.client import Evidence, Gateway
from datashare.gateway.faults import Fault
from datashare.gateway.interfaces import DEFAULTS
from datashare.gateway.tokens import Lifetimes, sign
from datashare.mock_gateway.interfaces import BY_PATH
from tests.contract.conftest import DAY, Client
from tests.factories.departments import APP_KEY, Departments


class TestTokens:
    """密钥对"""

    def test_the_first_pair_comes_by_key_and_is_shared(
        self, mock: Departments, client: Client
    ) -> None:
        assert client("population").fault == ""
        assert client("population").fault == ""
        assert mock.gateway.accounts.issued == ["ByKey"]

    def test_the_next_pair_comes_by_the_refresh_secret(
        self, mock: Departments, client: Client
    ) -> None:
        brief = client.with_site(lifetimes=Lifetimes(request=0.5, refresh=60))
        brief("population")
        time.sleep(0.6)
        assert brief("population").fault == ""
        assert mock.gateway.accounts.issued == ["ByKey", "BySec"]

    def test_a_lapsed_refresh_secret_starts_again_by_key(
        self, mock: Departments, client: Client
    ) -> None:
        brief = client.with_site(lifetimes=Lifetimes(request=0.5, refresh=60))
        brief("population")
        mock.gateway.accounts.refresh_until = 0
        time.sleep(0.6)
        assert brief("population").fault == ""
        assert mock.gateway.accounts.issued == ["ByKey", "ByKey"]

    def test_a_secret_that_lapsed_early_is_renewed_within_the_call(
        self, mock: Departments, client: Client
    ) -> None:
        client("population")
        mock.gateway.accounts.request_until = 0
        answer = client("population")
        assert (answer.fault, answer.attempts) == ("", 2)
        assert mock.gateway.accounts.issued == ["ByKey", "BySec"]

    def test_a_gateway_that_forgot_everything_is_followed(
        self, mock: Departments, client: Client
    ) -> None:
        client("population")
        mock.gateway.accounts.request_secret = mock.gateway.accounts.refresh_secret = ""
        assert client("population").fault == ""

    def test_twenty_calls_at_once_fetch_one_pair(self, mock: Departments, client: Client) -> None:
        async def rush(gateway: Gateway) -> list[Any]:
            calls = (
                gateway.call("population", client.params(), client.evidence) for _ in range(20)
            )
            return await asyncio.gather(*calls)

        assert {answer.fault for answer in client.run(rush)} == {""}
        assert mock.gateway.accounts.issued == ["ByKey"]

    def test_two_workers_at_once_fetch_one_pair(self, mock: Departments, client: Client) -> None:
        async def rush(gateway: Gateway) -> Any:
            other = Gateway(client.site, gateway.tokens.redis, DAY)
            async with other:
                return await asyncio.gather(
                    *(
                        one.call("population", client.params(), client.evidence)
                        for one in (gateway, other) * 5
                    )
                )

        assert {answer.fault for answer in client.run(rush)} == {""}
        assert mock.gateway.accounts.issued == ["ByKey"]

    def test_a_wrong_app_secret_ends_in_no_token(self, mock: Departments, client: Client) -> None:
        answer = client.with_site(app_secret="wrong")("population")
        assert (answer.fault, answer.detail) == ("no_token", "signature")
        assert mock.calls == 0

    def test_after_a_failed_renewal_nobody_storms_the_token_endpoint(
        self, mock: Departments, client: Client
    ) -> None:
        wrong = client.with_site(app_secret="wrong")

        async def rush(gateway: Gateway) -> list[Any]:
            calls = (
                gateway.call("population", client.params(), client.evidence) for _ in range(20)
            )
            return await asyncio.gather(*calls)

        assert {answer.fault for answer in wrong.run(rush)} == {"no_token"}
        assert mock.gateway.codes["03"] == 1

    def test_a_wrong_signature_is_given_up_after_three_pairs(
        self, mock: Departments, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            "datashare.mock_gateway.server.Accounts.check_call", _refuse, raising=True
        )
        answer = client("population")
        assert (answer.fault, answer.attempts) == ("signature", 3)


def _refuse(accounts: Any, credentials: Any) -> None:
    from datashare.mock_gateway.protocol import Refused

    raise Refused("14")


def test_the_signature_is_lower_case_md5_of_key_secret_and_time() -> None:
    assert sign("key", "secret", "1607593161938") == "602889030036c5d4d28cdd2b653b98f6"


class TestCalls:
    """数据调用"""

    @pytest.mark.parametrize("source", sorted(DEFAULTS))
    def test_both_sides_know_the_same_address(self, source: str) -> None:
        assert BY_PATH[DEFAULTS[source].path].source == source

    @pytest.mark.parametrize("passing", ["form", "headers"])
    @pytest.mark.parametrize("source", sorted(DEFAULTS))
    def test_each_source_answers_both_ways_of_passing_credentials(
        self, mock: Departments, client: Client, source: str, passing: str
    ) -> None:
        asked = client.with_site(interfaces={source: {"passing": passing}})
        answer = asked(
            source, nsrsbh=client.person, sfzmhm=client.person, cert_num_man=client.person
        )
        known = mock.city.rows(source, client.person, DAY)
        assert answer.fault == ""
        assert list(answer.rows) == json.loads(json.dumps(known, default=str))
        assert answer.request_id.startswith("mock")

    def test_the_land_register_may_be_asked_about_a_whole_family(
        self, mock: Departments, client: Client
    ) -> None:
        family = mock.city.family_of(mock.city.situations["home_within_limit"][0]).people
        answer = client("property", qlrzjh=",".join(family))
        assert sorted(row["qlrzjh"] for row in answer.rows) == sorted(family)

    def test_the_evidence_of_purpose_travels_with_the_call(self) -> None:
        evidence = Evidence("许可-00757-000/许可-00757-001", "YZ9", "王某", "户口簿", "甲", "1")
        assert json.loads(evidence.as_text()) == {
            "powerMatters": "许可-00757-000",
            "subPowerMatters": "许可-00757-001",
            "accesscardId": "王某",
            "materialName": "户口簿",
            "sponsorName": "甲",
            "sponsorCode": "1",
            "projectId": "YZ9",
        }

    @pytest.mark.parametrize("missing", ["matter", "case_no", "operator"])
    def test_a_call_without_its_purpose_cannot_be_made(self, missing: str) -> None:
        parts = {"matter": "m", "case_no": "c", "operator": "o"} | {missing: ""}
        with pytest.raises(ValueError, match="case number"):
            Evidence(**parts, material="x", sponsor_name="y", sponsor_code="z")

    def test_the_mock_refuses_a_call_without_evidence(
        self, mock: Departments, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Evidence, "as_text", lambda self: "{}")
        answer = client("population")
        assert (answer.fault, answer.detail) == ("unknown_code", "21")


class TestFaults:
    """故障"""

    @pytest.mark.parametrize(
        ("mode", "kind", "attempts"),
        [
            ("quota", "quota", 1),
            ("timeout", "timeout", 2),
            ("http_500", "http_500", 3),
            ("garbage", "garbage", 3),
            ("empty", "empty", 3),
            ("reset", "connection", 3),
            ("unknown_code", "unknown_code", 1),
            ("upstream", "upstream", 1),
        ],
    )
    def test_each_fault_has_its_path(
        self, mock: Departments, client: Client, mode: str, kind: str, attempts: int
    ) -> None:
        mock.break_down("death", mode)
        asked = client.with_site(timeout=0.3 if mode == "timeout" else 10.0)
        answer = asked("death")
        assert (answer.fault, answer.attempts) == (kind, attempts)
        assert answer.rows == ()

    def test_an_answer_longer_than_any_can_be_is_not_read(
        self, mock: Departments, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert client("housing_benefit").rows
        monkeypatch.setattr(wire, "MOST_BYTES", 20)  # the pair of secrets is there by now
        answer = client("housing_benefit")
        assert (answer.fault, answer.detail, answer.rows) == ("garbage", "size", ())

    def test_a_passing_disturbance_is_forgotten(self, mock: Departments, client: Client) -> None:
        answers = iter(["http_500", ""])
        mock.gateway.world.fault = lambda *_: next(answers, "")  # type: ignore[method-assign]
        answer = client("housing_benefit")
        assert (answer.fault, answer.attempts, len(answer.rows)) == ("", 2, 1)

    def test_a_slow_answer_is_an_answer(self, mock: Departments, client: Client) -> None:
        mock.gateway.latency = 10.0
        answer = client("housing_benefit")
        assert answer.fault == ""
        assert answer.duration_ms >= 200

    def test_a_fault_may_concern_one_person_only(self, mock: Departments, client: Client) -> None:
        mock.break_down("death", "http_500", mock.city.situations["tenant"][1])
        assert client("death").fault == ""


class TestQuotas:
    """配额"""

    def test_code_18_stops_the_source_and_no_other(self, mock: Departments, client: Client) -> None:
        mock.break_down("death", "quota")
        assert client("death").fault == "quota"
        mock.mend()
        stopped = client("death")
        assert (stopped.fault, stopped.attempts) == ("stopped", 0)
        assert mock.gateway.calls["death"] == 1
        assert client("cremation").fault == ""

    def test_a_rested_source_is_asked_again(self, mock: Departments, client: Client) -> None:
        mock.break_down("death", "quota")
        client("death")
        mock.mend()
        client.run(lambda gateway: gateway.quota.resume("death"))
        assert client("death").fault == ""

    def test_each_further_code_18_lengthens_the_rest(self, client: Client) -> None:
        async def stop_thrice(gateway: Gateway) -> list[int]:
            rests = []
            for _ in range(3):
                rests.append(await gateway.quota.stop(gateway.site.interface("death")))
                await gateway.redis.delete(gateway.quota.halts)  # the rest is over
            return rests

        assert client.run(stop_thrice) == [5, 10, 20]

    def test_calls_are_spaced_to_the_rate_by_all_workers_together(
        self, mock: Departments, client: Client
    ) -> None:
        paced = client.with_site(interfaces={"death": {"rate": 50, "burst": 1}})

        async def rush(gateway: Gateway) -> Any:
            other = Gateway(paced.site, gateway.tokens.redis, DAY)
            async with other:
                return await asyncio.gather(
                    *(
                        one.call("death", client.params(), client.evidence)
                        for one in (gateway, other) * 10
                    )
                )

        paced("cremation")  # the pair is there
        started = time.perf_counter()
        answers = paced.run(rush)
        assert {answer.fault for answer in answers} == {""}
        assert time.perf_counter() - started >= 19 / 50

    def test_a_reservation_gives_each_call_its_own_moment(self, client: Client) -> None:
        paced = client.with_site(interfaces={"death": {"rate": 10, "burst": 2}})

        async def reserve(gateway: Gateway) -> list[float]:
            interface = gateway.site.interface("death")
            granted = await gateway.quota.reserve(interface, DAY, slots=5)
            return [granted.wait(index) for index in range(5)]

        waits = paced.run(reserve)
        assert waits[:2] == [0.0, 0.0]
        assert [round(wait, 1) for wait in waits[2:]] == [0.1, 0.2, 0.3]

    def test_no_room_within_the_wait_uses_nothing_up(self, client: Client) -> None:
        paced = client.with_site(interfaces={"death": {"rate": 1, "burst": 1, "daily": 10}})

        async def overdraw(gateway: Gateway) -> Any:
            interface = gateway.site.interface("death")
            with pytest.raises(Fault) as caught:
                await gateway.quota.reserve(interface, DAY, slots=9, max_wait=2)
            return caught.value.kind, await gateway.quota.used(["death"], DAY)

        assert paced.run(overdraw) == ("throttled", {"death": 0})

    def test_the_days_allowance_ends_the_day(self, mock: Departments, client: Client) -> None:
        poor = client.with_site(interfaces={"death": {"daily": 2}})
        assert [poor("death").fault for _ in range(3)] == ["", "", "stopped"]
        assert mock.gateway.calls["death"] == 2

    def test_the_mock_says_18_beyond_its_quota(self, mock: Departments, client: Client) -> None:
        mock.gateway.meters["death"].burst = 3
        mock.gateway.meters["death"].rate = 0.001
        assert [client("death").fault for _ in range(4)] == ["", "", "", "quota"]


def test_keys_are_hashed_in_lower_case_where_the_node_wants_it(
    mock: Departments, client: Client
) -> None:
    lower = client.with_site(lower_case_keys=True)
    assert lower("population").fault == "no_token"
    mock.gateway.accounts.lenient_case = True
    patient = lower.with_site(prefix=lower.site.prefix + "b")
    assert patient("population").fault == ""
    assert APP_KEY.lower() != APP_KEY
