"""Webhook registrations: webhook_create and its siblings."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from connectors.sandbox.shiphero import ids
from connectors.sandbox.shiphero.errors import NOT_FOUND, Refusal

if TYPE_CHECKING:
    from connectors.sandbox.shiphero.world import ShipHeroWorld
    from connectors.sandbox.world import Document

NAMES = [
    "Inventory Update",
    "Inventory Change",
    "Shipment Update",
    "Order Allocated",
    "Order Deallocated",
    "Order Canceled",
    "Order Packed Out",
    "Package Added",
    "Tote Complete",
    "Tote Cleared",
    "Return Update",
    "PO Update",
    "Capture Payment",
    "Print Barcode",
    "Shipment ASN",
    "Generate Label",
    "Automation Rules",
    "Product Update",
    "Work Order Status Update",
]


class Registrations:
    """Who wants to hear of what. Identity is (account, name, shop_name)."""

    def __init__(self, world: ShipHeroWorld) -> None:
        self.world = world

    def register(self, data: Document) -> Document:
        """webhook_create. Its answer is the only one that holds the secret."""
        account = self.world.account_for(data.get("customer_account_id"))
        self._check(account["id"], data)
        webhook_id, number = ids.new(self.world, "Webhook")
        webhook = {
            "id": webhook_id,
            "legacy_id": number,
            "account_id": account["id"],
            "shop_name": data.get("shop_name") or "",
            "name": data["name"],
            "url": data["url"],
            "source": "api",
            "secret": secrets.token_hex(16),
            "enabled": data.get("enabled") is not False,
            "health": "HEALTHY",
            "failures": 0,
            "created_at": self.world.stamp(),
            "updated_at": self.world.stamp(),
            "last_enabled_change": self.world.stamp(),
        }
        self.world.put("webhook", webhook_id, webhook)
        return webhook | {"shared_signature_secret": webhook["secret"]}

    def unregister(self, data: Document) -> None:
        """webhook_delete: by name and shop_name, not by id."""
        account = self.world.account_for(data.get("customer_account_id"))
        found = self._same(account["id"], data)
        if not found:
            raise Refusal("Webhook not found", NOT_FOUND)
        for webhook in found:
            self.world.remove("webhook", webhook["id"])

    def switch(self, data: Document, *, enabled: bool) -> Document:
        """webhook_enable, which makes it healthy again, and webhook_disable."""
        webhook = self._find(data)
        webhook |= {"enabled": enabled, "last_enabled_change": self.world.stamp()}
        if enabled:
            webhook |= {"health": "HEALTHY", "failures": 0}
        return self._touch(webhook)

    def readdress(self, data: Document) -> Document:
        """webhook_update_url."""
        webhook = self._find(data)
        self._check_url(data)
        webhook["url"] = data["url"]
        return self._touch(webhook)

    def _find(self, data: Document) -> Document:
        webhook = self.world.get("webhook", data["webhook_id"])
        if webhook is None:
            raise Refusal("Webhook not found", NOT_FOUND)
        return webhook

    def _touch(self, webhook: Document) -> Document:
        webhook["updated_at"] = self.world.stamp()
        return self.world.put("webhook", webhook["id"], webhook)

    def _check(self, account_id: str, data: Document) -> None:
        if data["name"] not in NAMES:
            raise Refusal(f"Invalid webhook name: {data['name']}")
        self._check_url(data)
        if (
            self._same(account_id, data)
            and self.world.switches["duplicate_webhook"] == "reject"
        ):
            raise Refusal("A webhook with this name and shop_name already exists")

    def _check_url(self, data: Document) -> None:
        if self.world.switches["https_only"] and not data["url"].startswith("https:"):
            raise Refusal("The webhook URL must be https")
        if self.world.switches["head_check"] and data.get("probed") != 200:
            raise Refusal("The webhook URL did not answer a HEAD request")

    def _same(self, account_id: str, data: Document) -> list[Document]:
        return [
            webhook
            for webhook in self.world.every("webhook")
            if webhook["account_id"] == account_id
            and webhook["name"] == data["name"]
            and webhook["shop_name"] == (data.get("shop_name") or "")
        ]
