"""The sequence behind case numbers: gap-tolerant, never the same twice, no lock to wait for."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("applications", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE applications_case_no START 1", "DROP SEQUENCE applications_case_no"
        )
    ]
