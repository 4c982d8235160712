"""Door: registers the console's pages of orders, exports and shipments."""

from __future__ import annotations

from orders.admin import exports, orders, shipments

__all__ = ["exports", "orders", "shipments"]
