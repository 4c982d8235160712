"""What strangers wrote is text on every page: nothing of it becomes an element, nothing
runs, and the policy has nothing to refuse.

Every text column of every table of ours is filled with markup, but for the words that
only our own code writes and looks up again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import models
from django.urls import reverse
from django.utils.timezone import now

from connectors.casework import BulkRetry, BulkRetryItem
from connectors.config_versions import ConfigVersion
from connectors.hearing import SalesforceNotification
from orders.decisions import RoutingDecision
from orders.floor import Pick, ReturnLine
from tests.factories import accounts, inventory
from tests.factories import connectors as rows
from tests.factories import orders as order_rows

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.one_database,
]

RUN = "document.title='taken'"
EVIL = f'<b data-evil>x</b><img src=x onerror="{RUN}"><script>{RUN}</script>'
SHORT = "<b data-evil>"
ADDRESS = f"javascript:{RUN}//{SHORT}"
OUR_APPS = ("accounts", "orders", "inventory", "connectors")
TEXTS = {models.CharField, models.TextField, models.EmailField, models.URLField}
# Keys of our own tables, units and zones that a form has checked: not a stranger's words.
LOOKED_UP = {
    "stage",
    "kind",
    "lane",
    "time_zone",
    "system",
    "object_type",
    "fingerprint",
}
# What holds no words of others, and is made by the work that it counts.
UNMADE = {"FlowBucket", "ApiUse", "MailChoice", "Sighting", "HoldSpell"}
OURS = {"ScopedSetting.key", "FailedPayload.code", "SyncCursor.name"}
PLAIN = re.compile(r"^[\d\s.:TZ+-]*$")  # numbers and times, which are read as such
WHY = {
    "flips": [{"fact": EVIL, "outcome": EVIL}],
    "views": [
        {
            "position": 1,
            "rule": EVIL,
            "verdict": EVIL,
            "candidates": [
                {"label": EVIL, "is_ok": False, "checks": [{"words": EVIL}]},
                {"label": EVIL, "is_ok": True, "checks": [{"words": EVIL}]},
            ],
        }
    ],
}
LISTEN = """
    window.refusals = [];
    document.addEventListener("securitypolicyviolation", (event) =>
        window.refusals.push(`${event.violatedDirective}: ${event.blockedURI}`));
