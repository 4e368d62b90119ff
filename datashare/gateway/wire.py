"""收发 one HTTP exchange with the gateway: credentials on, bytes back, every other end a Fault."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import aiohttp
from yarl import URL

from core import clock
from datashare.gateway.envelope import Opened, open_envelope, open_token
from datashare.gateway.faults import Fault, of_status
from datashare.gateway.interfaces import Interface
from datashare.gateway.site import Evidence, Site
from datashare.gateway.tokens import sign

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
# nothing here reads them, and each costs its bytes a hundred thousand times a night
LEFT_OUT = ("Accept", "Accept-Encoding", "User-Agent")


MOST_BYTES = 8 * 2**20  # a person's records are some kilobytes; a worker must not drown in more


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    """The body, read no further than any answer can be long."""
    if response.content_length is not None and response.content_length <= MOST_BYTES:
        return await response.read()
    body = bytearray()
    async for part in response.content.iter_chunked(2**16):
        body += part
        if len(body) > MOST_BYTES:
            raise Fault("garbage", "size")
    return bytes(body)


class Wire:
    """The kept connections to one site; belongs to one event loop."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.base = site.url.rstrip("/")
        self._urls: dict[str, URL] = {}
        self._timeouts: dict[float, aiohttp.ClientTimeout] = {}
        self.http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=site.connections),
            timeout=self._timeout(site.timeout),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=LEFT_OUT,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self.http.close()

    async def ask(
        self, interface: Interface, params: Mapping[str, Any], evidence: Evidence, secret: str
    ) -> Opened:
        """One data call. Raises `Fault`."""
        credentials = self.credentials(secret)
        content = {**params, "additional": evidence.as_text()}
        if interface.passing == "headers":
            headers = {**credentials, **JSON}
            body = json.dumps(content, ensure_ascii=False).encode()
        else:
            headers, body = FORM, urlencode({**content, **credentials}).encode()
        timeout = interface.timeout or self.site.timeout
        return open_envelope(await self._post(interface.path, body, headers, timeout))

    async def pair(self, endpoint: str, secret: str) -> dict[str, Any]:
        """A new pair of secrets from a token endpoint. Raises `Fault`."""
        body = urlencode(self.credentials(secret)).encode()
        return open_token(await self._post(f"app/{endpoint}.htm", body, FORM, self.site.timeout))

    def credentials(self, secret: str) -> dict[str, str]:
        """Key, signature and time in ms."""
        key = self.site.app_key
        request_time = str(round(clock.now().timestamp() * 1000))
        lower = str.lower if self.site.lower_case_keys else str
        return {
            "appKey": key,
            "sign": sign(lower(key), lower(secret), request_time),
            "requestTime": request_time,
        }

    async def _post(
        self, path: str, body: bytes, headers: Mapping[str, str], timeout: float
    ) -> bytes:
        """The body of a 200 answer."""
        try:
            async with self.http.post(
                self._url(path), data=body, headers=headers, allow_redirects=False,
                timeout=self._timeout(timeout),
            ) as response:  # fmt: skip
                if response.status != 200:
                    raise of_status(response.status)
                return await _bounded(response)
        except TimeoutError:
            raise Fault("timeout") from None
        except aiohttp.ClientPayloadError:
            raise Fault("garbage") from None
        except (aiohttp.ClientError, OSError):
            raise Fault("connection") from None

    def _url(self, path: str) -> URL:
        """Parsed once: a night asks the same twenty-five addresses."""
        if path not in self._urls:
            self._urls[path] = URL(f"{self.base}/{path}")
        return self._urls[path]

    def _timeout(self, seconds: float) -> aiohttp.ClientTimeout:
        if seconds not in self._timeouts:
            self._timeouts[seconds] = aiohttp.ClientTimeout(total=seconds)
        return self._timeouts[seconds]
