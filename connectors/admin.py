"""Door: registers the console's pages of the sync and its set-up.

The pages of orders, exports and shipments are in `orders/admin.py`; the accounts' are
here because their package is the lowest layer and knows no door.
"""

from __future__ import annotations

from django.contrib import admin

from connectors import models
from connectors.accounts import models as accounts
from connectors.console import (
    buttons,
    config_pages,
    failures,
    home,
    logbook,
    machinery,
    setup,
)

buttons.register_buttons()
home.register_panels()

_PAGES = {
    models.FailedPayload: failures.FailedPayloadAdmin,
    models.SyncAttempt: logbook.SyncAttemptAdmin,
    models.SyncJob: logbook.SyncJobAdmin,
    models.WebhookDelivery: logbook.WebhookDeliveryAdmin,
    models.SyncCursor: machinery.SyncCursorAdmin,
    models.WebhookRegistration: machinery.WebhookRegistrationAdmin,
    models.Heartbeat: machinery.HeartbeatAdmin,
    models.ConfigVersion: config_pages.ConfigVersionAdmin,
    accounts.Audit: logbook.AuditAdmin,
    accounts.Credential: setup.CredentialAdmin,
    accounts.Organization: setup.OrganizationAdmin,
    accounts.Account: setup.AccountAdmin,
    accounts.Brand: setup.BrandAdmin,
    accounts.AccountAccess: setup.AccountAccessAdmin,
    accounts.ScopedSetting: config_pages.ScopedSettingAdmin,
}
for _model, _page in _PAGES.items():
    admin.site.register(_model, _page)
