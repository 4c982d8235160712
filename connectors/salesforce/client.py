"""The Salesforce organization as ShipSync sees it: records in, records out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.errors import RejectedError, RowResult
from connectors.http import Exchange, RemoteSession
from connectors.salesforce import writes
from connectors.salesforce.calls import ApiUsage, Caller, OnLogin, unreadable
from connectors.salesforce.exceptions import ExceptionCalls
from connectors.salesforce.inventory import InventoryCalls
from connectors.salesforce.login import LoginSettings
from connectors.salesforce.products import Place, changed_products
from connectors.salesforce.reading import BadRow, OrderReader
from connectors.salesforce.requests import RequestCalls
from connectors.salesforce.source_mapping import (
    STANDARD,
    FieldMap,
    OrderSource,
    SourceMapping,
)
from connectors.salesforce.writeback import WritebackFields
from connectors.tokens import TokenStore
from inventory.records import SourceProductRecord
from orders.records import OrderRecord, SourceStamp
from orders.writeback_records import OrderWriteback

__all__ = ["DEFAULT_VERSION", "Identity", "LoginSettings", "SalesforceClient"]

DEFAULT_VERSION = "66.0"
# Types of field whose text is cut to their length. A cut picklist value or reference
# would be another one.
TEXTS = frozenset({"string", "textarea"})


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose token this is. `is_sandbox` is None where we may not ask."""

    organization_id: str
    user_id: str
    is_sandbox: bool | None


