"""The account: who owns what, what time it is here, and which rule acts when."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.sandbox.faults import FaultPlan
from connectors.sandbox.shiphero import graph, ids, snapshots
from connectors.sandbox.shiphero import switches as switchboard
from connectors.sandbox.shiphero.credits import Bucket, RequestCap
from connectors.sandbox.shiphero.errors import NOT_FOUND, Refusal
from connectors.sandbox.shiphero.floor import Floor
from connectors.sandbox.shiphero.hooks import Postman, Probe, head, post
from connectors.sandbox.shiphero.orders import run_process
from connectors.sandbox.shiphero.registrations import Registrations
from connectors.sandbox.shiphero.staff import Staff
from connectors.sandbox.shiphero.stock import seed_stock
from connectors.sandbox.shiphero.stockroom import Stockroom
from connectors.sandbox.shiphero.tokens import Tokens
from connectors.sandbox.world import Document, SandboxClock, Sender, World

USERNAME = "ops@sandbox.example"
PASSWORD = "sandbox-password"  # noqa: S105 - the demonstration's public login
PUBLIC_URL = "https://public-api.shiphero.com"
REFRESH_TOKEN = "sandbox-refresh-token"  # noqa: S105 - likewise

WAREHOUSE_ADDRESS = {
    "name": "Sandbox Warehouse",
    "address1": "1 Dock Street",
    "address2": "",
    "city": "Louisville",
    "state": "KY",
    "country": "US",
    "zip": "40213",
    "phone": "5555550100",
}


class ShipHeroWorld(World):
    """One ShipHero account, its customers, warehouses, stock, orders and floor.

    `send` posts a webhook and answers the HTTP status; `probe` asks a URL with
    HEAD. Both are called outside the world's lock. The webhooks that `run_due`
    found due are sent before it returns, unless `posts_itself` is off because
    threads of the process call `postman.send_waiting`. A new world's account gets
    `account_number`.
    """

    def __init__(  # noqa: PLR0913 - all by name, each with a default
        self,
        *,
        path: Path | None = None,
        clock: SandboxClock | None = None,
        faults: FaultPlan | None = None,
        switches: dict[str, Any] | None = None,
        send: Sender = post,
        probe: Probe = head,
        account_number: int = ids.FIRST_NUMBERS["Account"],
    ) -> None:
        super().__init__(path=path, clock=clock, faults=faults, switches=switches)
        kept = self.get("settings", "switches") or {}
        self.switches |= kept | switchboard.checked(switches or {})
        self.bucket = Bucket(self)
        self.tokens = Tokens(self)
        self.request_cap = RequestCap(self)
        self.postman = Postman(self, send=send, probe=probe)
        self.registrations = Registrations(self)
        self.floor = Floor(self)
        self.staff = Staff(self)
        self.stockroom = Stockroom(self)
        self.public_url = PUBLIC_URL
        self.posts_itself = True
        with self.turn():
            self._seed_account(account_number)

    # -- the world's machinery ---------------------------------------------

    def default_switches(self) -> dict[str, Any]:
        return switchboard.defaults()

    def set_switches(self, changes: dict[str, Any]) -> None:
        """They outlive a restart. ValueError for a name that is not a switch."""
        with self.turn():
            self.switches.update(switchboard.checked(changes))
            kept = self.get("settings", "switches") or {}
            self.put("settings", "switches", kept | changes)
            if changes.get("auto_floor"):
                self.floor.notice_all()

    def perform(self, action: str, args: Document) -> None:
        if action == "process":
            run_process(self, str(args["order_id"]))
        elif action == "floor":
            self.floor.step(args)
        elif action == "snapshot":
            snapshots.step(self, args)
        elif action == "deliver":
            self.postman.come_due(str(args["delivery_id"]))
        elif action == "land":
            self._land(args)
        else:
            super().perform(action, args)

    def _land(self, args: Document) -> None:
        """Execute a request whose sender has long stopped waiting."""
        document = graph.read(args["query"], args["operation_name"])
        graph.run(self, document, args["variables"])

    def run_due(self, limit: int = 1000) -> int:
        done = super().run_due(limit)
        if self.posts_itself:
            self.postman.send_waiting()
        return done

    # -- time ----------------------------------------------------------------

    def stamp(self, moment: datetime | None = None) -> str:
        """A time as this account writes it: UTC, whole seconds, no zone."""
        moment = moment or self.clock.now()
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")

    # -- accounts and places -------------------------------------------------

    @property
    def account(self) -> Document:
        return self.every("account")[0]

    def account_for(self, customer_account_id: str | None) -> Document:
        """The account an operation is for: our own, or the customer's named.

        Both forms of the id work, `QWNjb3VudDo3NTU3` and `7557`.
        """
        if not customer_account_id:
            return self.account
        for account in self.every("account"):
            if customer_account_id in (account["id"], str(account["legacy_id"])):
                return account
        raise Refusal("Account not found", NOT_FOUND)

    def warehouse_for(self, warehouse_id: str | None) -> Document:
        warehouse = self.get("warehouse", warehouse_id or "")
        if warehouse is None:
            raise Refusal("Warehouse not found", NOT_FOUND)
        return warehouse

    def warehouse_named(self, identifier: str) -> Document:
        """By display name or id; KeyError when there is none."""
        for warehouse in self.every("warehouse"):
            if identifier in (warehouse["identifier"], warehouse["id"]):
                return warehouse
        raise KeyError(identifier)

    # -- seeds ----------------------------------------------------------------

    def seed_warehouse(self, identifier: str) -> Document:
        """A warehouse of our account; the one there is, if it exists."""
        with self.turn():
            for warehouse in self.every("warehouse"):
                if warehouse["identifier"] == identifier:
                    return warehouse
            warehouse_id, number = ids.new(self, "Warehouse")
            document = {
                "id": warehouse_id,
                "legacy_id": number,
                "account_id": self.account["id"],
                "identifier": identifier,
                "dynamic_slotting": False,
                "invoice_email": None,
                "phone_number": "5555550100",
                "profile": "default",
                "address": dict(WAREHOUSE_ADDRESS),
                "return_address": dict(WAREHOUSE_ADDRESS),
                "company_name": "Sandbox Warehouse",
                "company_alias": None,
            }
            return self.put("warehouse", warehouse_id, document)

    def seed_customer(self, name: str) -> Document:
        """A customer account of ours, which makes us a 3PL."""
        with self.turn():
            self.account["is_3pl"] = True
            self.put("account", self.account["id"], self.account)
            return self._put_account(name, parent=self.account["id"])

    def seed_product(
        self,
        sku: str,
        name: str = "",
        on_hand: dict[str, int] | None = None,
        **more: Any,
    ) -> Document:
        """A product and its stock by warehouse name; known warehouses get 0.

        `more`: `customer_account_id`, `cases` (their sizes), any field of a product, and
        `components` ({sku: quantity}), which makes it a kit.
        """
        for identifier in on_hand or {}:
            self.seed_warehouse(identifier)
        with self.turn():
            return seed_stock(self, sku, name or sku, on_hand or {}, **more)

    def seed_rule(self, *, tag: str, **when: str) -> None:
        """An automation rule: orders whose `country`, `shop_name` or `sku` match
        all of `when` get `tag`."""
        with self.turn():
            number = self.next_number("rule")
            self.put("rule", str(number), {"tag": tag, "when": when})

    def _put_account(self, name: str, parent: str | None) -> Document:
        account_id, number = ids.new(self, "Account")
        document = {
            "id": account_id,
            "legacy_id": number,
            "email": f"{name.lower()}@sandbox.example",
            "username": name,
            "status": "active",
            "dynamic_slotting": False,
            "is_multi_warehouse": True,
            "is_3pl": False,
            "cycle_count_enabled": False,
            "ship_backorders": False,
            "parent": parent,
        }
        return self.put("account", account_id, document)

    def _seed_account(self, number: int) -> None:
        if self.every("account"):
            return
        self.put("counter", "Account", {"value": number - 1})
        self._put_account("Sandbox", parent=None)
        self.seed_warehouse("Primary")
        self.tokens.set_login(USERNAME, PASSWORD, REFRESH_TOKEN)
        self.put("rule", "0", {"tag": "domestic", "when": {"country": "US"}})
