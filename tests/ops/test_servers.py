"""The embedded servers survive what machines and people do to them."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ops import processes
from ops.crew import Crew, Member
from ops.places import Place
from ops.postgres import DATABASE, Postgres
from ops.refusal import CannotRun
from ops.valkey import Valkey
from tests.ops.conftest import make_place


def sql(server: Postgres, query: str) -> str:
    return server.client("psql", "-d", DATABASE, "-Atc", query).stdout.strip()


def kv(server: Valkey, words: str) -> str:
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(5)
        line.connect(str(server.socket))
        line.sendall(f"{words}\r\n".encode())
        return line.recv(200).decode().strip()


def kill(member: Member) -> None:
    assert member.process is not None
    member.process.send_signal(signal.SIGKILL)
    member.process.wait()


def test_servers_killed_at_once_come_back_with_their_data(place: Place, crew: Crew) -> None:
    database, broker = Postgres(place), Valkey(place)
    members = [crew.start(database.program()), crew.start(broker.program())]
    crew.wait_ready(members)
    database.make_database()
    sql(database, "CREATE TABLE kept AS SELECT 42 AS answer")
    kv(broker, "LPUSH queue work")

    for member in members:
        kill(member)
    crew.watch()
    crew.wait_ready(members)

    assert sql(database, "SELECT answer FROM kept") == "42"
    assert kv(broker, "LLEN queue") == ":1"


def test_what_a_killed_run_left_is_stopped_and_its_data_kept(place: Place, crew: Crew) -> None:
    database = Postgres(place, fast=True)
    crew.start_and_wait(database.program())
    database.make_database()
    left = crew.members.pop()  # as if whoever watched over it were gone
    assert left.process is not None

    crew.start_and_wait(database.program())

    left.process.wait(10)
    assert sql(database, "SELECT 1") == "1"


def test_a_lock_file_with_the_number_of_another_program_is_no_obstacle(
    place: Place, crew: Crew
) -> None:
    database = Postgres(place, fast=True)
    database.prepare()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        (database.data / "postmaster.pid").write_text(f"{stranger.pid}\n{database.data}\n")
        crew.start_and_wait(database.program())
        assert stranger.poll() is None, "another program is never touched"
        stranger.kill()


def test_a_half_made_data_folder_is_made_again(place: Place, crew: Crew) -> None:
    database = Postgres(place, fast=True)
    for name in ("pg", "pg.new"):
        (place.state / name / "base").mkdir(parents=True)

    crew.start_and_wait(database.program())

    assert (database.data / "PG_VERSION").exists()


def test_data_of_another_major_version_is_refused_by_name(place: Place) -> None:
    database = Postgres(place, fast=True)
    database.data.mkdir()
    (database.data / "PG_VERSION").write_text("13\n")
    if place.user:
        os.chown(database.data / "PG_VERSION", place.user.pw_uid, -1)

    with pytest.raises(CannotRun, match=r"made by PostgreSQL 13, the binaries are \d+"):
        database.prepare()

    assert (database.data / "PG_VERSION").read_text() == "13\n"


@pytest.mark.parametrize("name", ["with a space", "区住房", "long/" + "x" * 120])
def test_any_path_will_do(ground: Path, crew: Crew, name: str) -> None:
    place = make_place(ground, name)
    database, broker = Postgres(place, fast=True), Valkey(place)

    members = [crew.start(database.program()), crew.start(broker.program())]
    crew.wait_ready(members)

    assert " " not in database.url + broker.url
    assert place.sockets.stat().st_mode & 0o777 == 0o700
    assert database.data.is_relative_to(place.root), "only the sockets leave the clone"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another user")
def test_root_leaves_a_clone_that_others_cannot_enter_as_it_is(ground: Path, crew: Crew) -> None:
    place = make_place(ground, "private")
    place.root.chmod(0o700)
    database = Postgres(place, fast=True)

    crew.start_and_wait(database.program())

    assert place.root.stat().st_mode & 0o777 == 0o700
    assert database.data.is_relative_to(place.outside)


def test_a_dead_server_has_no_mark(place: Place, crew: Crew) -> None:
    member = crew.start_and_wait(Valkey(place).program())
    assert member.process is not None
    assert processes.birth(member.process.pid) == member.mark
    kill(member)
    assert processes.birth(member.process.pid) is None
