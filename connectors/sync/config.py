"""The configuration in force: the newest version of each document, parsed."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import transaction
from django.db.models import Exists, Max, OuterRef

from connectors.accounts import audit, permissions
from connectors.accounts.models import Account, Organization
from connectors.config_versions import ConfigKind, ConfigVersion
from connectors.errors import ConnectorError, Kind
from connectors.models import FailedPayload, JobState, SyncJob
from connectors.salesforce.source_mapping import DEFAULT_MAPPING, SourceMapping
from connectors.salesforce.writeback import WritebackFields
from connectors.sync import lookups
from connectors.sync.rings import Ring, ring_many
from orders import maps
from orders.checks import Checks
from orders.eligibility import EligibilityRule
from orders.maps import ValueMap
from orders.methods import MethodMap
from orders.models import Order, OrderState
from orders.routing_rules import RuleSet

ENDED = (OrderState.SHIPPED, OrderState.CANCELED)
MOST_WOKEN = 5000
PARSERS: dict[str, Any] = {
    ConfigKind.SOURCE_MAPPING: SourceMapping.from_document,
    ConfigKind.ELIGIBILITY: EligibilityRule.from_document,
    ConfigKind.SHIPPING_METHODS: MethodMap.from_document,
    ConfigKind.SKU_ALIASES: partial(maps.value_map, rules=maps.SKUS),
    ConfigKind.TAGS: partial(maps.value_map, rules=maps.TAGS),
    ConfigKind.STATUSES: partial(maps.value_map, rules=maps.STATUSES),
    ConfigKind.CHECKS: Checks.from_document,
    ConfigKind.PRODUCT_TYPES: partial(maps.value_map, rules=maps.PRODUCT_TYPES),
    ConfigKind.WEIGHTS: partial(maps.value_map, rules=maps.WEIGHTS),
    ConfigKind.ROUTING: RuleSet.from_document,
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
    if organization is not None and account is None and lookups.are_together():
        return lookups.of_organization(organization).get(kind)
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


def reads_alike_since(organization: Organization) -> datetime | None:
    """Since when an order is read and judged as it is now; None: always."""
    kinds = [ConfigKind.SOURCE_MAPPING, ConfigKind.ELIGIBILITY]
    versions = ConfigVersion.objects.filter(
        organization=organization, account=None, kind__in=kinds
    )
    newest_of: datetime | None = versions.aggregate(at=Max("created_at"))["at"]
    return newest_of


def eligibility(organization: Organization) -> EligibilityRule:
    version = newest(ConfigKind.ELIGIBILITY, organization=organization)
    return EligibilityRule.from_document(version.document if version else {})


def writeback_fields(organization: Organization) -> WritebackFields:
    version = newest(ConfigKind.WRITEBACK_FIELDS, organization=organization)
    return WritebackFields.from_document(version.document if version else {})


def shipping_methods(account: Account) -> MethodMap:
    found: MethodMap = in_force(ConfigKind.SHIPPING_METHODS, account)
    return found


def sku_aliases(account: Account) -> ValueMap:
    found: ValueMap = in_force(ConfigKind.SKU_ALIASES, account)
    return found


def tag_map(account: Account) -> ValueMap:
    found: ValueMap = in_force(ConfigKind.TAGS, account)
    return found


def checks(account: Account) -> Checks:
    found: Checks = in_force(ConfigKind.CHECKS, account)
    return found


def forget() -> None:
    """Parse everything anew: for tests, whose databases begin again."""
    _parsed.cache_clear()


def in_force(kind: str, account: Account) -> Any:
    """The account's document of this kind, parsed; what an empty one means if none.

    A version never changes, so each is parsed once in a process.
    """
    key = lookups.keys_of(account).get(kind) if lookups.are_together() else None
    if not lookups.are_together():
        rows = ConfigVersion.objects.filter(kind=kind, account=account)
        key = rows.order_by("-number").values_list("pk", "created_at").first()
    return parse(kind, {}) if key is None else _parsed(*key)


@lru_cache(maxsize=512)
def _parsed(version_id: int, _created_at: datetime) -> Any:
    """The time tells apart what a restored database numbers alike."""
    version = ConfigVersion.objects.get(pk=version_id)
    return parse(version.kind, version.document)


def save(  # noqa: PLR0913 - a version is its fields
    *,
    kind: str,
    document: dict[str, Any],
    user: AbstractBaseUser | AnonymousUser | None,
    now: datetime,
    organization: Organization | None = None,
    account: Account | None = None,
    note: str = "",
    releases: bool = True,
) -> ConfigVersion:
    """Put a new version into force. Raises `ValueError` when it cannot be read.

    `user` None is the system itself, at set-up. What waited for it is tried again at
    once, unless the caller `releases` it by itself.
    """
    if user is not None:
        permissions.require(user, permissions.CHANGE_CONFIG, account)
        if organization is not None:
            permissions.require_shared(user, permissions.CHANGE_CONFIG, organization)
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
        if releases:
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
    orders = orders.only("pk", "account", "organization")  # not their pictures
    at_fault = [Kind.MAPPING, Kind.INVALID]
    stopped = FailedPayload.objects.filter(closed_at=None, error_kind__in=at_fault)
    of_order = stopped.filter(order=OuterRef("pk"))
    stuck = orders.filter(Exists(of_order))
    cause = f"{ConfigKind(kind).label} changed"
    rings = [_push(order, cause) for order in stuck if order.account_id]
    if account is not None:
        # The account's parts of orders that are another account's.
        rows = Order.objects.filter(
            Exists(of_order.filter(account=account)), is_split=True
        ).exclude(account=account)
        rings += [_push(order, cause, account) for order in rows.only("pk", "account")]
    if kind == ConfigKind.SOURCE_MAPPING:
        rings += _never_stored(organization, cause)
    if kind in {ConfigKind.ELIGIBILITY, ConfigKind.SOURCE_MAPPING}:
        open_ones = orders.exclude(state__in=ENDED).order_by("-pk")
        rings += [_reading(order, cause) for order in open_ones[:MOST_WOKEN]]
    ring_many(rings, now=now)


def _never_stored(organization: Organization | None, cause: str) -> list[Ring]:
    """What could not be read as an order has only its Salesforce id here."""
    parked = SyncJob.objects.filter(
        kind="read_source",
        organization=organization,
        order=None,
        state=JobState.PARKED,
    )
    return [
        Ring(
            kind="read_source",
            subject=subject,
            organization_id=organization.pk if organization else None,
            cause=cause,
            reopens=True,
        )
        for subject in parked.values_list("subject", flat=True)
    ]


def _push(order: Order, cause: str, account: Account | None = None) -> Ring:
    return Ring(
        kind="push_order",
        subject=str(order.pk),
        account_id=account.pk if account else order.account_id,
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
