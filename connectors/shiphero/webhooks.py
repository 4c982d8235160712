"""Webhooks of an account: registered, listed, switched on, deleted."""

from __future__ import annotations

from connectors.shiphero.account import RegisteredWebhook, WebhookFacts, webhook_from
from connectors.shiphero.calls import SECRET_FIELD, Caller, no_object
from connectors.shiphero.reading import OrderReader
from connectors.shiphero.values import text_of


class WebhookDesk:
    """The webhook side of an account's client; raises as the client does."""

    def __init__(
        self,
        caller: Caller,
        reader: OrderReader,
        *,
        customer: dict[str, str],
    ) -> None:
        self._caller = caller
        self._reader = reader
        self._customer = customer

    def register(self, name: str, url: str, shop_name: str) -> RegisteredWebhook:
        """`shop_name` is a free label; (account, name, label) is the identity."""
        payload = self._caller.run(
            "webhook_create",
            {
                "data": {"name": name, "url": url, "shop_name": shop_name}
                | self._customer
            },
        )
        made = payload.get("webhook") or {}
        secret = made.get(SECRET_FIELD)
        if not isinstance(secret, str) or not secret:
            raise no_object("webhook_create", is_write=True)
        return RegisteredWebhook(text_of(made.get("id")), secret)

    def delete(self, name: str, shop_name: str) -> None:
        self._caller.run(
            "webhook_delete",
            {"data": {"name": name, "shop_name": shop_name} | self._customer},
        )

    def enable(self, remote_id: str) -> None:
        """Switches a registration on again that ShipHero switched off as unhealthy."""
        self._caller.run(
            "webhook_enable", {"data": {"webhook_id": remote_id} | self._customer}
        )

    def registered(self) -> list[WebhookFacts]:
        return [
            webhook_from(node)
            for page in self._reader.pages("webhooks", self._customer)
            for node in page.nodes
        ]
