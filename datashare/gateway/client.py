"""网关调用 one call: pace, signature, request, envelope, and what follows a failure."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Self

import aiohttp
import redis.asyncio as aioredis

from core import clock
from datashare.gateway.envelope import Opened, Row, open_envelope, open_token
from datashare.gateway.faults import NO_AUTHORITY, Fault, Verdict, of_status
from datashare.gateway.interfaces import Interface, interface_of
from datashare.gateway.quota import Quota, Reservation
from datashare.gateway.tokens import Lifetimes, Tokens, sign

PAUSES = (0.05, 0.25)  # seconds before the second and the third try of a passing disturbance
RETRY_WAIT = 2.0  # seconds a second try may wait for its place in the quota
RENEWALS = 3  # refused signatures in a row before we believe that our keys are wrong


@dataclass(frozen=True, slots=True)
class Evidence:
    """用数凭证 why this call is made: the gateway's `additional` object, stored by both sides."""

    matter: str
    case_no: str
    operator: str
    material: str
    sponsor_name: str
    sponsor_code: str = field(repr=False)

    def __post_init__(self) -> None:
        if not (self.matter and self.case_no and self.operator):
            raise ValueError("a call needs a matter, a case number and an operator")

    def as_text(self) -> str:
        """The JSON text that travels with the call."""
        main, _, sub = self.matter.partition("/")
        return json.dumps(
            {
                "powerMatters": main,
                "subPowerMatters": sub or main,
                "accesscardId": self.operator,
                "materialName": self.material,
                "sponsorName": self.sponsor_name,
                "sponsorCode": self.sponsor_code,
                "projectId": self.case_no,
            },
            ensure_ascii=False,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What one question brought: rows, or the kind of fault; never an exception."""

    rows: tuple[Row, ...] = ()
    fault: str = ""
    detail: str = ""
    request_id: str = ""
    attempts: int = 0
    duration_ms: int = 0


@dataclass(frozen=True, slots=True)
class Site:
    """The gateway as a site's settings describe it."""

    url: str
    app_key: str
    app_secret: str = field(repr=False)
    prefix: str = "datashare"
    timeout: float = 5.0  # seconds for one try
    connections: int = 100
    interfaces: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    lifetimes: Lifetimes = field(default_factory=Lifetimes)
    lower_case_keys: bool = False  # the municipal node hashes lower-cased keys

    def interface(self, source: str) -> Interface:
        """Where a source lives at this site."""
        return interface_of(source, self.interfaces)


class Gateway:
    """A session with the gateway inside one event loop: `async with Gateway(site, redis, day)`."""

    def __init__(self, site: Site, redis: aioredis.Redis, day: date) -> None:
        self.site = site
        self.day = day  # whose allowance the calls use up
        self.quota = Quota(redis, site.prefix)
        self.tokens = Tokens(
            redis,
            site.prefix,
            app_secret=site.app_secret,
            fetch=self._fetch_pair,
            lifetimes=site.lifetimes,
        )

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(limit=self.site.connections)
        self.http = aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=self.site.timeout),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.close()

    async def call(
        self,
        source: str,
        params: Mapping[str, Any],
        evidence: Evidence,
        *,
        slot: tuple[Reservation, int] | None = None,
        max_wait: float = 5.0,
        may_start: Callable[[], Awaitable[bool]] | None = None,
    ) -> Answer:
        """Ask one source; always an `Answer`.

        `slot` is a place in a reservation made for several calls; without one the call reserves
        its own and waits at most `max_wait` seconds for it. `may_start` is awaited right before
        each try: False ends the call with the fault `no_authority`.
        """
        started = time.perf_counter()
        trace = _Trace()
        interface = self.site.interface(source)
        try:
            await self._pace(interface, slot, max_wait)
            opened = await self._tries(interface, params, evidence, trace, may_start)
            return trace.answer(started, rows=opened.rows, request_id=opened.request_id)
        except Fault as fault:
            return trace.answer(started, fault=fault.kind, detail=fault.detail)
        except aioredis.RedisError:
            return trace.answer(started, fault="internal", detail="redis")

    async def _pace(
        self, interface: Interface, slot: tuple[Reservation, int] | None, max_wait: float
    ) -> None:
        if slot is None:
            slot = await self.quota.reserve(interface, self.day, max_wait=max_wait), 0
        reservation, index = slot
        if (wait := reservation.wait(index)) > 0:
            await asyncio.sleep(wait)

    async def _tries(
        self,
        interface: Interface,
        params: Mapping[str, Any],
        evidence: Evidence,
        trace: _Trace,
        may_start: Callable[[], Awaitable[bool]] | None,
    ) -> Opened:
        """Try until there is an answer or the fault's verdict says to stop."""
        while True:
            secret = await self.tokens.current()
            if may_start is not None and not await may_start():
                raise Fault(NO_AUTHORITY)
            trace.attempts += 1
            try:
                opened = await self._once(interface, params, evidence, secret)
            except Fault as fault:
                await self._after(fault, interface, secret, trace)
            else:
                return opened

    async def _after(self, fault: Fault, interface: Interface, secret: str, trace: _Trace) -> None:
        """Prepare the next try, or raise the fault when there is to be none."""
        if fault.verdict is Verdict.RENEW:
            await self.tokens.refuse(secret)
            trace.renewals += 1
            if trace.renewals < RENEWALS:
                return await self._pace(interface, None, RETRY_WAIT)
        elif fault.verdict is Verdict.RETRY:
            trace.disturbances += 1
            # A source that does not answer in time gets one more chance, not two: people wait.
            tries = 1 if fault.kind == "timeout" else len(PAUSES)
            if trace.disturbances <= tries:
                await asyncio.sleep(PAUSES[trace.disturbances - 1])
                return await self._pace(interface, None, RETRY_WAIT)
        elif fault.verdict is Verdict.STOP:
            await self.quota.stop(interface.source)
        raise fault

    async def _once(
        self, interface: Interface, params: Mapping[str, Any], evidence: Evidence, secret: str
    ) -> Opened:
        credentials = self._credentials(secret)
        content = {**params, "additional": evidence.as_text()}
        if interface.passing == "headers":
            request: dict[str, Any] = {"headers": credentials, "json": content}
        else:
            request = {"data": {**content, **credentials}}
        if interface.timeout:
            request["timeout"] = aiohttp.ClientTimeout(total=interface.timeout)
        return open_envelope(await self._post(interface.path, **request))

    def _credentials(self, secret: str) -> dict[str, str]:
        key = self.site.app_key
        request_time = str(round(clock.now().timestamp() * 1000))
        lower = str.lower if self.site.lower_case_keys else str
        return {
            "appKey": key,
            "sign": sign(lower(key), lower(secret), request_time),
            "requestTime": request_time,
        }

    async def _fetch_pair(self, endpoint: str, secret: str) -> dict[str, Any]:
        body = await self._post(f"app/{endpoint}.htm", data=self._credentials(secret))
        return open_token(body)

    async def _post(self, path: str, **request: Any) -> bytes:
        """The body of a 200 answer; every other end of the exchange is a `Fault`."""
        url = f"{self.site.url.rstrip('/')}/{path}"
        try:
            async with self.http.post(url, allow_redirects=False, **request) as response:
                if response.status != 200:
                    raise of_status(response.status)
                return await response.read()
        except TimeoutError:
            raise Fault("timeout") from None
        except aiohttp.ClientPayloadError:
            raise Fault("garbage") from None
        except (aiohttp.ClientError, OSError):
            raise Fault("connection") from None


@dataclass(slots=True)
class _Trace:
    """How often one call was tried, and why."""

    attempts: int = 0
    renewals: int = 0
    disturbances: int = 0

    def answer(self, started: float, **parts: Any) -> Answer:
        elapsed = round((time.perf_counter() - started) * 1000)
        return Answer(attempts=self.attempts, duration_ms=elapsed, **parts)
