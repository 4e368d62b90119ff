"""模拟协议 credentials, token pairs and quotas as the real gateway enforces them."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

REQUEST_LIFE = 15 * 60  # seconds
REFRESH_LIFE = 48 * 3600
MESSAGES = {
    "00": "成功", "03": "签名错误", "11": "请求秘钥不在有效期内", "14": "签名错误",
    "18": "超量", "21": "缺少用数凭证", "22": "接口不存在", "99": "系统异常",
}  # fmt: skip


class Refused(Exception):
    """The protocol's refusal with its code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def envelope(code: str, datas: Any = "", *, request_id: str | None = None) -> dict[str, Any]:
    """The outer envelope of every answer."""
    count = len(datas) if isinstance(datas, list) else 0
    return {
        "code": code,
        "msg": MESSAGES.get(code, "其他错误"),
        "data": "",
        "datas": datas,
        "dataCount": count,
        "totalDataCount": count,
        "totalPage": 1,
        "requestId": request_id,
        "interfaces": None,
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
        if not when.isdigit():
            raise Refused(code)
        right = [signature(self.app_key, secret, when)]
        if self.lenient_case:
            right.append(signature(self.app_key.lower(), secret.lower(), when))
        if key != self.app_key or credentials.get("sign") not in right:
            raise Refused(code)

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
    """One source's quota: a bucket for the second, a counter for the day."""

    rate: float
    burst: int
    daily: int
    tokens: float = 0.0
    filled: float = 0.0
    day: int = 0
    used: int = 0

    def take(self) -> None:
        """Count one call; Refused("18") over the quota."""
        now = time.monotonic()
        if not self.filled:
            self.tokens, self.filled = float(self.burst), now
        self.tokens = min(self.burst, self.tokens + (now - self.filled) * self.rate)
        self.filled = now
        if (today := int(time.time() // 86400)) != self.day:
            self.day, self.used = today, 0
        if self.tokens < 1 or self.used >= self.daily:
            raise Refused("18")
        self.tokens -= 1
        self.used += 1


def check_evidence(params: dict[str, Any]) -> None:
    """The mandatory `additional`: matter, visitor and case, or code 21."""
    try:
        evidence = json.loads(params.get("additional") or "{}")
    except (TypeError, ValueError):
        evidence = {}
    wanted = ("powerMatters", "accesscardId", "projectId", "sponsorCode")
    if not isinstance(evidence, dict) or not all(evidence.get(key) for key in wanted):
        raise Refused("21")
