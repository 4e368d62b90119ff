"""Many rows from one (测试数据): the database copies a case that stands, so that a million of them
take seconds. Sealed columns stay readable: their seal names table and column, not the row."""

from typing import Any

from django.db import connection, models, transaction

from applications.models import Application, Member, ReviewTask, SearchWord

PREFIX = "COPY"


def queue(task: ReviewTask, number: int) -> None:
    """``number`` copies of a task with its case and its applicant."""
    case = task.application
    applications(case, number)
    applicant = case.members.get(is_applicant=True)
    hanging(Member, applicant.pk, application_id="c.id", holding="false")
    hanging(ReviewTask, task.pk, application_id="c.id")
    run("ANALYZE")  # as autovacuum would: without it the planner takes the tables for empty


def applications(case: Application, number: int, **columns: str) -> None:
    """``number`` copies of a case, numbered COPY1…"""
    values = _columns(Application) | {
        "ref": "gen_random_uuid()", "case_no": f"'{PREFIX}' || g", "unified_no": "''", **columns,
    }  # fmt: skip
    run(
        f"INSERT INTO {_table(Application)} ({', '.join(values)}) "
        f"SELECT {', '.join(values.values())} FROM {_table(Application)} t, "
        f"generate_series(1, {number:d}) g WHERE t.id = {case.pk:d}"
    )


def forget() -> None:
    """Takes all copies away again, whatever hangs on them first."""
    copies = f"SELECT id FROM {_table(Application)} WHERE case_no LIKE '{PREFIX}%'"
    for model in (SearchWord, ReviewTask, Member):
        run(f"DELETE FROM {_table(model)} WHERE application_id IN ({copies})")
    run(f"DELETE FROM {_table(Application)} WHERE case_no LIKE '{PREFIX}%'")


def hanging(model: type[models.Model], pk: int, **columns: str) -> None:
    """One copy of a row for each copied case, its columns told by the case ``c``."""
    values = _columns(model) | columns
    run(
        f"INSERT INTO {_table(model)} ({', '.join(values)}) SELECT {', '.join(values.values())} "
        f"FROM {_table(model)} t, {_table(Application)} c "
        f"WHERE t.id = {pk:d} AND c.case_no LIKE '{PREFIX}%'"
    )


def _columns(model: type[models.Model]) -> dict[str, str]:
    """Every column but the key, each as the row that is copied has it."""
    fields: Any = model._meta.concrete_fields
    return {one.column: f"t.{one.column}" for one in fields if not one.primary_key}


def _table(model: type[models.Model]) -> str:
    return model._meta.db_table


def run(statement: str) -> None:
    """One statement without triggers, which would take up a million rows one by one."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = origin")
