import connectors.accounts.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('accounts', '0001_initial'),
        ('accounts', '0002_pauses_brands_and_tokens'),
    ]

    initial = True

    dependencies = [
        ('auth', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Operation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
            options={
                'permissions': [('operate_retry', 'Can retry what failed'), ('operate_pause', 'Can pause and resume accounts'), ('operate_sync_now', 'Can sync an order now'), ('operate_handled_outside', 'Can mark as handled outside ShipSync'), ('operate_link', 'Can link an order to a ShipHero order'), ('operate_dismiss', 'Can dismiss a failure'), ('operate_override', "Can set a value of an order in its source's place"), ('change_config', 'Can change how the sync behaves')],
                'managed': False,
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
                ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('begins', models.CharField(editable=False, max_length=15)),
                ('may_write', models.BooleanField(default=False, verbose_name='may change things')),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('last_used_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_by', models.CharField(blank=True, max_length=150)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_tokens', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Credential',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('system', models.CharField(choices=[('salesforce', 'Salesforce'), ('shiphero', 'ShipHero')], max_length=16)),
                ('name', models.CharField(max_length=120)),
                ('settings', models.JSONField(blank=True, default=dict)),
                ('secrets', connectors.accounts.fields.EncryptedJSONField(blank=True, default=dict)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('state', models.CharField(choices=[('ok', 'Accepted'), ('refused', 'Refused')], default='ok', max_length=8)),
                ('refused_reason', models.CharField(blank=True, max_length=255)),
                ('refused_at', models.DateTimeField(blank=True, null=True)),
                ('token', connectors.accounts.fields.EncryptedJSONField(blank=True, default=dict, editable=False)),
                ('token_expires_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('token_base_url', models.URLField(blank=True, editable=False)),
                ('refresh_fence', models.BigIntegerField(default=0, editable=False)),
                ('refresh_lease_until', models.DateTimeField(blank=True, editable=False, null=True)),
                ('breaker_state', models.CharField(choices=[('closed', 'Closed'), ('open', 'Open'), ('half_open', 'Half open')], default='closed', editable=False, max_length=9)),
                ('breaker_fence', models.BigIntegerField(default=0, editable=False)),
                ('breaker_calls', models.PositiveIntegerField(default=0, editable=False)),
                ('breaker_failures', models.PositiveIntegerField(default=0, editable=False)),
                ('breaker_streak', models.PositiveIntegerField(default=0, editable=False)),
                ('breaker_openings', models.PositiveIntegerField(default=0, editable=False)),
                ('breaker_window_started', models.DateTimeField(blank=True, editable=False, null=True)),
                ('breaker_opened_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('breaker_probe_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('breaker_closed_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('breaker_resumed', models.PositiveIntegerField(default=0, editable=False)),
                ('credits_fence', models.BigIntegerField(default=0, editable=False)),
                ('credits_capacity', models.FloatField(blank=True, editable=False, null=True)),
                ('credits_remaining', models.FloatField(blank=True, editable=False, null=True)),
                ('credits_rate', models.FloatField(blank=True, editable=False, null=True, verbose_name='credits per second')),
                ('credits_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('api_used', models.PositiveIntegerField(blank=True, editable=False, null=True)),
                ('api_limit', models.PositiveIntegerField(blank=True, editable=False, null=True)),
                ('api_read_at', models.DateTimeField(blank=True, editable=False, null=True)),
            ],
            options={
                'ordering': ['system', 'name'],
                'constraints': [models.UniqueConstraint(fields=('system', 'name'), name='credential_name_once_per_system')],
            },
        ),
        migrations.CreateModel(
            name='Organization',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, unique=True)),
                ('org_id', models.CharField(blank=True, max_length=18, verbose_name='org id')),
                ('instance_url', models.URLField(blank=True, verbose_name='instance URL')),
                ('is_sandbox', models.BooleanField(default=False, verbose_name='is a Salesforce sandbox')),
                ('told_sandbox', models.BooleanField(blank=True, editable=False, null=True, verbose_name='Salesforce says it is a sandbox')),
                ('integration_user_id', models.CharField(blank=True, editable=False, max_length=18)),
                ('integration_username', models.CharField(blank=True, help_text='The user ShipSync logs in as.', max_length=120)),
                ('checked_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('poll_settings', models.JSONField(blank=True, default=dict)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('credential', models.ForeignKey(limit_choices_to={'system': 'salesforce'}, on_delete=django.db.models.deletion.PROTECT, to='accounts.credential')),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Account',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, unique=True)),
                ('customer_account_id', models.CharField(blank=True, help_text='Set when a 3PL acts for its customer.', max_length=64)),
                ('shop_name', models.CharField(default='shipsync', max_length=120)),
                ('key_prefix', models.CharField(help_text='Begins every idempotency key. Never change it after go-live.', max_length=16)),
                ('own_tag', models.CharField(default='shipsync', max_length=64)),
                ('hold_kind', models.CharField(blank=True, choices=[('operator', 'Operator hold'), ('client', 'Client hold'), ('payment', 'Payment hold'), ('fraud', 'Fraud hold')], default='operator', help_text='Reserved for ShipSync. Blank: orders wait in quarantine only, and a duplicate can reach the floor if an answer is lost.', max_length=16)),
                ('fingerprint', models.CharField(blank=True, editable=False, max_length=64, verbose_name='remote account id')),
                ('paused', models.BooleanField(default=True)),
                ('paused_reason', models.CharField(blank=True, default='New account, not opened yet.', max_length=255)),
                ('paused_by', models.CharField(blank=True, max_length=150)),
                ('paused_at', models.DateTimeField(blank=True, null=True)),
                ('paused_until', models.DateTimeField(blank=True, help_text='Resumes by itself then.', null=True)),
                ('back_paused', models.BooleanField(default=False, verbose_name='telling Salesforce is paused')),
                ('back_paused_reason', models.CharField(blank=True, max_length=255)),
                ('back_paused_by', models.CharField(blank=True, max_length=150)),
                ('back_paused_at', models.DateTimeField(blank=True, null=True)),
                ('back_paused_until', models.DateTimeField(blank=True, null=True)),
                ('export_from', models.DateTimeField(blank=True, help_text='Go-live. Orders activated earlier are mirrored and not exported.', null=True)),
                ('preview_first', models.PositiveIntegerField(default=0, help_text="How many of the first exports wait for a person's yes.")),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('credential', models.ForeignKey(limit_choices_to={'system': 'shiphero'}, on_delete=django.db.models.deletion.PROTECT, to='accounts.credential')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='accounts.organization')),
            ],
            options={
                'ordering': ['name'],
                'permissions': [('all_accounts', 'Can see every account')],
                'constraints': [models.UniqueConstraint(fields=('organization', 'key_prefix'), name='account_key_prefix_once_per_organization'), models.UniqueConstraint(fields=('credential', 'customer_account_id', 'key_prefix'), name='account_key_prefix_once_per_login', violation_error_message='Another account of this ShipHero login has this key prefix. Give each its own: copied sandboxes keep record ids.')],
            },
        ),
        migrations.CreateModel(
            name='Brand',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120)),
                ('code', models.CharField(max_length=80)),
                ('tag', models.CharField(blank=True, help_text='Put on its orders in ShipHero, to tell brands of one account apart.', max_length=64)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='accounts.account')),
            ],
            options={
                'ordering': ['account', 'name'],
                'constraints': [models.UniqueConstraint(fields=('account', 'code'), name='brand_code_once_per_account')],
            },
        ),
        migrations.CreateModel(
            name='AccountAccess',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='accounts.account')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
                ('brand', models.ForeignKey(blank=True, help_text='Blank: all brands of the account, and what is of none.', null=True, on_delete=django.db.models.deletion.PROTECT, to='accounts.brand')),
            ],
            options={
                'verbose_name': 'access to an account',
                'verbose_name_plural': 'access to accounts',
                'constraints': [models.UniqueConstraint(condition=models.Q(('brand', None)), fields=('user', 'account'), name='access_once_per_account'), models.UniqueConstraint(condition=models.Q(('brand__isnull', False)), fields=('user', 'account', 'brand'), name='access_once_per_brand')],
            },
        ),
        migrations.CreateModel(
            name='ScopedSetting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=64)),
                ('value', models.JSONField()),
                ('account', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to='accounts.account')),
                ('brand', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to='accounts.brand')),
            ],
            options={
                'ordering': ['key'],
                'constraints': [models.CheckConstraint(condition=models.Q(('account', None), ('brand', None), _connector='OR'), name='setting_one_scope'), models.UniqueConstraint(condition=models.Q(('account', None), ('brand', None)), fields=('key',), name='setting_once_globally'), models.UniqueConstraint(condition=models.Q(('account__isnull', False)), fields=('key', 'account'), name='setting_once_per_account'), models.UniqueConstraint(condition=models.Q(('brand__isnull', False)), fields=('key', 'brand'), name='setting_once_per_brand')],
            },
        ),
        migrations.CreateModel(
            name='Audit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_index=True)),
                ('actor_name', models.CharField(max_length=150)),
                ('action', models.CharField(db_index=True, max_length=64)),
                ('object_type', models.CharField(blank=True, max_length=64)),
                ('object_id', models.CharField(blank=True, max_length=64)),
                ('object_label', models.CharField(blank=True, max_length=255)),
                ('before', models.JSONField(blank=True, null=True)),
                ('after', models.JSONField(blank=True, null=True)),
                ('note', models.TextField(blank=True)),
                ('request_id', models.CharField(blank=True, max_length=64)),
                ('account', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.account')),
                ('actor', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'audit entry',
                'verbose_name_plural': 'audit entries',
                'ordering': [models.OrderBy(models.F('id'), descending=True)],
                'default_permissions': ('view',),
                'indexes': [models.Index(fields=['object_type', 'object_id'], name='audit_object'), models.Index(fields=['object_id', '-id'], name='audit_by_object_id'), models.Index(fields=['object_label', '-id'], name='audit_by_label'), models.Index(fields=['actor_name', '-id'], name='audit_by_actor')],
            },
        ),
    ]
