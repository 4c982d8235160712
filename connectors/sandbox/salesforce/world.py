"""The organisation's state: rows, users, permissions, what is visible when."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from connectors.sandbox.faults import FaultPlan
from connectors.sandbox.salesforce import (
    outbound,
    package,
    rights,
    standard,
    switches,
)
from connectors.sandbox.salesforce.ids import make_id
from connectors.sandbox.salesforce.moments import stamp
from connectors.sandbox.salesforce.row_index import RowIndex
from connectors.sandbox.salesforce.schema import Object, Schema
from connectors.sandbox.world import Document, SandboxClock, Sender, World

INTEGRATION_USERNAME = "integration@shipsync.example"
SALES_USERNAME = "sales@shipsync.example"
LATE = "late"  # what readers still see of rows whose commit is late

Performer = Callable[[Document], None]


class SalesforceWorld(World):
    """One organisation. Rows are stored by sObject name and replaced, never edited.

    `schema_source` is the folder of the deployable package whose fields it has.
    """

    def __init__(
        self,
        *,
        path: Path | None = None,
        clock: SandboxClock | None = None,
        faults: FaultPlan | None = None,
        switches: dict[str, Any] | None = None,
        schema_source: Path = package.PACKAGE_SOURCE,
        send: Sender = outbound.post,
    ) -> None:
        objects = _objects(schema_source)
        self.schema = Schema(objects)
        self._index = RowIndex(objects)
        self._rights = rights.of_the_package(schema_source)
        self._seen: dict[tuple[object, ...], Schema] = {}
        self.performers: dict[str, Performer] = {}
        super().__init__(path=path, clock=clock, faults=faults, switches=switches)
        self.outbox = outbound.Outbox(self, source=schema_source, send=send)
        with self.turn():
            self.schema = Schema(self._with_prefix(item) for item in objects)
            for kind, rows in self._documents.items():
                for doc_id, row in rows.items():
                    self._index.add(kind, doc_id, row)
            self._seed()

    def default_switches(self) -> dict[str, Any]:
        return switches.usual()

    def perform(self, action: str, args: Document) -> None:
        """A request that was cut off lands after all, or a Bulk job gets on."""
        performer = self.performers.get(action)
        if performer is None:
            raise NotImplementedError(action)
        performer(args)

    def run_due(self, limit: int = 1000) -> int:
        done = super().run_due(limit)
        self.outbox.send_waiting()
        return done

    # -- who and what --------------------------------------------------------

    @property
    def organization_id(self) -> str:
        return str(self.every("Organization")[0]["Id"])

    @property
    def integration_user_id(self) -> str:
        return self.user_id(INTEGRATION_USERNAME)

    def user_id(self, username: str) -> str:
        """The id of a user; KeyError when there is none."""
        for user in self.every("User"):
            if user["Username"] == username:
                return str(user["Id"])
        raise KeyError(username)

    def allowed(self, user_id: str, permission: str) -> bool:
        user = self.get("User", user_id) or {}
        denied = self.switches["denied_permissions"].get(user.get("Username"), [])
        if self._is_bound(user_id) and permission not in self._rights.permissions:
            return False
        return permission not in denied

    def _is_bound(self, user_id: str) -> bool:
        """Whether the user has the rights of the package's permission set alone."""
        return bool(self.switches["rights_of_the_package"]) and (
            user_id == self.user_id(INTEGRATION_USERNAME)
        )

    def schema_for(self, user_id: str) -> Schema:
        """What a user sees: rights and hidden fields are the integration user's."""
        features = frozenset(name for name in switches.FEATURES if self.switches[name])
        hidden: frozenset[str] = frozenset()
        if user_id == self.user_id(INTEGRATION_USERNAME):
            hidden = frozenset(name.lower() for name in self.switches["hidden_fields"])
        is_bound = self._is_bound(user_id)
        granted = frozenset(self.switches["granted_fields"])
        key = (features, hidden, is_bound, granted)
        if key not in self._seen:
            seen = self.schema.seen(features=features, hidden=hidden)
            self._seen[key] = self._rights.bind(seen, granted) if is_bound else seen
        return self._seen[key]

    def unshared_with(self, user_id: str) -> frozenset[str]:
        """The ids of rows that queries of this user do not find."""
        if user_id != self.user_id(INTEGRATION_USERNAME):
            return frozenset()
        return frozenset(self.switches["unshared_records"])

    def stamp(self) -> str:
        return stamp(self.clock.now())

    # -- rows ----------------------------------------------------------------

    def put(self, kind: str, doc_id: str, document: Document) -> Document:
        self._index.drop(kind, doc_id, self.get(kind, doc_id) or {})
        super().put(kind, doc_id, document)
        self._index.add(kind, doc_id, document)
        return document

    def remove(self, kind: str, doc_id: str) -> None:
        self._index.drop(kind, doc_id, self.get(kind, doc_id) or {})
        super().remove(kind, doc_id)

    def new_id(self, sobject: str) -> str:
        prefix = self.schema.known(sobject).prefix
        return make_id(prefix, self.next_number(f"id:{sobject}"))

    def related(self, sobject: str, field: str, value: str) -> list[Document]:
        """Current rows by an indexed field: a child reference, a unique field."""
        rows = self._documents
        return [rows[sobject][one] for one in self._index.ids(sobject, field, value)]

    def visible(self, sobject: str, row_id: str) -> Document | None:
        """A row as readers see it now, deleted ones too."""
        return self._as_committed(self.get(sobject, row_id), row_id)

    def visible_rows(self, sobject: str) -> Iterator[Document]:
        for row in self.every(sobject):
            seen = self._as_committed(row, str(row["Id"]))
            if seen is not None:
                yield seen

    def delay_commit(
        self, row_id: str, before: Document | None, seconds: float
    ) -> None:
        """Let readers see `before` for some more seconds of world time."""
        until = self.clock.now() + self.clock.span(seconds)
        late = self.get(LATE, row_id) or {"versions": []}
        versions = [*late["versions"], {"until": until.isoformat(), "row": before}]
        self.put(LATE, row_id, {"versions": versions})

    def _as_committed(self, row: Document | None, row_id: str) -> Document | None:
        late = self.get(LATE, row_id)
        if late is None:
            return row
        now = self.clock.now().isoformat()
        for version in late["versions"]:
            if version["until"] > now:
                return version["row"]  # type: ignore[no-any-return]
        self.remove(LATE, row_id)
        return row

    # -- limits ----------------------------------------------------------------

    def count_call(self) -> int:
        """Count one API call; answers those used in the present 24 hours."""
        now = self.clock.now()
        usage = self.get("usage", "daily")
        if usage is None or usage["until"] <= now.isoformat():
            until = now + self.clock.span(timedelta(days=1).total_seconds())
            usage = {"until": until.isoformat(), "used": 0}
        usage["used"] += 1
        self.put("usage", "daily", usage)
        self.next_number("calls")  # a day of this world may be over within a minute
        return int(usage["used"])

    @property
    def calls_used(self) -> int:
        return int((self.get("usage", "daily") or {"used": 0})["used"])

    # -- the beginning -----------------------------------------------------------

    def _with_prefix(self, item: Object) -> Object:
        """Custom objects get their key prefix once, and keep it over restarts."""
        if item.prefix:
            return item
        known = self.get("prefix", item.name)
        if known is None:
            number = self.next_number("prefix", start=0)
            known = self.put("prefix", item.name, {"prefix": f"a{number:02d}"})
        return Object(
            item.name,
            str(known["prefix"]),
            item.label,
            item.plural,
            item.fields,
            item.custom,
            item.writable,
        )

    def _seed(self) -> None:
        if self.every("Organization"):
            return
        self._plant(
            "Organization",
            Name="ShipSync Sandbox",
            InstanceName="SBX1",
            IsSandbox=True,
            OrganizationType="Enterprise Edition",
            LanguageLocaleKey="en_US",
            TimeZoneSidKey="GMT",
            NamespacePrefix=None,
        )
        self._plant_user(INTEGRATION_USERNAME, "ShipSync Integration", "shipsync")
        self._plant_user(SALES_USERNAME, "Sales", "sales")
        self._plant("Pricebook2", Name="Standard", IsActive=True, IsStandard=True)
        self.add_order_status("Draft", "Draft")
        self.add_order_status("Activated", "Activated")

    def add_order_status(self, name: str, category: str) -> None:
        """One more value of Order.Status; `category` is Draft or Activated."""
        rank = len(self.every("OrderStatus")) + 1
        self._plant(
            "OrderStatus",
            ApiName=name,
            MasterLabel=name,
            StatusCode=category,
            IsDefault=rank == 1,
            SortOrder=rank,
        )

    def order_statuses(self) -> dict[str, str]:
        """Status value to its category, in picklist order."""
        return {row["ApiName"]: row["StatusCode"] for row in self.every("OrderStatus")}

    def _plant_user(self, username: str, name: str, alias: str) -> None:
        self._plant(
            "User",
            Username=username,
            Name=name,
            LastName=name,
            Email=username,
            Alias=alias,
            IsActive=True,
            UserType="Standard",
        )

    def _plant(self, sobject: str, **values: Any) -> None:
        """Put a row that nobody created."""
        row_id = self.new_id(sobject)
        now = self.stamp()
        first_user = make_id("005", 1)
        audit = {
            "IsDeleted": False,
            "CreatedDate": now,
            "CreatedById": first_user,
            "LastModifiedDate": now,
            "LastModifiedById": first_user,
            "SystemModstamp": now,
        }
        self.put(sobject, row_id, {"Id": row_id, **values, **audit})


@cache
def _objects(source: Path) -> tuple[Object, ...]:
    return tuple(package.extend(standard.standard_objects(), source))