class SalesforceClient:
    """One organization over one credential. Not shared between threads.

    Every method raises ConnectorError: ThrottledError, TransientError (for a write
    with `outcome_unknown` where it may have been done), AuthError, RejectedError.
    `exchanges` grows with each call until `drain` empties it; `describe` is read once
    per client, or not at all where `descriptions` of an earlier one are handed in.
    """

    def __init__(  # noqa: PLR0913 - all by name
        self,
        *,
        session: RemoteSession,
        tokens: TokenStore,
        login: LoginSettings,
        clock: Callable[[], datetime],
        api_version: str = DEFAULT_VERSION,
        descriptions: dict[str, Mapping[str, Any]] | None = None,
        on_login: OnLogin | None = None,
    ) -> None:
        self._caller = Caller(
            session=session,
            tokens=tokens,
            login=login,
            api_version=api_version,
            clock=clock,
            on_login=on_login,
        )
        self._descriptions = {} if descriptions is None else descriptions
        self._reader = OrderReader(self._caller, self.describe)

    # -- the log -------------------------------------------------------------

    @property
    def exchanges(self) -> list[Exchange]:
        return self._caller.exchanges

    @property
    def last_call(self) -> Exchange | None:
        return self.exchanges[-1] if self.exchanges else None

    @property
    def api_usage(self) -> ApiUsage | None:
        """As the latest answer said it, whether it was an error or not."""
        return self._caller.api_usage

    def drain(self) -> list[Exchange]:
        """The exchanges since the last drain, oldest first."""
        taken, self._caller.exchanges = self._caller.exchanges, []
        return taken

    # -- the organization ----------------------------------------------------

    def identity(self) -> Identity:
        told = self._caller.get("/services/oauth2/userinfo")
        if not isinstance(told, Mapping):
            raise unreadable()
        return Identity(
            organization_id=str(told.get("organization_id") or ""),
            user_id=str(told.get("user_id") or ""),
            is_sandbox=self._is_sandbox(),
        )

    def _is_sandbox(self) -> bool | None:
        try:
            pages = self._reader.query("SELECT IsSandbox FROM Organization LIMIT 1")
            rows = next(pages, [])
        except RejectedError:
            return None
        told = rows[0].get("IsSandbox") if rows else None
        return told if isinstance(told, bool) else None

    def limits(self) -> dict[str, tuple[int, int]]:
        """(maximum, remaining) by Salesforce's name. Needs the right View Setup."""
        told = self._caller.get(self._caller.data_path("limits"))
        return {
            str(name): (int(both["Max"]), int(both["Remaining"]))
            for name, both in (told if isinstance(told, Mapping) else {}).items()
            if isinstance(both, Mapping) and "Max" in both and "Remaining" in both
        }

    def describe(self, sobject: str) -> Mapping[str, Any]:
        """Salesforce's description of an object as far as we may see it."""
        if sobject not in self._descriptions:
            told = self._caller.get(
                self._caller.data_path(f"sobjects/{sobject}/describe")
            )
            if not isinstance(told, Mapping):
                raise unreadable()
            self._descriptions[sobject] = told
        return self._descriptions[sobject]

    def available_fields(self, sobject: str) -> frozenset[str]:
        """The fields of an object that exist and that we may read."""
        described = self.describe(sobject).get("fields") or []
        return frozenset(str(one["name"]) for one in described if "name" in one)

    def absent_fields(self, mapping: SourceMapping) -> tuple[FieldMap, ...]:
        """The maps whose path does not exist, or that we may not read."""
        return self._reader.order_query(mapping).absent

    # -- reading orders ------------------------------------------------------

    def changed(
        self,
        orders_since: datetime,
        items_since: datetime,
        source: OrderSource = STANDARD,
    ) -> tuple[Iterator[list[SourceStamp]], Iterator[list[SourceStamp]]]:
        """Pages of the stamps of orders, and of order products, that moved since then.

        Deleted ones are included, and a product's stamp names its order. Both are
        ordered by (SystemModstamp, Id). A row can appear with a stamp behind the newest
        one seen, so what is asked for must overlap. The first page of both costs one
        call together.
        """
        return self._reader.changed(orders_since, items_since, source)

    def read_rows(
        self, mapping: SourceMapping, ids: Sequence[str]
    ) -> list[tuple[Mapping[str, Any], OrderRecord | None]]:
        """Rows as Salesforce gives them, beside what the mapping makes of them.

        None beside a row that cannot be read as an order; `take_bad_rows` says why.
        """
        return self._reader.read_rows(mapping, ids)

    def read_orders(
        self, mapping: SourceMapping, ids: Sequence[str]
    ) -> list[OrderRecord]:
        """The orders, deleted ones included; ids unknown to us are left out."""
        return self._reader.read_orders(mapping, ids)

    def find_orders(self, mapping: SourceMapping, term: str) -> list[OrderRecord]:
        """The orders of this number, customer's order number or id, deleted ones too.

        Numbers are also tried with the zeros that Salesforce puts before them.
        """
        return self._reader.find_orders(mapping, term)

    def take_bad_rows(self) -> list[BadRow]:
        """The rows since the last taking that could not be read, each told apart."""
        return self._reader.take_bad_rows()

    def changed_products(
        self, mapping: SourceMapping, since: Place | None
    ) -> Iterator[list[SourceProductRecord]]:
        """Pages of the products that moved since, deleted ones included; None: all."""

        def query(text: str) -> Iterator[list[Any]]:
            return self._reader.query(text, deleted_too=True)

        yield from changed_products(mapping, self.describe, query, since)

    def inventory(self, fields: WritebackFields | None = None) -> InventoryCalls:
        """What is said of stock, under the names the organization gave it."""
        return InventoryCalls(self._caller, fields or WritebackFields())

    def requests(self) -> RequestCalls:
        """What people in Salesforce ask for."""
        return RequestCalls(self._caller, self.describe)

    def exceptions(self, fields: WritebackFields | None = None) -> ExceptionCalls:
        """What needs somebody, told under the names the organization gave it."""
        return ExceptionCalls(self._caller, fields or WritebackFields(), self.describe)

    # -- writing back --------------------------------------------------------

    def write_orders(
        self,
        rows: Sequence[OrderWriteback],
        fields: WritebackFields | None = None,
        lengths: writes.Lengths | None = None,
    ) -> list[RowResult]:
        """Writes the facts of many orders; one result per given row, in its order.

        A repeat is harmless: orders are set by id, packages upserted by external id.
        An error is the first of the order's own rows; a locked row is a
        TransientError to be tried again alone. A call that fails as a whole is the
        error of every row in it and after it; earlier calls stand. `lengths` are the
        longest texts by object and field: longer ones are cut.
        """
        parts = writes.collections(rows, fields or WritebackFields(), lengths)
        outcomes = writes.send_all(self._caller, parts)
        return [
            RowResult(row.salesforce_id, error=outcomes.errors.get(row.salesforce_id))
            for row in rows
        ]

    def lengths(self, names: WritebackFields) -> dict[str, dict[str, int]]:
        """The longest text of each field that is written, as far as it is described."""
        objects = (
            *(names.orders_in, names.shipment_object),
            *(names.package_object, names.item_object),
        )
        return {name: self.text_lengths(name) for name in objects if name}

    def text_lengths(self, sobject: str) -> dict[str, int]:
        """Field name to longest text; of an object that we may not see, nothing."""
        try:
            described = self.describe(sobject).get("fields") or []
        except RejectedError:
            self._descriptions[sobject] = {}  # not asked again before the next look
            return {}
        return {
            str(one["name"]): int(one["length"])
            for one in described
            if one.get("type") in TEXTS and one.get("length")
        }
