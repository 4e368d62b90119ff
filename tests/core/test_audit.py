"""The audit log: append-only, chained, and honest about a row that was touched."""

import pytest
from django.core.management import call_command
from django.db import InternalError, connection, transaction

from core import audit
from core.models import AuditEntry

WORKER = audit.System("worker")


def _tamper(sql, *params):
    """As a superuser would, with every trigger off."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, params)
        cursor.execute("SET LOCAL session_replication_role = origin")


@pytest.mark.django_db
def test_entries_refuse_update_and_delete():
    entry = audit.record("case.accepted", by=WORKER)
    with pytest.raises(InternalError), transaction.atomic():
        AuditEntry.objects.filter(pk=entry.pk).update(verb="other")
    with pytest.raises(InternalError), transaction.atomic():
        AuditEntry.objects.filter(pk=entry.pk).delete()


@pytest.mark.django_db
def test_a_sealed_chain_holds():
    for number in range(5):
        audit.record("case.accepted", by=WORKER, number=number)
    assert audit.seal() == 5
    assert audit.seal() == 0
    assert audit.verify() is None


@pytest.mark.django_db
def test_a_row_changed_by_a_superuser_is_named():
    entries = [audit.record("looked", by=WORKER, n=n) for n in range(4)]
    audit.seal()
    _tamper("UPDATE core_auditentry SET actor = 'nobody' WHERE id = %s", entries[2].pk)
    broken = audit.verify()
    assert broken is not None
    assert (broken.position, broken.entry_id) == (3, entries[2].pk)


@pytest.mark.django_db
def test_the_command_exits_1_and_names_the_entry(capsys):
    entry = audit.record("looked", by=WORKER)
    audit.record("looked", by=WORKER)
    audit.seal()
    _tamper("UPDATE core_auditentry SET detail = '{\"x\": 1}' WHERE id = %s", entry.pk)
    with pytest.raises(SystemExit) as stopped:
        call_command("audit_verify")
    assert stopped.value.code == 1
    assert f"entry {entry.pk}" in capsys.readouterr().err


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["core_auditseal", "core_auditentry"])
def test_a_removed_link_is_named(table):
    entries = [audit.record("looked", by=WORKER, n=n) for n in range(3)]
    audit.seal()
    column = "entry_id" if table == "core_auditseal" else "id"
    _tamper(f"DELETE FROM {table} WHERE {column} = %s", entries[1].pk)
    broken = audit.verify()
    assert broken is not None and broken.position == 2
    _tamper("DELETE FROM core_auditseal")  # leaves no dangling key for the test's own clean-up


@pytest.mark.django_db
def test_numbers_that_slip_in_are_masked():
    entry = audit.record("x", by=WORKER, note="330212198701189934 rang from 13812345678")
    assert "198701189934" not in str(entry.detail)
    assert "12345678" not in str(entry.detail)
