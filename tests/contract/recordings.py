"""录音 recorded envelopes: what the departments answered, byte for byte, and a server for them.

`python -m tests.contract.recordings` asks the mock departments again and writes the files anew;
a test compares the two, so that a recording never falls behind. The people are invented.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import yaml
from aiohttp import web

from datashare.gateway.interfaces import DEFAULTS
from datashare.gateway.tokens import sign
from datashare.questions import Person
from datashare.sources import CATALOGUE
from datashare.sources.source import Asked
from tests.factories.departments import APP_KEY, APP_SECRET, Departments, departments, served

FOLDER = Path(__file__).parent / "recorded"
DOCUMENT = Path(__file__).parents[2] / "docs" / "records.md"
ON = date(2026, 3, 18)
NOBODY = Person("无名", "33021219500101999X")
FOUND, NOTHING = "found", "nothing"
FAULTS = (
    "quota", "unknown_code", "garbage", "empty", "upstream", "code_03", "code_11", "code_14",
    "truncated", "content_type", "wrong_person", "stale", "masked", "duplicates",
)  # fmt: skip
OF_FAULTS = "population"  # the source that the faults are recorded of
_PAIR = {"requestSecret": "a1" * 16, "refreshSecret": "b2" * 16}


@dataclass(frozen=True, slots=True)
class Example:
    """The example of docs/records.md for one source: who is asked about, and the rows."""

    person: Person
    rows: list[dict[str, Any]]


def examples() -> dict[str, Example]:
    """One example a source, as the document gives it; the name stands in the rows."""
    found: dict[str, Example] = {}
    for block in re.findall(r"```yaml\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL):
        for source, people in yaml.safe_load(block).items():
            if source in CATALOGUE and source not in found:
                number, written = next(iter(people.items()))
                rows = json.loads(json.dumps(written, default=str))  # as they travel
                found[source] = Example(Person(_name(rows, number), number), rows)
    return found


def _name(rows: list[dict[str, Any]], number: str) -> str:
    """Who has that number: the name beside it in the row, wherever the register puts it."""
    text = json.dumps(rows, ensure_ascii=False, default=str)
    names = re.findall(rf'"([^"]*)", "[^"]*": "{number}"', text)[::-1]
    names += re.findall(rf'"{number}", "[^"]*": "([^"]*)"', text)
    return next((name for name in names if re.fullmatch("[\u4e00-\u9fff·]{2,6}", name)), "某人")


def case_of_examples() -> dict[str, Any]:
    """A case of a cast file that makes the mock know the people of the document."""
    known = examples()
    people = {one.person.id_number: one.person.name for one in known.values()}
    return {
        "case": "records",
        "as_of": ON.isoformat(),
        "household": [
            {"name": name, "id_number": number, "relation": "01"} for number, name in people.items()
        ],
        "records": {source: {one.person.id_number: one.rows} for source, one in known.items()},
    }


def file_of(scenario: str, source: str) -> Path:
    """Where a scenario's envelope lies: found, nothing, or the name of a fault."""
    folder, stem = (scenario, source) if scenario in (FOUND, NOTHING) else ("fault", scenario)
    return FOLDER / folder / f"{stem}.txt"


# -- serving -----------------------------------------------------------------------------------


@dataclass(slots=True)
class Recorded:
    """A gateway that only repeats recordings; `scenario` says which."""

    url: str = ""
    scenario: str = FOUND

    def play(self, scenario: str) -> None:
        self.scenario = scenario

    async def token(self, request: web.Request) -> web.Response:
        soon = (time.time() + 900) * 1000
        pair = {**_PAIR, "requestSecretEndTime": soon, "refreshSecretEndTime": soon}
        return web.json_response({"code": "00", "msg": "成功", "datas": pair})

    async def call(self, request: web.Request) -> web.Response:
        path = request.path.removeprefix("/gateway/")
        source = next(name for name, one in DEFAULTS.items() if one.path == path)
        body = file_of(self.scenario, source).read_bytes()
        return web.Response(body=body, content_type="text/html", charset="utf-8")


@contextmanager
def recorded() -> Iterator[Recorded]:
    """Serve the recordings until the block ends."""
    player = Recorded()
    app = web.Application()
    app.router.add_route("*", "/gateway/app/{endpoint}.htm", player.token)
    app.router.add_route("*", "/gateway/api/{path:.+}", player.call)
    with served(app) as url:
        player.url = f"{url}/gateway/"
        yield player


@dataclass(slots=True)
class Live:
    """The mock departments, playing the same scenarios over HTTP."""

    mock: Departments

    @property
    def url(self) -> str:
        return self.mock.url

    def play(self, scenario: str) -> None:
        self.mock.mend()
        if scenario not in (FOUND, NOTHING):
            self.mock.break_down(OF_FAULTS, scenario)


# -- recording ---------------------------------------------------------------------------------


def scenarios() -> list[tuple[str, str]]:
    """Every scenario with its source."""
    plain = [(scenario, source) for scenario in (FOUND, NOTHING) for source in CATALOGUE]
    return plain + [(mode, OF_FAULTS) for mode in FAULTS]


def answer_of(mock: Departments, scenario: str, source: str) -> bytes:
    """The body that the mock answers, asked by plain HTTP and without the client."""
    Live(mock).play(scenario)
    person = NOBODY if scenario == NOTHING else examples()[source].person
    params = CATALOGUE[source].request(Asked(person.name, person.id_number, ON))
    why = {"powerMatters": "m", "subPowerMatters": "m", "accesscardId": "o", "materialName": "x",
           "sponsorName": "n", "sponsorCode": "c", "projectId": "p"}  # fmt: skip
    pair = _post(f"{mock.url}app/refreshTokenByKey.htm", _signed(APP_SECRET), {})
    secret = json.loads(pair)["datas"]["requestSecret"]
    content = {**params, "additional": json.dumps(why)}
    return _post(f"{mock.url}{DEFAULTS[source].path}", _signed(secret), content)


def _signed(secret: str) -> dict[str, str]:
    now = str(round(time.time() * 1000))
    return {"appKey": APP_KEY, "requestTime": now, "sign": sign(APP_KEY, secret, now)}


def _post(url: str, credentials: dict[str, str], content: dict[str, Any]) -> bytes:
    headers = {**credentials, "Content-Type": "application/json"}
    request = Request(url, json.dumps(content).encode(), headers)
    with urlopen(request, timeout=10) as response:
        return response.read()


def without_number(body: bytes) -> bytes:
    """The body without the number that the gateway gives each call."""
    return re.sub(rb'"requestId": ?"[^"]*"', b'"requestId": "mock000000000000"', body)


def record() -> int:
    """Write every recording anew; how many."""
    with departments(on=ON, households=1) as mock:
        mock.know(case_of_examples())
        for scenario, source in scenarios():
            path = file_of(scenario, source)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(without_number(answer_of(mock, scenario, source)))
    return len(scenarios())


if __name__ == "__main__":
    import django

    django.setup()
    print(record(), "recordings")
