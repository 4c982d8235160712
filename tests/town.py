"""Both worlds, the real clients and the engine in one process, on one hand-moved clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client as WebClient

from connectors import queue
from connectors.accounts.models import Account, Credential, Organization, ScopedSetting
from connectors.http import RemoteSession
from connectors.models import ConfigKind, SyncJob
from connectors.sandbox.faults import FaultPlan
from connectors.sandbox.salesforce import judge as salesforce_judge
from connectors.sandbox.salesforce.oauth import ClientApp
from connectors.sandbox.salesforce.sales import SalesDesk
from connectors.sandbox.salesforce.server import SalesforceApp
from connectors.sandbox.salesforce.world import SalesforceWorld
from connectors.sandbox.shiphero import judge as shiphero_judge
from connectors.sandbox.shiphero.server import ShipHeroSandbox
from connectors.sandbox.shiphero.world import REFRESH_TOKEN, ShipHeroWorld
from connectors.sandbox.wire import InProcessAdapter
from connectors.sandbox.world import ManualClock
from connectors.sync import clients, config, engine, recurring
from orders.models import Order

START = datetime(2026, 11, 27, 6, 0, tzinfo=UTC)  # Black Friday, before the shift
SALESFORCE = "https://acme.my.salesforce.com"
SHIPHERO = "https://public-api.shiphero.com"
SHIP_TO = {
    "first_name": "Ada",
    "last_name": "Byron",
    "street": "12 Mill Lane",
    "city": "Tulsa",
    "state": "OK",
    "postal_code": "74103",
    "country": "US",
    "email": "ada@customer.example",
    "phone": "+1 918 555 0100",
}
METHODS = {
    "Ground": {"carrier": "ups", "method": "ups_ground", "title": "UPS Ground"},
    "Express": {"carrier": "fedex", "method": "fedex_2_day", "title": "FedEx 2Day"},
}


class Town:
    """One organization, one warehouse account, and the workshop between them."""

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        *,
        seed: int = 0,
        fault_rate: float = 0.0,
        switches: dict[str, Any] | None = None,
        salesforce_switches: dict[str, Any] | None = None,
        settle: bool = True,
    ) -> None:
        self.clock = ManualClock(START)
        self.web = WebClient()
        self.salesforce = SalesforceWorld(
            clock=self.clock,
            faults=FaultPlan(seed=seed, rate=fault_rate),
            switches=salesforce_switches,
        )
        self.shiphero = ShipHeroWorld(
            clock=self.clock,
            faults=FaultPlan(seed=seed, rate=fault_rate),
            switches=switches,
            send=self._deliver,
            probe=lambda url: 200,
        )
        self.desk = SalesDesk(self.salesforce)
        self._salesforce_app = SalesforceApp(
            self.salesforce, ClientApp("key", "secret"), SALESFORCE
        )
        self._shiphero_app = ShipHeroSandbox(self.shiphero).app
        monkeypatch.setattr(clients, "build_session", self._session)
        monkeypatch.setattr(clients.descriptions, "kept", {})
        monkeypatch.setattr(queue, "bells", lambda lanes: None)
        self._set_up()
        if settle:
            self.tick(1)

    # -- set-up ----------------------------------------------------------------

    def _session(self, credential: Credential, name_call: Any) -> RemoteSession:
        session = RemoteSession(name_call=name_call)
        session.mount(SALESFORCE, InProcessAdapter(self._salesforce_app))
        session.mount(SHIPHERO, InProcessAdapter(self._shiphero_app))
        return session

    def _set_up(self) -> None:
        self.organization = Organization.objects.create(
            name="Acme",
            credential=Credential.objects.create(
                system="salesforce",
                name="Acme",
                settings={"client_id": "key", "domain": "acme.my"},
                secrets={"client_secret": "secret"},
            ),
        )
        self.account = Account.objects.create(
            name="Acme warehouse",
            organization=self.organization,
            credential=Credential.objects.create(
                system="shiphero",
                name="Acme",
                settings={"base_url": SHIPHERO},
                secrets={"refresh_token": REFRESH_TOKEN},
            ),
            key_prefix="ACM",
            paused=False,
            export_from=START,
        )
        config.save(
            kind=ConfigKind.SHIPPING_METHODS,
            account=self.account,
            document=METHODS,
            user=None,
            now=START,
        )
        for name, category in (("Canceled", "Activated"),):
            with self.salesforce.turn():
                self.salesforce.add_order_status(name, category)
        self._products: dict[str, str] = {}
        for sku in ("MUG", "TEE", "CAP"):
            self._products[sku] = self.desk.create_product(sku, sku.title(), 10.0)
            self.shiphero.seed_product(sku, sku.title(), {"Primary": 1000})
        recurring.ensure(now=START)

    def setting(self, key: str, value: int) -> None:
        ScopedSetting.objects.update_or_create(key=key, defaults={"value": value})

    # -- what happens ----------------------------------------------------------

    def order(self, *lines: tuple[str, float], **fields: Any) -> str:
        """A sales person's activated order; answers its Salesforce id."""
        values: dict[str, Any] = {
            "ship_to": dict(SHIP_TO),
            "ShipSync_Shipping_Method__c": "Ground",
            **fields,
        }
        return self.desk.create_order(lines=lines or (("MUG", 2), ("TEE", 1)), **values)

    def now(self) -> datetime:
        return self.clock.now()

    def _deliver(self, url: str, headers: dict[str, str], body: bytes) -> int:
        path = "/webhooks/" + url.split("/webhooks/", 1)[1]
        answer = self.web.generic(
            "POST",
            path,
            body,
            content_type=headers.get("Content-Type", "application/json"),
            headers={k: v for k, v in headers.items() if k != "Content-Type"},
        )
        return answer.status_code

    def tick(self, seconds: float) -> None:
        """Let time pass and everything that is due by then happen."""
        self.clock.advance(seconds)
        self.salesforce.run_due()
        self.shiphero.run_due()
        self.work()

    def work(self, most: int = 500) -> int:
        """The workers' part alone: run jobs until none is due."""
        ran = 0
        while ran < most:
            once = engine.work_once(clock=self.now)
            if not once:
                return ran
            ran += once
        raise AssertionError(f"The workers do not come to rest: {self.waiting()}")

    def run(self, minutes: float = 10, step: float = 5) -> None:
        """Live through that long."""
        ends = self.now() + timedelta(minutes=minutes)
        while self.now() < ends:
            self.tick(step)

    # -- what is seen ----------------------------------------------------------

    def mirror(self, salesforce_id: str) -> Order:
        return Order.objects.get(salesforce_id=salesforce_id)

    def in_salesforce(self, salesforce_id: str) -> dict[str, Any]:
        return salesforce_judge.order(self.salesforce, salesforce_id)

    def lines(self, salesforce_id: str) -> list[dict[str, Any]]:
        return salesforce_judge.lines(self.salesforce, salesforce_id)

    def product(self, sku: str) -> str:
        return self._products[sku]

    def packages(self, salesforce_id: str) -> list[dict[str, Any]]:
        return salesforce_judge.packages(self.salesforce, salesforce_id)

    def key(self, salesforce_id: str, generation: int = 1) -> str:
        return f"ACM-{salesforce_id}-{generation}"

    def in_warehouse(self, salesforce_id: str) -> list[dict[str, Any]]:
        """Every order made there with this order's key, canceled ones included."""
        by_key = shiphero_judge.orders_by_key(self.shiphero)
        return by_key.get(self.key(salesforce_id), [])

    def waiting(self) -> list[str]:
        rows = SyncJob.objects.exclude(state="done")
        return [f"{job.key} {job.state} {job.note} {job.last_reason}" for job in rows]
