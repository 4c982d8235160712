"""Every job kind, imported so that it is registered."""

from connectors.sync import (  # noqa: F401
    alerts,
    apply_deliveries,
    cancel_orders,
    link_orders,
    poll_shipments,
    poll_warehouse,
    pull_orders,
    push_fulfillment,
    push_orders,
    read_warehouse,
    reconcile,
    register_webhooks,
)
