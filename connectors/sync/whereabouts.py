""" "Where is my order?": what Salesforce says now of an order that we may not know."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet

from connectors.accounts import audit, permissions
from connectors.accounts.models import Account, Organization
from connectors.models import Trigger
from connectors.salesforce.client import SalesforceClient
from connectors.sync import config, live
from connectors.sync.actions import ActionRefusedError
from connectors.sync.rings import Ring, ring
from orders.eligibility import Verdict, Why, Wish, judge
from orders.models import Order
from orders.records import OrderRecord

User = AbstractBaseUser | AnonymousUser
Clock = Callable[[], datetime]
LONGEST_TERM = 80
MAY_VIEW = "orders.view_order"


class Place(enum.StrEnum):
    """Where an order is, seen from us."""

    HERE = "here"
    COMING = "coming"
    DRAFT = "draft"
    BEFORE_GO_LIVE = "before_go_live"
    NOT_ELIGIBLE = "not_eligible"
    DELETED = "deleted"
    UNREADABLE = "unreadable"
    NOT_VISIBLE = "not_visible"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True)
class Sighting:
    """One answer. `words` say where the order is, `help` what a person can do.

    `order` is our mirror of it, where there is one; `may_read` says that reading it
    now would bring it here.
    """

    place: Place
    organization: Organization
    words: str
    help: str = ""
    salesforce_id: str = ""
    order_number: str = ""
    status: str = ""
    order: Order | None = None
    may_read: bool = False


def look_for(term: str, *, user: User, clock: Clock) -> list[Sighting]:
    """What our mirror and each organization of the user say of this order.

    `term` is an order number, a customer's order number or a Salesforce id. Salesforce
    is asked live, and nothing is changed. Raises PermissionDenied for users who may
    not see orders, ActionRefusedError for a term that names nothing.
    """
    if not _has(user, MAY_VIEW):
        raise PermissionDenied("You may not see orders.")
    wanted = term.strip().lstrip("#")
    if not wanted or len(wanted) > LONGEST_TERM or "\x00" in wanted:
        raise ActionRefusedError(
            "Enter an order number, a customer's order number or a Salesforce id."
        )
    return [
        sighting
        for organization in organizations_for(user)
        for sighting in _ask(organization, wanted, user, clock)
    ]


def read_order(
    *, organization: Organization, salesforce_id: str, user: User, now: datetime
) -> None:
    """Read one order of Salesforce at once, though its turn has not come."""
    permissions.require(user, permissions.SYNC_NOW)
    if not organizations_for(user).filter(pk=organization.pk).exists():
        raise PermissionDenied("You may not see this organization.")
    if not salesforce_id.isalnum() or len(salesforce_id) not in {15, 18}:
        raise ActionRefusedError("This is not a Salesforce id.")
    with transaction.atomic():
        audit.record(
            action="read_source",
            actor=user,
            subject=organization,
            after={"salesforce_id": salesforce_id},
            now=now,
        )
        ring(
            Ring(
                kind="read_source",
                subject=_subject(organization, salesforce_id),
                organization_id=organization.pk,
                trigger=Trigger.PERSON,
                cause=f"Asked for by {user}",
                actor_id=user.pk,
                reopens=True,
                hurries=True,
            ),
            now=now,
        )


def _subject(organization: Organization, salesforce_id: str) -> str:
    """How `read_source` names it: by our key where it is here already."""
    known = Order.objects.filter(
        organization=organization, salesforce_id__startswith=salesforce_id[:15]
    ).first()
    return str(known.pk) if known else salesforce_id


def organizations_for(user: User) -> QuerySet[Organization]:
    if permissions.sees_all(user):
        return Organization.objects.select_related("credential")
    accounts = permissions.accounts_for(user)
    rows = Organization.objects.filter(account__in=accounts)
    return rows.distinct().select_related("credential")


def _has(user: User, name: str) -> bool:
    return bool(getattr(user, "has_perm", lambda _name: False)(name))


# -- one organization ---------------------------------------------------------------


def _ask(
    organization: Organization, term: str, user: User, clock: Clock
) -> list[Sighting]:
    try:
        with live.salesforce(organization, clock, kind="whereabouts") as client:
            return _asked(organization, term, user, client)
    except live.NotAskedError as silence:
        return _without_asking(organization, term, user, str(silence))


def _asked(
    organization: Organization, term: str, user: User, client: SalesforceClient
) -> list[Sighting]:
    found = client.find_orders(config.source_mapping(organization), term)
    sightings = [_seen(organization, record, user) for record in found]
    sightings += _unreadable(organization, client)
    return sightings or [_nowhere(organization, term)]


def _without_asking(
    organization: Organization, term: str, user: User, why: str
) -> list[Sighting]:
    """What we know by ourselves, and that Salesforce could not be asked."""
    spellings = {term, term.zfill(8) if term.isdigit() else term}
    named = Q(order_number__in=spellings) | Q(po_number=term) | Q(salesforce_id=term)
    mine = Order.objects.filter(named, organization=organization)
    known = [_here(organization, order) for order in mine[:5] if may_see(user, order)]
    silence = Sighting(
        Place.NOT_ASKED,
        organization,
        f"{organization} could not be asked. {why}",
        "Try again in a minute; what is known here is shown.",
    )
    return [*known, silence]


def _seen(organization: Organization, record: OrderRecord, user: User) -> Sighting:
    order = Order.objects.filter(
        organization=organization, salesforce_id=record.salesforce_id
    ).first()
    if order is not None and not may_see(user, order):
        return _nowhere(organization, record.order_number)
    if order is not None:
        return _here(organization, order)
    account = organization.account_set.order_by("pk").first()
    verdict = judge(
        record,
        config.eligibility(organization),
        activated_at=record.activated_at or record.modified_at,
        export_from=account.export_from if account else None,
    )
    place, words, help_ = _told(verdict, account)
    return Sighting(
        place,
        organization,
        f"Salesforce has order {record.order_number}. {words}",
        help_,
        salesforce_id=record.salesforce_id,
        order_number=record.order_number,
        status=record.status,
        may_read=place is not Place.DELETED,
    )


def _told(verdict: Verdict, account: Account | None) -> tuple[Place, str, str]:
    if verdict.why is Why.DRAFT:
        return Place.DRAFT, "It is not activated.", "Activate it in Salesforce."
    if verdict.why is Why.DELETED:
        return Place.DELETED, "It was deleted.", "Restore it there if it is to ship."
    if verdict.why is Why.BEFORE_GO_LIVE:
        live = account.export_from if account else None
        since = f"{live:%Y-%m-%d %H:%M} UTC" if live else "not yet"
        return (
            Place.BEFORE_GO_LIVE,
            f"It was activated before go-live ({since}).",
            "Read it now, then “Include anyway” on its page exports it.",
        )
    if verdict.wish is Wish.SHIP:
        return (
            Place.COMING,
            "It is to be exported and has not been read yet.",
            "It is read within a minute; “Read now” does it at once.",
        )
    return (
        Place.NOT_ELIGIBLE,
        f"It is not eligible: {verdict.reason}",
        "Change it in Salesforce, or the eligibility rule if the rule is wrong.",
    )


def _here(organization: Organization, order: Order) -> Sighting:
    reason = f" {order.state_reason}" if order.state_reason else ""
    return Sighting(
        Place.HERE,
        organization,
        f"Order {order.order_number} is here: {order.get_state_display()}.{reason}",
        "Its page tells the whole story.",
        salesforce_id=order.salesforce_id,
        order_number=order.order_number,
        status=order.status,
        order=order,
        may_read=True,
    )


def _unreadable(organization: Organization, client: SalesforceClient) -> list[Sighting]:
    return [
        Sighting(
            Place.UNREADABLE,
            organization,
            f"Salesforce has it, and it cannot be read: {row.reason}",
            "Look at the value named, and at the source mapping.",
            salesforce_id=row.salesforce_id,
            may_read=True,
        )
        for row in client.take_bad_rows()
    ]


def _nowhere(organization: Organization, term: str) -> Sighting:
    return Sighting(
        Place.NOT_VISIBLE,
        organization,
        f"{organization} shows no order “{term}” to ShipSync.",
        "Check the number. If Salesforce shows you the order, it is not visible to "
        "ShipSync's user, or belongs to an account that you may not see.",
    )


def may_see(user: User, order: Order) -> bool:
    if order.account_id is None or permissions.sees_all(user):
        return True
    return permissions.sees_brand(user, order.account_id, order.brand_id)
