"""The buttons of accounts: their failures, jobs, logins, stock and listeners."""

from __future__ import annotations

from typing import Any

from django.utils.timezone import now

from connectors.accounts.models import (
    Account,
    Credential,
    ScopedSetting,
)
from connectors.exception_rows import ExceptionRow
from connectors.hearing import SalesforceListener, SalesforceRequest
from connectors.models import FailedPayload, SyncJob, WebhookRegistration
from inventory.models import (
    Availability,
    AvailabilityRun,
    StockDiscrepancy,
    StockLevel,
    StockSnapshot,
    UnitFactor,
)
from tests.factories import accounts
from tests.factories import connectors as rows
from tests.factories import inventory as stock_rows
from tests.integration.console.button_case import LEADS, OPERATORS, Case


def registered() -> Any:
    return rows.WebhookRegistrationFactory(state="active", label="shipsync-a").account


def absent(**changes: Any) -> Any:
    """What snapshots leave out, though our books have some of it."""
    row = stock_rows.StockDiscrepancyFactory(
        **{"kind": "absent", "closed_at": None, **changes}
    )
    stock_rows.StockLevelFactory(warehouse=row.warehouse, sku=row.sku, on_hand=7)
    return row


ACCOUNT_BUTTONS = [
    Case(
        "accounts.Account",
        "pause-back",
        LEADS,
        accounts.AccountFactory,
        lambda row: Account.objects.get(pk=row.pk).back_paused,
        "pause_account",
        unfit=lambda: accounts.AccountFactory(back_paused=True),
        data={"why": "Salesforce is being deployed to."},
    ),
    Case(
        "accounts.Account",
        "resume-back",
        LEADS,
        lambda: accounts.AccountFactory(back_paused=True),
        lambda row: not Account.objects.get(pk=row.pk).back_paused,
        "resume_account",
        unfit=accounts.AccountFactory,
    ),
    Case(
        "connectors.FailedPayload",
        "retry",
        OPERATORS,
        rows.FailedPayloadFactory,
        lambda row: FailedPayload.objects.get(pk=row.pk).closed_how == "retried",
        "retry_failure",
        unfit=lambda: rows.FailedPayloadFactory(closed_at=now()),
    ),
    Case(
        "connectors.FailedPayload",
        "dismiss",
        OPERATORS,
        rows.FailedPayloadFactory,
        lambda row: FailedPayload.objects.get(pk=row.pk).closed_how == "dismissed",
        "dismiss_failure",
        unfit=lambda: rows.FailedPayloadFactory(closed_at=now()),
        data={"why": "A test order."},
    ),
    Case(
        "connectors.SyncJob",
        "retry",
        OPERATORS,
        lambda: rows.SyncJobFactory(state="parked"),
        lambda row: SyncJob.objects.get(pk=row.pk).state == "waiting",
        "retry_job",
        unfit=lambda: rows.SyncJobFactory(state="running"),
    ),
    Case(
        "accounts.Account",
        "check-webhooks",
        OPERATORS,
        accounts.AccountFactory,
        lambda row: SyncJob.objects.filter(kind="register_webhooks").exists(),
        "check_webhooks",
    ),
    Case(
        "accounts.Account",
        "rotate-webhooks",
        LEADS,
        registered,
        lambda row: WebhookRegistration.objects.filter(label="shipsync-b").exists(),
        "rotate_webhooks",
        data={"why": "A person left."},
    ),
    Case(
        "accounts.Account",
        "pause",
        LEADS,
        accounts.AccountFactory,
        lambda row: type(row).objects.get(pk=row.pk).paused,
        "pause_account",
        unfit=lambda: accounts.AccountFactory(paused=True),
        data={"why": "Stock count."},
    ),
    Case(
        "accounts.Account",
        "resume",
        LEADS,
        lambda: accounts.AccountFactory(paused=True),
        lambda row: not type(row).objects.get(pk=row.pk).paused,
        "resume_account",
        unfit=accounts.AccountFactory,
    ),
    Case(
        "accounts.Credential",
        "resume",
        LEADS,
        lambda: accounts.CredentialFactory(state="refused", refused_reason="No."),
        lambda row: Credential.objects.get(pk=row.pk).state == "ok",
        "resume_credential",
        unfit=accounts.CredentialFactory,
    ),
    Case(
        "accounts.ScopedSetting",
        "inherit",
        {"integrator"},
        lambda: accounts.ScopedSettingFactory(account=accounts.AccountFactory()),
        lambda row: not ScopedSetting.objects.exists(),
        "change_setting",
    ),
    Case(
        "inventory.AvailabilityRun",
        "approve",
        LEADS,
        stock_rows.AvailabilityRunFactory,
        lambda row: AvailabilityRun.objects.get(pk=row.pk).state == "running",
        "approve_large_write",
        unfit=lambda: stock_rows.AvailabilityRunFactory(state="done"),
    ),
    Case(
        "inventory.AvailabilityRun",
        "decline",
        LEADS,
        stock_rows.AvailabilityRunFactory,
        lambda row: AvailabilityRun.objects.get(pk=row.pk).state == "declined",
        "decline_large_write",
        unfit=lambda: stock_rows.AvailabilityRunFactory(state="done"),
    ),
    Case(
        "inventory.AvailabilityRun",
        "stop",
        LEADS,
        lambda: stock_rows.AvailabilityRunFactory(state="running"),
        lambda row: AvailabilityRun.objects.get(pk=row.pk).state == "stopping",
        "stop_large_write",
        unfit=stock_rows.AvailabilityRunFactory,
    ),
    Case(
        "inventory.Availability",
        "try-again",
        OPERATORS,
        lambda: stock_rows.AvailabilityFactory(settled_hash="x", standing="refused"),
        lambda row: Availability.objects.get(pk=row.pk).settled_hash == "",
        "write_availability_again",
    ),
    Case(
        "accounts.Account",
        "refused-again",
        OPERATORS,
        lambda: (
            stock_rows.AvailabilityFactory(settled_hash="x", standing="refused").account
        ),
        lambda row: Availability.objects.get(account=row).settled_hash == "",
        "write_refused_again",
        unfit=accounts.AccountFactory,
    ),
    Case(
        "inventory.Product",
        "refresh",
        OPERATORS,
        stock_rows.ProductFactory,
        lambda row: SyncJob.objects.filter(
            kind="pull_stock", subject=str(row.pk)
        ).exists(),
        "refresh_sku",
    ),
    Case(
        "inventory.Warehouse",
        "refresh",
        OPERATORS,
        stock_rows.WarehouseFactory,
        lambda row: StockSnapshot.objects.filter(warehouse=row).exists(),
        "refresh_warehouse",
        unfit=lambda: stock_rows.WarehouseFactory(is_listed=False),
    ),
    Case(
        "accounts.Account",
        "refresh-stock",
        OPERATORS,
        accounts.AccountFactory,
        lambda row: SyncJob.objects.filter(kind="pull_stock_snapshot").exists(),
        "refresh_stock",
    ),
    Case(
        "inventory.UnitFactor",
        "remove",
        {"integrator"},
        stock_rows.UnitFactorFactory,
        lambda row: not UnitFactor.objects.filter(pk=row.pk).exists(),
        "remove_unit",
    ),
    Case(
        "inventory.StockDiscrepancy",
        "refresh",
        OPERATORS,
        absent,
        lambda row: SyncJob.objects.filter(kind="pull_stock").exists(),
        "refresh_sku",
        unfit=lambda: absent(sku=""),
    ),
    Case(
        "inventory.StockDiscrepancy",
        "none-there",
        OPERATORS,
        absent,
        lambda row: StockLevel.objects.get(sku=row.sku).on_hand == 0,
        "none_there",
        unfit=lambda: absent(kind="negative"),
        data={"why": "Sold off."},
    ),
    Case(
        "inventory.StockDiscrepancy",
        "dismiss",
        OPERATORS,
        absent,
        lambda row: "Counted." in StockDiscrepancy.objects.get(pk=row.pk).closed_how,
        "dismiss_discrepancy",
        unfit=lambda: absent(closed_at=now()),
        data={"why": "Counted."},
    ),
    Case(
        "connectors.SalesforceListener",
        "renew-secret",
        {"integrator"},
        rows.SalesforceListenerFactory,
        lambda row: SalesforceListener.objects.get(pk=row.pk).secrets != row.secrets,
        "renew_callout_secret",
    ),
    Case(
        "connectors.SalesforceListener",
        "renew-address",
        {"integrator"},
        rows.SalesforceListenerFactory,
        lambda row: SalesforceListener.objects.get(pk=row.pk).token != row.token,
        "renew_listener_address",
    ),
    Case(
        "connectors.SalesforceRequest",
        "tell-again",
        OPERATORS,
        lambda: rows.SalesforceRequestFactory(answers=5),
        lambda row: SalesforceRequest.objects.get(pk=row.pk).answers == 0,
        "tell_request_again",
        unfit=lambda: rows.SalesforceRequestFactory(is_told=True),
    ),
    Case(
        "connectors.ExceptionRow",
        "tell-again",
        OPERATORS,
        rows.RefusedRowFactory,
        lambda row: ExceptionRow.objects.get(pk=row.pk).doubt_until is not None,
        "tell_exception_again",
        unfit=rows.ExceptionRowFactory,
    ),
]
