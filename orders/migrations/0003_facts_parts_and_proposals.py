import django.db.models.deletion
from django.db import migrations, models

from orders.migrations._trigrams import index_names


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_pauses_brands_and_tokens'),
        ('orders', '0002_edit_intent'),
    ]

    operations = [
        migrations.CreateModel(
            name='HoldSpell',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('is_ours', models.BooleanField(default=False)),
                ('after_picking', models.BooleanField(default=False)),
                ('since', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='OrderException',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('backorder', 'Backorder'), ('stuck', 'Stuck'), ('cut_off', 'Will miss the cut-off'), ('over_shipped', 'Too much shipped'), ('short_shipped', 'Too little shipped'), ('never_finishes', 'Will never finish'), ('closed_unshipped', 'Closed without a shipment'), ('held_too_late', 'Held after picking'), ('counts_differ', 'Counts do not add up'), ('serials_differ', 'Serial numbers do not match'), ('lots_missing', 'Lots are missing'), ('cloned', 'Cloned in the warehouse')], db_index=True, max_length=20)),
                ('reason', models.TextField()),
                ('next_step', models.TextField(blank=True)),
                ('evidence', models.JSONField(blank=True, default=dict)),
                ('times', models.PositiveIntegerField(default=1)),
                ('opened_at', models.DateTimeField(db_index=True)),
                ('first_opened_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(blank=True, db_index=True, null=True)),
                ('closed_with', models.TextField(blank=True)),
                ('quiet_until', models.DateTimeField(blank=True, null=True)),
                ('quiet_why', models.CharField(blank=True, max_length=255)),
                ('quiet_by', models.CharField(blank=True, max_length=150)),
            ],
            options={
                'verbose_name': 'exception',
                'ordering': ['-opened_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Pick',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('remote_legacy_id', models.BigIntegerField()),
                ('sku', models.CharField(blank=True, max_length=255)),
                ('tote', models.CharField(blank=True, max_length=80)),
                ('quantity', models.PositiveIntegerField(default=0)),
                ('picked_at', models.DateTimeField(blank=True, null=True)),
                ('packed_at', models.DateTimeField(blank=True, null=True)),
                ('is_current', models.BooleanField(default=True)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('cancel', 'Cancel in ShipHero'), ('address', 'Take the address over from ShipHero')], max_length=8)),
                ('reason', models.CharField(max_length=255)),
                ('value', models.JSONField(blank=True, null=True)),
                ('opened_at', models.DateTimeField(db_index=True)),
                ('decided_at', models.DateTimeField(blank=True, db_index=True, null=True)),
                ('decision', models.CharField(blank=True, choices=[('accepted', 'Accepted'), ('refused', 'Refused'), ('withdrawn', 'No longer needed')], max_length=9)),
                ('decided_by_name', models.CharField(blank=True, max_length=150)),
                ('note', models.CharField(blank=True, max_length=255)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Return',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('remote_id', models.CharField(max_length=80, verbose_name='ShipHero id')),
                ('remote_legacy_id', models.BigIntegerField(blank=True, null=True)),
                ('status', models.CharField(blank=True, max_length=40)),
                ('reason', models.CharField(blank=True, max_length=255)),
                ('label_type', models.CharField(blank=True, max_length=40)),
                ('tracking_number', models.CharField(blank=True, max_length=120)),
                ('opened_at', models.DateTimeField(blank=True, null=True)),
                ('received_at', models.DateTimeField()),
                ('facts_read_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='ReturnLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sku', models.CharField(blank=True, max_length=255)),
                ('quantity', models.PositiveIntegerField(default=0)),
                ('received', models.PositiveIntegerField(default=0)),
                ('restocked', models.PositiveIntegerField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, max_length=255)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='RoutingDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('decided_at', models.DateTimeField()),
                ('outcome', models.CharField(choices=[('routed', 'Routed'), ('left', 'ShipHero decides'), ('waits', 'Waits')], max_length=8)),
                ('where', models.CharField(blank=True, max_length=255)),
                ('reason', models.TextField()),
                ('rule', models.CharField(blank=True, max_length=120)),
                ('rules_number', models.PositiveIntegerField(default=0)),
                ('override', models.CharField(blank=True, max_length=80)),
                ('would_be', models.CharField(blank=True, max_length=255)),
                ('warehouses', models.JSONField(default=dict)),
                ('views', models.JSONField(default=list)),
                ('flips', models.JSONField(default=list)),
                ('facts', models.CharField(max_length=64)),
                ('kept', models.CharField(blank=True, choices=[('', 'Not seen yet'), ('agrees', 'ShipHero does so'), ('differs', 'ShipHero differs, once'), ('overruled', "ShipHero's rules decide otherwise")], default='', max_length=10)),
                ('actual', models.CharField(blank=True, max_length=255)),
                ('checked_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Sighting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fact', models.CharField(choices=[('shipment', 'Shipment'), ('allocation', 'Allocation'), ('deallocation', 'Allocation taken back'), ('cancel', 'Cancel'), ('pick', 'Pick'), ('return', 'Return')], max_length=16)),
                ('reference', models.CharField(max_length=120)),
                ('first_at', models.DateTimeField(db_index=True)),
                ('webhook_at', models.DateTimeField(blank=True, null=True)),
                ('reading_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.AddField(
            model_name='export',
            name='alarmed_at',
            field=models.DateTimeField(blank=True, help_text='When people were mailed that it is held.', null=True),
        ),
        migrations.AddField(
            model_name='export',
            name='clones',
            field=models.JSONField(blank=True, default=list, help_text='Numbers of orders that staff made of it.'),
        ),
        migrations.AddField(
            model_name='export',
            name='close_accepted_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='export',
            name='close_accepted_why',
            field=models.CharField(blank=True, max_length=255),
        ),
        migrations.AddField(
            model_name='export',
            name='edit_note',
            field=models.CharField(blank=True, max_length=255),
        ),
        migrations.AddField(
            model_name='export',
            name='edit_outcome',
            field=models.CharField(blank=True, choices=[('applied', 'Applied'), ('partly', 'Applied in part'), ('too_late', 'Too late')], max_length=8, verbose_name='last edit'),
        ),
        migrations.AddField(
            model_name='export',
            name='edit_outcome_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='export',
            name='window_until',
            field=models.DateTimeField(blank=True, help_text='Until then edits are folded; the floor gets the order after it.', null=True),
        ),
        migrations.AddField(
            model_name='exportline',
            name='components',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name='exportline',
            name='packed',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='exportline',
            name='pending',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='exportline',
            name='remote_quantity',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='exportline',
            name='remote_shipped',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='exportline',
            name='serials_read',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name='exportline',
            name='shipped_as_read',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='exportline',
            name='unit',
            field=models.CharField(blank=True, max_length=40, verbose_name='unit of measure'),
        ),
        migrations.AddField(
            model_name='lineitem',
            name='account',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='accounts.account'),
        ),
        migrations.AddField(
            model_name='lineitem',
            name='brand',
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name='lineitem',
            name='unit',
            field=models.CharField(blank=True, max_length=40, verbose_name='unit of measure'),
        ),
        migrations.AddField(
            model_name='order',
            name='cancel_requested_at',
            field=models.DateTimeField(blank=True, help_text='A person in Salesforce asked to cancel it; a later activation counts more.', null=True),
        ),
        migrations.AddField(
            model_name='order',
            name='cancel_wanted',
            field=models.CharField(blank=True, help_text='Why the warehouse order of a draft or deleted order is canceled.', max_length=255),
        ),
        migrations.AddField(
            model_name='order',
            name='currency',
            field=models.CharField(blank=True, max_length=8),
        ),
        migrations.AddField(
            model_name='order',
            name='email',
            field=models.CharField(blank=True, help_text='In lower case.', max_length=254),
        ),
        migrations.AddField(
            model_name='order',
            name='exclusion_why',
            field=models.CharField(blank=True, max_length=255),
        ),
        migrations.AddField(
            model_name='order',
            name='is_split',
            field=models.BooleanField(default=False, help_text='Lines of it are shipped by another account than its own.', verbose_name='in several accounts'),
        ),
        migrations.AddField(
            model_name='order',
            name='never_export',
            field=models.BooleanField(default=False, help_text='A person decided that no warehouse gets this order.'),
        ),
        migrations.AddField(
            model_name='order',
            name='read_whole_at',
            field=models.DateTimeField(blank=True, help_text='When its last reading with all its lines was asked for.', null=True),
        ),
        migrations.AddField(
            model_name='order',
            name='value',
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=18, null=True),
        ),
        migrations.AddField(
            model_name='order',
            name='written_items',
            field=models.JSONField(blank=True, default=list, help_text='Keys of the shipped lines in Salesforce.'),
        ),
        migrations.AddField(
            model_name='package',
            name='is_pickup',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='shipment',
            name='void_seen_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='shipmentline',
            name='lot_expires_on',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name='export',
            index=models.Index(fields=['sent_at'], name='exports_by_sent'),
        ),
        migrations.AddIndex(
            model_name='export',
            index=models.Index(fields=['key'], name='exports_by_key'),
        ),
        migrations.AddIndex(
            model_name='export',
            index=models.Index(condition=models.Q(('remote_number', ''), _negated=True), fields=['remote_number'], name='exports_by_number'),
        ),
        migrations.AddIndex(
            model_name='export',
            index=models.Index(fields=['account', '-id'], name='exports_by_account'),
        ),
        migrations.AddIndex(
            model_name='export',
            index=models.Index(condition=models.Q(('canceled_at', None), ('closed_at', None), ('released_at', None), models.Q(('hold_kind', ''), _negated=True)), fields=['held_at'], name='exports_held'),
        ),
        migrations.AddIndex(
            model_name='export',
            index=models.Index(condition=models.Q(('canceled_at', None), ('closed_at', None), models.Q(('remote_id', ''), _negated=True), models.Q(('sent_hash', ''), _negated=True), models.Q(('wanted_hash', models.F('sent_hash')), _negated=True)), fields=['id'], name='exports_drifting'),
        ),
        migrations.AddIndex(
            model_name='export',
            index=models.Index(condition=models.Q(('edit_intent_at__isnull', False)), fields=['edit_intent_at'], name='exports_edit_unknown'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['salesforce_id'], name='orders_by_salesforce_id'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['state', 'state_since'], name='orders_by_state'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['state', '-id'], name='orders_newest_by_state'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['account', '-id'], name='orders_by_account'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['stage', '-id'], name='orders_by_stage'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['is_eligible', '-id'], name='orders_by_eligibility'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(condition=models.Q(('po_number', ''), _negated=True), fields=['po_number'], name='orders_by_po'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(condition=models.Q(('email', ''), _negated=True), fields=['email'], name='orders_by_email'),
        ),
        migrations.AddIndex(
            model_name='shipment',
            index=models.Index(fields=['received_at'], name='shipments_by_received'),
        ),
        migrations.AddIndex(
            model_name='shipment',
            index=models.Index(fields=['remote_id'], name='shipments_by_remote_id'),
        ),
        migrations.AddIndex(
            model_name='shipment',
            index=models.Index(fields=['remote_legacy_id'], name='shipments_by_number'),
        ),
        migrations.AddIndex(
            model_name='shipment',
            index=models.Index(fields=['written_back_at'], name='shipments_by_told'),
        ),
        migrations.AddIndex(
            model_name='shipment',
            index=models.Index(fields=['account', '-id'], name='shipments_by_account'),
        ),
        migrations.AddField(
            model_name='holdspell',
            name='export',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hold_spells', to='orders.export'),
        ),
        migrations.AddField(
            model_name='orderexception',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='accounts.account'),
        ),
        migrations.AddField(
            model_name='orderexception',
            name='export',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to='orders.export'),
        ),
        migrations.AddField(
            model_name='orderexception',
            name='order',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='exceptions', to='orders.order'),
        ),
        migrations.AddField(
            model_name='pick',
            name='export',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='picks', to='orders.export'),
        ),
        migrations.AddField(
            model_name='pick',
            name='export_line',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to='orders.exportline'),
        ),
        migrations.AddField(
            model_name='proposal',
            name='export',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='proposals', to='orders.export'),
        ),
        migrations.AddField(
            model_name='return',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='accounts.account'),
        ),
        migrations.AddField(
            model_name='return',
            name='export',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='returns', to='orders.export'),
        ),
        migrations.AddField(
            model_name='returnline',
            name='export_line',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to='orders.exportline'),
        ),
        migrations.AddField(
            model_name='returnline',
            name='of_return',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='orders.return'),
        ),
        migrations.AddField(
            model_name='routingdecision',
            name='export',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='orders.export'),
        ),
        migrations.AddField(
            model_name='routingdecision',
            name='order',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='orders.order'),
        ),
        migrations.AddField(
            model_name='sighting',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='accounts.account'),
        ),
        migrations.AddField(
            model_name='sighting',
            name='export',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to='orders.export'),
        ),
        migrations.AddConstraint(
            model_name='holdspell',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('export', 'kind'), name='one_open_spell_per_hold'),
        ),
        migrations.AddConstraint(
            model_name='orderexception',
            constraint=models.UniqueConstraint(fields=('order', 'kind'), name='one_exception_per_kind'),
        ),
        migrations.AddConstraint(
            model_name='pick',
            constraint=models.UniqueConstraint(fields=('export', 'remote_legacy_id'), name='one_pick_per_remote_id'),
        ),
        migrations.AddConstraint(
            model_name='proposal',
            constraint=models.UniqueConstraint(condition=models.Q(('decided_at__isnull', True)), fields=('export', 'kind'), name='one_open_proposal_per_kind'),
        ),
        migrations.AddConstraint(
            model_name='return',
            constraint=models.UniqueConstraint(fields=('account', 'remote_id'), name='one_return_per_remote_id'),
        ),
        migrations.AddIndex(
            model_name='routingdecision',
            index=models.Index(condition=models.Q(('kept__in', ['differs', 'overruled'])), fields=['kept', 'decided_at'], name='decisions_not_kept'),
        ),
        migrations.AddConstraint(
            model_name='sighting',
            constraint=models.UniqueConstraint(fields=('account', 'fact', 'reference'), name='one_sighting_per_fact'),
        ),
        migrations.RunPython(index_names, migrations.RunPython.noop),
    ]
