"""The rows of the console's bench: months of work, copied from one row of each table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Model
from django.utils.timezone import now

from connectors.casework import Cause

SIZES = {"log": 1_000_000, "orders": 200_000, "failures": 20_000}
CAUSES = 40
BASE = 1_000_000  # the copies' ids begin above

# Of the orders, as many are at work as a good day leaves; the others have shipped.
STATE = (
    "CASE WHEN n <= 300 THEN 'waiting' WHEN n <= 500 THEN 'failed' "
    "WHEN n <= 1500 THEN 'picking' ELSE 'shipped' END"
)
AGO = "now() - n * interval '1 minute'"
AT_WORK = 400  # of what people work off, the newest are open
CLOSED = f"CASE WHEN n <= {AT_WORK} THEN NULL ELSE now() END"
KEY = f"{BASE} + n"

# What differs from row to row, as SQL of the row's number `n`; all else is copied.
OF_ORDERS: dict[str, dict[str, str]] = {
    "Order": {
        "salesforce_id": "'B' || lpad(n::text, 17, '0')",
        "order_number": "'B' || lpad(n::text, 7, '0')",
        "po_number": "'PO' || n",
        "customer_name": "'Customer ' || n % 5000",
        "ship_to_name": "'Ada Lovelace' || n",
        "email": "'ada' || n || '@example.test'",
        "state": STATE,
        "state_since": AGO,
    },
    "LineItem": {
        "order_id": KEY,
        "salesforce_id": "'L' || lpad(n::text, 17, '0')",
        "sku": "'SKU-' || n % 500",
    },
    "Export": {
        "order_id": KEY,
        "key": "'bench-' || n",
        "remote_id": "CASE WHEN n <= 500 THEN '' ELSE 'R' || n END",
        "remote_legacy_id": "5000000 + n",
        "released_at": "now()",
        "wanted_hash": "'same'",
        "sent_hash": "'same'",
        "sent_at": AGO,
        "closed_at": "CASE WHEN n <= 1500 THEN NULL ELSE now() END",
    },
    "ExportLine": {
        "export_id": KEY,
        "key": "'L' || n",
        "sku": "'SKU-' || n % 500",
    },
    "Allocation": {"export_id": KEY, "reference": "'A' || n"},
    "Shipment": {
        "export_id": KEY,
        "remote_id": "'S' || n",
        "remote_legacy_id": "7000000 + n",
        "received_at": AGO,
    },
    "Package": {
        "shipment_id": KEY,
        "key": "'p' || n",
        "tracking_number": "'1Z' || lpad(n::text, 7, '0')",
    },
    "SyncJob": {
        "order_id": KEY,
        "key": "'push_order:bench:' || n",
        "subject": "n::text",
        "state": "CASE WHEN n <= 300 THEN 'waiting' ELSE 'done' END",
        "not_before": "now()",
    },
    "WebhookDelivery": {
        "order_id": KEY,
        "message_id": "'message-' || n",
        "digest": "'digest-' || n",
        "order_number": "'B' || lpad(n::text, 7, '0')",
        "state": "CASE WHEN n <= 50 THEN 'unmatched' ELSE 'applied' END",
        "received_at": AGO,
    },
    "SalesforceMessage": {"digest": "'digest-' || n", "received_at": AGO},
    "Audit": {
        "at": AGO,
        "action": "(ARRAY['retry_payload','pause_account'])[1 + n % 2]",
        "actor_name": "'person' || n % 20",
        "object_id": "n::text",
        "object_label": "'B' || lpad(n::text, 7, '0')",
    },
    "Product": {"sku": "'SKU-' || n", "name": "'Tea towel ' || n"},
    "SourceProduct": {
        "salesforce_id": "'01t' || lpad(n::text, 15, '0')",
        "sku": "'SKU-' || n",
        "name": "'Tea towel ' || n",
    },
    "StockLevel": {"sku": "'SKU-' || n", "changed_at": AGO},
    "StockMovement": {
        "sku": "'SKU-' || n % 5000",
        "reference": "'B' || lpad(n::text, 7, '0')",
        "key": "'told-' || n",
        "at": AGO,
    },
    "Availability": {"sku": "'SKU-' || n"},
}
OF_FAILURES: dict[str, dict[str, str]] = {
    "FailedPayload": {
        "order_id": KEY,
        "job_id": KEY,
        "fingerprint": f"'cause-' || n % {CAUSES}",
        "opened_at": AGO,
        "closed_at": CLOSED,
        "closed_how": f"CASE WHEN n <= {AT_WORK} THEN '' ELSE 'resolved' END",
        "owner": "(ARRAY['sales','ops'])[1 + n % 2]",
    },
    "OrderException": {
        "order_id": KEY,
        "export_id": KEY,
        "opened_at": AGO,
        "closed_at": CLOSED,
    },
    "Return": {"export_id": KEY, "remote_id": "'return-' || n", "received_at": AGO},
    "Proposal": {"export_id": KEY, "opened_at": AGO, "decided_at": CLOSED},
    "SalesforceRequest": {
        "order_id": KEY,
        "salesforce_id": "'a01' || lpad(n::text, 12, '0')",
        "asked_at": AGO,
        "seen_at": AGO,
    },
    "ExceptionRow": {
        "order_id": KEY,
        "key": "'bench-row-' || n",
        "opened_at": AGO,
        "closed_at": CLOSED,
        "is_open": f"n <= {AT_WORK}",
    },
    "StockDiscrepancy": {
        "sku": "'SKU-' || n",
        "found_at": AGO,
        "seen_at": AGO,
        "closed_at": CLOSED,
    },
    "StockSnapshot": {"remote_id": "'snapshot-' || n", "created_at": AGO},
    "RoutingDecision": {"order_id": KEY, "export_id": KEY, "decided_at": AGO},
}


def _attempt() -> dict[str, str]:
    ratio = SIZES["log"] // SIZES["orders"]
    return {
        "order_id": f"{BASE} + 1 + (n - 1) / {ratio}",
        "job_id": f"{BASE} + 1 + (n - 1) / {ratio}",
        "subject": f"(1 + (n - 1) / {ratio})::text",
        "kind": "(ARRAY['push_order','read_source','push_fulfillment'])[1 + n % 3]",
        "outcome": "CASE WHEN n % 50 = 0 THEN 'parked' ELSE 'done' END",
        "fingerprint": f"CASE WHEN n % 50 = 0 THEN 'cause-' || n / 50 % {CAUSES} "
        "ELSE '' END",
        "request_id": "'req-' || n",
        "started_at": "now() - n * interval '10 seconds'",
    }


OF_LOG = {"SyncAttempt": _attempt()}


@dataclass(frozen=True, slots=True)
class Copy:
    """`count` copies of `pattern`; `own` are SQL expressions of the number `n`."""

    pattern: Any
    count: int
    first: int
    own: dict[str, str]


def fill(sizes: dict[str, int], *, first: int) -> None:
    """Add so many orders, failures and rows of the log, behind the `first` orders."""
    for copy in _copies(sizes, _patterns(), first):
        _multiply(copy)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")  # as a server does by itself


def big_tables() -> set[str]:
    """Those that were filled: every table of more rows than people work off."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_class.relname FROM pg_stat_user_tables JOIN pg_class ON pg_class.oid = relid "
            "WHERE reltuples > 5000"
        )
        return {row[0] for row in cursor.fetchall()}


