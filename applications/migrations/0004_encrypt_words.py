"""Reasons, opinions and answers are encrypted: they tell incomes, health and what others said."""

from functools import partial

from django.db import migrations

from core.identity.fields import EncryptedJSONField, EncryptedTextField

WORDS = [
    ("decision", "reasons", EncryptedJSONField, list),
    ("decision", "text", EncryptedTextField, ""),
    ("opinion", "settled", EncryptedJSONField, dict),
    ("opinion", "text", EncryptedTextField, ""),
    ("reconsideration", "answer", EncryptedTextField, ""),
    ("objection", "answer", EncryptedTextField, ""),
    ("evidence", "disputed_reason", EncryptedTextField, ""),
    ("waitentry", "priority", EncryptedJSONField, list),
]
# these may be left empty in their model, the others not
OPTIONAL = {"answer", "disputed_reason"}


def copy(model, field, apps, editor):
    rows = apps.get_model("applications", model).objects
    for row in rows.only("pk", f"plain_{field}").iterator(chunk_size=500):
        rows.filter(pk=row.pk).update(**{field: getattr(row, f"plain_{field}")})


def encrypt(model, field, kind, empty):
    blank = {"blank": True} if field in OPTIONAL else {}
    kept = field in OPTIONAL or kind is EncryptedJSONField
    return [
        migrations.RenameField(model, field, f"plain_{field}"),
        migrations.AddField(model, field, kind(default=empty, **blank), preserve_default=kept),
        migrations.RunPython(partial(copy, model, field), migrations.RunPython.noop),
        migrations.RemoveField(model, f"plain_{field}"),
    ]


class Migration(migrations.Migration):
    dependencies = [("applications", "0003_encrypt_results")]

    operations = [step for word in WORDS for step in encrypt(*word)]
