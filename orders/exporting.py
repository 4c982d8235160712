"""From what the source says to what the warehouse is to have: the wanted picture."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.errors import Problem
from orders.records import (
    MISSING,
    Address,
    LineRecord,
    OrderRecord,
    WantedLine,
    WantedOrder,
)
from orders.validation import validate

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class ShippingMethod:
    """What a sales person's words for shipping mean to the warehouse."""

    carrier: str
    method: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class MethodMap:
    """Shipping methods by name (case does not count); what is not listed blocks."""

    methods: dict[str, ShippingMethod]

    def find(self, name: str) -> ShippingMethod | None:
        return self.methods.get(name.strip().casefold())

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> MethodMap:
        """Reads `{"Ground": {"carrier": "ups", "method": "ground"}, …}`.

        Raises `ValueError` with words for its editor.
        """
        methods: dict[str, ShippingMethod] = {}
        for name, target in document.items():
            if not isinstance(target, dict) or not target.get("method"):
                raise ValueError(f"“{name}” needs a carrier and a method.")
            methods[name.strip().casefold()] = ShippingMethod(
                carrier=str(target.get("carrier", "")),
                method=str(target["method"]),
                title=str(target.get("title") or name),
            )
        return cls(methods)


@dataclass(frozen=True, slots=True)
class ExportTerms:
    """What the account adds to each of its orders."""

    key: str
    shop_name: str
    tags: tuple[str, ...]
    methods: MethodMap


@dataclass(frozen=True, slots=True)
class Plan:
    """Either `wanted`, or all the problems that stand in its way."""

    wanted: WantedOrder | None
    problems: tuple[Problem, ...]


def plan_export(record: OrderRecord, terms: ExportTerms) -> Plan:
    problems = validate(record)
    method = _method(record, terms.methods, problems)
    if problems or method is None:
        return Plan(None, tuple(problems))
    return Plan(_wanted(record, terms, method), ())


def _method(
    record: OrderRecord, methods: MethodMap, problems: list[Problem]
) -> ShippingMethod | None:
    if record.shipping_method is MISSING or not record.shipping_method.strip():
        return None
    method = methods.find(record.shipping_method)
    if method is None:
        problems.append(
            Problem(
                "method.unmapped",
                f"The shipping method “{record.shipping_method}” is not mapped.",
                "shipping_method",
                record.shipping_method,
            )
        )
    return method


def _wanted(
    record: OrderRecord, terms: ExportTerms, method: ShippingMethod
) -> WantedOrder:
    assert isinstance(record.ship_to, Address)  # noqa: S101 - validate() saw to it
    assert isinstance(record.lines, tuple)  # noqa: S101
    return WantedOrder(
        key=terms.key,
        order_number=record.order_number,
        shop_name=terms.shop_name,
        ship_to=record.ship_to,
        lines=tuple(_line(line) for line in record.lines),
        method_title=method.title,
        carrier=method.carrier,
        method=method.method,
        currency=record.currency or "",
        email=record.email or record.ship_to.email,
        order_date=record.order_date.isoformat() if record.order_date else "",
        required_date=record.required_date.isoformat() if record.required_date else "",
        packing_note=record.packing_note or "",
        tags=terms.tags,
    )


def _line(line: LineRecord) -> WantedLine:
    assert isinstance(line.quantity, Decimal)  # noqa: S101 - validate() saw to it
    price = line.unit_price or Decimal(0)
    return WantedLine(
        key=line.salesforce_id,
        sku=(line.sku or "").strip(),
        quantity=int(line.quantity),
        price=str(price.quantize(CENT, ROUND_HALF_UP)),
        product_name=line.product_name or "",
    )
