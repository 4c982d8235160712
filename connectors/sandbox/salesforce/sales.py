"""What sales people do in the organisation, for demo, drills and tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from connectors.sandbox.salesforce.dml import Dml
from connectors.sandbox.salesforce.refusals import RefusedError
from connectors.sandbox.salesforce.transaction import Transaction
from connectors.sandbox.salesforce.world import SALES_USERNAME, SalesforceWorld

DEFAULT_ACCOUNT = "Sandbox Customer"

ADDRESS_FIELDS = {
    "street": "ShippingStreet",
    "city": "ShippingCity",
    "state": "ShippingState",
    "postal_code": "ShippingPostalCode",
    "country": "ShippingCountry",
    "state_code": "ShippingStateCode",
    "country_code": "ShippingCountryCode",
}
CONTACT_FIELDS = {
    "first_name": "FirstName",
    "last_name": "LastName",
    "email": "Email",
    "phone": "Phone",
}

Line = tuple[str, float] | tuple[str, float, float]


class SalesDesk:
    """Each method is one action of one user, under the same rules as the API.

    A refusal raises RefusedError and changes nothing. Other keyword arguments are
    fields by their Salesforce names. Other users see the effect after the switch
    `late_commit`.
    """

    def __init__(self, world: SalesforceWorld, username: str = SALES_USERNAME) -> None:
        self.world = world
        self.user_id = world.user_id(username)

    # -- customers and products ---------------------------------------------

    def create_account(self, name: str, **fields: Any) -> str:
        """Answers the account's id."""
        with self._action("create_account") as dml:
            return dml.create("Account", {"Name": name, **fields})

    def create_contact(
        self, account_id: str | None, last_name: str, **fields: Any
    ) -> str:
        """Answers the contact's id."""
        values = {"AccountId": account_id, "LastName": last_name, **fields}
        with self._action("create_contact") as dml:
            return dml.create("Contact", values)

    def create_product(
        self, sku: str, name: str, price: float, *, active: bool = True, **fields: Any
    ) -> str:
        """A product with its standard price; answers the product's id."""
        with self._action("create_product") as dml:
            product = {
                "Name": name,
                "ProductCode": sku,
                "StockKeepingUnit": sku,
                "IsActive": active,
                **fields,
            }
            product_id = dml.create("Product2", product)
            price_entry = {
                "Pricebook2Id": self.standard_pricebook,
                "Product2Id": product_id,
                "UnitPrice": price,
                "IsActive": True,
            }
            dml.create("PricebookEntry", price_entry)
            return product_id

    def edit_product(self, product_id: str, **fields: Any) -> None:
        with self._action("edit_product") as dml:
            dml.update("Product2", product_id, fields)

    # -- orders ----------------------------------------------------------------

    def create_order(
        self,
        *,
        lines: Iterable[Line],
        ship_to: Mapping[str, str] | None = None,
        account_id: str | None = None,
        activate: bool = True,
        **fields: Any,
    ) -> str:
        """A new order, activated unless told not to; answers its id.

        `lines` are (sku, quantity) or (sku, quantity, unit price). `ship_to` may
        hold street, city, state, postal_code, country, state_code, country_code,
        and first_name, last_name, email, phone of a contact that is created.
        """
        with self._action("create_order") as dml:
            account = account_id or self._default_account(dml)
            address, contact = self._ship_to(dml, account, ship_to or {})
            order = {
                "AccountId": account,
                "Pricebook2Id": self.standard_pricebook,
                "EffectiveDate": self.world.clock.now().date().isoformat(),
                "Status": "Draft",
                **address,
                **contact,
                **fields,
            }
            order_id = dml.create("Order", order)
            for line in lines:
                dml.create("OrderItem", self._line(order_id, *line))
        if activate:
            self.activate(order_id)
        return order_id

    def edit_order(self, order_id: str, **fields: Any) -> None:
        with self._action("edit_order") as dml:
            dml.update("Order", order_id, fields)

    def activate(self, order_id: str, status: str = "Activated") -> None:
        with self._action("activate") as dml:
            dml.update("Order", order_id, {"Status": status})

    def deactivate(self, order_id: str, status: str = "Draft") -> None:
        """Take an activated order back to draft."""
        with self._action("deactivate") as dml:
            dml.update("Order", order_id, {"Status": status})

    def delete_order(self, order_id: str) -> None:
        with self._action("delete_order") as dml:
            dml.delete("Order", order_id)

    def add_line(
        self, order_id: str, sku: str, quantity: float, unit_price: float | None = None
    ) -> str:
        """Answers the line's id. An activated order takes no new lines."""
        with self._action("add_line") as dml:
            line = self._line(order_id, sku, quantity, unit_price)
            return dml.create("OrderItem", line)

    def edit_line(self, line_id: str, **fields: Any) -> None:
        with self._action("edit_line") as dml:
            dml.update("OrderItem", line_id, fields)

    def remove_line(self, line_id: str) -> None:
        """An activated order keeps its lines."""
        with self._action("remove_line") as dml:
            dml.delete("OrderItem", line_id)

    def ask(self, order_id: str | None, kind: str, **fields: Any) -> str:
        """What the quick actions do: a request about an order; answers its id."""
        values = {"Order__c": order_id, "Kind__c": kind, **fields}
        with self._action("ask") as dml:
            return dml.create("ShipSync_Request__c", values)

    def edit_request(self, request_id: str, **fields: Any) -> None:
        with self._action("edit_request") as dml:
            dml.update("ShipSync_Request__c", request_id, fields)

    def edit_contact(self, contact_id: str, **fields: Any) -> None:
        with self._action("edit_contact") as dml:
            dml.update("Contact", contact_id, fields)

    # -- inside ------------------------------------------------------------------

    @property
    def standard_pricebook(self) -> str:
        return next(
            str(book["Id"])
            for book in self.world.every("Pricebook2")
            if book["IsStandard"]
        )

    @contextmanager
    def _action(self, name: str) -> Iterator[Dml]:
        late = float(self.world.switches["late_commit"])
        with self.world.turn():
            transaction = Transaction(
                self.world, self.user_id, f"sales.{name}", late=late
            )
            try:
                yield Dml(transaction)
            except BaseException as error:
                transaction.rollback()
                if isinstance(error, RefusedError):
                    transaction.refused(error)
                raise
            finally:
                transaction.commit()

    def _line(
        self, order_id: str, sku: str, quantity: float, unit_price: float | None = None
    ) -> dict[str, Any]:
        line = {
            "OrderId": order_id,
            "PricebookEntryId": self._price_of(sku),
            "Quantity": quantity,
        }
        return line if unit_price is None else {**line, "UnitPrice": unit_price}

    def _price_of(self, sku: str) -> str:
        """The latest active standard price of a SKU, or of a product's name where it
        has no SKU; LookupError when there is none."""
        for product in reversed(self.world.every("Product2")):
            named = (
                product[name] for name in ("StockKeepingUnit", "ProductCode", "Name")
            )
            if sku in named:
                prices = self.world.related(
                    "PricebookEntry", "Product2Id", product["Id"]
                )
                if prices:
                    return str(prices[-1]["Id"])
        raise LookupError(f"No product has the SKU {sku!r}.")

    def _default_account(self, dml: Dml) -> str:
        for account in self.world.every("Account"):
            if account["Name"] == DEFAULT_ACCOUNT and not account["IsDeleted"]:
                return str(account["Id"])
        return dml.create("Account", {"Name": DEFAULT_ACCOUNT})

    def _ship_to(
        self, dml: Dml, account_id: str, ship_to: Mapping[str, str]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        unknown = set(ship_to) - set(ADDRESS_FIELDS) - set(CONTACT_FIELDS)
        if unknown:
            raise LookupError(f"Not parts of an address: {sorted(unknown)}")
        address = {
            name: ship_to[part]
            for part, name in ADDRESS_FIELDS.items()
            if part in ship_to
        }
        person = {
            name: ship_to[part]
            for part, name in CONTACT_FIELDS.items()
            if part in ship_to
        }
        if not person:
            return address, {}
        values = {"LastName": "Customer", "AccountId": account_id, **person}
        return address, {"ShipToContactId": dml.create("Contact", values)}


def actions(desk: SalesDesk) -> dict[str, Callable[..., Any]]:
    """What the control endpoint may ask for, by name."""
    return {
        action.__name__: action
        for action in (
            desk.create_account,
            desk.create_contact,
            desk.create_product,
            desk.edit_product,
            desk.create_order,
            desk.edit_order,
            desk.activate,
            desk.deactivate,
            desk.delete_order,
            desk.add_line,
            desk.edit_line,
            desk.remove_line,
            desk.edit_contact,
            desk.ask,
            desk.edit_request,
        )
    }
