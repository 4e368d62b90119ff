# Possible duplicates: keys, pairs, judgements, nightly runs.

import core.identity.fields
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_bureaus'),
        ('applications', '0012_papers'),
    ]

    operations = [
        migrations.CreateModel(
            name='DuplicateRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(unique=True)),
                ('began_at', models.DateTimeField()),
                ('leased_until', models.DateTimeField()),
                ('after_low', models.BigIntegerField(default=0)),
                ('after_high', models.BigIntegerField(default=0)),
                ('pairs', models.PositiveIntegerField(default=0)),
                ('compared', models.PositiveIntegerField(default=0)),
                ('found', models.PositiveIntegerField(default=0)),
                ('finished_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='LikenessKey',
            fields=[
                ('member', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='likeness_key', serialize=False, to='applications.member')),
                ('keys', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('form', models.PositiveSmallIntegerField()),
                ('made_at', models.DateTimeField()),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['keys'], name='likeness_keys')],
            },
        ),
        migrations.CreateModel(
            name='PossibleDuplicate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('low_index', models.CharField(max_length=64)),
                ('high_index', models.CharField(max_length=64)),
                ('score', models.SmallIntegerField()),
                ('levels', models.JSONField()),
                ('table', models.CharField(max_length=20)),
                ('state', models.CharField(choices=[('open', '待判断'), ('same', '同一人'), ('different', '不同人'), ('lapsed', '不再需要')], default='open', max_length=10)),
                ('state_since', models.DateTimeField()),
                ('found_at', models.DateTimeField()),
                ('high', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='applications.member')),
                ('low', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='applications.member')),
            ],
        ),
        migrations.CreateModel(
            name='DuplicateResolution',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(choices=[('same', '同一人'), ('different', '不同人')], max_length=10)),
                ('reason_code', models.CharField(max_length=20)),
                ('text', core.identity.fields.EncryptedTextField()),
                ('at', models.DateTimeField()),
                ('undone_why', core.identity.fields.EncryptedTextField(blank=True, default='')),
                ('undone_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.staff')),
                ('undone_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.staff')),
                ('duplicate', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='resolutions', to='applications.possibleduplicate')),
            ],
            options={
                'ordering': ['at', 'id'],
            },
        ),
        migrations.AddIndex(
            model_name='possibleduplicate',
            index=models.Index(fields=['state', '-score', 'id'], name='possible_duplicate_list'),
        ),
        migrations.AddIndex(
            model_name='possibleduplicate',
            index=models.Index(fields=['high_index'], name='possible_duplicate_high'),
        ),
        migrations.AddConstraint(
            model_name='possibleduplicate',
            constraint=models.UniqueConstraint(fields=('low_index', 'high_index'), name='possible_duplicate_once', violation_error_message='这两个人已经在疑似重复里。'),
        ),
        migrations.AddConstraint(
            model_name='possibleduplicate',
            constraint=models.CheckConstraint(condition=models.Q(('low_index__lt', models.F('high_index'))), name='possible_duplicate_in_order'),
        ),
        migrations.AddConstraint(
            model_name='duplicateresolution',
            constraint=models.UniqueConstraint(condition=models.Q(('undone_at__isnull', True)), fields=('duplicate',), name='duplicate_resolved_once', violation_error_message='刚才已经有人判断过了。'),
        ),
        migrations.AddConstraint(
            model_name='duplicateresolution',
            constraint=models.CheckConstraint(condition=models.Q(('reason_code', ''), _negated=True), name='duplicate_resolved_with_reason'),
        ),
        migrations.AddConstraint(
            model_name='duplicateresolution',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('undone_at__isnull', True), ('undone_by__isnull', True)), models.Q(('undone_at__isnull', False), ('undone_by__isnull', False)), _connector='OR'), name='duplicate_undone_by_somebody'),
        ),
    ]
