"""Every fact of Salesforce that is not certain, and every drill, with its position."""

from __future__ import annotations

from typing import Any

FEATURES = ("state_country_picklists", "multicurrency", "serialized_products")


def usual() -> dict[str, Any]:
    """A new organization's positions."""
    return {
        "token_lifetime": 7200.0,  # seconds of world time
        "daily_limit": 100_000,
        "min_batch_size": 200,
        "child_page_rows": 2_000,  # more children than this are paged
        "rights_of_the_package": False,  # the integration user has no others
        "granted_fields": [],  # "Order.PoDate": readable besides, then
        "hidden_fields": [],  # "Order.PoNumber": no field-level access over the API
        "unshared_records": [],  # ids that no sharing rule shows to the integration
        "late_commit": 0.0,  # seconds until other users' writes are visible
        "late_landing": 5.0,  # seconds until a lost request is applied after all
        "lock_always": [],  # ids of rows that another transaction holds
        "validation_rules": [],  # {"sobject", "field", "value"?, "message"?}
        "denied_permissions": {},  # username: ["EditActivatedOrders", ...]
        "edit_activated_refusal": "INSUFFICIENT_ACCESS_OR_READONLY",
        "locked_field_refusal": "FIELD_INTEGRITY_EXCEPTION",
        "add_items_when_activated": False,
        "enhanced_commerce_orders": False,
        "bump_without_change": True,  # an update of nothing moves SystemModstamp
        "jwt_approved": True,
        "maintenance": False,
        "bulk_max_bytes": 100_000_000,  # of one upload, before base64
        "bulk_batch_rows": 10_000,
        "bulk_queue_seconds": 2.0,  # until a closed job is begun
        "bulk_batch_seconds": 1.0,  # between its batches
        "bulk_fail_after_batches": None,  # a job that is given up half-way
        "outbound_endpoint": "",  # where the package's messages go; "" sends none
        "outbound_lag": 1.0,  # seconds from a change to its message
        "outbound_delay": 60.0,  # the most by which a fault delays one
        "outbound_retry": 15.0,  # doubled with each repetition
        "flows_leave_us_out": True,  # the flows' condition on the integration user
        **dict.fromkeys(FEATURES, False),
    }
