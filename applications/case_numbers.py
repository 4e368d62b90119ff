"""Case numbers (办件编号), drawn from a sequence: no lock to wait for, never the same twice."""

from datetime import datetime

from django.db import connection

from core import clock


def draw(at: datetime) -> str:
    """The next number, with the year of ``at`` in Ningbo: ``YZ2026-000123``."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('applications_case_no')")
        (number,) = cursor.fetchone()
    return f"YZ{at.astimezone(clock.LOCAL).year}-{number:06d}"


def draw_many(at: datetime, count: int) -> list[str]:
    """So many numbers at once, for a list that is imported whole."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval('applications_case_no') FROM generate_series(1, %s)", [count]
        )
        drawn = [number for (number,) in cursor.fetchall()]
    year = at.astimezone(clock.LOCAL).year
    return [f"YZ{year}-{number:06d}" for number in drawn]
