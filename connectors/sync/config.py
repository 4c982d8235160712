"""The configuration in force: the newest version of each document, parsed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import transaction
from django.db.models import Max

from connectors.accounts import audit, permissions
from connectors.accounts.models import Account, Organization
from connectors.errors import ConnectorError, Kind
from connectors.models import ConfigKind, ConfigVersion
from connectors.salesforce.source_mapping import DEFAULT_MAPPING, SourceMapping
from connectors.salesforce.writeback import WritebackFields
from connectors.sync.rings import Ring, ring_many
from orders.eligibility import EligibilityRule
from orders.exporting import MethodMap
from orders.models import Order, OrderState

ENDED = (OrderState.SHIPPED, OrderState.CANCELED)
MOST_WOKEN = 5000
PARSERS: dict[str, Any] = {
    ConfigKind.SOURCE_MAPPING: SourceMapping.from_document,
    ConfigKind.ELIGIBILITY: EligibilityRule.from_document,
    ConfigKind.SHIPPING_METHODS: MethodMap.from_document,
    ConfigKind.WRITEBACK_FIELDS: WritebackFields.from_document,
}


def parse(kind: str, document: dict[str, Any]) -> Any:
    """The document as the rules use it. Raises `ValueError` with words for its editor."""
    try:
        return PARSERS[kind](document)
    except ConnectorError as error:
        raise ValueError(error.reason) from error


def newest(
    kind: str,
    *,
    organization: Organization | None = None,
    account: Account | None = None,
) -> ConfigVersion | None:
    """The version in force for this scope, or None when none was ever saved."""
    return (
        ConfigVersion.objects.filter(
            kind=kind, organization=organization, account=account
        )
        .order_by("-number")
        .first()
    )


def source_mapping(organization: Organization) -> SourceMapping:
    version = newest(ConfigKind.SOURCE_MAPPING, organization=organization)
    if version is None:
        return DEFAULT_MAPPING
    return SourceMapping.from_document(version.document)


def eligibility(organization: Organization) -> EligibilityRule:
    version = newest(ConfigKind.ELIGIBILITY, organization=organization)
    return EligibilityRule.from_document(version.document if version else {})


def writeback_fields(organization: Organization) -> WritebackFields:
    version = newest(ConfigKind.WRITEBACK_FIELDS, organization=organization)
    return WritebackFields.from_document(version.document if version else {})


def shipping_methods(account: Account) -> MethodMap:
    version = newest(ConfigKind.SHIPPING_METHODS, account=account)
    return MethodMap.from_document(version.document if version else {})


def save(  # noqa: PLR0913 - a version is its fields
    *,
    kind: str,
    document: dict[str, Any],
    user: AbstractBaseUser | AnonymousUser | None,
    now: datetime,
    organization: Organization | None = None,
    account: Account | None = None,
    note: str = "",
) -> ConfigVersion:
    """Put a new version into force. Raises `ValueError` when it cannot be read.

    `user` None is the system itself, at set-up.
    """
    if user is not None:
        permissions.require(user, permissions.CHANGE_CONFIG, account)
    parse(kind, document)
    scope = {"organization": organization, "account": account}
    with transaction.atomic():
        rows = ConfigVersion.objects.filter(kind=kind, **scope)
        last = rows.aggregate(last=Max("number"))["last"] or 0
        before = rows.order_by("-number").first()
        version = ConfigVersion.objects.create(
            kind=kind,
            number=last + 1,
            document=document,
            note=note[:255],
            created_by_id=user.pk if user is not None else None,
            created_at=now,
            **scope,
        )
        audit.record(
            action="change_config",
            actor=user,
            subject=version,
            account=account,
            before=before.document if before else None,
            after=document,
            note=note,
            now=now,
        )
        _wake(kind, organization, account, now)
    return version


def _wake(
    kind: str,
    organization: Organization | None,
    account: Account | None,
    now: datetime,
) -> None:
    """Let what an earlier version kept back try again; a rule judges open orders anew."""
    orders = Order.objects.filter(organization=organization)
    if account is not None:
        orders = Order.objects.filter(account=account)
    stuck = orders.filter(
        failures__closed_at=None, failures__error_kind__in=[Kind.MAPPING, Kind.INVALID]
    )
    cause = f"{ConfigKind(kind).label} changed"
    rings = [_push(order, cause) for order in stuck.distinct() if order.account_id]
    if kind in {ConfigKind.ELIGIBILITY, ConfigKind.SOURCE_MAPPING}:
        open_ones = orders.exclude(state__in=ENDED).order_by("-pk")
        rings += [_reading(order, cause) for order in open_ones[:MOST_WOKEN]]
    ring_many(rings, now=now)


def _push(order: Order, cause: str) -> Ring:
    return Ring(
        kind="push_order",
        subject=str(order.pk),
        account_id=order.account_id,
        order_id=order.pk,
        cause=cause,
        reopens=True,
    )


def _reading(order: Order, cause: str) -> Ring:
    return Ring(
        kind="read_source",
        subject=str(order.pk),
        organization_id=order.organization_id,
        order_id=order.pk,
        cause=cause,
        reopens=True,
    )
