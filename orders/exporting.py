"""From what the source says to what the warehouse is to have: the wanted picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal

from connectors.errors import Problem
from inventory.units import Pieces
from orders.address_checks import po_box_problem
from orders.addresses import tidy
from orders.checks import Checks, Severity
from orders.dispatch import Dispatch, Goods, Routing, dispatch, source_tags
from orders.line_units import counted, is_told, price_of_piece
from orders.maps import ValueMap
from orders.methods import MethodFound, MethodMap, ShippingMethod
from orders.records import (
    MISSING,
    Address,
    LineRecord,
    Missing,
    OrderRecord,
    WantedLine,
    WantedOrder,
)
from orders.routing_table import Outcome
from orders.validation import (
    MAX_QUANTITY,
    Known,
    is_price,
    parted,
    validate,
)

CENT = Decimal("0.01")
NOTHING = "0.00"


@dataclass(frozen=True, slots=True)
class ExportTerms:
    """What the account adds to each of its orders."""

    key: str
    shop_name: str
    tags: tuple[str, ...]
    methods: MethodMap
    skus: ValueMap = field(default_factory=ValueMap)
    tag_map: ValueMap = field(default_factory=ValueMap)
    goods: Goods = field(default_factory=Goods)
    checks: Checks = field(default_factory=Checks)
    around: Known = field(default_factory=Known)
    routing: Routing | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Either `wanted`, or all the problems that stand in its way."""

    wanted: WantedOrder | None
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...] = ()
    dispatch: Dispatch | None = None


def plan_export(record: OrderRecord, terms: ExportTerms) -> Plan:
    """What is wanted of the warehouse; the same code decides, previews and explains."""
    record = tidied(record, terms.checks)
    problems = validate(record, terms.checks, terms.around)
    lines = _lines(record, terms, problems)
    tags = _tags(record, terms, problems)
    sent = dispatch(
        record,
        lines,
        methods=terms.methods,
        goods=terms.goods,
        routing=terms.routing,
    )
    problems += _dispatch_problems(record, sent)
    method = sent.method.method
    problems += _closed_to(record, method, terms.checks)
    problems += _unknown_skus(lines, terms)
    blocking, warnings = parted(problems, terms.checks)
    if blocking or method is None:
        return Plan(None, blocking, warnings, sent)
    lines = tuple(
        replace(line, warehouse=sent.warehouses.get(line.key, "")) for line in lines
    )
    tags = tuple(dict.fromkeys((*tags, *sent.tags)))
    return Plan(_wanted(record, terms, lines, tags, method), (), warnings, sent)


def _dispatch_problems(record: OrderRecord, sent: Dispatch) -> Iterator[Problem]:
    """A missing method is validation's problem; here it may be unmapped, or routing."""
    name = record.shipping_method
    if name is not MISSING and name.strip() and sent.method.method is None:
        yield _no_method(name, sent.method)
    if sent.decision is not None and sent.decision.outcome is Outcome.WAITS:
        yield Problem("routing.no_warehouse", sent.decision.reason, "warehouse")


def tidied(record: OrderRecord, checks: Checks) -> OrderRecord:
    """The record with its addresses in canonical form."""
    if record.ship_to is not MISSING:
        ship_to = tidy(record.ship_to, line_length=checks.line_length).address
        record = replace(record, ship_to=ship_to)
    if record.bill_to is not MISSING:
        record = replace(record, bill_to=tidy(record.bill_to).address)
    return record


def _closed_to(
    record: OrderRecord, method: ShippingMethod | None, checks: Checks
) -> list[Problem]:
    if method is None or record.ship_to is MISSING:
        return []
    found = po_box_problem(record.ship_to, method.carrier, method.method, checks)
    return [found] if found else []


def _unknown_skus(lines: Sequence[WantedLine], terms: ExportTerms) -> list[Problem]:
    """SKUs that the warehouse's catalogue, where it has been read, does not list."""
    is_off = terms.checks.severity("sku.unknown") is Severity.OFF
    if is_off or not terms.goods.is_read:
        return []
    skus = dict.fromkeys(line.sku for line in lines)
    return [
        Problem(
            "sku.unknown",
            f"The warehouse's catalogue has no SKU “{sku}”.",
            "lines",
            sku,
        )
        for sku in skus
        if sku not in terms.goods.known
    ]


