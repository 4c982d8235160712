import django.db.models.deletion
import inventory.models
import inventory.records
from django.conf import settings
from django.db import migrations, models


# Searched for their parts; a b-tree cannot serve that. Without the right to make the
# extension the search still answers, by reading the table.
TRIGRAMS = """
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX IF NOT EXISTS products_by_sku_words ON inventory_product
        USING gin (upper(sku::text) gin_trgm_ops);
    CREATE INDEX IF NOT EXISTS products_by_name_words ON inventory_product
        USING gin (upper(name::text) gin_trgm_ops);
    CREATE INDEX IF NOT EXISTS levels_by_sku_words ON inventory_stocklevel
        USING gin (upper(sku::text) gin_trgm_ops);
    CREATE INDEX IF NOT EXISTS source_products_by_words ON inventory_sourceproduct
        USING gin (upper(name::text) gin_trgm_ops);
EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
    RAISE NOTICE 'pg_trgm may not be made here: names are searched without an index';
END $$;
"""


def index_words(_apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(TRIGRAMS)


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0002_pauses_brands_and_tokens'),
        ('auth', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='AvailabilityRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('proposed', 'Waits for a person'), ('running', 'Being written'), ('stopping', 'Being stopped'), ('done', 'Done'), ('stopped', 'Stopped'), ('declined', 'Declined')], max_length=10)),
                ('rows', models.PositiveBigIntegerField(verbose_name='rows to write')),
                ('new_rows', models.PositiveBigIntegerField(default=0, verbose_name='of them new')),
                ('calls', models.PositiveIntegerField(default=0, verbose_name='API calls')),
                ('storage_kb', models.PositiveBigIntegerField(default=0, verbose_name='storage in KB')),
                ('written', models.PositiveBigIntegerField(default=0)),
                ('refused', models.PositiveBigIntegerField(default=0)),
                ('remote_job_id', models.CharField(blank=True, max_length=18, verbose_name='Bulk job')),
                ('step', models.CharField(choices=[('none', 'No job'), ('open', 'Opened'), ('filled', 'Filled'), ('started', 'Started')], default='none', max_length=8, verbose_name='job is')),
                ('job_started_at', models.DateTimeField(blank=True, null=True)),
                ('last_word', models.TextField(blank=True, verbose_name='Salesforce said')),
                ('created_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='accounts.account')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'large write',
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['proposed', 'running', 'stopping'])), fields=('account',), name='one_open_availability_run_per_account')],
            },
        ),
        migrations.CreateModel(
            name='ExpectedGoods',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('remote_id', models.CharField(max_length=80, verbose_name='ShipHero id')),
                ('purchase_remote_id', models.CharField(db_index=True, max_length=80)),
                ('number', models.CharField(blank=True, max_length=120, verbose_name='purchase order')),
                ('warehouse_remote_id', models.CharField(blank=True, max_length=80)),
                ('sku', models.CharField(db_index=True, max_length=255, verbose_name='SKU')),
                ('units', models.PositiveIntegerField(verbose_name='pieces to come')),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='due')),
                ('read_at', models.DateTimeField()),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='accounts.account')),
            ],
            options={
                'verbose_name_plural': 'expected goods',
                'ordering': ['due_on', 'id'],
                'constraints': [models.UniqueConstraint(fields=('account', 'remote_id'), name='one_row_per_purchased_line')],
            },
        ),
        migrations.CreateModel(
            name='Product',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sku', models.CharField(db_index=True, max_length=255, verbose_name='SKU')),
                ('name', models.CharField(blank=True, max_length=500)),
                ('remote_id', models.CharField(blank=True, db_index=True, max_length=80, verbose_name='ShipHero id')),
                ('remote_legacy_id', models.BigIntegerField(blank=True, db_index=True, null=True)),
                ('barcode', models.CharField(blank=True, db_index=True, max_length=255)),
                ('is_kit', models.BooleanField(default=False, verbose_name='kit')),
                ('is_built', models.BooleanField(default=False, help_text='Assembled beforehand: stock of its own.', verbose_name='built kit')),
                ('is_virtual', models.BooleanField(default=False, verbose_name='virtual')),
                ('needs_serial', models.BooleanField(default=False, verbose_name='serial numbers')),
                ('needs_lot', models.BooleanField(default=False, verbose_name='lots')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('remote_updated_at', models.DateTimeField(blank=True, null=True)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='products', to='accounts.account')),
            ],
            options={
                'ordering': ['sku'],
                'constraints': [models.UniqueConstraint(fields=('account', 'sku'), name='one_product_per_sku')],
            },
        ),
        migrations.CreateModel(
            name='KitComponent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sku', models.CharField(db_index=True, max_length=255, verbose_name='SKU')),
                ('quantity', models.PositiveIntegerField()),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='components', to='inventory.product')),
            ],
            options={
                'ordering': ['sku'],
                'constraints': [models.UniqueConstraint(fields=('product', 'sku'), name='one_component_per_sku')],
            },
        ),
        migrations.CreateModel(
            name='ProductCase',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('barcode', models.CharField(blank=True, db_index=True, max_length=255)),
                ('units', models.PositiveIntegerField()),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cases', to='inventory.product')),
            ],
            options={
                'ordering': ['units'],
            },
        ),
        migrations.CreateModel(
            name='SourceProduct',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('salesforce_id', models.CharField(db_index=True, max_length=18)),
                ('sku', models.CharField(blank=True, db_index=True, max_length=255, verbose_name='SKU')),
                ('name', models.CharField(blank=True, max_length=255)),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('is_deleted', models.BooleanField(default=False, verbose_name='deleted in Salesforce')),
                ('unit', models.CharField(blank=True, max_length=40, verbose_name='unit of measure')),
                ('source_modified_at', models.DateTimeField()),
                ('read_at', models.DateTimeField()),
                ('trouble', models.CharField(blank=True, choices=[('missing', 'No SKU'), ('ambiguous', 'Several products have this SKU'), ('inactive', 'Inactive, and no other product has its SKU')], editable=False, max_length=10)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='source_products', to='accounts.organization')),
            ],
            options={
                'ordering': ['sku', 'id'],
                'indexes': [models.Index(fields=['organization', 'sku'], name='source_product_sku'), models.Index(condition=models.Q(('trouble', ''), _negated=True), fields=['trouble'], name='source_product_trouble')],
                'constraints': [models.UniqueConstraint(fields=('organization', 'salesforce_id'), name='one_mirror_per_source_product')],
            },
        ),
        migrations.CreateModel(
            name='UnitFactor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sku', models.CharField(blank=True, max_length=255, verbose_name='SKU')),
                ('unit', models.CharField(help_text='As Salesforce names it, such as Case.', max_length=40)),
                ('factor', models.PositiveIntegerField(verbose_name='pieces')),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='unit_factors', to='accounts.account')),
            ],
            options={
                'ordering': ['sku', 'unit'],
                'constraints': [models.UniqueConstraint(fields=('account', 'sku', 'unit'), name='one_factor_per_unit'), models.CheckConstraint(condition=models.Q(('factor__gte', 1)), name='factor_is_one_or_more')],
            },
        ),
        migrations.CreateModel(
            name='Warehouse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('remote_id', models.CharField(max_length=80, verbose_name='ShipHero id')),
                ('remote_legacy_id', models.BigIntegerField(blank=True, db_index=True, null=True)),
                ('name', models.CharField(blank=True, max_length=120)),
                ('company_name', models.CharField(blank=True, max_length=255)),
                ('address1', models.CharField(blank=True, max_length=255)),
                ('address2', models.CharField(blank=True, max_length=255)),
                ('city', models.CharField(blank=True, max_length=120)),
                ('state', models.CharField(blank=True, max_length=120)),
                ('zip', models.CharField(blank=True, max_length=40, verbose_name='postal code')),
                ('country', models.CharField(blank=True, max_length=80)),
                ('phone', models.CharField(blank=True, max_length=80)),
                ('is_listed', models.BooleanField(default=True, verbose_name='listed by the account')),
                ('is_active', models.BooleanField(default=True, help_text='Orders may be routed here.', verbose_name='in use')),
                ('is_chosen', models.BooleanField(default=True, help_text='Its stock is promised and written to Salesforce.', verbose_name='in availability')),
                ('region', models.CharField(blank=True, help_text='Your own word, such as East or EU.', max_length=80)),
                ('time_zone', models.CharField(blank=True, help_text='Such as America/Chicago. Blank: UTC.', max_length=64)),
                ('cutoff', models.TimeField(blank=True, help_text='Orders in by then leave the same working day.', null=True, verbose_name='cut-off')),
                ('working_days', models.JSONField(blank=True, default=inventory.models.every_day, help_text='1 is Monday, 7 is Sunday.')),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('stock_read_at', models.DateTimeField(blank=True, help_text='When the last whole snapshot that names it was asked for.', null=True, verbose_name='all stock read')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='warehouses', to='accounts.account')),
            ],
            options={
                'ordering': ['account', 'name'],
                'constraints': [models.UniqueConstraint(fields=('account', 'remote_id'), name='one_warehouse_per_remote_id')],
            },
        ),
        migrations.CreateModel(
            name='TransitTime',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('country', models.CharField(blank=True, help_text='Two letters, such as US. Blank: any.', max_length=2)),
                ('region', models.CharField(blank=True, help_text='State or province. Blank: any.', max_length=80)),
                ('method', models.CharField(blank=True, help_text='Shipping method. Blank: any.', max_length=120)),
                ('days', models.PositiveSmallIntegerField()),
                ('warehouse', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='transit_times', to='inventory.warehouse')),
            ],
            options={
                'ordering': ['country', 'region', 'method'],
                'constraints': [models.UniqueConstraint(fields=('warehouse', 'country', 'region', 'method'), name='one_transit_time_per_way')],
            },
        ),
        migrations.CreateModel(
            name='StockSnapshot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('wanted', 'To be asked for'), ('asked', 'Being made by ShipHero'), ('ready', 'Ready to download'), ('reading', 'Being read'), ('applied', 'Applied'), ('failed', 'Failed'), ('expired', 'Expired before it was read'), ('aborted', 'Aborted')], default='wanted', max_length=8)),
                ('remote_id', models.CharField(blank=True, max_length=80, verbose_name='ShipHero id')),
                ('remote_status', models.CharField(blank=True, max_length=40)),
                ('layout', models.CharField(blank=True, max_length=8)),
                ('asked_at', models.DateTimeField(blank=True, null=True)),
                ('looked_at', models.DateTimeField(blank=True, null=True)),
                ('url_expires_at', models.DateTimeField(blank=True, null=True)),
                ('started_at', models.DateTimeField(blank=True, null=True, verbose_name='reading began')),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('size', models.PositiveBigIntegerField(default=0, verbose_name='bytes')),
                ('offset', models.PositiveBigIntegerField(default=0, help_text='How far its rows have been taken over.', verbose_name='bytes applied')),
                ('seen', models.JSONField(blank=True, default=list, verbose_name='warehouses in it')),
                ('rows', models.PositiveIntegerField(default=0)),
                ('changed', models.PositiveIntegerField(default=0)),
                ('missed', models.PositiveIntegerField(default=0)),
                ('absent', models.PositiveIntegerField(default=0)),
                ('odd', models.PositiveIntegerField(default=0, verbose_name='not believed')),
                ('error', models.TextField(blank=True)),
                ('created_at', models.DateTimeField(db_index=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='snapshots', to='accounts.account')),
                ('asked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL)),
                ('warehouse', models.ForeignKey(blank=True, help_text='Empty: all warehouses.', null=True, on_delete=django.db.models.deletion.PROTECT, to='inventory.warehouse')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['wanted', 'asked', 'ready', 'reading']), ('warehouse', None)), fields=('account',), name='one_open_snapshot_per_account'), models.UniqueConstraint(condition=models.Q(('state__in', ['wanted', 'asked', 'ready', 'reading'])), fields=('warehouse',), name='one_open_snapshot_per_warehouse')],
            },
        ),
        migrations.CreateModel(
            name='StockPoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sku', models.CharField(max_length=255, verbose_name='SKU')),
                ('at', models.DateTimeField(db_index=True)),
                ('on_hand', models.BigIntegerField()),
                ('allocated', models.BigIntegerField(blank=True, null=True)),
                ('available', models.BigIntegerField(blank=True, null=True)),
                ('backordered', models.BigIntegerField(blank=True, null=True)),
                ('warehouse', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='inventory.warehouse')),
            ],
            options={
                'ordering': ['at', 'id'],
                'indexes': [models.Index(fields=['warehouse', 'sku', 'at'], name='point_place')],
            },
        ),
        migrations.CreateModel(
            name='StockMovement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sku', models.CharField(db_index=True, max_length=255, verbose_name='SKU')),
                ('at', models.DateTimeField(db_index=True)),
                ('told_by', models.CharField(choices=[('read', 'Read after a ring'), ('poll', 'Poll'), ('snapshot', 'Snapshot'), ('person', 'Refreshed by a person'), ('event', 'Message')], max_length=8)),
                ('delta', models.BigIntegerField(verbose_name='change on hand')),
                ('before', models.BigIntegerField(blank=True, null=True, verbose_name='on hand before')),
                ('after', models.BigIntegerField(blank=True, null=True, verbose_name='on hand after')),
                ('available_before', models.BigIntegerField(blank=True, null=True)),
                ('available_after', models.BigIntegerField(blank=True, null=True)),
                ('reason', models.CharField(choices=[('order', 'Order'), ('return', 'Return'), ('receipt', 'Receipt'), ('count', 'Count'), ('transfer', 'Transfer'), ('other', 'Other'), ('untold', 'Untold')], default=inventory.records.Reason['UNTOLD'], max_length=8)),
                ('reason_text', models.CharField(blank=True, max_length=255, verbose_name='in their words')),
                ('reference', models.CharField(blank=True, db_index=True, help_text='The order, return or purchase behind it.', max_length=120)),
                ('key', models.CharField(blank=True, help_text='Names the message, so that one told twice is one row.', max_length=120)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='accounts.account')),
                ('warehouse', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='inventory.warehouse')),
            ],
            options={
                'ordering': ['-at', '-id'],
                'indexes': [models.Index(fields=['warehouse', 'sku', 'at'], name='movement_place'), models.Index(fields=['account', 'sku', 'at'], name='movement_sku')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('key', ''), _negated=True), fields=('account', 'key'), name='one_movement_per_message')],
            },
        ),
        migrations.CreateModel(
            name='StockLevel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sku', models.CharField(db_index=True, max_length=255, verbose_name='SKU')),
                ('on_hand', models.BigIntegerField()),
                ('allocated', models.BigIntegerField(blank=True, null=True)),
                ('available', models.BigIntegerField(blank=True, help_text='As ShipHero says it.', null=True)),
                ('backordered', models.BigIntegerField(blank=True, null=True)),
                ('reserve', models.BigIntegerField(blank=True, null=True)),
                ('sell_ahead', models.BigIntegerField(blank=True, null=True)),
                ('non_sellable', models.BigIntegerField(blank=True, null=True)),
                ('in_tote', models.BigIntegerField(blank=True, null=True)),
                ('is_active', models.BooleanField(default=True, verbose_name='active here')),
                ('source', models.CharField(choices=[('read', 'Read after a ring'), ('poll', 'Poll'), ('snapshot', 'Snapshot'), ('person', 'Refreshed by a person')], max_length=8)),
                ('read_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField()),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='accounts.account')),
                ('warehouse', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='levels', to='inventory.warehouse')),
            ],
            options={
                'ordering': ['sku', 'warehouse'],
                'indexes': [models.Index(fields=['account', 'sku'], name='level_account_sku')],
                'constraints': [models.UniqueConstraint(fields=('warehouse', 'sku'), name='one_level_per_sku_and_warehouse')],
            },
        ),
        migrations.CreateModel(
            name='StockDiscrepancy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('missed', 'Missed by messages and polls'), ('absent', 'Not in the snapshot'), ('negative', 'Below zero'), ('unbelieved', 'Not believed'), ('unknown_warehouse', 'Unknown warehouse'), ('missing_warehouse', 'Warehouse not in the snapshot')], db_index=True, max_length=20)),
                ('sku', models.CharField(blank=True, db_index=True, max_length=255, verbose_name='SKU')),
                ('bucket', models.CharField(blank=True, max_length=16)),
                ('ours', models.BigIntegerField(blank=True, null=True)),
                ('theirs', models.BigIntegerField(blank=True, null=True)),
                ('size', models.PositiveBigIntegerField(default=0, verbose_name='pieces')),
                ('detail', models.CharField(blank=True, max_length=255)),
                ('ours_read_at', models.DateTimeField(blank=True, null=True, verbose_name='we had read it')),
                ('found_at', models.DateTimeField(db_index=True)),
                ('seen_at', models.DateTimeField(verbose_name='last seen')),
                ('closed_at', models.DateTimeField(blank=True, db_index=True, null=True)),
                ('closed_how', models.CharField(blank=True, max_length=120)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='accounts.account')),
                ('snapshot', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='discrepancies', to='inventory.stocksnapshot')),
                ('warehouse', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='inventory.warehouse')),
            ],
            options={
                'verbose_name_plural': 'stock discrepancies',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['account', 'sku'], name='discrepancy_sku'), models.Index(condition=models.Q(('closed_at', None)), fields=['account', 'sku'], name='discrepancy_open')],
            },
        ),
        migrations.CreateModel(
            name='Holiday',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('date', models.DateField()),
                ('name', models.CharField(blank=True, max_length=120)),
                ('warehouse', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='holidays', to='inventory.warehouse')),
            ],
            options={
                'ordering': ['date'],
                'constraints': [models.UniqueConstraint(fields=('warehouse', 'date'), name='one_holiday_per_day')],
            },
        ),
        migrations.CreateModel(
            name='Availability',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scope', models.PositiveBigIntegerField(default=0)),
                ('sku', models.CharField(db_index=True, max_length=255, verbose_name='SKU')),
                ('quantity', models.BigIntegerField()),
                ('explanation', models.JSONField(default=list)),
                ('unit', models.CharField(blank=True, max_length=40)),
                ('unit_factor', models.PositiveIntegerField(default=1, verbose_name='pieces in one unit')),
                ('stock_read_at', models.DateTimeField()),
                ('computed_at', models.DateTimeField()),
                ('wanted_hash', models.CharField(max_length=64)),
                ('written_hash', models.CharField(blank=True, max_length=64)),
                ('written_at', models.DateTimeField(blank=True, null=True)),
                ('settled_hash', models.CharField(blank=True, max_length=64)),
                ('standing', models.CharField(choices=[('new', 'To be written'), ('written', 'In Salesforce'), ('refused', 'Refused by Salesforce'), ('no_product', 'No product in Salesforce has this SKU'), ('ambiguous', 'Several products in Salesforce have this SKU'), ('inactive', 'The product is inactive in Salesforce'), ('empty', 'None here, and none told before'), ('left_out', 'Left out by a person')], default='new', max_length=10, verbose_name='in Salesforce')),
                ('code', models.CharField(blank=True, max_length=80)),
                ('reason', models.TextField(blank=True, verbose_name='Salesforce said')),
                ('sent_hash', models.CharField(blank=True, max_length=64)),
                ('rewrite_at', models.DateTimeField(blank=True, null=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='accounts.account')),
                ('brand', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to='accounts.brand')),
                ('run', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='under_way', to='inventory.availabilityrun')),
                ('warehouse', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='availabilities', to='inventory.warehouse')),
            ],
            options={
                'verbose_name_plural': 'availabilities',
                'ordering': ['sku', 'warehouse', 'scope'],
                'indexes': [models.Index(fields=['account', 'sku'], name='availability_sku'), models.Index(condition=models.Q(('wanted_hash', models.F('settled_hash')), _negated=True), fields=['account', 'id'], name='availability_to_settle'), models.Index(condition=models.Q(('run__isnull', False)), fields=['run', 'id'], name='availability_under_way'), models.Index(condition=models.Q(('rewrite_at__isnull', False)), fields=['account', 'rewrite_at'], name='availability_to_rewrite'), models.Index(condition=models.Q(('standing__in', ['refused', 'ambiguous', 'inactive'])), fields=['account', 'standing'], name='availability_troubled')],
                'constraints': [models.UniqueConstraint(fields=('warehouse', 'sku', 'scope'), name='one_availability_per_sku_warehouse_and_brand')],
            },
        ),
        migrations.RunPython(index_words, migrations.RunPython.noop),
    ]
