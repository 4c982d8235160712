"""A source mapping tried out before it is saved: on Salesforce's descriptions, on one
real order, and on the orders that it would change. Nothing is written on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.exceptions import PermissionDenied

from connectors.accounts import permissions
from connectors.accounts.models import Organization
from connectors.config_versions import ConfigKind, ConfigVersion
from connectors.errors import ConnectorError, Problem
from connectors.salesforce import soql
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.mapping import text_of, value_at
from connectors.salesforce.source_mapping import FieldMap, SourceMapping
from connectors.salesforce.transforms import transformed
from connectors.sync import config, live, planning, whereabouts
from connectors.sync.actions import ActionRefusedError
from orders.exporting import Plan
from orders.models import Order
from orders.records import MISSING, OrderRecord

User = AbstractBaseUser | AnonymousUser
Clock = Callable[[], datetime]
LONGEST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class FieldLook:
    """One row: what Salesforce says of its path, what stands there, what we make of it.

    `kind` is Salesforce's type, empty where the path is not shown to us. `raw` and
    `value` are None where no order was read.
    """

    row: FieldMap
    kind: str
    label: str
    raw: str | None = None
    value: str | None = None

    @property
    def is_absent(self) -> bool:
        return not self.kind


@dataclass(frozen=True, slots=True)
class Trial:
    """`problems` are those of the order under this mapping, `words` what went wrong."""

    looks: tuple[FieldLook, ...] = ()
    order_number: str = ""
    salesforce_id: str = ""
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    words: str = ""


def read(document: object) -> tuple[SourceMapping | None, list[Problem]]:
    """The mapping of a document, or everything that is wrong with it."""
    try:
        return SourceMapping.from_document(document), []
    except ConnectorError as error:
        return None, list(getattr(error, "problems", []))


def try_out(
    organization: Organization,
    mapping: SourceMapping,
    *,
    term: str,
    user: User,
    clock: Clock,
) -> Trial:
    """The mapping against describe and, where `term` names one, on a real order."""
    insist_may_look(organization, user)
    try:
        with live.salesforce(organization, clock) as client:
            return _tried(organization, client, mapping, term.strip(), user, clock())
    except live.NotAskedError as error:
        rows = tuple(FieldLook(one, "?", "") for one in mapping.fields)
        return Trial(rows, words=f"Salesforce could not be asked. {error}")


def _tried(
    organization: Organization,
    client: SalesforceClient,
    mapping: SourceMapping,
    term: str,
    user: User,
    now: datetime,
) -> Trial:
    looks = tuple(_described(one, mapping, client) for one in mapping.fields)
    if not term:
        return Trial(looks)
    found = client.find_orders(mapping, term)
    bad = client.take_bad_rows()
    ids = [one.salesforce_id for one in found] + [one.salesforce_id for one in bad]
    if not ids or _is_hidden(organization, ids[0], user):
        return Trial(looks, words=f"Salesforce shows ShipSync no order “{term}”.")
    row, record = client.read_rows(mapping, ids[:1])[0]
    shown = tuple(_with_values(look, row, mapping, client) for look in looks)
    if record is None:
        return Trial(shown, salesforce_id=ids[0], words=_why(client))
    plan = _plan_for(organization, record, mapping, now)
    return Trial(
        shown,
        order_number=record.order_number,
        salesforce_id=record.salesforce_id,
        problems=plan.problems if plan else (),
        warnings=plan.warnings if plan else (),
    )


def _why(client: SalesforceClient) -> str:
    bad = client.take_bad_rows()
    return f"It cannot be read: {bad[0].reason}" if bad else "It cannot be read."


def _described(
    one: FieldMap, mapping: SourceMapping, client: SalesforceClient
) -> FieldLook:
    root = mapping.source.lines if one.is_line else mapping.source.object
    found = soql.described(one.path, root, client.describe)
    if not found:
        return FieldLook(one, "", "")
    return FieldLook(
        one, str(found[0].get("type") or "?"), str(found[0].get("label") or "")
    )


def _with_values(
    look: FieldLook,
    row: Mapping[str, Any],
    mapping: SourceMapping,
    client: SalesforceClient,
) -> FieldLook:
    """For a line's field, as the first line has it."""
    one, source = look.row, row
    if one.is_line:
        name = soql.child_name(
            client.describe(mapping.source.object),
            mapping.source.lines,
            mapping.source.parent,
        )
        children = (row.get(name) or {}).get("records") or [{}]
        source = children[0]
    raw = value_at(source, one.path)
    if raw is MISSING:
        return look
    text = text_of(raw)
    value = transformed(text, one.transform) or one.default
    return FieldLook(
        one, look.kind, look.label, text[:LONGEST_SHOWN], value[:LONGEST_SHOWN]
    )


def _plan_for(
    organization: Organization,
    record: OrderRecord,
    mapping: SourceMapping,
    now: datetime,
) -> Plan | None:
    """As the order here would be planned, or one that is not here yet."""
    order = Order.objects.filter(
        organization=organization, salesforce_id=record.salesforce_id
    ).first()
    if order is None:
        account = organization.account_set.order_by("pk").first()
        order = Order(
            organization=organization,
            account=account,
            salesforce_id=record.salesforce_id,
            order_number=record.order_number,
        )
    return planning.plan_with(
        order, record, required=mapping.required_fields(), now=now
    )


def _is_hidden(organization: Organization, salesforce_id: str, user: User) -> bool:
    order = Order.objects.filter(
        organization=organization, salesforce_id=salesforce_id
    ).first()
    return order is not None and not whereabouts.may_see(user, order)


# -- saving -----------------------------------------------------------------------


def save_mapping(
    *,
    organization: Organization,
    document: dict[str, Any],
    user: User,
    now: datetime,
    note: str = "",
) -> ConfigVersion:
    """Put a mapping into force; every open order is read anew by it.

    Raises ActionRefusedError with all that is wrong.
    """
    permissions.require_shared(user, permissions.CHANGE_CONFIG, organization)
    insist_may_look(organization, user)
    _, problems = read(document)
    if problems:
        raise ActionRefusedError(words_of(tuple(problems)))
    return config.save(
        kind=ConfigKind.SOURCE_MAPPING,
        document=document,
        user=user,
        now=now,
        organization=organization,
        note=note,
    )


def words_of(problems: tuple[Problem, ...]) -> str:
    return " ".join(problem.reason for problem in problems)


def insist_may_look(organization: Organization, user: User) -> None:
    """The preview shows an order: it is for those who may see orders."""
    has = getattr(user, "has_perm", lambda _name: False)
    seen = whereabouts.organizations_for(user).filter(pk=organization.pk).exists()
    if not has(whereabouts.MAY_VIEW) or not seen:
        raise PermissionDenied("You may not see the orders of this organization.")
