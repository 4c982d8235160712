"""Factories of orders, what was exported of them, and what came back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import factory
from django.utils.timezone import now
from factory.django import DjangoModelFactory

from orders import floor, models
from orders.decisions import RoutingDecision
from orders.pictures import to_picture
from orders.proposals import Proposal
from orders.records import Address, OrderRecord, OrderStage
from tests.factories.accounts import AccountFactory, OrganizationFactory

ADDRESS = Address(
    first_name="Ada",
    last_name="Lovelace",
    address1="12 Congress Ave",
    city="Austin",
    state="TX",
    zip="78701",
    country="US",
    phone="+1 512 555 0134",
)


class OrderFactory(DjangoModelFactory):
    """An activated order of an account; `account=None` for one that has none."""

    class Meta:
        model = models.Order

    account = factory.SubFactory(AccountFactory)
    organization = factory.LazyAttribute(
        lambda row: row.account.organization if row.account else OrganizationFactory()
    )
    salesforce_id = factory.Sequence("801{:015d}".format)
    order_number = factory.Sequence("{:08d}".format)
    stage = "activated"
    status = "Activated"
    customer_name = "Northwind Traders"
    ship_to_name = "Ada Lovelace"
    ship_to_place = "Austin, TX 78701, US"
    shipping_method = "Ground"
    is_eligible = True
    eligibility_reason = "Activated."
    source_modified_at = factory.LazyFunction(now)
    pulled_at = factory.LazyFunction(now)
    created_at = factory.LazyFunction(lambda: now() - timedelta(minutes=5))
    state_since = factory.LazyFunction(now)
    picture = factory.LazyAttribute(lambda row: picture_of(row))  # noqa: PLW0108 - defined below


def picture_of(row: Any) -> dict[str, object]:
    """What a reading of Salesforce would have stored beside these columns."""
    return to_picture(
        OrderRecord(
            salesforce_id=row.salesforce_id,
            order_number=row.order_number,
            stage=OrderStage(row.stage),
            status=row.status,
            modified_at=row.source_modified_at,
            account_name=row.customer_name,
            ship_to=ADDRESS,
            shipping_method=row.shipping_method,
            lines=(),
        )
    )


class LineItemFactory(DjangoModelFactory):
    class Meta:
        model = models.LineItem

    order = factory.SubFactory(OrderFactory)
    salesforce_id = factory.Sequence("802{:015d}".format)
    line_number = factory.Sequence(str)
    sku = factory.Sequence("SKU-{}".format)
    product_name = "Tea towel"
    quantity = Decimal(2)


class ExportFactory(DjangoModelFactory):
    class Meta:
        model = models.Export

    order = factory.SubFactory(OrderFactory)
    account = factory.SelfAttribute("order.account")
    key = factory.LazyAttribute(
        lambda row: f"{row.account.key_prefix}-{row.order.pk}-1"
    )
    created_at = factory.LazyFunction(now)


class ProposalFactory(DjangoModelFactory):
    class Meta:
        model = Proposal

    export = factory.SubFactory(ExportFactory, remote_id="R1")
    kind = "cancel"
    reason = "Deleted in Salesforce."
    opened_at = factory.LazyFunction(now)


class ExportLineFactory(DjangoModelFactory):
    class Meta:
        model = models.ExportLine

    export = factory.SubFactory(ExportFactory)
    sequence = factory.Sequence(lambda place: place)
    key = factory.Sequence("802{:015d}".format)
    sku = factory.Sequence("SKU-{}".format)
    quantity = 2


class ShipmentFactory(DjangoModelFactory):
    class Meta:
        model = models.Shipment

    export = factory.SubFactory(ExportFactory)
    account = factory.SelfAttribute("export.account")
    remote_id = factory.Sequence("U2hpcG1lbnQ6{}".format)
    remote_legacy_id = factory.Sequence(lambda place: 9000 + place)
    shipped_at = factory.LazyFunction(now)
    first_seen_by = "webhook"
    received_at = factory.LazyFunction(now)


class PackageFactory(DjangoModelFactory):
    class Meta:
        model = models.Package

    shipment = factory.SubFactory(ShipmentFactory)
    key = factory.Sequence("package-{}".format)
    carrier = "UPS"
    method = "Ground"
    tracking_number = factory.Sequence("1Z999AA1{:010d}".format)


class ShipmentLineFactory(DjangoModelFactory):
    class Meta:
        model = models.ShipmentLine

    shipment = factory.SubFactory(ShipmentFactory)
    sku = factory.Sequence("SKU-{}".format)
    quantity = 1


class AllocationFactory(DjangoModelFactory):
    class Meta:
        model = models.Allocation

    export = factory.SubFactory(ExportFactory)
    reference = factory.Sequence("allocation-{}".format)
    warehouse = "Primary"


class OverrideFactory(DjangoModelFactory):
    class Meta:
        model = models.Override

    order = factory.SubFactory(OrderFactory)
    field = "shipping_method"
    value = "Express"
    why = "The customer paid for it."
    created_by_name = "ana"
    created_at = factory.LazyFunction(now)


class OrderExceptionFactory(DjangoModelFactory):
    class Meta:
        model = floor.OrderException

    export = factory.SubFactory(ExportFactory, remote_id=factory.Sequence("R{}".format))
    order = factory.SelfAttribute("export.order")
    account = factory.SelfAttribute("export.account")
    kind = "backorder"
    reason = "Waits for stock: 2 MUG."
    opened_at = factory.LazyFunction(now)
    first_opened_at = factory.LazyFunction(now)


class ReturnFactory(DjangoModelFactory):
    class Meta:
        model = floor.Return

    export = factory.SubFactory(ExportFactory)
    account = factory.SelfAttribute("export.account")
    remote_id = factory.Sequence("UmV0dXJuO{}".format)
    status = "pending"
    received_at = factory.LazyFunction(now)


class SightingFactory(DjangoModelFactory):
    class Meta:
        model = floor.Sighting

    account = factory.SubFactory(AccountFactory)
    fact = "shipment"
    reference = factory.Sequence("fact-{}".format)
    first_at = factory.LazyFunction(now)


class RoutingDecisionFactory(DjangoModelFactory):
    class Meta:
        model = RoutingDecision

    export = factory.SubFactory(ExportFactory)
    order = factory.LazyAttribute(lambda row: row.export.order)
    decided_at = factory.LazyFunction(now)
    outcome = "chosen"
    where = "Primary"
    reason = "The first rule that fits."


class PickFactory(DjangoModelFactory):
    class Meta:
        model = floor.Pick

    export = factory.SubFactory(ExportFactory)
    remote_legacy_id = factory.Sequence(lambda number: number + 1)
    sku = "MUG"
    quantity = 1


class HoldSpellFactory(DjangoModelFactory):
    class Meta:
        model = floor.HoldSpell

    export = factory.SubFactory(ExportFactory)
    kind = "fraud"
    since = factory.LazyFunction(now)


class ReturnLineFactory(DjangoModelFactory):
    class Meta:
        model = floor.ReturnLine

    of_return = factory.SubFactory(ReturnFactory)
    sku = "MUG"
    quantity = 1
