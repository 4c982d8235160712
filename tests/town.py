"""Both worlds, the real clients and the engine in one process, on one hand-moved clock."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client as WebClient
from django.utils import timezone

from connectors import queue
from connectors.accounts.models import Account, Credential, Organization, ScopedSetting
from connectors.config_versions import ConfigKind
from connectors.http import RemoteSession
from connectors.models import SyncJob
from connectors.salesforce.source_mapping import DEFAULT_MAPPING
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
from connectors.sync import clients, config, engine, listeners, recurring
from connectors.sync.windows import cursor_of
from orders.models import Order

START = datetime(2026, 11, 27, 6, 0, tzinfo=UTC)  # Black Friday, before the shift
SALESFORCE = "https://acme.my.salesforce.com"
SHIPHERO = "https://public-api.shiphero.com"
# Rounds that stories about orders can do without; they make up half of all work.
ASIDE = (
    *("pull_products", "poll_stock", "pull_stock_snapshot", "thin_stock"),
    *("update_availability", "push_availability", "watch_routing"),
    *("answer_requests", "poll_returns", "poll_purchases"),
)
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
# The login has the rights of the package, and what maps of the town's own need besides.
RIGHTS = {
    "rights_of_the_package": True,
    "granted_fields": [
        *("Order.Description", "Order.BillingAddress", "OrderItem.Description"),
    ],
}
METHODS = {
    "Ground": {"carrier": "ups", "method": "ups_ground", "title": "UPS Ground"},
    "Express": {"carrier": "fedex", "method": "fedex_2_day", "title": "FedEx 2Day"},
}


def _set_clocks(monkeypatch: pytest.MonkeyPatch, now: Callable[[], datetime]) -> None:
    """Whoever asks Django for the time gets the town's, under whatever name."""
    real = timezone.now
    ours = ("connectors.", "inventory.", "orders.")
    for name, module in list(sys.modules.items()):
        if name.startswith(ours) and getattr(module, "now", None) is real:
            monkeypatch.setattr(module, "now", now)
    monkeypatch.setattr(timezone, "now", now)


class Town:
    """One organization, one warehouse account, and the workshop between them."""

    most_jobs = 500  # of one tick: more than a town of a few orders ever needs

    def __init__(  # noqa: PLR0913 - a town is its circumstances
        self,
        monkeypatch: pytest.MonkeyPatch,
        *,
        seed: int = 0,
        fault_rate: float = 0.0,
        switches: dict[str, Any] | None = None,
        salesforce_switches: dict[str, Any] | None = None,
        settle: bool = True,
        start: datetime = START,
    ) -> None:
        self.start = start
        self.clock = ManualClock(start)
        self.web = WebClient()
        self.salesforce = SalesforceWorld(
            clock=self.clock,
            faults=FaultPlan(seed=seed, rate=fault_rate),
            switches={**RIGHTS, **(salesforce_switches or {})},
            send=self._tell,
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
        # What arrives is stamped by the town's clock too: by the calendar on the wall it
        # would be due long before the workers look, or, after the town's day, never.
        _set_clocks(monkeypatch, self.now)
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
            is_sandbox=True,
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
            export_from=self.start,
        )
        config.save(
            kind=ConfigKind.SHIPPING_METHODS,
            account=self.account,
            document=METHODS,
            user=None,
            now=self.start,
        )
        for name, category in (("Canceled", "Activated"),):
            with self.salesforce.turn():
                self.salesforce.add_order_status(name, category)
        self._products: dict[str, str] = {}
        for sku in ("MUG", "TEE", "CAP"):
            self._products[sku] = self.desk.create_product(sku, sku.title(), 10.0)
            self.shiphero.seed_product(sku, sku.title(), {"Primary": 1000})
        recurring.ensure(now=self.start)
        for name in ("orders", "shipments", "returns", "purchases"):
            cursor = cursor_of(
                f"shiphero_{name}:{self.account.pk}", account=self.account
            )
            # As after quiet weeks: the first sweep needs no growing windows.
            cursor.last_record_id = str(timedelta(days=10).total_seconds())
            cursor.save()

    def second_account(
        self, name: str = "Beta warehouse", prefix: str = "BET"
    ) -> Account:
        """Another account behind the same login, live, that knows the same methods."""
        other = Account.objects.create(
            name=name,
            organization=self.organization,
            credential=self.account.credential,
            key_prefix=prefix,
            paused=False,
            export_from=self.account.export_from,
        )
        config.save(
            kind=ConfigKind.SHIPPING_METHODS,
            account=other,
            document=METHODS,
            user=None,
            now=self.now(),
        )
        return other

    def mapped(self, field: str, path: str) -> None:
        """Read one more field of ours from there in Salesforce."""
        mapping = DEFAULT_MAPPING.to_document()
        mapping["fields"].append({"field": field, "path": path})
        config.save(
            kind=ConfigKind.SOURCE_MAPPING,
            organization=self.organization,
            document=mapping,
            user=None,
            now=self.now(),
        )

    def leave_rounds_aside(self) -> None:
        """Go no more of the rounds named in ASIDE."""
        SyncJob.objects.filter(kind__in=ASIDE, subject="all").delete()

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

    def _tell(self, url: str, headers: dict[str, str], body: bytes) -> int:
        """An outbound message on its way: acknowledged exactly, or not at all."""
        path = "/webhooks/" + url.split("/webhooks/", 1)[1]
        answer = self.web.generic(
            "POST", path, body, content_type=headers["Content-Type"]
        )
        taken = answer.status_code == 200 and b"<Ack>true</Ack>" in answer.content
        return answer.status_code if taken or answer.status_code != 200 else -1

    def listens(self) -> None:
        """Salesforce sends its outbound messages to us from now on."""
        listener = listeners.listener_of(self.organization, now=self.now())
        endpoint = f"https://shipsync.example/webhooks/salesforce/{listener.token}/"
        self.salesforce.switches["outbound_endpoint"] = endpoint

    def tick(self, seconds: float) -> None:
        """Let time pass and everything that is due by then happen."""
        self.clock.advance(seconds)
        self.salesforce.run_due()
        self.shiphero.run_due()
        self.work()

    def work(self, most: int = 0) -> int:
        """The workers' part alone: run jobs until none is due."""
        ran, most = 0, most or self.most_jobs
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
