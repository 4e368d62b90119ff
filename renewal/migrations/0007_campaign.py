import core.identity.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

# what stands is told of its household, its lane, and whether its campaign is still open; where two
# open campaigns share a household the newer holds it
_KNOWN = """
    UPDATE renewal_recheck r SET
        household_id = l.application_id,
        lane = CASE
            WHEN r.state = 'checking' THEN ''
            WHEN r.state <> 'settled' THEN r.state
            WHEN EXISTS (SELECT 1 FROM renewal_exitcase x WHERE x.recheck_id = r.id) THEN 'suspect'
            WHEN r.change <> '{}'::jsonb THEN 'changed'
            ELSE 'question' END,
        held = EXISTS (
            SELECT 1 FROM renewal_campaign c
            WHERE c.id = r.campaign_id AND c.state IN ('planned', 'running', 'paused')
        ) AND NOT EXISTS (
            SELECT 1 FROM renewal_recheck n JOIN allocation_lease m ON m.id = n.lease_id
            JOIN renewal_campaign k ON k.id = n.campaign_id
            WHERE k.state IN ('planned', 'running', 'paused') AND m.application_id = l.application_id
                AND n.campaign_id > r.campaign_id)
    FROM allocation_lease l WHERE l.id = r.lease_id;
    SET CONSTRAINTS ALL IMMEDIATE;
    SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_bureaus'),
        ('allocation', '0008_movein'),
        ('applications', '0025_choice'),
        ('renewal', '0006_household'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SampleCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('verdict', models.CharField(choices=[('agrees', '与系统一致'), ('differs', '有出入')], max_length=8)),
                ('note', core.identity.fields.EncryptedTextField(blank=True, default='')),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.AlterModelOptions(
            name='campaign',
            options={'ordering': ['-year', 'number']},
        ),
        migrations.RemoveConstraint(
            model_name='recheck',
            name='recheck_decided_has_assessment',
        ),
        migrations.AddField(
            model_name='campaign',
            name='category',
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddField(
            model_name='campaign',
            name='elsewhere',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='campaign',
            name='estimate',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='campaign',
            name='number',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='campaign',
            name='population',
            field=models.CharField(choices=[('in_force', '在保家庭'), ('ever', '历年在保家庭（含已退出）')], default='in_force', max_length=10),
        ),
        migrations.AddField(
            model_name='campaign',
            name='street',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.bureau'),
        ),
        migrations.AddField(
            model_name='recheck',
            name='held',
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name='recheck',
            name='household',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='applications.application'),
        ),
        migrations.AddField(
            model_name='recheck',
            name='in_force',
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name='recheck',
            name='lane',
            field=models.CharField(blank=True, max_length=10),
        ),
        migrations.AddField(
            model_name='recheck',
            name='skip_reason',
            field=models.CharField(blank=True, choices=[('ended', '保障在复核前已经结束'), ('cancelled', '复核已取消')], max_length=10),
        ),
        migrations.AlterField(
            model_name='campaign',
            name='year',
            field=models.PositiveSmallIntegerField(),
        ),
        migrations.AlterField(
            model_name='recheck',
            name='state',
            field=models.CharField(choices=[('checking', '年度复核中'), ('clean', '年度复核完成'), ('changed', '标准有调整'), ('question', '请回答{n}项'), ('suspect', '核对中'), ('settled', '核对已完成'), ('noted', '仅供统计'), ('skipped', '不再复核')], default='checking', max_length=10),
        ),
        migrations.RunSQL(_KNOWN, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='recheck',
            name='household',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='applications.application'),
        ),
        migrations.AddIndex(
            model_name='recheck',
            index=models.Index(condition=models.Q(('sampled', True)), fields=['campaign', 'id'], name='recheck_sampled'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='campaign',
            trigger=pgtrigger.compiler.Trigger(name='holds_households', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    UPDATE renewal_recheck SET held = NEW.state IN ('planned', 'running', 'paused')\n    WHERE campaign_id = NEW.id AND held <> (NEW.state IN ('planned', 'running', 'paused'));\n    RETURN NULL;\n", hash='6454e4c2676b71c2125afa8c293eeee4b3e137f2', operation='UPDATE OF "state"', pgid='pgtrigger_holds_households_2e24e', table='renewal_campaign', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='recheck',
            trigger=pgtrigger.compiler.Trigger(name='knows_its_household', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    SELECT application_id INTO NEW.household_id FROM allocation_lease WHERE id = NEW.lease_id;\n    NEW.held := EXISTS (\n        SELECT 1 FROM renewal_campaign\n        WHERE id = NEW.campaign_id AND state IN ('planned', 'running', 'paused')\n    );\n    RETURN NEW;\n", hash='4d573c33c0de4c2d09eb9ae475291e7a9e3e788a', operation='INSERT', pgid='pgtrigger_knows_its_household_05f49', table='renewal_recheck', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='campaign',
            constraint=models.UniqueConstraint(fields=('year', 'number'), name='campaign_once'),
        ),
        migrations.AddConstraint(
            model_name='campaign',
            constraint=models.CheckConstraint(condition=models.Q(('number__gt', 0), models.Q(('category', ''), ('street', None)), _connector='OR'), name='yearly_campaign_takes_everybody'),
        ),
        migrations.AddConstraint(
            model_name='recheck',
            constraint=models.UniqueConstraint(condition=models.Q(('held', True)), fields=('household',), name='household_in_one_open_campaign', violation_error_message='这一户正在另一次复核中。'),
        ),
        migrations.AddConstraint(
            model_name='recheck',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['checking', 'skipped']), ('assessment__isnull', False), _connector='OR'), name='recheck_decided_has_assessment'),
        ),
        migrations.AddConstraint(
            model_name='recheck',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'skipped'), _negated=True), models.Q(('skip_reason', ''), _negated=True), _connector='OR'), name='recheck_skipped_has_reason'),
        ),
        migrations.AddConstraint(
            model_name='recheck',
            constraint=models.CheckConstraint(condition=models.Q(('in_force', True), ('state__in', ['checking', 'noted', 'skipped']), _connector='OR'), name='recheck_of_the_past_has_no_consequence'),
        ),
        migrations.AddField(
            model_name='samplecheck',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.staff'),
        ),
        migrations.AddField(
            model_name='samplecheck',
            name='recheck',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='sample_check', to='renewal.recheck'),
        ),
    ]
