"""A second order with our key: canceled by itself only if nothing can be lost by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.sync.reconcile import is_harmless
from orders.models import Export
from orders.records import MISSING, HoldKind, RemoteOrder
from tests.factories.orders import ExportFactory


@pytest.fixture
def export() -> Export:
    return ExportFactory.build()


@pytest.fixture
def extra(export: Export) -> RemoteOrder:
    return RemoteOrder(
        remote_id="T3JkZXI6Mg==",
        legacy_id=2,
        key=export.key,
        order_number="1001",
        status="pending",
        read_at=datetime(2026, 1, 5, 9, 0, tzinfo=UTC),
        holds=frozenset({HoldKind(export.account.hold_kind)}),
        tags=(export.account.own_tag,),
        source="api",
        shipments=(),
    )


def test_what_we_made_and_hold_is_harmless(extra: RemoteOrder, export: Export) -> None:
    assert is_harmless(extra, export)


@pytest.mark.parametrize(
    "read",
    [
        {"holds": frozenset()},
        {"holds": frozenset({HoldKind.FRAUD})},
        {"holds": MISSING},
        {"tags": ("vip",)},
        {"tags": MISSING},
        {"source": "manual"},
        {"source": ""},
        {"shipments": ("one",)},
        {"shipments": MISSING},
    ],
    ids=str,
)
def test_without_one_sign_it_is_a_persons_to_decide(
    extra: RemoteOrder, export: Export, read: dict[str, Any]
) -> None:
    assert not is_harmless(replace(extra, **read), export)


def test_without_a_hold_kind_nothing_is(extra: RemoteOrder, export: Export) -> None:
    export.account.hold_kind = ""

    assert not is_harmless(extra, export)
