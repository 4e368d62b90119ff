"""One migrated database beside the server, copied for every process of every run.

Migrating takes far longer than copying. The copy's name carries a digest of everything that the
migrations come from, so that a change of theirs makes a new one; older ones are dropped.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

import psycopg2
from django.apps import apps
from django.db import connection
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT
from psycopg2.sql import SQL, Identifier

STEM = "yz_migrated_"
ROOT = Path(__file__).resolve().parent.parent


def name() -> str:
    """The database that these migrations make: of the project's and of every library's app."""
    digest = sha256()
    for app in sorted(apps.get_app_configs(), key=lambda one: one.name):
        try:
            folder = Path(str(import_module(f"{app.name}.migrations").__file__)).parent
        except ModuleNotFoundError:
            continue
        for path in sorted(folder.glob("*.py")):
            digest.update(path.name.encode() + path.read_bytes())
    for path in (*sorted(ROOT.glob("accounts/bureau*")), ROOT / "requirements.txt"):
        digest.update(path.read_bytes())
    return STEM + digest.hexdigest()[:16]


@contextmanager
def turn() -> Iterator[Any]:
    """One process after the other: whoever comes second finds what the first has made."""
    parameters = {**connection.get_connection_params(), "dbname": "postgres"}
    for key in ("cursor_factory", "context"):
        parameters.pop(key, None)
    server = psycopg2.connect(**parameters)
    try:
        server.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
        with server.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [STEM])
            yield cursor
    finally:
        server.close()  # which gives the turn back


def exists(cursor: Any) -> bool:
    """Whether these migrations' database is there."""
    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name()])
    return cursor.fetchone() is not None


def keep(cursor: Any) -> None:
    """Keeps a copy of the freshly migrated test database in place of older ones."""
    fresh = str(connection.settings_dict["NAME"])
    connection.close()  # nobody may be in a database that is copied
    cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [STEM])
    for (old,) in cursor.fetchall():
        cursor.execute(SQL("DROP DATABASE {}").format(Identifier(old)))
    cursor.execute(
        SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name()), Identifier(fresh))
    )
