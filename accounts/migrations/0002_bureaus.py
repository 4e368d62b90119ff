"""Writes the bureaus of the district."""

from django.db import migrations

from accounts import bureau_list


def write(apps, schema_editor):
    bureau = apps.get_model("accounts", "Bureau")
    for entry in bureau_list.entries():
        bureau.objects.update_or_create(
            code=entry.code,
            defaults={
                "name": entry.name,
                "kind": entry.kind,
                "area_code": entry.area_code,
                "flagged_jurisdiction": bool(entry.jurisdiction),
                "jurisdiction": entry.jurisdiction,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
