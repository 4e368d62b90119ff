"""Ports, the noted city, catalogues, and what manage.py takes over."""

import gettext
import json
import os
import socket
from pathlib import Path

import pytest

from ops import catalogues, live, ports
from ops import city as cities
from ops.refusal import CannotRun
from ops.testing import pytest_arguments


def test_a_taken_port_is_passed_over() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        busy = holder.getsockname()[1]
        assert ports.choose(busy, set()) > busy


def test_two_services_never_get_the_same_port() -> None:
    taken: set[int] = set()
    assert ports.choose(18290, taken) != ports.choose(18290, taken)


def test_no_free_port_is_said() -> None:
    with pytest.raises(CannotRun, match="no free port"):
        ports.choose(18290, set(range(18290, 18490)))


def test_a_standing_city_stays_whatever_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    note = tmp_path / "city.json"
    cities.note_built(note, cities.City(500, 7, "2026-01-31"))

    standing = cities.settle(note, 2000, 1)

    assert standing.options() == ["--households", "500", "--seed", "7", "--on", "2026-01-31"]
    assert "--fresh" in capsys.readouterr().out


def test_a_city_that_was_not_finished_is_drawn_anew(tmp_path: Path) -> None:
    note = tmp_path / "city.json"
    note.write_text(json.dumps({"households": 9, "seed": 9, "on": "2026-01-31", "built": False}))
    assert cities.settle(note, 500, 1).households == 500


def test_catalogues_are_compiled_once_and_fuzzy_entries_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
        'msgid "申请"\nmsgstr "Apply"\n\n#, fuzzy\nmsgid "退出"\nmsgstr "Leave?"\n'
    )

    assert catalogues.compile_all(tmp_path) == 1
    assert catalogues.compile_all(tmp_path) == 0

    with (folder / "django.mo").open("rb") as compiled:
        words = gettext.GNUTranslations(compiled)
    assert words.gettext("申请") == "Apply"
    assert words.gettext("退出") == "退出"


def test_manage_takes_over_what_run_serves_unless_told_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "environment.json"
    file.write_text(json.dumps({"DATABASE_URL": "postgresql:///theirs", "SECRET_KEY": "theirs"}))
    monkeypatch.setattr(live, "FILE", file)
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "yinzhou_housing.settings.dev")
    monkeypatch.setenv("DATABASE_URL", "postgresql:///mine")
    monkeypatch.setenv("SECRET_KEY", "put back at the end, whether or not it was there")
    monkeypatch.delenv("SECRET_KEY")
    live.adopt()
    assert os.environ["DATABASE_URL"] == "postgresql:///mine"
    assert "SECRET_KEY" not in os.environ, "another server's data has another server's keys"

    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.delenv("REDIS_URL", raising=False)
    live.adopt()
    assert os.environ["DATABASE_URL"] == "postgresql:///theirs"


@pytest.mark.parametrize(
    ("given", "spread"),
    [([], True), (["-k", "draw"], True), (["tests/ops"], False), (["--soak"], False)],
)
def test_only_a_whole_run_is_spread_over_processes(given: list[str], spread: bool) -> None:
    assert ("-n" in pytest_arguments(given)) is spread
