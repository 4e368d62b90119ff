"""模拟协议 credentials, token pairs and quotas as the real gateway enforces them."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

REQUEST_LIFE = 15 * 60  # seconds
REFRESH_LIFE = 48 * 3600
# requestTime is milliseconds of our age: what has fewer digits was written in seconds.
EARLIEST, LATEST = 1_262_304_000_000, 4_102_444_800_000  # 2010, 2100
MESSAGES = {
    "00": "成功", "03": "签名错误", "11": "请求秘钥不在有效期内", "14": "签名错误",
    "18": "超量", "21": "缺少用数凭证", "22": "接口不存在", "23": "参数错误", "99": "系统异常",
}  # fmt: skip


class Refused(Exception):
    """The protocol's refusal with its code; `why` says which quota a code 18 is about."""

    def __init__(self, code: str, why: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.why = why

    @property
    def words(self) -> str:
        """The envelope's `msg`."""
        return MESSAGES[self.code] + {"pace": "：每秒调用次数", "day": "：当日调用次数"}.get(
            self.why, ""
        )


def envelope(
    code: str,
    datas: Any = "",
    *,
    request_id: str | None = None,
    total: int | None = None,
    pages: int = 1,
) -> dict[str, Any]:
    """The outer envelope of every answer; `total` rows on so many pages, if there are more."""
    count = len(datas) if isinstance(datas, list) else 0
    return {
        "code": code,
        "msg": MESSAGES.get(code, "其他错误"),
        "data": "",
        "datas": datas,
        "dataCount": count,
        "totalDataCount": count if total is None else total,
        "totalPage": pages,
        "requestId": request_id,
        "interfaces": None,
        "secondaryResults": None,
    }


def signature(*parts: str) -> str:
    """md5 over the parts joined, lower-case hex."""
    return hashlib.md5("".join(parts).encode(), usedforsecurity=False).hexdigest()


@dataclass(slots=True)
class Accounts:
    """The one application that the mock knows, and its current pair of secrets."""

    app_key: str
    app_secret: str
    request_life: float = REQUEST_LIFE
    refresh_life: float = REFRESH_LIFE
    lenient_case: bool = False
    skew: float = 0.0  # seconds that a requestTime may be off the mock's clock; 0 does not look
    now: Callable[[], float] = time.time  # the clock that requestTime is held against
    request_secret: str = ""
    request_until: float = 0.0
    refresh_secret: str = ""
    refresh_until: float = 0.0
    issued: list[str] = field(default_factory=list)  # endpoint of each pair given out

    def by_key(self, credentials: dict[str, str]) -> dict[str, Any]:
        """A pair for the app secret."""
        self._check(credentials, self.app_secret, "03")
        return self._issue("ByKey")

    def by_sec(self, credentials: dict[str, str]) -> dict[str, Any]:
        """A pair for the refresh secret while it lives."""
        if not self.refresh_secret or time.time() >= self.refresh_until:
            raise Refused("03")
        self._check(credentials, self.refresh_secret, "03")
        return self._issue("BySec")

    def check_call(self, credentials: dict[str, str]) -> None:
        """The signature of a data call: 14 when it is wrong, 11 when the secret has lapsed."""
        self._check(credentials, self.request_secret or secrets.token_hex(16), "14")
        if time.time() >= self.request_until:
            raise Refused("11")

    def _check(self, credentials: dict[str, str], secret: str, code: str) -> None:
        key, when = credentials.get("appKey", ""), credentials.get("requestTime", "")
        if not self._is_moment(when):
            raise Refused(code)
        right = [signature(self.app_key, secret, when)]
        if self.lenient_case:
            right.append(signature(self.app_key.lower(), secret.lower(), when))
        if key != self.app_key or credentials.get("sign") not in right:
            raise Refused(code)

    def _is_moment(self, when: str) -> bool:
        """Whether a requestTime is a sane moment in milliseconds."""
        if not (when.isascii() and when.isdigit() and EARLIEST <= int(when) <= LATEST):
            return False
        return not self.skew or abs(int(when) / 1000 - self.now()) <= self.skew

    def _issue(self, endpoint: str) -> dict[str, Any]:
        """A new pair; the old one ends at once."""
        now = time.time()
        self.request_secret, self.refresh_secret = secrets.token_hex(16), secrets.token_hex(16)
        self.request_until, self.refresh_until = now + self.request_life, now + self.refresh_life
        self.issued.append(endpoint)
        return {
            "refreshSecret": self.refresh_secret,
            "refreshSecretEndTime": round(self.refresh_until * 1000),
            "requestSecret": self.request_secret,
            "requestSecretEndTime": round(self.request_until * 1000),
        }


@dataclass(slots=True)
class Meter:
    """One source's quota: a bucket for the second, a counter for the day.

    The bucket fills at `rate` a second and holds `burst`: so over any T seconds at most
    rate × T + burst calls are answered, and whoever keeps to the rate is never refused.
    """

    rate: float
    burst: int
    daily: int
    tokens: float = 0.0
    filled: float = 0.0
    day: date | None = None
    used: int = 0
    most: int = 0  # most calls answered within any one second
    refused: dict[str, int] = field(default_factory=lambda: {"pace": 0, "day": 0})
    recent: deque[float] = field(default_factory=deque)

    def take(self, today: date) -> None:
        """Count one call; Refused("18") over the quota, which uses nothing up."""
        now = time.monotonic()
        if not self.filled:
            self.tokens, self.filled = float(self.burst), now
        self.tokens = min(self.burst, self.tokens + (now - self.filled) * self.rate)
        self.filled = now
        if today != self.day:
            self.day, self.used = today, 0
        if self.used >= self.daily:
            self._refuse("day")
        if self.tokens < 1:
            self._refuse("pace")
        self.tokens -= 1
        self.used += 1
        self.recent.append(now)
        while self.recent[0] <= now - 1:
            self.recent.popleft()
        self.most = max(self.most, len(self.recent))

    def _refuse(self, why: str) -> None:
        self.refused[why] += 1
        raise Refused("18", why)

    def describe(self) -> dict[str, Any]:
        """Quota, what is used of it, the busiest second, and refusals by reason."""
        names = ("rate", "burst", "daily", "used", "most", "refused")
        return {name: getattr(self, name) for name in names}


def clear_params(params: dict[str, Any]) -> dict[str, Any]:
    """The parameters with those of an `encryptEntity` ({"encryptParam": base64 of JSON}) opened.

    ValueError for one that cannot be opened.
    """
    wrapped = params.pop("encryptEntity", None)
    if wrapped is None:
        return params
    entity = json.loads(wrapped) if isinstance(wrapped, str) else wrapped
    inner = json.loads(base64.b64decode(entity["encryptParam"], validate=True))
    if not isinstance(inner, dict):
        raise ValueError("encryptParam holds no object")
    return {**params, **inner}


def check_evidence(params: dict[str, Any]) -> None:
    """The mandatory `additional`: matter, visitor and case, or code 21."""
    try:
        evidence = json.loads(params.get("additional") or "{}")
    except (TypeError, ValueError):
        evidence = {}
    wanted = ("powerMatters", "accesscardId", "projectId", "sponsorCode")
    if not isinstance(evidence, dict) or not all(evidence.get(key) for key in wanted):
        raise Refused("21")
