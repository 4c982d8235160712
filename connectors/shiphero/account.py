"""What ShipHero says of an account: whose it is, its credits, its registrations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.shiphero.values import Node, int_of, text_of


@dataclass(frozen=True, slots=True)
class RegisteredWebhook:
    """`secret` signs the deliveries; ShipHero tells it this once."""

    remote_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class WebhookFacts:
    """A registration as ShipHero lists it; `health` is its own word."""

    remote_id: str
    name: str
    url: str
    shop_name: str
    is_enabled: bool | None
    health: str


@dataclass(frozen=True, slots=True)
class Quota:
    """Credits left, the bucket's size, and its refill per second."""

    remaining: int
    capacity: int
    rate: int


@dataclass(frozen=True, slots=True)
class WarehouseFacts:
    remote_id: str
    legacy_id: int | None
    name: str


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """Whose token this is: `fingerprint` must not change under one credential."""

    remote_id: str
    legacy_id: int | None
    is_3pl: bool
    is_multi_warehouse: bool
    warehouses: tuple[WarehouseFacts, ...]

    @property
    def fingerprint(self) -> str:
        return self.remote_id


def webhook_from(node: Node) -> WebhookFacts:
    return WebhookFacts(
        remote_id=text_of(node.get("id")),
        name=text_of(node.get("name")),
        url=text_of(node.get("url")),
        shop_name=text_of(node.get("shop_name")),
        is_enabled=node.get("enabled"),
        health=text_of(node.get("health")),
    )


def account_from(node: Node) -> AccountFacts:
    return AccountFacts(
        remote_id=text_of(node.get("id")),
        legacy_id=int_of(node.get("legacy_id")),
        is_3pl=bool(node.get("is_3pl")),
        is_multi_warehouse=bool(node.get("is_multi_warehouse")),
        warehouses=tuple(
            WarehouseFacts(
                remote_id=text_of(row.get("id")),
                legacy_id=int_of(row.get("legacy_id")),
                name=text_of(row.get("identifier")),
            )
            for row in node.get("warehouses") or []
            if isinstance(row, Mapping)
        ),
    )