def _copies(sizes: dict[str, int], row: dict[str, Any], first: int) -> Iterator[Copy]:
    for measure, tables in (
        ("orders", OF_ORDERS),
        ("log", OF_LOG),
        ("failures", OF_FAILURES),
    ):
        begin = first * SIZES[measure] // SIZES["orders"]
        for name, own in tables.items():
            yield Copy(row[name], sizes[measure], begin, own)


def _patterns() -> dict[str, Any]:
    """The one row of each table that is copied; all are of one account."""
    from connectors.accounts.models import Account  # noqa: PLC0415

    if not Account.objects.filter(name="Bench").exists():
        _make_patterns()
    rows = [model.objects.order_by("pk").first() for model in _models()]
    return {row.__class__.__name__: row for row in rows}


def _models() -> list[Any]:
    from django.apps import apps  # noqa: PLC0415

    names = {*OF_ORDERS, *OF_FAILURES, *OF_LOG}
    return [model for model in apps.get_models() if _is_ours(model, names)]


def _is_ours(model: type[Model], names: set[str]) -> bool:
    ours = {"accounts", "connectors", "inventory", "orders"}
    return model.__name__ in names and model._meta.app_label in ours


def _make_patterns() -> None:
    from orders.decisions import RoutingDecision  # noqa: PLC0415
    from tests.factories import (  # noqa: PLC0415
        accounts,
        connectors,
        inventory,
        orders,
    )

    account = accounts.AccountFactory(name="Bench")
    organization = account.organization
    order = orders.OrderFactory(
        account=account,
        organization=organization,
        order_number="PATTERN",
        is_eligible=True,
    )
    orders.LineItemFactory(order=order)
    export = orders.ExportFactory(order=order, hold_kind="client", remote_id="R1")
    orders.ExportLineFactory(export=export)
    orders.AllocationFactory(export=export)
    orders.PackageFactory(shipment=orders.ShipmentFactory(export=export))
    orders.ReturnFactory(export=export)
    orders.OrderExceptionFactory(export=export, closed_at=now())
    orders.ProposalFactory(export=export, decided_at=now())
    RoutingDecision.objects.create(
        order=order, export=export, outcome="routed", decided_at=now()
    )
    job = connectors.SyncJobFactory(order=order, account=account)
    connectors.SyncAttemptFactory(job=job)
    connectors.FailedPayloadFactory(job=job, closed_at=now())
    connectors.WebhookDeliveryFactory(registration__account=account)
    connectors.SalesforceMessageFactory(organization=organization)
    connectors.SalesforceRequestFactory(order=order)
    connectors.ExceptionRowFactory(order=order)
    accounts.AuditFactory(account=account, at=now())
    warehouse = inventory.WarehouseFactory(account=account)
    inventory.ProductFactory(account=account)
    inventory.SourceProductFactory(organization=organization)
    inventory.StockLevelFactory(warehouse=warehouse)
    inventory.StockMovementFactory(warehouse=warehouse, key="told")
    inventory.StockSnapshotFactory(account=account)
    inventory.StockDiscrepancyFactory(warehouse=warehouse, closed_at=now())
    inventory.AvailabilityFactory(warehouse=warehouse)
    _make_causes(account)


