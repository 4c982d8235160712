"""Tracking numbers for lists, read for a whole page at once."""

from __future__ import annotations

from orders.models import Order, Package

_CARRIERS = {
    "dhl": "DHL",
    "fedex": "FedEx",
    "ontrac": "OnTrac",
    "ups": "UPS",
    "usps": "USPS",
}


def service_of(package: Package) -> str:
    """Carrier and method for people: “UPS Ground” for ups, ups_ground."""
    method = package.method
    if "_" in method or method.islower():
        method = method.replace("_", " ")
        carrier = f"{package.carrier.lower()} "
        method = method.removeprefix(carrier)
        method = method[:1].upper() + method[1:]
    name = _CARRIERS.get(package.carrier.lower(), package.carrier)
    return method if method.startswith(name) else f"{name} {method}".strip()


def tracking_of(orders: list[Order]) -> dict[int, list[str]]:
    """The live tracking numbers of these orders, by order."""
    found: dict[int, list[str]] = {}
    rows = (
        Package.objects.filter(
            shipment__export__order__in=[order.pk for order in orders],
            shipment__is_void=False,
            is_void=False,
        )
        .exclude(tracking_number="")
        .order_by("id")
        .values_list("shipment__export__order_id", "tracking_number")
    )
    for key, number in rows:
        found.setdefault(key, []).append(number)
    return found
