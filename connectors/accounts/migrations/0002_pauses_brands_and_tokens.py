import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
            ],
            options={
                'ordering': ['-id'],
                'default_permissions': (),
            },
        ),
        migrations.AlterModelOptions(
            name='operation',
            options={'default_permissions': (), 'managed': False, 'permissions': [('operate_retry', 'Can retry what failed'), ('operate_pause', 'Can pause and resume accounts'), ('operate_sync_now', 'Can sync an order now'), ('operate_handled_outside', 'Can mark as handled outside ShipSync'), ('operate_link', 'Can link an order to a ShipHero order'), ('operate_dismiss', 'Can dismiss a failure'), ('operate_override', "Can set a value of an order in its source's place"), ('change_config', 'Can change how the sync behaves')]},
        ),
        migrations.RemoveConstraint(
            model_name='accountaccess',
            name='access_once_per_account',
        ),
        migrations.AddField(
            model_name='account',
            name='back_paused',
            field=models.BooleanField(default=False, verbose_name='telling Salesforce is paused'),
        ),
        migrations.AddField(
            model_name='account',
            name='back_paused_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='account',
            name='back_paused_by',
            field=models.CharField(blank=True, max_length=150),
        ),
        migrations.AddField(
            model_name='account',
            name='back_paused_reason',
            field=models.CharField(blank=True, max_length=255),
        ),
        migrations.AddField(
            model_name='account',
            name='back_paused_until',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='account',
            name='paused_until',
            field=models.DateTimeField(blank=True, help_text='Resumes by itself then.', null=True),
        ),
        migrations.AddField(
            model_name='accountaccess',
            name='brand',
            field=models.ForeignKey(blank=True, help_text='Blank: all brands of the account, and what is of none.', null=True, on_delete=django.db.models.deletion.PROTECT, to='accounts.brand'),
        ),
        migrations.AddField(
            model_name='brand',
            name='tag',
            field=models.CharField(blank=True, help_text='Put on its orders in ShipHero, to tell brands of one account apart.', max_length=64),
        ),
        migrations.AddField(
            model_name='credential',
            name='breaker_closed_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='credential',
            name='breaker_resumed',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='organization',
            name='checked_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='organization',
            name='integration_user_id',
            field=models.CharField(blank=True, editable=False, max_length=18),
        ),
        migrations.AddField(
            model_name='organization',
            name='integration_username',
            field=models.CharField(blank=True, help_text='The user ShipSync logs in as.', max_length=120),
        ),
        migrations.AddField(
            model_name='organization',
            name='told_sandbox',
            field=models.BooleanField(blank=True, editable=False, null=True, verbose_name='Salesforce says it is a sandbox'),
        ),
        migrations.AddIndex(
            model_name='audit',
            index=models.Index(fields=['object_id', '-id'], name='audit_by_object_id'),
        ),
        migrations.AddIndex(
            model_name='audit',
            index=models.Index(fields=['object_label', '-id'], name='audit_by_label'),
        ),
        migrations.AddIndex(
            model_name='audit',
            index=models.Index(fields=['actor_name', '-id'], name='audit_by_actor'),
        ),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.UniqueConstraint(fields=('credential', 'customer_account_id', 'key_prefix'), name='account_key_prefix_once_per_login', violation_error_message='Another account of this ShipHero login has this key prefix. Give each its own: copied sandboxes keep record ids.'),
        ),
        migrations.AddConstraint(
            model_name='accountaccess',
            constraint=models.UniqueConstraint(condition=models.Q(('brand', None)), fields=('user', 'account'), name='access_once_per_account'),
        ),
        migrations.AddConstraint(
            model_name='accountaccess',
            constraint=models.UniqueConstraint(condition=models.Q(('brand__isnull', False)), fields=('user', 'account', 'brand'), name='access_once_per_brand'),
        ),
        migrations.AddField(
            model_name='apitoken',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_tokens', to=settings.AUTH_USER_MODEL),
        ),
    ]