"""
LOOK = """() => ({
    elements: document.querySelectorAll("[data-evil], img[src='x']").length,
    links: document.querySelectorAll("[href^='javascript:']").length,
    title: document.title,
    refusals: window.refusals,
    shown: document.body.textContent.includes("data-evil")
        || [...document.querySelectorAll("input, textarea")].some(
            (field) => field.value.includes("data-evil")),
})"""


@pytest.fixture
def everything(transactional_db: None) -> Any:
    """A row of every kind around one order, each written by somebody who means harm."""
    order = order_rows.OrderFactory(
        state="failed",
        picture={"order_number": EVIL, "ship_to": {"city": EVIL}, "status": EVIL},
    )
    account = order.account
    order_rows.LineItemFactory(order=order)
    export = order_rows.ExportFactory(
        order=order, facts={"status": EVIL, "lines": [{"key": EVIL, "sku": EVIL}]}
    )
    shipment = order_rows.ShipmentFactory(export=export, account=account)
    order_rows.PackageFactory(shipment=shipment)
    order_rows.ShipmentLineFactory(shipment=shipment)
    order_rows.OrderExceptionFactory(order=order, account=account)
    order_rows.OverrideFactory(order=order, field="ship_to.city")
    order_rows.ProposalFactory(export=export)
    returned = order_rows.ReturnFactory(account=account)
    ReturnLine.objects.create(of_return=returned, quantity=1)
    line = order_rows.ExportLineFactory(export=export)
    order_rows.AllocationFactory(export=export, quantities={line.key: 1})
    Pick.objects.create(export=export, export_line=line, remote_legacy_id=1)
    RoutingDecision.objects.create(
        order=order, export=export, decided_at=now(), outcome="waits", **WHY
    )
    job = rows.SyncJobFactory(account=account, order=order, state="parked")
    body = rows.PayloadFactory(body=EVIL.encode())
    attempt = rows.SyncAttemptFactory(job=job, diff=[{"name": EVIL, "after": EVIL}])
    rows.RemoteCallFactory(attempt=attempt, sent=body, answer=body)
    cause = rows.CauseFactory(fingerprint="one", account=account)
    failure = rows.FailedPayloadFactory(
        job=job,
        attempt=attempt,
        fingerprint="one",
        payload=body,
        error_response=body,
        problems=[{"reason": EVIL, "field": EVIL, "value": EVIL, "code": "no.such"}],
    )
    retry = BulkRetry.objects.create(
        cause=cause, words=EVIL, total=1, created_at=now(), stage="stopped"
    )
    BulkRetryItem.objects.create(
        retry=retry, failure=failure, position=0, result="same"
    )
    rows.WebhookDeliveryFactory(
        registration__account=account, order=order, payload=body
    )
    _talk_about(order)
    accounts.BrandFactory(account=account)
    accounts.ScopedSettingFactory(key="late_after_seconds", value=600)
    accounts.AccountAccessFactory(account=account)
    accounts.AuditFactory(account=account, at=now(), after={EVIL: EVIL})
    _stock_of(order)
    for kind in ("shipping_methods", "sku_aliases"):
        row = {"from": EVIL, "to": EVIL, "carrier": EVIL, "method": EVIL}
        ConfigVersion.objects.create(
            kind=kind,
            account=account,
            number=1,
            document={"policy": "block", "rows": [row]},
            created_at=now(),
        )
    poison()
    return order


def _stock_of(order: Any) -> None:
    account = order.account
    place = inventory.WarehouseFactory(account=account)
    product = inventory.ProductFactory(account=account, is_kit=True)
    inventory.KitComponentFactory(product=product)
    inventory.ProductCaseFactory(product=product)
    inventory.HolidayFactory(warehouse=place)
    inventory.TransitTimeFactory(warehouse=place)
    inventory.StockPointFactory(warehouse=place)
    inventory.StockLevelFactory(account=account, warehouse=place)
    inventory.StockMovementFactory(account=account, warehouse=place)
    inventory.StockDiscrepancyFactory(account=account, warehouse=place)
    inventory.StockSnapshotFactory(account=account)
    inventory.AvailabilityFactory(account=account, warehouse=place)
    inventory.AvailabilityRunFactory(account=account)
    inventory.SourceProductFactory(organization=order.organization)
    inventory.UnitFactorFactory(account=account)
    inventory.ExpectedGoodsFactory(account=account)


def _talk_about(order: Any) -> None:
    rows.SyncCursorFactory()
    rows.HeartbeatFactory()
    rows.ExceptionRowFactory()
    rows.SalesforceListenerFactory(organization=order.organization)
    message = rows.SalesforceMessageFactory(organization=order.organization)
    SalesforceNotification.objects.create(
        message=message, organization=message.organization, received_at=now()
    )
    rows.SalesforceRequestFactory()
    rows.OutgoingMailFactory()
    accounts.ApiTokenFactory()


def poison() -> None:
    for label in OUR_APPS:
        tables = apps.get_app_config(label).get_models()
        for model in (one for one in tables if one._meta.managed):
            written = list(model._default_manager.all())
            assert written or model.__name__ in UNMADE, f"no {model.__name__} was made"
            for row in written:
                values = dict(_poisoned(row))
                if values:
                    # Past the tables that only ever grow.
                    found = model._default_manager.filter(pk=row.pk)
                    models.QuerySet.update(found, **values)


def _poisoned(row: Any) -> Iterator[tuple[str, Any]]:
    for field in row._meta.concrete_fields:
        name = f"{type(row).__name__}.{field.name}"
        if field.choices or field.primary_key or name in OURS:
            continue
        if type(field) in TEXTS and field.name not in LOOKED_UP:
            evil = ADDRESS if "url" in field.name else EVIL
            room = field.max_length or 1000
            # The key makes it another one in each row.
            fitting = (f"{one}{row.pk}" for one in (evil, SHORT, ""))
            yield field.name, next(one for one in fitting if len(one) <= room)
        elif isinstance(field, models.JSONField) and field.name != "document":
            yield field.name, _leaves(field.value_from_object(row))


def _leaves(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: inner if key in LOOKED_UP else _leaves(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_leaves(inner) for inner in value]
    if isinstance(value, str) and not PLAIN.match(value):
        return EVIL
    return value


def pages(order: Any) -> Iterator[tuple[str, bool]]:
    """Every address, and whether it must show some of what was written."""
    yield reverse("admin:index"), False
    yield from ((reverse(f"admin:{name}"), False) for name in ("unmapped", "mail"))
    yield reverse("admin:failures"), True
    yield reverse("admin:retry_preview"), False
    yield reverse("admin:config"), True
    yield reverse("admin:find", query={"q": EVIL}), True
    yield reverse("admin:find", query={"q": "data-evil"}), True
    failure = order.failures.get()
    yield reverse("admin:cause", args=[rows.Cause.objects.get().pk]), True
    yield reverse("admin:bulk_retry", args=[BulkRetry.objects.get().pk]), True
    yield reverse("admin:connectors_failedpayload_change", args=[failure.pk]), True
    account = order.account_id
    yield f"/admin/config/account/{account}/kind/shipping_methods/", True
    yield f"/admin/maps/{account}/shipping_methods/", True
    yield f"/admin/maps/{account}/sku_aliases/", True
    yield f"/admin/routing/{account}/", True
    yield f"/admin/checks/{account}/", True
    yield f"/admin/mapping/{order.organization_id}/", True
    for model in admin.site._registry:
        meta = model._meta
        if meta.app_label not in OUR_APPS:
            continue
        row = model._default_manager.first()
        assert row is not None
        stem = f"admin:{meta.app_label}_{meta.model_name}"
        yield reverse(f"{stem}_changelist"), False
        # These two hold numbers, keys and what only we write.
        is_silent = meta.model_name in {"scopedsetting", "synccursor"}
        yield reverse(f"{stem}_change", args=[row.pk]), not is_silent


def test_what_strangers_wrote_is_text_on_every_page(
    open_page: Any, everything: Any
) -> None:
    page = open_page("integrator")
    page.add_init_script(LISTEN)
    wrong = []
    for address, must_show in pages(everything):
        answer = page.goto(address)
        found = page.evaluate(LOOK)
        if answer.status != 200:
            wrong.append(f"{address}: {answer.status}")
        if found["elements"] or found["links"] or found["title"] == "taken":
            wrong.append(f"{address}: it became an element, a link or a script")
        if found["refusals"]:
            wrong.append(f"{address}: {', '.join(found['refusals'])}")
        if must_show and not found["shown"]:
            wrong.append(f"{address}: nothing of it is shown")

    assert not wrong, "\n".join(wrong)