def _make_causes(account: Any) -> None:
    Cause.objects.bulk_create(
        Cause(
            fingerprint=f"cause-{number}",
            account=account,
            code="method.unmapped",
            title=f"The shipping method “M{number}” is not mapped.",
            error_kind="mapping",
            category="method",
            owner="ops",
            first_seen_at=now(),
            last_seen_at=now(),
        )
        for number in range(CAUSES)
    )


def _multiply(copy: Copy) -> None:
    """Insert the copies in one statement, with ids that others can point to."""
    meta = copy.pattern._meta
    own = {"id": KEY, **copy.own}
    columns = [field.column for field in meta.concrete_fields]
    if unknown := own.keys() - set(columns):
        raise LookupError(f"{meta.label} has no column {', '.join(unknown)}.")
    values = ", ".join(own.get(name, f'pattern."{name}"') for name in columns)
    values = values.replace("%", "%%")  # an operator, not a place for a value
    names = ", ".join(f'"{name}"' for name in columns)
    # Names and expressions are this file's own.
    statement = (
        f'INSERT INTO "{meta.db_table}" ({names}) SELECT {values} '  # noqa: S608
        f'FROM "{meta.db_table}" AS pattern, generate_series(%s, %s) AS n '
        "WHERE pattern.id = %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            [copy.first + 1, copy.first + copy.count, copy.pattern.pk],
        )
