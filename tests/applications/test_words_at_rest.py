"""Reasons, opinions and answers cannot be read in the database."""

import pytest
from django.db import connection

from applications.models import Decision, Opinion
from tests.factories import review as desk

pytestmark = pytest.mark.django_db


def stored(column: str, table: str) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table}")
        return b" ".join(bytes(row[0]) for row in cursor.fetchall())


def test_the_words_of_a_refusal_are_not_readable_at_rest():
    letter = desk.refusal_drafted()
    sentence = letter.reasons[0]["sentence"]
    assert sentence in letter.text and Opinion.objects.filter(task__bureau__kind="housing").exists()
    for column in ("reasons", "text"):
        assert sentence.encode() not in stored(column, Decision._meta.db_table)
    for column in ("settled", "text"):
        kept = stored(column, Opinion._meta.db_table)
        assert b"29.83" not in kept and "已核实".encode() not in kept
