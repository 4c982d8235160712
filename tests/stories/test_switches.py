"""In every position of every uncertain fact that the path touches, it ships once."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.sandbox.shiphero.switches import SWITCHES
from tests.stories.reading import ships_once
from tests.town import Town

POSITIONS: list[tuple[str, Any]] = [
    ("duplicate_create", "reject"),
    ("unknown_sku", "reject"),
    ("process_lag", 0.0),
    ("process_lag", 120.0),
    ("reprocess_lag", 0.0),
    ("allocate_at", "create"),
    ("allocate_at", "both"),
    ("lookup_lag", 30.0),
    ("locked_edits", "reject"),
    ("cancel_again", "reject"),
    ("mwa", True),
    ("status_collapse", False),
    ("partial_status", "fulfilled"),
    ("void_reopens", True),
    ("money_scale", "4"),
    ("money_scale", "after_edit"),
    ("line_id_limit", 0),
    ("graphql_times", "zoned"),
    ("legacy_id_as_text", True),
    ("view_pii", False),
    ("error_extras", "extensions"),
    ("invalid_status", 200),
    ("credits_max", 2002),
    ("credits_rate", 30),
    ("request_cap", 60),
    ("request_cap_status", 200),
    ("token_lifetime", 60.0),
    ("auth_failure_body", "html"),
    ("auth_failure_body", "empty"),
    ("rotate_refresh", True),
    ("auto_packages", 2),
    ("tote_complete", True),
    ("tote_cleared_type", False),
    ("packages", False),
    ("hook_times", "iso"),
    ("hook_lag", 60.0),
    ("message_id_on_retry", "new"),
    ("empty_signature", True),
    ("duplicate_webhook", "accept"),
    ("head_check", True),
    ("https_only", True),
    ("hooks_before_answer", True),
    ("server_error_applies", True),
]
NOT_OF_THIS_PATH = {
    "mwa_warehouse": "only with several warehouses",
    "merged_status": "staff merges",
    "missing_scopes": "a right is missing; its own story",
    "refusal_code": "only of refusals",
    "mutation_cost": "a price",
    "auth_refusal_status": "a wrong login",
    "ip_blocked": "nothing works",
    "outage": "nothing works; its own story",
    "auto_floor": "nobody ships",
    "auto_splits": "two shipments; their own story",
    "pick_after": "a pace",
    "pack_after": "a pace",
    "ship_after": "a pace",
    "hook_retries": "a pace",
    "hook_delay": "a pace",
    "warning_after": "health of registrations",
    "unhealthy_after": "health of registrations",
    "lost_hangs_seconds": "real time",
    "late_landing_max": "only of late landings",
    "stock_touch": "stock; its own stories",
    "snapshot_lag": "stock; its own stories",
    "snapshot_outcome": "stock; its own stories",
    "snapshot_layout": "stock; its own stories",
    "snapshot_url_life": "stock; its own stories",
    "snapshot_gzip": "stock; its own stories",
    "snapshot_damage": "stock; its own stories",
    "snapshot_omits": "stock; its own stories",
    "kit_shipments": "kits; the floor's stories",
    "serials_forgotten": "serial numbers; the floor's stories",
}


def test_no_switch_is_forgotten() -> None:
    positions = {name for name, _ in POSITIONS}

    assert positions | set(NOT_OF_THIS_PATH) == {switch.name for switch in SWITCHES}
    assert not positions & set(NOT_OF_THIS_PATH)


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("name", "value"), POSITIONS, ids=[f"{n}={v}" for n, v in POSITIONS]
)
def test_it_ships_once(town: Town, name: str, value: Any) -> None:
    town.shiphero.set_switches({name: value})
    order = town.order()

    ships_once(town, order)
