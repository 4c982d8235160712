"""The names of what we write, tried out before they are saved: on Salesforce's
descriptions and on what one real order would say. Nothing is written on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import transaction
from django.db.models import Q

from connectors.accounts import permissions
from connectors.accounts.models import Organization
from connectors.config_versions import ConfigKind, ConfigVersion
from connectors.errors import ConnectorError, Problem
from connectors.models import Trigger
from connectors.salesforce import writeback
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.writeback import WritebackFields
from connectors.sync import config, live, standings, whereabouts
from connectors.sync.actions import ActionRefusedError
from connectors.sync.mapping_trial import insist_may_look, words_of
from connectors.sync.rings import ring_many
from connectors.sync.subjects import writeback_ring
from orders import standing
from orders.models import Order
from orders.writeback_records import OrderWriteback

User = AbstractBaseUser | AnonymousUser
Clock = Callable[[], datetime]
LONGEST_SHOWN = 200
# Orders that were told within this time are told again under new names.
RETOLD = timedelta(days=30)
GROUPS = ("package", "shipment", "item", "exception", "level")
DEFAULTS = WritebackFields()


@dataclass(frozen=True, slots=True)
class NameLook:
    """One name: what Salesforce says of it, and what the order would have there.

    `kind` is Salesforce's type; `trouble` says why it could not be written. `value` is
    None where no order was asked for, or it has no such row.
    """

    name: str
    group: str
    kind: str = ""
    trouble: str = ""
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    looks: Mapping[str, NameLook]
    order_number: str = ""
    words: str = ""


def group_of(name: str) -> str:
    """Which of the objects a name belongs to; the order's own have no prefix."""
    return next((one for one in GROUPS if name.startswith(f"{one}_")), "order")


def read(document: object) -> tuple[WritebackFields | None, list[Problem]]:
    """The names of a document, or everything that is wrong with them."""
    try:
        return WritebackFields.from_document(document), []
    except ConnectorError as error:
        return None, list(getattr(error, "problems", []))


def try_out(
    organization: Organization,
    names: WritebackFields,
    *,
    term: str,
    user: User,
    clock: Clock,
) -> Trial:
    """Names against describe and, where `term` names one, with an order's own values."""
    insist_may_look(organization, user)
    order = _find(organization, term.strip(), user)
    values = _values(order, names) if order is not None else {}
    words = f"ShipSync has no order “{term}” of this organization."
    told = Trial(
        {one: NameLook(one, group_of(one), value=values.get(one)) for one in _all()},
        order_number=order.order_number if order is not None else "",
        words=words if term.strip() and order is None else "",
    )
    try:
        with live.salesforce(organization, clock) as client:
            return Trial(
                {look.name: look for look in _described(told, names, client)},
                told.order_number,
                told.words,
            )
    except live.NotAskedError as error:
        return Trial(
            told.looks, told.order_number, f"Salesforce could not be asked. {error}"
        )


def _all() -> list[str]:
    return [one.name for one in fields(WritebackFields)]


def _find(organization: Organization, term: str, user: User) -> Order | None:
    if not term:
        return None
    rows = Order.objects.filter(
        Q(order_number=term) | Q(salesforce_id=term), organization=organization
    )
    order = rows.order_by("-id").first()
    return order if order is not None and whereabouts.may_see(user, order) else None


def _described(
    told: Trial, names: WritebackFields, client: SalesforceClient
) -> Iterator[NameLook]:
    objects = {one: _object_of(one, names) for one in ("order", *GROUPS)}
    known = {one: _fields_of(client, name) for one, name in objects.items() if name}
    for look in told.looks.values():
        found = known.get(look.group)
        api_name = getattr(names, look.name)
        if found is None or not api_name or look.name in {"orders_in", *_objects()}:
            yield look
            continue
        field = found.get(api_name)
        yield NameLook(
            look.name,
            look.group,
            str((field or {}).get("type") or ""),
            _trouble(field, objects[look.group], creates=look.group != "order"),
            look.value,
        )


def _objects() -> set[str]:
    return {f"{one}_object" for one in GROUPS}


def _object_of(group: str, names: WritebackFields) -> str:
    name = "orders_in" if group == "order" else f"{group}_object"
    return str(getattr(names, name))


def _fields_of(client: SalesforceClient, sobject: str) -> dict[str, Mapping[str, Any]]:
    """By name, and by the name of the relationship; empty for no such object."""
    try:
        rows = client.describe(sobject).get("fields") or []
    except ConnectorError:
        return {}
    named = {str(row.get("relationshipName")): row for row in rows}
    return named | {str(row.get("name")): row for row in rows}


def _trouble(field: Mapping[str, Any] | None, sobject: str, *, creates: bool) -> str:
    if field is None:
        return f"{sobject} has no such field, or it is hidden from ShipSync."
    if not field.get("createable" if creates else "updateable"):
        return "ShipSync may not write it."
    return ""


# -- what an order would say ------------------------------------------------------------


def _values(order: Order, names: WritebackFields) -> dict[str, str]:
    """By our name, as they would stand in the first row of each object."""
    failure = standings.open_failures([order.pk]).get(order.pk, "")
    row, _digest = standing.writeback_of(order, failure=failure)
    found: dict[str, str] = {}
    for group, values in _first_rows(row, names):
        for one in _all():
            api_name = getattr(names, one)
            if group_of(one) == group and api_name in values:
                found[one] = _shown(values[api_name])
    return found


def _first_rows(
    row: OrderWriteback, names: WritebackFields
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    order_id = row.salesforce_id
    yield "order", writeback.order_row(row, names)
    for package in row.packages[:1]:
        yield "package", writeback.package_row(package, order_id, names)
    for shipment in row.shipments[:1]:
        yield "shipment", writeback.shipment_row(shipment, order_id, names)
    for item in row.items[:1]:
        yield "item", writeback.item_row(item, order_id, names)


def _shown(value: Any) -> str:
    """A parent is told by its key; what is empty is set to nothing there."""
    if isinstance(value, Mapping):
        value = next((v for k, v in value.items() if k != "attributes"), "")
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)[:LONGEST_SHOWN]


# -- saving --------------------------------------------------------------------------------


def save_names(
    *,
    organization: Organization,
    document: dict[str, Any],
    user: User,
    now: datetime,
    note: str = "",
) -> ConfigVersion:
    """Put names into force; what was told of late is told again under them.

    Raises ActionRefusedError with all that is wrong.
    """
    permissions.require_shared(user, permissions.CHANGE_CONFIG, organization)
    insist_may_look(organization, user)
    _, problems = read(document)
    if problems:
        raise ActionRefusedError(words_of(tuple(problems)))
    with transaction.atomic():
        version = config.save(
            kind=ConfigKind.WRITEBACK_FIELDS,
            document=document,
            user=user,
            now=now,
            organization=organization,
            note=note,
        )
        told = Order.objects.filter(
            organization=organization, written_back_at__gte=now - RETOLD
        )
        orders = list(told.only("pk", "organization_id"))
        told.update(written_back_hash="")
        ring_many(
            [
                writeback_ring(one, trigger=Trigger.PERSON, cause=str(version))
                for one in orders
            ],
            now=now,
        )
    return version
