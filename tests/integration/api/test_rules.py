"""Maps, routing rules and overrides over REST, by role."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.timezone import now

from connectors.accounts.models import Audit
from connectors.config_versions import ConfigKind, ConfigVersion
from connectors.sync import grounds
from inventory.models import Availability, Warehouse
from tests.integration.api.conftest import Records, client_of, post

ROLES = ("viewer", "operator", "lead", "integrator", "auditor")
DRAFT = {"rules": [{"name": "All", "warehouses": ["nv"]}]}


@pytest.fixture(autouse=True)
def _place(records: Records) -> None:
    row = Warehouse.objects.create(
        account=records.account, remote_id="nv", name="Nevada"
    )
    Availability.objects.create(
        account=records.account,
        warehouse=row,
        sku="SKU-1",
        quantity=5,
        stock_read_at=now(),
        computed_at=now(),
    )


def path(records: Records, deed: str) -> str:
    return f"/api/v1/rules/{records.account.pk}/{deed}/"


@pytest.mark.parametrize("role", ROLES)
def test_everybody_weighs_and_only_integrators_save(
    records: Records, role: str
) -> None:
    client = client_of(role)
    draft = {"kind": "sku_aliases", "document": {"rows": [{"from": "A", "to": "B"}]}}
    weighed = post(client, path(records, "impact"), draft)
    assert (weighed.status_code, weighed.json()["words"]) == (
        200,
        "changes no open order",
    )
    saved = post(client, path(records, "save"), draft)
    assert saved.status_code == (200 if role == "integrator" else 403)
    count = ConfigVersion.objects.filter(kind=ConfigKind.SKU_ALIASES).count()
    assert count == Audit.objects.filter(action="change_config").count()
    assert bool(count) is (role == "integrator")


def test_a_table_is_read_with_its_faults_and_becomes_a_document(
    records: Records,
) -> None:
    client = client_of("integrator")
    asked = {"kind": "sku_aliases", "text": "A,B\nC,"}
    read = post(client, path(records, "read"), asked).json()
    assert read["faults"] == [{"line": 2, "words": "“C” is mapped to nothing."}]
    draft = {"kind": "sku_aliases", "document": read["document"], "base": 0}
    assert post(client, path(records, "save"), draft).json()["number"] == 1
    again = post(client, path(records, "save"), draft)
    assert (again.status_code, list(again.json())) == (400, ["base"])
    shown = client.get(path(records, "documents/sku_aliases")).json()
    assert shown["document"]["rows"] == [{"from": "A", "to": "B"}]


def test_rules_are_tried_and_replayed_and_nothing_is_kept(records: Records) -> None:
    client = client_of("viewer")
    asked = {"order": records.order.order_number, "document": DRAFT}
    tried = post(client, path(records, "try"), asked)
    assert [one["title"] for one in tried.json()] == ["Rules in force", "This draft"]
    replayed = post(client, path(records, "replay"), {"days": 7, "document": DRAFT})
    assert replayed.json()["orders"] == 1
    bad = post(client, path(records, "replay"), {"days": 7, "document": {"rules": 3}})
    assert (bad.status_code, list(bad.json())) == (400, ["document"])
    assert not ConfigVersion.objects.exists()
    assert client.get(path(records, "unmapped")).json() == []


@pytest.mark.parametrize("role", ROLES)
def test_operators_choose_an_orders_warehouse(records: Records, role: str) -> None:
    client = client_of(role)
    order: Any = records.order
    there = f"/api/v1/orders/{order.pk}/ship-from/"
    answer = post(client, there, {"warehouse": "nevada", "why": "Picked up there."})
    may = role in {"operator", "lead", "integrator"}
    assert answer.status_code == (200 if may else 403)
    assert bool(grounds.live_override(order, now=now())) is may
    if may:
        unknown = post(client, there, {"warehouse": "Mars", "why": "Why not?"})
        assert unknown.status_code == 409
        ended = post(client, f"/api/v1/orders/{order.pk}/ship-by-rule/")
        assert ended.status_code == 200
        assert grounds.live_override(order, now=now()) is None


def test_another_accounts_rules_do_not_exist(records: Records, others: Records) -> None:
    client = client_of("integrator", account=records.account)
    assert client.get(path(others, "unmapped")).status_code == 404
    assert client.get("/api/v1/decisions/").json()["results"] == []
