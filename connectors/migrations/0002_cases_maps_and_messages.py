import connectors.accounts.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_pauses_brands_and_tokens'),
        ('connectors', '0001_initial'),
        ('orders', '0003_facts_parts_and_proposals'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ApiUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hour', models.DateTimeField()),
                ('kind', models.CharField(max_length=40)),
                ('calls', models.PositiveIntegerField(default=0)),
            ],
            options={
                'verbose_name': 'API use',
                'verbose_name_plural': 'API use',
                'ordering': ['-hour', 'kind'],
            },
        ),
        migrations.CreateModel(
            name='BulkRetry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('words', models.CharField(help_text='Which failures were meant.', max_length=255)),
                ('stage', models.CharField(choices=[('first', 'Trying the first'), ('five', 'Trying five'), ('rest', 'Trying the rest'), ('done', 'Done'), ('stopped', 'Stopped')], default='first', max_length=8)),
                ('total', models.PositiveIntegerField()),
                ('created_at', models.DateTimeField()),
                ('stop_asked_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('ended_why', models.CharField(blank=True, max_length=255)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='BulkRetryItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField()),
                ('result', models.CharField(choices=[('waiting', 'Not tried yet'), ('tried', 'Being tried'), ('solved', 'Solved'), ('same', 'Same reason again'), ('other', 'Another reason now'), ('skipped', 'Closed before its turn')], default='waiting', max_length=8)),
                ('tried_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['position'],
            },
        ),
        migrations.CreateModel(
            name='Cause',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fingerprint', models.CharField(max_length=64, unique=True)),
                ('code', models.CharField(db_index=True, max_length=80)),
                ('title', models.TextField()),
                ('error_kind', models.CharField(max_length=12)),
                ('category', models.CharField(max_length=12)),
                ('owner', models.CharField(max_length=12)),
                ('first_seen_at', models.DateTimeField()),
                ('last_seen_at', models.DateTimeField(db_index=True)),
                ('assigned_at', models.DateTimeField(blank=True, null=True)),
                ('mailed_at', models.DateTimeField(blank=True, null=True)),
                ('recovered_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-last_seen_at'],
            },
        ),
        migrations.CreateModel(
            name='ExceptionRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=80)),
                ('code', models.CharField(max_length=80)),
                ('category', models.CharField(max_length=12)),
                ('owner', models.CharField(max_length=12)),
                ('reason', models.TextField()),
                ('fix', models.TextField(blank=True)),
                ('opened_at', models.DateTimeField()),
                ('is_open', models.BooleanField(db_index=True, default=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('resolution', models.CharField(blank=True, max_length=255)),
                ('told_at', models.DateTimeField(blank=True, null=True)),
                ('doubt_until', models.DateTimeField(blank=True, db_index=True, null=True)),
                ('refused_at', models.DateTimeField(blank=True, db_index=True, null=True)),
                ('refused_code', models.CharField(blank=True, max_length=80)),
                ('refused_reason', models.TextField(blank=True)),
            ],
            options={
                'verbose_name': 'exception told to Salesforce',
                'verbose_name_plural': 'exceptions told to Salesforce',
                'ordering': ['-opened_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='FlowBucket',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_at', models.DateTimeField(db_index=True)),
                ('sent', models.PositiveIntegerField(default=0)),
                ('sent_ms', models.PositiveBigIntegerField(default=0)),
                ('shipped', models.PositiveIntegerField(default=0)),
                ('told', models.PositiveIntegerField(default=0)),
                ('told_ms', models.PositiveBigIntegerField(default=0)),
                ('failed', models.PositiveIntegerField(default=0)),
                ('waiting', models.PositiveIntegerField(default=0)),
            ],
            options={
                'ordering': ['-starts_at'],
            },
        ),
        migrations.CreateModel(
            name='MailChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('new_causes', models.BooleanField(default=True, verbose_name='new causes')),
                ('recovered', models.BooleanField(default=True, verbose_name='recoveries')),
                ('owners', models.JSONField(blank=True, default=list)),
                ('quiet_from', models.TimeField(blank=True, null=True)),
                ('quiet_until', models.TimeField(blank=True, null=True)),
                ('digest_at', models.JSONField(blank=True, default=list)),
                ('digest_sent_at', models.DateTimeField(blank=True, null=True)),
                ('told_until', models.DateTimeField(blank=True, null=True)),
                ('time_zone', models.CharField(default='UTC', max_length=60)),
            ],
        ),
        migrations.CreateModel(
            name='OutgoingMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('to', models.CharField(max_length=254)),
                ('subject', models.CharField(max_length=255)),
                ('text', models.TextField()),
                ('mute_link', models.CharField(blank=True, max_length=400)),
                ('created_at', models.DateTimeField()),
                ('not_before', models.DateTimeField()),
                ('tries', models.PositiveIntegerField(default=0)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('given_up_at', models.DateTimeField(blank=True, null=True)),
                ('trouble', models.CharField(blank=True, max_length=255)),
            ],
            options={
                'ordering': ['id'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='SalesforceListener',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(max_length=64, unique=True)),
                ('secrets', connectors.accounts.fields.EncryptedJSONField(blank=True, default=dict)),
                ('created_at', models.DateTimeField()),
                ('last_received_at', models.DateTimeField(blank=True, null=True)),
                ('last_refused_at', models.DateTimeField(blank=True, null=True)),
                ('last_refusal', models.CharField(blank=True, max_length=255)),
                ('refused_count', models.PositiveIntegerField(default=0)),
                ('echo_count', models.PositiveIntegerField(default=0)),
            ],
            options={
                'verbose_name': 'listener for Salesforce',
                'verbose_name_plural': 'listeners for Salesforce',
                'ordering': ['organization'],
            },
        ),
        migrations.CreateModel(
            name='SalesforceMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('form', models.CharField(choices=[('soap', 'Outbound message'), ('json', 'Callout')], max_length=4)),
                ('digest', models.CharField(db_index=True, max_length=64)),
                ('received_at', models.DateTimeField(db_index=True)),
                ('state', models.CharField(choices=[('new', 'Not read'), ('read', 'Read'), ('refused', 'Refused')], db_index=True, default='new', max_length=8)),
                ('reason', models.CharField(blank=True, max_length=255)),
                ('new_count', models.PositiveIntegerField(default=0)),
                ('repeated_count', models.PositiveIntegerField(default=0)),
                ('bad_count', models.PositiveIntegerField(default=0)),
            ],
            options={
                'verbose_name': 'message from Salesforce',
                'verbose_name_plural': 'messages from Salesforce',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='SalesforceNotification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(blank=True, max_length=80, null=True)),
                ('sobject', models.CharField(blank=True, max_length=80, verbose_name='kind of record')),
                ('record_id', models.CharField(blank=True, db_index=True, max_length=18)),
                ('problem', models.CharField(blank=True, max_length=255)),
                ('copies', models.PositiveIntegerField(default=1)),
                ('received_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='SalesforceRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('salesforce_id', models.CharField(max_length=18)),
                ('order_salesforce_id', models.CharField(blank=True, max_length=18)),
                ('kind', models.CharField(blank=True, choices=[('retry', 'Retry'), ('check', 'Check'), ('release', 'Release'), ('cancel', 'Cancel')], max_length=8)),
                ('note', models.TextField(blank=True)),
                ('asked_by', models.CharField(blank=True, max_length=120)),
                ('asked_at', models.DateTimeField()),
                ('seen_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('new', 'New'), ('working', 'Working'), ('done', 'Done'), ('refused', 'Refused')], db_index=True, default='new', max_length=8)),
                ('answer', models.TextField(blank=True)),
                ('codes', models.JSONField(blank=True, default=list)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('is_told', models.BooleanField(db_index=True, default=False)),
                ('told_at', models.DateTimeField(blank=True, null=True)),
                ('answers', models.PositiveIntegerField(default=0)),
            ],
            options={
                'verbose_name': 'request from Salesforce',
                'verbose_name_plural': 'requests from Salesforce',
                'ordering': ['-id'],
            },
        ),
        migrations.AddField(
            model_name='failedpayload',
            name='times',
            field=models.PositiveIntegerField(default=1, help_text='How often in a row the record stopped for this cause.'),
        ),
        migrations.AddField(
            model_name='syncattempt',
            name='fingerprint',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AlterField(
            model_name='configversion',
            name='kind',
            field=models.CharField(choices=[('source_mapping', 'Source mapping'), ('eligibility', 'Eligibility'), ('shipping_methods', 'Shipping methods'), ('checks', 'Checks'), ('writeback_fields', 'Fields written to Salesforce'), ('sku_aliases', 'SKU aliases'), ('tags', 'Tags'), ('statuses', 'Statuses'), ('product_types', 'Product types'), ('weights', 'Weights'), ('routing', 'Routing rules')], max_length=20),
        ),
        migrations.AlterField(
            model_name='failedpayload',
            name='closed_how',
            field=models.CharField(blank=True, choices=[('resolved', 'Resolved by success'), ('retried', 'Retried by a person'), ('reopened', 'Something changed'), ('dismissed', 'Dismissed'), ('by_hand', 'Resolved by a person')], max_length=10),
        ),
        migrations.AddIndex(
            model_name='failedpayload',
            index=models.Index(condition=models.Q(('closed_at__isnull', True)), fields=['fingerprint', 'opened_at'], name='open_failures_by_cause'),
        ),
        migrations.AddIndex(
            model_name='failedpayload',
            index=models.Index(fields=['-opened_at', '-id'], name='failures_newest'),
        ),
        migrations.AddIndex(
            model_name='failedpayload',
            index=models.Index(condition=models.Q(('request_id', ''), _negated=True), fields=['request_id'], name='failures_by_request'),
        ),
        migrations.AddIndex(
            model_name='failedpayload',
            index=models.Index(fields=['owner', '-opened_at'], name='failures_by_owner'),
        ),
        migrations.AddIndex(
            model_name='failedpayload',
            index=models.Index(fields=['closed_how', '-closed_at'], name='failures_by_end'),
        ),
        migrations.AddIndex(
            model_name='syncattempt',
            index=models.Index(fields=['outcome', '-id'], name='tries_by_outcome'),
        ),
        migrations.AddIndex(
            model_name='syncattempt',
            index=models.Index(fields=['kind', '-id'], name='tries_by_kind'),
        ),
        migrations.AddIndex(
            model_name='syncattempt',
            index=models.Index(fields=['account', '-id'], name='tries_by_account'),
        ),
        migrations.AddIndex(
            model_name='syncattempt',
            index=models.Index(fields=['error_kind', '-id'], name='tries_by_error_kind'),
        ),
        migrations.AddIndex(
            model_name='syncattempt',
            index=models.Index(fields=['trigger', '-id'], name='tries_by_trigger'),
        ),
        migrations.AddIndex(
            model_name='syncattempt',
            index=models.Index(fields=['order', '-id'], name='tries_by_order'),
        ),
        migrations.AddIndex(
            model_name='syncattempt',
            index=models.Index(fields=['code', '-id'], name='tries_by_code'),
        ),
        migrations.AddIndex(
            model_name='syncattempt',
            index=models.Index(fields=['subject', '-id'], name='tries_by_subject'),
        ),
        migrations.AddIndex(
            model_name='syncattempt',
            index=models.Index(condition=models.Q(('fingerprint', ''), _negated=True), fields=['fingerprint', '-id'], name='tries_by_cause'),
        ),
        migrations.AddIndex(
            model_name='syncjob',
            index=models.Index(condition=models.Q(('state', 'done'), _negated=True), fields=['-id'], name='jobs_open'),
        ),
        migrations.AddIndex(
            model_name='syncjob',
            index=models.Index(fields=['kind', '-id'], name='jobs_by_kind'),
        ),
        migrations.AddIndex(
            model_name='syncjob',
            index=models.Index(condition=models.Q(('attempts__gt', 0)), fields=['-id'], name='jobs_tried'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(fields=['state', '-id'], name='deliveries_by_state'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(fields=['message_id'], name='deliveries_by_message'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(fields=['account', '-id'], name='deliveries_by_account'),
        ),
        migrations.AddField(
            model_name='apiuse',
            name='organization',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='accounts.organization'),
        ),
        migrations.AddField(
            model_name='bulkretry',
            name='created_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='bulkretryitem',
            name='failure',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='connectors.failedpayload'),
        ),
        migrations.AddField(
            model_name='bulkretryitem',
            name='retry',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='connectors.bulkretry'),
        ),
        migrations.AddField(
            model_name='cause',
            name='account',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to='accounts.account'),
        ),
        migrations.AddField(
            model_name='cause',
            name='assigned_to',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='cause',
            name='muted_by',
            field=models.ManyToManyField(blank=True, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='cause',
            name='organization',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to='accounts.organization'),
        ),
        migrations.AddField(
            model_name='bulkretry',
            name='cause',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='retries', to='connectors.cause'),
        ),
        migrations.AddField(
            model_name='exceptionrow',
            name='exception',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='orders.orderexception'),
        ),
        migrations.AddField(
            model_name='exceptionrow',
            name='failure',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='connectors.failedpayload'),
        ),
        migrations.AddField(
            model_name='exceptionrow',
            name='order',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='exception_rows', to='orders.order'),
        ),
        migrations.AddField(
            model_name='exceptionrow',
            name='organization',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='accounts.organization'),
        ),
        migrations.AddField(
            model_name='flowbucket',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='accounts.account'),
        ),
        migrations.AddField(
            model_name='mailchoice',
            name='user',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='mail_choice', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='outgoingmail',
            index=models.Index(condition=models.Q(('given_up_at', None), ('sent_at', None)), fields=['not_before'], name='mail_to_be_sent'),
        ),
        migrations.AddIndex(
            model_name='outgoingmail',
            index=models.Index(fields=['created_at'], name='mail_by_age'),
        ),
        migrations.AddField(
            model_name='salesforcelistener',
            name='organization',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='listener', to='accounts.organization'),
        ),
        migrations.AddField(
            model_name='salesforcemessage',
            name='organization',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='accounts.organization'),
        ),
        migrations.AddField(
            model_name='salesforcemessage',
            name='payload',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, to='connectors.payload'),
        ),
        migrations.AddField(
            model_name='salesforcenotification',
            name='message',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to='connectors.salesforcemessage'),
        ),
        migrations.AddField(
            model_name='salesforcenotification',
            name='organization',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='accounts.organization'),
        ),
        migrations.AddField(
            model_name='salesforcerequest',
            name='order',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='requests', to='orders.order'),
        ),
        migrations.AddField(
            model_name='salesforcerequest',
            name='organization',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='accounts.organization'),
        ),
        migrations.AddConstraint(
            model_name='apiuse',
            constraint=models.UniqueConstraint(fields=('organization', 'hour', 'kind'), name='one_row_per_hour_of_use'),
        ),
        migrations.AddIndex(
            model_name='bulkretryitem',
            index=models.Index(fields=['retry', 'result', 'position'], name='retry_turns'),
        ),
        migrations.AddConstraint(
            model_name='bulkretryitem',
            constraint=models.UniqueConstraint(fields=('retry', 'failure'), name='one_item_per_failure'),
        ),
        migrations.AddConstraint(
            model_name='exceptionrow',
            constraint=models.UniqueConstraint(fields=('organization', 'key'), name='one_row_per_exception_key'),
        ),
        migrations.AddConstraint(
            model_name='flowbucket',
            constraint=models.UniqueConstraint(fields=('account', 'starts_at'), name='one_bucket_per_account'),
        ),
        migrations.AddConstraint(
            model_name='mailchoice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('quiet_from', None), ('quiet_until', None)), models.Q(('quiet_from__isnull', False), ('quiet_until__isnull', False)), _connector='OR'), name='quiet_hours_have_both_ends'),
        ),
        migrations.AddConstraint(
            model_name='salesforcenotification',
            constraint=models.UniqueConstraint(condition=models.Q(('key__isnull', False)), fields=('organization', 'key'), name='one_notification_per_key'),
        ),
        migrations.AddConstraint(
            model_name='salesforcerequest',
            constraint=models.UniqueConstraint(fields=('organization', 'salesforce_id'), name='one_row_per_request'),
        ),
    ]
