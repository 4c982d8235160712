"""Talking to the two sandbox processes over their control endpoints."""

from __future__ import annotations

import time
from typing import Any

import requests

from connectors.demo.plan import NO_SKU, PRODUCTS, PlannedOrder

TIMEOUT = 30
HOME_WAREHOUSE = "Primary"
UNITS = 100_000


class Worlds:
    """Both sandboxes as the demonstration sees them: sales people, floor, ledgers."""

    def __init__(self, salesforce_url: str, shiphero_url: str) -> None:
        self.salesforce_url = salesforce_url
        self.shiphero_url = shiphero_url
        self._session = requests.Session()
        self._session.trust_env = False

    def await_start(self, seconds: float = 30) -> None:
        """Raises ConnectionError when they do not answer in time."""
        until = time.monotonic() + seconds
        for url in (self.salesforce_url, self.shiphero_url):
            while True:
                try:
                    self._get(f"{url}/_sandbox/state")
                    break
                except requests.ConnectionError:
                    if time.monotonic() > until:
                        raise
                    time.sleep(0.1)  # noqa: TID251 - another process is starting

    def seed_products(self) -> None:
        """The catalogue in both worlds, and stock; what is there already stays."""
        known = {row.get("ProductCode") for row in self.records("Product2")}
        for sku, name in PRODUCTS.items():
            if sku not in known:
                self.sell("create_product", sku=sku, name=name, price=12.0)
        if not any(row.get("Name") == NO_SKU for row in self.records("Product2")):
            made = self.sell("create_product", sku=NO_SKU, name=NO_SKU, price=3.0)
            self.sell(
                "edit_product", product_id=made, ProductCode=None, StockKeepingUnit=None
            )
        stock = {HOME_WAREHOUSE: UNITS}
        rows = [
            {"sku": sku, "name": name, "on_hand": stock}
            for sku, name in PRODUCTS.items()
        ]
        self._post(f"{self.shiphero_url}/_sandbox/products", {"products": rows})

    def place(self, planned: PlannedOrder) -> str:
        """A sales person enters and activates the order; answers its id."""
        return str(
            self.sell(
                "create_order",
                lines=[list(line) for line in planned.lines],
                ship_to=planned.ship_to,
                **planned.fields,
            )
        )

    def sell(self, action: str, **values: Any) -> Any:
        answer = self._post(f"{self.salesforce_url}/_sandbox/sales/{action}", values)
        return answer.get("result", answer.get("id"))

    def set_faults(self, *, seed: int, rate: float) -> None:
        for url in (self.salesforce_url, self.shiphero_url):
            self._post(f"{url}/_sandbox/faults", {"seed": seed, "rate": rate})

    def install_package(self, address: str) -> None:
        """As the package's README says: rights by its permission set, messages here."""
        url = f"{self.salesforce_url}/_sandbox/switches"
        values = {"rights_of_the_package": True, "outbound_endpoint": address}
        self._post(url, values)

    def records(self, sobject: str) -> list[dict[str, Any]]:
        answer = self._get(f"{self.salesforce_url}/_sandbox/records/{sobject}")
        return list(answer["records"])

    def warehouse(self) -> dict[str, Any]:
        """The warehouse's own summary, made from its ledger."""
        return dict(self._get(f"{self.shiphero_url}/_sandbox/state"))

    def _get(self, url: str) -> Any:
        answer = self._session.get(url, timeout=TIMEOUT)
        answer.raise_for_status()
        return answer.json()

    def _post(self, url: str, body: Any) -> Any:
        answer = self._session.post(url, json=body, timeout=TIMEOUT)
        if answer.status_code >= 400:
            raise RuntimeError(f"{url}: {answer.text[:300]}")
        return answer.json()
