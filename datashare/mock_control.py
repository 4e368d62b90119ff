"""操纵模拟网关 tell the running mock what is to happen: for the tour, commands and journeys.

Speaks to the mock's own paths over loopback. Nothing here exists for the platform's work: a real
gateway has no such paths, and every function refuses outside the demo.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urljoin
from urllib.request import ProxyHandler, Request, build_opener

from django.conf import settings

from core.identity.ciphers import blind_index
from datashare.models import FreshAnswer

_ALL = 1_000_000


class NotServed(Exception):
    """No mock gateway listens, it did not take what was posted, or this is no demo."""


def break_down(
    source: str,
    mode: str = "timeout",
    *,
    person: str = "",
    since: date | None = None,
    until: date | None = None,
    **share: float,
) -> int:
    """A department ("*" for all) fails from now on; the number of the fault.

    `mode` is one of `stats()["modes"]` ("mixed" takes another for each call). `share`: `rate` of
    the calls, `seed` of which they are, and `seconds` or `calls` after which the fault is over.
    """
    fault = {"source": source, "mode": mode, "person": person, "from": since, "until": until}
    return int(post("faults", {**fault, **share})["number"])


def mend(source: str = "*", *, number: int = 0) -> None:
    """The department works again, or one fault is over."""
    post("faults", {"source": source, "mode": "none", "number": number})


def broken() -> list[dict[str, Any]]:
    """The faults in force: source, mode, person, rate, from, until, hits …"""
    return list(_request("faults")["faults"])


def add_cast(cases: list[dict[str, Any]]) -> list[str]:
    """Serve the people of these cases of a cast file; their ID numbers. Older answers are gone."""
    people = post("cast", {"cases": cases})["people"]
    forget(people)
    return people


def add_events(events: list[dict[str, Any]]) -> list[str]:
    """Later changes: {person, source, rows, op: add|replace|clear, on}; the people concerned."""
    people = post("events", {"events": events})["people"]
    forget(people)
    return people


def turn(kind: str, person: str = "") -> list[str]:
    """Let something happen today to a family of the city: `stats()["turns"]` names the kinds.

    The ID numbers of the people concerned, whose kept answers are gone.
    """
    people = post("turns", {"kind": kind, "person": person})["people"]
    forget(people)
    return people


def feed(since: date, until: date, *, kinds: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Changes in the registers from one day to another: on, kind, person, source, what."""
    query = {"from": since, "until": until, "kind": ",".join(kinds), "limit": _ALL}
    return list(_request(f"feed?{urlencode(query)}")["changes"])


def forget(people: Iterable[str]) -> int:
    """Delete kept answers about these people: their registers have changed; how many there were."""
    indexes = [blind_index(person) for person in people]
    return FreshAnswer.objects.filter(person_index__in=indexes).delete()[0]


def hurry_reports(person: str = "") -> int:
    """Deliver the income reports that are ordered, or one person's; how many were hurried."""
    return int(post("reports", {"hurry": True, "person": person})["hurried"])


def set_report_days(days: str) -> None:
    """Working days until an ordered report is there: "1-10", or "0" for at once."""
    post("reports", {"days": days})


def reports() -> dict[str, Any]:
    """How many reports are `ordered` and `delivered`, the delay, and the `orders` under way."""
    return _request("reports")


def stats() -> dict[str, Any]:
    """Calls by source, answers by code, the city and how many faults are in force."""
    return _request("stats")


def people(situation: str = "", limit: int = 12) -> list[dict[str, str]]:
    """Applicants of the city in a situation: name, ID number, what is the matter."""
    query = urlencode({"situation": situation, "limit": limit})
    return list(_request(f"people?{query}")["people"])


def post(name: str, content: dict[str, Any]) -> dict[str, Any]:
    """Post to the mock's own path /_mock/<name>. Raises NotServed."""
    return _request(name, json.dumps(content, ensure_ascii=False, default=_text).encode())


def _request(name: str, body: bytes | None = None) -> dict[str, Any]:
    if not settings.DEMO:
        raise NotServed("the mock gateway exists in the demo only")
    address = urljoin(settings.DATASHARE_GATEWAY_URL, f"/_mock/{name}")
    request = Request(address, body, {"Content-Type": "application/json"})
    try:
        # loopback only: a proxy configured for the machine is none of its business
        with build_opener(ProxyHandler({})).open(request, timeout=20) as response:
            return json.load(response)
    except HTTPError as error:
        said = error.read().decode("utf-8", "replace")[:300]
        raise NotServed(f"the mock gateway at {address} did not take it: {said}") from error
    except (URLError, OSError, ValueError) as error:
        raise NotServed(f"the mock gateway at {address} did not take it: {error}") from error


def _text(value: Any) -> str:
    """Dates as ISO texts, as the gateway's JSON would have them."""
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} in a cast file")