def _lines(
    record: OrderRecord, terms: ExportTerms, problems: list[Problem]
) -> tuple[WantedLine, ...]:
    """The lines under the warehouse's SKUs, as far as they can be exported at all."""
    found = []
    for position, line in enumerate(record.lines or (), start=1):
        sku = (line.sku or "").strip()
        if not sku or not is_countable(line.quantity):
            continue
        target = terms.skus.find(sku, terms.goods.known)
        if target is None:
            problems.append(_unmapped_sku(sku, position))
            continue
        pieces, problem = counted(
            line, target.target, position, terms.goods.units, terms.checks
        )
        if problem is not None:
            problems.append(problem)
        if pieces is not None:
            found.append(_line(line, target.target, pieces))
    return tuple(found)


def planned_lines(
    record: OrderRecord, skus: ValueMap, goods: Goods, checks: Checks | None = None
) -> tuple[WantedLine, ...]:
    """The lines that can be exported, under the warehouse's SKUs; for replays."""
    terms = ExportTerms(
        "", "", (), MethodMap(), skus=skus, goods=goods, checks=checks or Checks()
    )
    return _lines(record, terms, [])


def is_countable(quantity: Decimal | Missing) -> bool:
    """Whether pieces can be counted of it; 1E+999999 would take minutes."""
    if quantity is MISSING or not quantity.is_finite():
        return False
    return 0 < quantity <= MAX_QUANTITY


def _unmapped_sku(sku: str, position: int) -> Problem:
    return Problem(
        "sku.unmapped",
        f"The SKU “{sku}” is neither a product of the warehouse nor an alias.",
        f"lines[{position}].sku",
        sku,
    )


def _tags(
    record: OrderRecord, terms: ExportTerms, problems: list[Problem]
) -> tuple[str, ...]:
    """The account's own tags, and those of the source under the warehouse's names."""
    tags = list(terms.tags)
    for tag in source_tags(record):
        found = terms.tag_map.find(tag)
        if found is None:
            problems.append(
                Problem("tag.unmapped", f"The tag “{tag}” is not mapped.", "tags", tag)
            )
        elif found.target:
            tags.append(found.target)
    return tuple(dict.fromkeys(tags))


def _no_method(name: str, found: MethodFound) -> Problem:
    if found.refusals:
        why = "; ".join(found.refusals)
        words = (
            f"The shipping method “{name}” is mapped, but not for this order: {why}."
        )
        return Problem("method.not_valid", words, "shipping_method", name)
    words = f"The shipping method “{name}” is not mapped."
    return Problem("method.unmapped", words, "shipping_method", name)


def _wanted(
    record: OrderRecord,
    terms: ExportTerms,
    lines: tuple[WantedLine, ...],
    tags: tuple[str, ...],
    method: ShippingMethod,
) -> WantedOrder:
    assert isinstance(record.ship_to, Address)  # noqa: S101 - validate() saw to it
    return WantedOrder(
        key=terms.key,
        order_number=record.order_number,
        shop_name=terms.shop_name,
        ship_to=record.ship_to,
        lines=lines,
        method_title=method.title,
        carrier=method.carrier,
        method=method.method,
        currency=record.currency or "",
        email=record.email or record.ship_to.email,
        order_date=record.order_date.isoformat() if record.order_date else "",
        required_date=record.required_date.isoformat() if record.required_date else "",
        packing_note=record.packing_note or "",
        tags=tags,
        shipping_price=_money(record.shipping_price) or NOTHING,
        bill_to=_bill_to(record),
        gift_note=record.gift_note or "",
        is_gift=record.is_gift is True,
        require_signature=record.require_signature is True,
        adult_signature=record.adult_signature is True,
        insurance=record.insurance is True,
        insurance_amount=_money(record.insurance_amount),
        total_tax=_money(record.total_tax) or NOTHING,
        total_discount=_money(record.total_discount) or NOTHING,
    )


def _bill_to(record: OrderRecord) -> Address | None:
    """None where there is none: the warehouse then takes the ship-to address."""
    if record.bill_to is MISSING or record.bill_to == Address():
        return None
    return record.bill_to


def _line(line: LineRecord, sku: str, pieces: Pieces) -> WantedLine:
    price = line.unit_price
    if price is not None and price is not MISSING and is_price(price):
        price = price_of_piece(price, pieces.factor)
    return WantedLine(
        key=line.salesforce_id,
        sku=sku,
        quantity=pieces.pieces,
        price=_money(price) or NOTHING,
        product_name=line.product_name or "",
        unit=pieces.unit if is_told(pieces) else MISSING,
        factor=pieces.factor if is_told(pieces) else MISSING,
    )


def _money(amount: Decimal | Missing | None) -> str:
    """Money as text; validate() refuses the amounts that this cannot write."""
    if amount is None or amount is MISSING or not is_price(amount):
        return ""
    return str(amount.quantize(CENT, ROUND_HALF_UP))
