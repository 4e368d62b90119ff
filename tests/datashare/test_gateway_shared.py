"""What all workers share: places in the quota, rests, breakers and the pair of secrets."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import redis.asyncio as aioredis
from django.conf import settings

from datashare.asking import in_a_loop
from datashare.gateway import breaker, quota, tokens
from datashare.gateway.client import Answer, Evidence, Gateway, Site
from datashare.gateway.faults import Fault
from datashare.gateway.state import allowances
from datashare.gateway.tokens import Lifetimes
from tests.factories.departments import APP_KEY, APP_SECRET, Departments

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 18)
WHY = Evidence("公共服务-00610-000-002", "YZ1", "tester", "材料", "某人", "0" * 18)
Work = Callable[[Gateway, Gateway], Awaitable[Any]]


@pytest.fixture
def site(mock: Departments) -> Site:
    return Site(mock.url, APP_KEY, APP_SECRET, prefix=f"test:{uuid.uuid4().hex}", timeout=10.0)


def two_workers(site: Site, work: Work) -> Any:
    """Two clients that share nothing but Redis."""

    async def session() -> Any:
        stores = [aioredis.Redis.from_url(settings.REDIS_URL) for _ in range(2)]
        async with (
            stores[0], stores[1], Gateway(site, stores[0], DAY) as one,
            Gateway(site, stores[1], DAY) as other,
        ):  # fmt: skip
            return await work(one, other)

    return in_a_loop(session())


def paced(site: Site, **interface: Any) -> Site:
    return replace(site, interfaces={"death": interface})


def ask(gateway: Gateway, source: str = "death", **more: Any) -> Awaitable[Answer]:
    return gateway.call(source, {"idCardCode": "33021219500101999X"}, WHY, **more)


# -- Quotas ----------------------------------------------------------------------------------------


def test_a_citizen_finds_room_at_once_though_bulk_has_taken_all_it_may(site: Site) -> None:
    async def work(bulk: Gateway, citizen: Gateway) -> tuple[int, float]:
        interface = bulk.site.interface("death")
        granted = await bulk.quota.reserve_bulk(interface, DAY, slots=1000, max_wait=1)
        mine = await citizen.quota.reserve(interface, DAY, slots=quota.AT_ONCE)
        return granted.slots, mine.wait(quota.AT_ONCE - 1)

    slots, wait = two_workers(site, work)
    assert (0 < slots < 1000, wait) == (True, 0.0)


def test_bulk_gets_no_place_before_a_citizen_who_waits(site: Site) -> None:
    slow = paced(site, rate=10, burst=1)

    async def work(bulk: Gateway, citizen: Gateway) -> tuple[float, float]:
        interface = bulk.site.interface("death")
        mine = await citizen.quota.reserve(interface, DAY, slots=8)
        theirs = await bulk.quota.reserve_bulk(interface, DAY, slots=5, max_wait=5)
        return mine.made + mine.wait(7), theirs.made + theirs.wait(0)

    citizens_last, bulks_first = two_workers(slow, work)
    assert bulks_first > citizens_last


@pytest.mark.parametrize("burst", [1, 4, 40, 200])
def test_bulk_reserves_a_short_stretch_only(site: Site, burst: int) -> None:
    async def work(bulk: Gateway, _other: Gateway) -> float:
        interface = bulk.site.interface("death")
        granted = await bulk.quota.reserve_bulk(interface, DAY, slots=10_000, max_wait=1)
        return granted.wait(granted.slots - 1)

    assert two_workers(paced(site, rate=50, burst=burst), work) <= quota.HORIZON


def test_bulk_leaves_a_part_of_the_day_to_citizens(site: Site) -> None:
    async def work(bulk: Gateway, citizen: Gateway) -> list[Any]:
        interface = bulk.site.interface("death")
        taken = await bulk.quota.reserve_bulk(interface, DAY, slots=1000, max_wait=1)
        with pytest.raises(Fault) as refused:
            await bulk.quota.reserve_bulk(interface, DAY, slots=1, max_wait=1)
        left = await citizen.quota.reserve(interface, DAY, slots=5)
        return [taken.slots, refused.value.kind, refused.value.detail, left.slots]

    poor = paced(site, rate=10_000, burst=10_000, daily=100)
    assert two_workers(poor, work) == [95, "stopped", "day", 5]


def test_a_source_whose_day_is_used_up_says_when_it_may_be_asked_again(site: Site) -> None:
    async def work(one: Gateway, _other: Gateway) -> list[Any]:
        interface = one.site.interface("death")
        await one.quota.reserve(interface, DAY, slots=3)
        with pytest.raises(Fault) as refused:
            await one.quota.reserve(interface, DAY)
        known = await allowances(one)
        return [refused.value.kind, known["death"]["left"], known["death"], known["property"]]

    kind, left, spent, other = two_workers(paced(site, daily=3), work)
    assert (kind, left) == ("stopped", 0)
    assert 0 < spent["retry_in"] <= 24 * 3600
    assert other["retry_in"] == 0


def test_after_a_code_18_nothing_that_was_reserved_goes_out(mock: Departments, site: Site) -> None:
    mock.break_down("death", "quota")
    slow = paced(site, rate=20, burst=1)

    async def work(one: Gateway, other: Gateway) -> list[Answer]:
        await ask(one, "cremation")  # the pair is there
        interface = one.site.interface("death")
        granted = await one.quota.reserve(interface, DAY, slots=12)
        first = await ask(one, slot=(granted, 0))
        others = (ask((one, other)[n % 2], slot=(granted, n)) for n in range(1, 12))
        return [first, *await asyncio.gather(*others)]

    answers = two_workers(slow, work)
    assert [answer.fault for answer in answers] == ["quota"] + ["stopped"] * 11
    assert mock.gateway.calls["death"] == 1


def test_places_that_were_not_used_are_given_back(mock: Departments, site: Site) -> None:
    mock.break_down("death", "quota")

    async def work(one: Gateway, _other: Gateway) -> Any:
        interface = one.site.interface("death")
        granted = await one.quota.reserve(interface, DAY, slots=3)
        for n in range(3):
            await ask(one, slot=(granted, n))
        return await one.quota.used(["death"], DAY)

    assert two_workers(paced(site, rate=20, burst=1), work) == {"death": 1}


def test_a_quota_of_the_day_rests_until_the_next_day_and_no_longer(site: Site) -> None:
    async def work(one: Gateway, _other: Gateway) -> tuple[int, bool, bool]:
        from core import clock

        rest = await one.quota.stop(one.site.interface("death"), of_the_day=True)
        one._day = clock.today()
        today = "death" in (await one.board.look()).rests
        one._day = date(2199, 1, 1)
        one.board.forget()
        return rest, today, "death" in (await one.board.look()).rests

    rest, today, later = two_workers(site, work)
    assert rest <= 86_400
    assert (today, later) == (True, False)


def test_code_18s_of_calls_already_out_do_not_lengthen_the_rest(site: Site) -> None:
    async def work(one: Gateway, other: Gateway) -> list[int]:
        return [await each.quota.stop(one.site.interface("death")) for each in (one, other) * 2]

    assert two_workers(site, work) == [quota.REST] * 4


# -- Breaker ---------------------------------------------------------------------------------------


async def fail(*gateways: Gateway) -> None:
    for n in range(breaker.FAILURES):
        await gateways[n % len(gateways)].breaker.failed("death")


async def end_pause(gateway: Gateway) -> None:
    """The pause is over: its end lies in the past."""
    await gateway.redis.hset(gateway.breaker.halts, "breaker:death", "1")
    gateway.board.forget()


def test_failures_of_two_workers_open_one_breaker_for_both(mock: Departments, site: Site) -> None:
    async def work(one: Gateway, other: Gateway) -> list[Any]:
        await fail(one, other)
        answers = [await ask(each) for each in (one, other)]
        return [(answer.fault, answer.attempts) for answer in answers]

    assert two_workers(site, work) == [("resting", 0)] * 2
    assert mock.gateway.calls["death"] == 0


def test_a_source_that_mostly_answers_is_not_left_alone(site: Site) -> None:
    async def work(one: Gateway, _other: Gateway) -> list[bool]:
        opened = []
        for _ in range(breaker.FAILURES * 3):
            for _ in range(4):
                await one.breaker.succeeded("death")
            opened.append(await one.breaker.failed("death"))
        return opened

    assert not any(two_workers(site, work))


def test_half_open_lets_exactly_one_probe_out_of_all_workers(mock: Departments, site: Site) -> None:
    mock.gateway.latency = 5.0  # the probe is still out while the others come

    async def work(one: Gateway, other: Gateway) -> list[Answer]:
        await ask(one, "cremation")
        await fail(one)
        await end_pause(one)
        return await asyncio.gather(*(ask(each) for each in (one, other) * 5))

    answers = two_workers(site, work)
    assert sorted(answer.fault for answer in answers) == [""] + ["resting"] * 9
    assert mock.gateway.calls["death"] == 1


def test_a_probe_that_is_answered_closes_the_breaker_for_all(site: Site) -> None:
    async def work(one: Gateway, other: Gateway) -> list[Any]:
        await fail(one)
        await end_pause(one)
        probe = await ask(one)
        other.board.forget()
        return [probe.fault, (await ask(other)).fault, (await allowances(one))["death"]["breaker"]]

    assert two_workers(site, work) == ["", "", "closed"]


def test_a_probe_that_fails_opens_it_for_twice_as_long(mock: Departments, site: Site) -> None:
    mock.break_down("death", "http_500")

    async def work(one: Gateway, _other: Gateway) -> list[Any]:
        await fail(one)
        first = (await allowances(one))["death"]
        await end_pause(one)
        half = (await allowances(one))["death"]["breaker"]
        probe = await ask(one)
        one.board.forget()
        second = (await allowances(one))["death"]
        return [first, half, probe, second]

    first, half, probe, second = two_workers(site, work)
    assert (first["breaker"], half, second["breaker"]) == ("open", "half_open", "open")
    assert (probe.fault, probe.attempts) == ("http_500", 1)
    assert first["retry_in"] <= breaker.PAUSE < second["retry_in"] <= 2 * breaker.PAUSE


def test_a_probe_whose_worker_died_is_replaced(site: Site) -> None:
    async def work(one: Gateway, other: Gateway) -> list[Any]:
        await fail(one)
        await end_pause(one)
        lost = await one.breaker.admit("death")
        with pytest.raises(Fault):
            await other.breaker.admit("death")
        await one.redis.hset(f"{one.breaker.prefix}:death", "lease", "1")
        return [lost, await other.breaker.admit("death")]

    lost, replaced = two_workers(site, work)
    assert lost and replaced and lost != replaced


# -- Tokens ----------------------------------------------------------------------------------------


def test_a_pair_is_renewed_before_it_lapses_while_calls_go_on(
    mock: Departments, site: Site
) -> None:
    async def work(one: Gateway, other: Gateway) -> list[Answer]:
        await ask(one)
        life = round(one.tokens.lifetimes.request * tokens.AHEAD * 1000) - 1
        await one.redis.pexpire(one.tokens.request_key, life)
        for each in (one, other):
            each.board.forget()
        answers = [await ask(each) for each in (one, other) * 5]
        await asyncio.gather(*filter(None, (one.tokens._ahead, other.tokens._ahead)))
        return [*answers, await ask(one), await ask(other)]

    answers = two_workers(site, work)
    assert {answer.fault for answer in answers} == {""}
    assert mock.gateway.accounts.issued == ["ByKey", "BySec"]


def test_a_call_that_the_change_of_pair_overtook_renews_nothing(
    mock: Departments, site: Site
) -> None:
    async def work(one: Gateway, other: Gateway) -> list[Any]:
        old = await one.tokens.current()
        await other.tokens._store(await other.tokens._renew())
        return [await one.tokens.refuse(old), (await ask(one)).fault]

    assert two_workers(site, work) == [False, ""]
    assert mock.gateway.accounts.issued == ["ByKey", "BySec"]


def test_a_renewal_ahead_that_fails_harms_nobody(mock: Departments, site: Site) -> None:
    async def work(one: Gateway, _other: Gateway) -> list[str]:
        await ask(one)

        async def refused(_endpoint: str, _secret: str) -> dict[str, Any]:
            raise Fault("timeout")

        one.tokens.fetch = refused
        await one.tokens._renew_ahead(await one.tokens.current())
        return [(await ask(one)).fault, (await one.redis.get(one.tokens.ahead_key)).decode()]

    assert two_workers(site, work) == ["", "failed"]


def test_a_worker_killed_while_renewing_delays_the_others_briefly(
    mock: Departments, site: Site
) -> None:
    async def work(one: Gateway, other: Gateway) -> list[Any]:
        async with one.tokens._lock():
            held = await one.redis.pttl(one.tokens.lock_key)
        # killed: the lock stays, and no heart beats for it
        await one.redis.set(one.tokens.lock_key, "dead", px=200)
        return [held, (await ask(other)).fault]

    held, fault = two_workers(site, work)
    assert held <= tokens.LOCK_SECONDS * 1000
    assert fault == ""


def test_a_slow_renewal_keeps_its_lock_by_a_heartbeat(
    monkeypatch: pytest.MonkeyPatch, site: Site
) -> None:
    monkeypatch.setattr(tokens, "LOCK_SECONDS", 0.2)
    monkeypatch.setattr(tokens, "HEARTBEAT", 0.05)

    async def work(one: Gateway, other: Gateway) -> bool:
        async with one.tokens._lock():
            await asyncio.sleep(0.5)
            async with other.tokens._lock() as taken:
                return taken

    assert two_workers(replace(site, lifetimes=Lifetimes()), work) is False


def test_a_renewal_ends_although_the_end_of_its_heartbeat_got_lost_in_an_answer_of_the_store(
    monkeypatch: pytest.MonkeyPatch, site: Site
) -> None:
    monkeypatch.setattr(tokens, "HEARTBEAT", 0.01)

    async def work(one: Gateway, other: Gateway) -> bool:
        beating = asyncio.Event()

        async def answers_and_forgets(**_call: Any) -> None:
            beating.set()
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(5)

        one.tokens._hold_on = answers_and_forgets
        async with asyncio.timeout(4):
            async with one.tokens._lock():
                await beating.wait()
            async with other.tokens._lock() as taken:
                return taken

    assert two_workers(site, work) is True


# -- Pages -----------------------------------------------------------------------------------------


def test_all_pages_of_an_answer_are_fetched_and_counted(mock: Departments, site: Site) -> None:
    person = mock.city.situations["lower_middle"][0]
    params = {"aac002": person, "pageSize": "1000"}

    async def work(one: Gateway, _other: Gateway) -> list[Any]:
        whole = await one.call("social_insurance", params, WHY)
        cut = await one.call("social_insurance", {**params, "pageSize": "2"}, WHY)
        return [whole, cut, await one.quota.used(["social_insurance"], DAY)]

    whole, cut, used = two_workers(site, work)
    assert len(whole.rows) > 2
    assert sorted(map(str, cut.rows)) == sorted(map(str, whole.rows))
    assert cut.attempts == -(-len(whole.rows) // 2)
    assert used["social_insurance"] == whole.attempts + cut.attempts


def test_more_pages_than_one_person_can_have_are_no_answer(
    mock: Departments, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datashare.gateway.client.MOST_PAGES", 1)
    person = mock.city.situations["lower_middle"][0]

    async def work(one: Gateway, _other: Gateway) -> Answer:
        return await one.call("social_insurance", {"aac002": person, "pageSize": "1"}, WHY)

    answer = two_workers(site, work)
    assert (answer.fault, answer.rows) == ("pages", ())
