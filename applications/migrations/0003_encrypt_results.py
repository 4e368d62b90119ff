"""Results are encrypted: their findings name people by ID number."""

from django.db import migrations

import core.identity.fields


class Migration(migrations.Migration):
    dependencies = [("applications", "0002_case_number")]

    operations = [
        migrations.RemoveField(model_name="assessment", name="result"),
        migrations.AddField(
            model_name="assessment",
            name="result",
            field=core.identity.fields.EncryptedJSONField(default=dict),
            preserve_default=False,
        ),
    ]
