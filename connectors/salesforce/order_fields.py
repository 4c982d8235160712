"""The fields of an order that a mapping can fill."""

from __future__ import annotations

from dataclasses import fields

from orders.records import Address

ADDRESS_FIELDS = tuple(part.name for part in fields(Address))

ORDER_FIELDS = (
    "order_number",
    "status",
    "stage",
    "is_reduction",
    "modified_by",
    "record_type",
    "activated_at",
    "account_id",
    "account_name",
    "email",
    "phone",
    "shipping_method",
    "po_number",
    "currency",
    "required_date",
    "order_date",
    "packing_note",
    "gift_note",
    "is_gift",
    "require_signature",
    "adult_signature",
    "insurance",
    "insurance_amount",
    "shipping_price",
    "total_tax",
    "total_discount",
    "brand",
    "warehouse",
    *(f"ship_to.{part}" for part in ADDRESS_FIELDS),
    *(f"bill_to.{part}" for part in ADDRESS_FIELDS),
)
LINE_FIELDS = (
    "lines.line_number",
    "lines.sku",
    "lines.quantity",
    "lines.unit_price",
    "lines.product_name",
    "lines.product_id",
    "lines.brand",
    "lines.unit",
)
# An order cannot be judged at all without these.
ESSENTIAL_FIELDS = ("order_number", "status", "stage")
