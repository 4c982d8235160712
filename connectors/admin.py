"""Door: registers the console's pages of the sync and its set-up.

The pages of orders, exports and shipments are in `orders/admin/`; the accounts' are
here because their package is the lowest layer and knows no door.
"""

from __future__ import annotations

from django.contrib import admin

from connectors import config_versions, exception_rows, hearing, models
from connectors.accounts import models as accounts
from connectors.console import (
    access_admin,
    audit_pages,
    buttons,
    case_deeds,
    checks_page,
    config_home,
    config_pages,
    connection_page,
    discrepancy_pages,
    exception_buttons,
    exceptions,
    exceptions_told,
    explained,
    failures,
    finding,
    flow_panels,
    health,
    home,
    logbook,
    machinery,
    mail,
    map_pages,
    mapping_page,
    people,
    place_pages,
    routing_buttons,
    routing_pages,
    salesforce_stock,
    salesforce_stock_deeds,
    salesforce_talk,
    schedules,
    setup,
    sign_in_pages,
    snapshot_pages,
    stock_buttons,
    stock_pages,
    webhook_loss,
    writeback_page,
)
from inventory import models as inventory

buttons.register_buttons()
home.register_panels()
health.register_panels()
people.register_pages()
sign_in_pages.register_pages()
flow_panels.register_panels()
exceptions.register_pages()
exception_buttons.register()
webhook_loss.register_panels()
explained.register_pages()
case_deeds.register_pages()
mail.register_pages()
finding.register_pages()
schedules.register_pages()
salesforce_stock_deeds.register_all()
salesforce_talk.register_all()
exceptions_told.register_all()
stock_buttons.register()
discrepancy_pages.register()
mapping_page.register_pages()
writeback_page.register_pages()
map_pages.register_pages()
config_home.register_pages()
connection_page.register_pages()
routing_pages.register_pages()
checks_page.register_pages()
routing_buttons.register()

_PAGES = {
    models.FailedPayload: failures.FailedPayloadAdmin,
    models.SyncAttempt: logbook.SyncAttemptAdmin,
    models.SyncJob: logbook.SyncJobAdmin,
    models.WebhookDelivery: logbook.WebhookDeliveryAdmin,
    models.SyncCursor: machinery.SyncCursorAdmin,
    models.WebhookRegistration: machinery.WebhookRegistrationAdmin,
    hearing.SalesforceMessage: salesforce_talk.SalesforceMessageAdmin,
    hearing.SalesforceRequest: salesforce_talk.SalesforceRequestAdmin,
    hearing.SalesforceListener: salesforce_talk.SalesforceListenerAdmin,
    exception_rows.ExceptionRow: exceptions_told.ExceptionRowAdmin,
    models.Heartbeat: machinery.HeartbeatAdmin,
    config_versions.ConfigVersion: config_pages.ConfigVersionAdmin,
    inventory.SourceProduct: salesforce_stock.SourceProductAdmin,
    inventory.Availability: salesforce_stock.AvailabilityAdmin,
    inventory.AvailabilityRun: salesforce_stock.AvailabilityRunAdmin,
    accounts.Audit: audit_pages.AuditAdmin,
    accounts.Credential: setup.CredentialAdmin,
    accounts.Organization: setup.OrganizationAdmin,
    accounts.Account: setup.AccountAdmin,
    accounts.Brand: setup.BrandAdmin,
    accounts.AccountAccess: access_admin.AccountAccessAdmin,
    accounts.ScopedSetting: config_pages.ScopedSettingAdmin,
    inventory.Product: stock_pages.ProductAdmin,
    inventory.StockLevel: stock_pages.StockLevelAdmin,
    inventory.Warehouse: place_pages.WarehouseAdmin,
    inventory.UnitFactor: place_pages.UnitFactorAdmin,
    inventory.StockSnapshot: snapshot_pages.StockSnapshotAdmin,
    inventory.StockDiscrepancy: discrepancy_pages.StockDiscrepancyAdmin,
    inventory.StockMovement: snapshot_pages.StockMovementAdmin,
}
for _model, _page in _PAGES.items():
    admin.site.register(_model, _page)
