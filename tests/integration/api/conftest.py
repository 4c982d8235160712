"""An API client per role, and one record of each kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from connectors.sync import registry
from orders.pictures import to_picture
from orders.records import OrderRecord, OrderStage
from tests.factories.accounts import AccountAccessFactory, AccountFactory, UserFactory
from tests.factories.connectors import (
    FailedPayloadFactory,
    PayloadFactory,
    RefusedRowFactory,
    RemoteCallFactory,
    SalesforceMessageFactory,
    SalesforceRequestFactory,
    SyncAttemptFactory,
    SyncJobFactory,
    WebhookDeliveryFactory,
)
from tests.factories.inventory import (
    AvailabilityFactory,
    AvailabilityRunFactory,
    ProductFactory,
    StockDiscrepancyFactory,
    UnitFactorFactory,
    WarehouseFactory,
)
from tests.factories.orders import (
    ExportFactory,
    ExportLineFactory,
    LineItemFactory,
    OrderExceptionFactory,
    OrderFactory,
    PackageFactory,
    ShipmentFactory,
)

CANARY = "canary-signature-secret"
KINDS = (
    "answer_requests",
    "push_exceptions",
    "apply_delivery",
    "push_order",
    "cancel_order",
    "read_source",
    "read_warehouse",
    "push_fulfillment",
    "link_order",
)


@pytest.fixture(autouse=True)
def _kinds(monkeypatch):
    """What the jobs do is another test's matter."""
    stand_ins = {
        name: registry.JobKind(
            name=name,
            title=name,
            lane=registry.Lane.EDIT,
            handler=lambda run, jobs: None,
            uses=frozenset(),
        )
        for name in KINDS
    }
    monkeypatch.setattr(registry, "_kinds", {**registry._kinds, **stand_ins})


@pytest.fixture(autouse=True)
def _fresh_throttles():
    cache.clear()


@dataclass
class Records:
    """One of each kind, all of one account. Factories are untyped, so are these."""

    account: Any
    credential: Any
    order: Any
    export: Any
    shipment: Any
    job: Any
    attempt: Any
    failure: Any
    delivery: Any
    organization: Any
    availability: Any
    large: Any
    exception: Any
    product: Any
    place: Any
    discrepancy: Any
    unit: Any
    message: Any
    request: Any
    told: Any


@pytest.fixture
def records(db: None) -> Records:
    return make_records()


@pytest.fixture
def others(db: None) -> Records:
    """The same, of an account that is none of the user's business."""
    return make_records()


def make_records() -> Records:
    order = make_order(AccountFactory())
    export: Any = ExportFactory(order=order, wanted={"ship_to": "Ada Lovelace"})
    ExportLineFactory(export=export)
    job = make_job(order)
    attempt: Any = SyncAttemptFactory(job=job, export=export, outcome="parked")
    RemoteCallFactory(
        attempt=attempt,
        sent=PayloadFactory(body=b'{"sku": "SKU-1"}'),
        answer=PayloadFactory(body=b"\xff no text \x00"),
    )
    return Records(
        account=order.account,
        organization=order.account.organization,
        credential=order.account.credential,
        order=order,
        export=export,
        shipment=make_shipment(export),
        job=job,
        attempt=attempt,
        failure=FailedPayloadFactory(
            job=job, attempt=attempt, payload=PayloadFactory()
        ),
        exception=OrderExceptionFactory(export=export),
        delivery=WebhookDeliveryFactory(
            registration__account=order.account,
            registration__secrets={"current": CANARY},
        ),
        availability=AvailabilityFactory(
            warehouse__account=order.account, standing="refused"
        ),
        large=AvailabilityRunFactory(account=order.account),
        product=ProductFactory(account=order.account),
        place=WarehouseFactory(account=order.account),
        discrepancy=StockDiscrepancyFactory(
            warehouse__account=order.account, kind="absent", closed_at=None
        ),
        unit=UnitFactorFactory(account=order.account),
        message=SalesforceMessageFactory(organization=order.account.organization),
        request=SalesforceRequestFactory(order=order),
        told=RefusedRowFactory(order=order),
    )


def make_order(account: Any) -> Any:
    order: Any = OrderFactory(account=account)
    record = OrderRecord(
        salesforce_id=order.salesforce_id,
        order_number=order.order_number,
        stage=OrderStage.ACTIVATED,
        status=order.status,
        modified_at=order.source_modified_at,
    )
    order.picture = to_picture(record)
    order.save(update_fields=["picture"])
    LineItemFactory(order=order, sku="SKU-1")
    return order


def make_shipment(export: Any) -> Any:
    shipment: Any = ShipmentFactory(export=export)
    for number in (1, 2):
        PackageFactory(shipment=shipment, number=number, tracking_number="1Z999")
    return shipment


def make_job(order: Any) -> Any:
    job: Any = SyncJobFactory(
        key=f"push_order:a{order.account_id}:{order.pk}",
        kind="push_order",
        account=order.account,
        order=order,
        subject=str(order.pk),
        state="parked",
        not_before=timezone.now() + timedelta(days=9999),
    )
    return job


def client_of(role: str, *, account: Any = None, **kwargs: Any) -> Client:
    """Signed in as that role, limited to the account when one is given."""
    client = Client(**kwargs)
    if role == "anonymous":
        return client
    user: Any = UserFactory(role=role if role != "nobody" else None)
    if account is not None:
        AccountAccessFactory(user=user, account=account)
    client.force_login(user, backend="connectors.accounts.backend.OneReadBackend")
    return client


def post(client: Client, path: str, body: Any = None, **extra: Any) -> Any:
    return client.post(path, body or {}, content_type="application/json", **extra)


def refusal_of(role: str) -> int:
    """The status with which somebody who may not do this is refused."""
    return 401 if role == "anonymous" else 403
