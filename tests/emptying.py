"""Emptying the database after a test that committed: what has rows, and nothing else.

Django truncates every table and writes all permissions anew, ten times the work.
"""

from typing import Any

from django.db import ProgrammingError, connection, transaction
from django.test import TransactionTestCase

# What migrating wrote and no test changes.
KEPT = ("django_migrations", "django_content_type", "auth_permission")
_EMPTY = """
DO $$ DECLARE one text; filled boolean; BEGIN
    SET LOCAL session_replication_role = replica;  -- no trigger forbids it, no key is looked up
    FOR one IN SELECT quote_ident(tablename) FROM pg_tables
        WHERE schemaname = 'public' AND tablename NOT IN ({kept})
    LOOP
        EXECUTE 'SELECT EXISTS (SELECT FROM ' || one || ')' INTO filled;
        IF filled THEN EXECUTE 'DELETE FROM ' || one; END IF;
    END LOOP;
END $$
""".format(kept=", ".join(f"'{name}'" for name in KEPT))
_flush = TransactionTestCase._fixture_teardown


def install() -> None:
    """Transactional tests empty the database like this from now on."""
    TransactionTestCase._fixture_teardown = _empty


def _empty(case: Any) -> None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_EMPTY)
    except ProgrammingError:  # an account of an outside server that may not leave triggers out
        _flush(case)
