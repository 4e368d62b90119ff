"""What a second register says, and why a case was closed, is encrypted like the flags."""

from functools import partial

from django.db import migrations

from core.identity.fields import EncryptedTextField


def copy(field, apps, editor):
    rows = apps.get_model("renewal", "exitcase").objects
    for row in rows.only("pk", f"plain_{field}").iterator(chunk_size=500):
        rows.filter(pk=row.pk).update(**{field: getattr(row, f"plain_{field}")})


def encrypt(field):
    return [
        migrations.RenameField("exitcase", field, f"plain_{field}"),
        migrations.AddField("exitcase", field, EncryptedTextField(blank=True, default="")),
        migrations.RunPython(partial(copy, field), migrations.RunPython.noop),
        migrations.RemoveField("exitcase", f"plain_{field}"),
    ]


class Migration(migrations.Migration):
    dependencies = [("renewal", "0001_initial")]

    operations = [*encrypt("second_route"), *encrypt("closed_reason")]
