# The shared queue: its columns, counts and search words; hand-overs, absences, recusals.

import core.identity.fields
import django.contrib.postgres.constraints
import django.contrib.postgres.operations
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from applications.models.household import tail_index


def write_tails(apps, schema_editor):
    """The keyed last four of everybody; the trigger writes all the words of a person beside it."""
    member = apps.get_model("applications", "Member")
    batch = []
    for one in member.objects.filter(id_tail="").only("id_number").iterator(chunk_size=500):
        one.id_tail = tail_index(one.id_number)
        batch.append(one)
        if len(batch) == 500:
            member.objects.bulk_update(batch, ["id_tail"])
            batch = []
    if batch:
        member.objects.bulk_update(batch, ["id_tail"])


# Columns first, by the trigger; then the counts anew: the deltas of that update count nothing.
FILL = """
UPDATE applications_reviewtask SET findings = findings;
DELETE FROM applications_queuecount;
INSERT INTO applications_queuecount (bureau_id, stage, state, doubt, channel, street, due_on, n)
SELECT bureau_id, stage, state, doubt, channel, COALESCE(street_id, 0), due_on, count(*)
FROM applications_reviewtask WHERE state IN ('open', 'claimed') GROUP BY 1, 2, 3, 4, 5, 6, 7;
UPDATE applications_application SET case_no = case_no WHERE case_no IS NOT NULL;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_bureaus'),
        ('applications', '0020_clocks'),
    ]

    operations = [
        django.contrib.postgres.operations.BtreeGistExtension(),
        migrations.CreateModel(
            name='Absence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField()),
                ('entered_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('passed_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['starts_on', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='HandOver',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('note', models.CharField(blank=True, max_length=200)),
                ('at', models.DateTimeField()),
                ('seen_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Kin',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person_index', models.CharField(db_index=True, max_length=64)),
                ('relation', models.CharField(choices=[('spouse', '配偶'), ('parent', '父母、养父母、继父母'), ('child', '子女、养子女、继子女'), ('sibling', '兄弟姐妹'), ('grandparent', '祖父母、外祖父母'), ('grandchild', '孙子女、外孙子女'), ('collateral', '三代以内旁系血亲'), ('in_law', '近姻亲'), ('other', '其他可能影响公正办理的关系')], max_length=12)),
                ('declared_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['declared_at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='NamedPerson',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person_index', models.CharField(max_length=64)),
                ('source', models.CharField(max_length=30)),
            ],
        ),
        migrations.CreateModel(
            name='QueueCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stage', models.CharField(max_length=10)),
                ('state', models.CharField(max_length=10)),
                ('doubt', models.BooleanField()),
                ('channel', models.CharField(max_length=10)),
                ('street', models.BigIntegerField()),
                ('due_on', models.DateField()),
                ('n', models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='Recusal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cause', models.CharField(choices=[('own_word', '本人申请回避'), ('member', '本人是家庭成员'), ('register', '登记中有本人'), ('kin', '申报的亲属在办件中')], max_length=10)),
                ('reason', core.identity.fields.EncryptedTextField(blank=True, default='')),
                ('at', models.DateTimeField()),
            ],
            options={
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=30)),
                ('query', models.CharField(max_length=400)),
                ('is_default', models.BooleanField(default=False)),
                ('made_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['made_at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='SearchWord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('word', models.CharField(max_length=200)),
            ],
        ),
        migrations.AddField(
            model_name='member',
            name='id_tail',
            field=models.CharField(db_default='', editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name='reviewtask',
            name='channel',
            field=models.CharField(db_default='', editable=False, max_length=10),
        ),
        migrations.AddField(
            model_name='reviewtask',
            name='doubt',
            field=models.BooleanField(db_default=False, editable=False),
        ),
        migrations.AddField(
            model_name='reviewtask',
            name='street',
            field=models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.bureau'),
        ),
        migrations.AddIndex(
            model_name='reviewtask',
            index=models.Index(condition=models.Q(('state__in', ['open', 'claimed'])), fields=['due_on', 'id'], name='task_queue_all'),
        ),
        migrations.AddIndex(
            model_name='reviewtask',
            index=models.Index(condition=models.Q(('state__in', ['open', 'claimed'])), fields=['bureau', 'street', 'due_on', 'id'], name='task_queue_street'),
        ),
        migrations.AddIndex(
            model_name='reviewtask',
            index=models.Index(condition=models.Q(('state__in', ['open', 'claimed'])), fields=['bureau', 'doubt', 'due_on', 'id'], name='task_queue_doubt'),
        ),
        migrations.AddIndex(
            model_name='reviewtask',
            index=models.Index(condition=models.Q(('state__in', ['open', 'claimed'])), fields=['street', 'due_on', 'id'], name='task_queue_all_street'),
        ),
        migrations.AddIndex(
            model_name='reviewtask',
            index=models.Index(condition=models.Q(('state__in', ['open', 'claimed'])), fields=['stage', 'due_on', 'id'], name='task_queue_all_stage'),
        ),
        migrations.AddIndex(
            model_name='reviewtask',
            index=models.Index(condition=models.Q(('state', 'claimed')), fields=['due_on', 'id'], name='task_claimed'),
        ),
        migrations.AddIndex(
            model_name='reviewtask',
            index=models.Index(condition=models.Q(('state', 'claimed')), fields=['claim_expires_at'], name='task_claim_ends'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='application',
            trigger=pgtrigger.compiler.Trigger(name='tasks_follow', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."street_id" IS DISTINCT FROM (NEW."street_id") OR OLD."channel" IS DISTINCT FROM (NEW."channel"))', func="\n    UPDATE applications_reviewtask SET street_id = NEW.street_id\n    WHERE application_id = NEW.id AND state IN ('open', 'claimed');\n    RETURN NEW;\n", hash='719f9e42213bc763fcc61c91f34660c2bf528c64', operation='UPDATE OF "street_id", "channel"', pgid='pgtrigger_tasks_follow_5038e', table='applications_application', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='application',
            trigger=pgtrigger.compiler.Trigger(name='number_word', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n    DELETE FROM applications_searchword WHERE application_id = NEW.id AND member_id IS NULL;\n    IF NEW.case_no IS NOT NULL THEN\n        INSERT INTO applications_searchword (application_id, word)\n        VALUES (NEW.id, reverse(lower(NEW.case_no)));\n    END IF;\n    RETURN NEW;\n', hash='650b0a8c698f40e251a91165945a826e4bd72b7b', operation='INSERT OR UPDATE OF "case_no"', pgid='pgtrigger_number_word_b3302', table='applications_application', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='member',
            trigger=pgtrigger.compiler.Trigger(name='search_words', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE parts text[]; final integer;', func="\n    parts := string_to_array(NEW.name_key, ' ');\n    final := coalesce(array_length(parts, 1), 0);\n    DELETE FROM applications_searchword WHERE member_id = NEW.id;\n    INSERT INTO applications_searchword (application_id, member_id, word)\n    SELECT DISTINCT NEW.application_id, NEW.id,\n        left(regexp_replace(word, '[[:space:]·•・.‧-]', '', 'g'), 200)\n    FROM (\n        SELECT lower(NEW.name)\n        UNION ALL SELECT parts[final]\n        UNION ALL\n        SELECT array_to_string(parts[n:final - 1], '') FROM generate_series(1, final - 1) AS n\n        UNION ALL SELECT '#' || NULLIF(NEW.id_tail, '')\n    ) AS words (word) WHERE word <> '';\n    RETURN NEW;\n", hash='ebf4ef56a9ab2535a7b5e9a0e0c7bc82518bb4a9', operation='INSERT OR UPDATE OF "application_id", "name", "name_key", "id_tail"', pgid='pgtrigger_search_words_49b49', table='applications_member', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reviewtask',
            trigger=pgtrigger.compiler.Trigger(name='queue_columns', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    NEW.doubt := NEW.findings <> '[]'::jsonb;\n    SELECT street_id, channel INTO NEW.street_id, NEW.channel\n    FROM applications_application WHERE id = NEW.application_id;\n    RETURN NEW;\n", hash='8035a2867fbeb0b37a23ef69d64bfd41b9adf3b2', operation='INSERT OR UPDATE OF "application_id", "findings", "street_id", "channel", "doubt"', pgid='pgtrigger_queue_columns_c549e', table='applications_reviewtask', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reviewtask',
            trigger=pgtrigger.compiler.Trigger(name='count_new', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    INSERT INTO applications_queuecount (bureau_id, stage, state, doubt, channel, street, due_on, n)\n    SELECT bureau_id, stage, state, doubt, channel, COALESCE(street_id, 0), due_on, count(*) FROM new_rows WHERE state IN ('open', 'claimed') GROUP BY 1, 2, 3, 4, 5, 6, 7;\n    RETURN NULL;\n    ", hash='20c89829f6a2b2a320e7520a75483c02f62c76d1', level='STATEMENT', operation='INSERT', pgid='pgtrigger_count_new_50deb', referencing='REFERENCING NEW TABLE AS new_rows ', table='applications_reviewtask', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reviewtask',
            trigger=pgtrigger.compiler.Trigger(name='count_moved', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    INSERT INTO applications_queuecount (bureau_id, stage, state, doubt, channel, street, due_on, n)\n    SELECT bureau_id, stage, state, doubt, channel, street, due_on, sum(n) FROM (\n        SELECT bureau_id, stage, state, doubt, channel, COALESCE(street_id, 0), due_on, 1 FROM new_rows WHERE state IN ('open', 'claimed')\n        UNION ALL\n        SELECT bureau_id, stage, state, doubt, channel, COALESCE(street_id, 0), due_on, -1 FROM old_rows WHERE state IN ('open', 'claimed')\n    ) AS both_rows (bureau_id, stage, state, doubt, channel, street, due_on, n)\n    GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(n) <> 0;\n    RETURN NULL;\n", hash='cf6a7942802f8c4b8505a766648e29f903e89d9b', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_count_moved_99f2a', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='applications_reviewtask', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reviewtask',
            trigger=pgtrigger.compiler.Trigger(name='count_gone', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    INSERT INTO applications_queuecount (bureau_id, stage, state, doubt, channel, street, due_on, n)\n    SELECT bureau_id, stage, state, doubt, channel, COALESCE(street_id, 0), due_on, -count(*) FROM old_rows WHERE state IN ('open', 'claimed') GROUP BY 1, 2, 3, 4, 5, 6, 7;\n    RETURN NULL;\n    ", hash='7cec572b8d31d9ba17d089d21885681e41f360bf', level='STATEMENT', operation='DELETE', pgid='pgtrigger_count_gone_0716b', referencing='REFERENCING OLD TABLE AS old_rows ', table='applications_reviewtask', when='AFTER')),
        ),
        migrations.AddField(
            model_name='absence',
            name='deputy',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stands_in', to='accounts.staff'),
        ),
        migrations.AddField(
            model_name='absence',
            name='entered_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.staff'),
        ),
        migrations.AddField(
            model_name='absence',
            name='staff',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='absences', to='accounts.staff'),
        ),
        migrations.AddField(
            model_name='handover',
            name='came_from',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.staff'),
        ),
        migrations.AddField(
            model_name='handover',
            name='given_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.staff'),
        ),
        migrations.AddField(
            model_name='handover',
            name='meant_for',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.staff'),
        ),
        migrations.AddField(
            model_name='handover',
            name='task',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hand_overs', to='applications.reviewtask'),
        ),
        migrations.AddField(
            model_name='handover',
            name='to',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='handed', to='accounts.staff'),
        ),
        migrations.AddField(
            model_name='kin',
            name='staff',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='kin', to='accounts.staff'),
        ),
        migrations.AddField(
            model_name='namedperson',
            name='application',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='named_people', to='applications.application'),
        ),
        migrations.AddField(
            model_name='queuecount',
            name='bureau',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.bureau'),
        ),
        migrations.AddField(
            model_name='recusal',
            name='application',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='recusals', to='applications.application'),
        ),
        migrations.AddField(
            model_name='recusal',
            name='staff',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recusals', to='accounts.staff'),
        ),
        migrations.AddField(
            model_name='savedview',
            name='staff',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='saved_views', to='accounts.staff'),
        ),
        migrations.AddField(
            model_name='searchword',
            name='application',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='search_words', to='applications.application'),
        ),
        migrations.AddField(
            model_name='searchword',
            name='member',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='search_words', to='applications.member'),
        ),
        migrations.AddConstraint(
            model_name='absence',
            constraint=models.CheckConstraint(condition=models.Q(('starts_on__lte', models.F('ends_on'))), name='absence_ends_after_it_starts', violation_error_message='结束日期不能早于开始日期。'),
        ),
        migrations.AddConstraint(
            model_name='absence',
            constraint=models.CheckConstraint(condition=models.Q(('staff', models.F('deputy')), _negated=True), name='absence_deputy_is_another', violation_error_message='代办人要是另一位同事。'),
        ),
        migrations.AddConstraint(
            model_name='absence',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('ended_at__isnull', True)), expressions=[('staff', '='), (models.Func(models.F('starts_on'), models.F('ends_on'), models.Value('[]'), function='daterange'), '&&')], name='absence_once_a_day', violation_error_message='这几天已经登记过不在岗。'),
        ),
        migrations.AddIndex(
            model_name='handover',
            index=models.Index(condition=models.Q(('seen_at__isnull', True)), fields=['to', 'at'], name='hand_over_unseen'),
        ),
        migrations.AddConstraint(
            model_name='kin',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('staff', 'person_index'), name='kin_declared_once', violation_error_message='这位亲属您已经申报过。'),
        ),
        migrations.AddConstraint(
            model_name='namedperson',
            constraint=models.UniqueConstraint(fields=('person_index', 'application', 'source'), name='named_once_a_source'),
        ),
        migrations.AddIndex(
            model_name='queuecount',
            index=models.Index(fields=['bureau', 'due_on'], name='count_of_bureau'),
        ),
        migrations.AddConstraint(
            model_name='recusal',
            constraint=models.UniqueConstraint(fields=('staff', 'application'), name='recusal_once_a_case', violation_error_message='您已经对这个办件申请过回避。'),
        ),
        migrations.AddConstraint(
            model_name='savedview',
            constraint=models.UniqueConstraint(fields=('staff', 'name'), name='saved_view_name_once', violation_error_message='您已有同名的常用筛选，请换一个名称。'),
        ),
        migrations.AddConstraint(
            model_name='savedview',
            constraint=models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('staff',), name='saved_view_one_default', violation_error_message='只能有一个默认的常用筛选。'),
        ),
        migrations.AddIndex(
            model_name='searchword',
            index=models.Index(fields=['word', 'application'], name='word_begins', opclasses=['varchar_pattern_ops', 'int8_ops']),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunPython(write_tails, migrations.RunPython.noop),
    ]
