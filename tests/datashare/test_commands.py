"""The commands an operator types: check_datashare, mock_cast, mock_gateway."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import pytest
from django.core.management import CommandError, call_command

from core import audit
from core.identity.ciphers import blind_index
from datashare import mock_control
from datashare.duties import NOBODY
from datashare.models import Call, FreshAnswer
from datashare.queries import Person, Purpose, Question, ask
from datashare.sources import CATALOGUE
from tests.factories.authorities import DUTY
from tests.factories.departments import Departments

CAST = """
- case: X1
  as_of: 2026-03-18
  household:
    - {name: 钱秀英, id_number: "330212194712019924", relation: "01"}
  records:
    property:
      "330212194712019924":
        - {qlrmc: 钱秀英, qlrzjh: "330212194712019924", zl: 某路1号, djsj: 2001-05-01}
"""
NUMBER = "330212194712019924"


def checked(*arguments: str, ends_with: int = 0) -> tuple[list[str], str]:
    """The lines that check_datashare prints, and what it says of failures."""
    out, errors = io.StringIO(), io.StringIO()
    if ends_with:
        with pytest.raises(SystemExit) as ended:
            call_command("check_datashare", *arguments, stdout=out, stderr=errors)
        assert ended.value.code == ends_with
    else:
        call_command("check_datashare", *arguments, stdout=out, stderr=errors)
    return out.getvalue().splitlines(), errors.getvalue()


@pytest.mark.django_db
def test_check_datashare_lists_every_source(mock: Departments) -> None:
    lines, errors = checked()
    assert [line.split()[0] for line in lines[1:]] == list(CATALOGUE)
    assert all("199999/200000" in line and line.endswith("接通") for line in lines[1:])
    assert errors == ""


@pytest.mark.django_db
def test_check_datashare_asks_about_nobody_under_its_own_duty(mock: Departments) -> None:
    checked()
    calls = Call.objects.all()
    assert [one.source for one in calls.order_by("source")] == sorted(CATALOGUE)
    assert {one.basis for one in calls} == {"duty:interface_check"}
    assert {one.person_index for one in calls} == {blind_index(min(NOBODY))}


@pytest.mark.django_db
def test_check_datashare_ends_with_1_when_a_source_fails(mock: Departments) -> None:
    mock.break_down("vehicle", "http_500")
    lines, errors = checked(ends_with=1)
    (line,) = [line for line in lines if line.startswith("vehicle")]
    assert "http_500" in line
    assert "1 个来源未能获得答复" in errors


@pytest.mark.django_db
def test_check_datashare_says_when_a_source_that_rests_is_asked_again(mock: Departments) -> None:
    mock.break_down("vehicle", "quota")
    lines, _errors = checked("--source", "vehicle", ends_with=1)
    assert re.search(r"配额用完，\d+ 秒后再问$", lines[1])


@pytest.mark.django_db
def test_check_datashare_asks_the_named_sources_alone(mock: Departments) -> None:
    lines, _errors = checked("--source", "property", "--source", "death", "--source", "death")
    assert [line.split()[0] for line in lines[1:]] == ["property", "death"]
    assert Call.objects.count() == 2
    with pytest.raises(CommandError, match="nowhere"):
        call_command("check_datashare", "--source", "nowhere")


@pytest.mark.django_db
def test_a_dry_run_tells_what_would_be_asked_and_asks_nothing(mock: Departments) -> None:
    lines, _errors = checked("--dry-run")
    plans = [json.loads(line) for line in lines]
    assert [plan["source"] for plan in plans] == list(CATALOGUE)
    assert not Call.objects.exists()
    assert sum(mock_control.stats()["calls"].values()) == 0


@pytest.mark.django_db
def test_mock_cast_brings_people_in_and_forgets_older_answers(
    mock: Departments, tmp_path: Path
) -> None:
    question = Question("property", Person("钱秀英", NUMBER))
    purpose = Purpose("其他-1", "YZ1", DUTY)
    assert ask([question], purpose=purpose, by=audit.System("test"))[question].silent
    assert FreshAnswer.objects.count() == 1
    file = tmp_path / "cast.yaml"
    file.write_text(CAST, encoding="utf-8")
    call_command("mock_cast", str(file), stdout=io.StringIO())
    assert not FreshAnswer.objects.exists()
    assert ask([question], purpose=purpose, by=audit.System("test"))[question].found


@pytest.mark.django_db
def test_mock_cast_refuses_a_file_that_is_no_cast(mock: Departments, tmp_path: Path) -> None:
    file = tmp_path / "cast.yaml"
    file.write_text("- just: words", encoding="utf-8")
    with pytest.raises(CommandError, match="household"):
        call_command("mock_cast", str(file), stdout=io.StringIO())


@pytest.mark.django_db
def test_a_department_can_be_switched_off_and_on_again(mock: Departments) -> None:
    question = Question("property", Person("钱秀英", NUMBER))
    purpose = Purpose("其他-1", "YZ1", DUTY)

    def answer() -> str:
        return ask([question], purpose=purpose, by=audit.System("test"))[question].status

    mock_control.break_down("property", "http_500")
    mock_control.break_down("vehicle", "garbage")
    assert answer() == "unavailable"
    mock_control.mend("property")
    assert answer() == "no_record"
    assert [fault["source"] for fault in mock_control.broken()] == ["vehicle"]
    event = {"person": NUMBER, "source": "property", "rows": [{"zl": "某路", "jzmj": "80"}]}
    assert mock_control.add_events([event]) == [NUMBER]
    assert answer() == "found"
    assert mock_control.stats()["calls"]["property"] == 5


def test_nothing_listens_where_no_mock_runs(settings: Any) -> None:
    settings.DATASHARE_GATEWAY_URL = "http://127.0.0.1:9/gateway/"
    with pytest.raises(mock_control.NotServed, match="did not take it"):
        mock_control.stats()
    settings.DEMO = False
    with pytest.raises(mock_control.NotServed, match="demo only"):
        mock_control.break_down("property")


class Served:
    """The command in a process of its own."""

    def __init__(self, port: int, journal: Path) -> None:
        self.port = port
        command = [
            sys.executable, "manage.py", "mock_gateway", "--port", str(port), "--journal",
            str(journal), "--households", "40", "--seed", "3", "--on", "2026-03-18",
        ]  # fmt: skip
        self.process = subprocess.Popen(command, env=os.environ, stdout=subprocess.DEVNULL)

    def get(self, path: str) -> Any:
        """The JSON at a path, as soon as the server is up."""
        for _ in range(200):
            try:
                url = f"http://127.0.0.1:{self.port}{path}"
                with build_opener(ProxyHandler({})).open(url, timeout=5) as response:
                    return json.load(response)
            except URLError:
                assert self.process.poll() is None, "the mock gateway has ended"
                time.sleep(0.05)
        raise AssertionError("the mock gateway did not come up")

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(10)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "gateway.journal"


@pytest.fixture
def served(journal: Path) -> Iterator[Served]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Served(port, journal)
    yield server
    if server.process.poll() is None:
        server.stop()


def test_the_mock_is_a_process_of_its_own_that_remembers(
    served: Served, journal: Path, settings: Any, tmp_path: Path
) -> None:
    first = served.get("/healthz")["city"]
    assert (first["households"], first["on"]) == (40, "2026-03-18")
    settings.DATASHARE_GATEWAY_URL = f"http://127.0.0.1:{served.port}/gateway/"
    mock_control.post(
        "cast", {"cases": [{"as_of": date(2026, 3, 18), "household": [{"id_number": NUMBER}]}]}
    )
    assert served.stop() == 0
    again = Served(served.port, journal)
    try:
        assert again.get("/healthz")["city"] == first
        assert again.get("/_mock/stats")["cast"] == 1
        suggested = again.get("/_mock/people?limit=5")["people"]
        assert len(suggested) == 5
        assert all(person["note"] for person in suggested)
    finally:
        again.stop()
