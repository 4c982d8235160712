"""Every fact about ShipHero that is not certain, with the position we believe in.

Clients must be right under all positions. Times are seconds of world time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Switch:
    name: str
    default: Any
    meaning: str


SWITCHES = (
    # -- orders
    Switch("duplicate_create", "accept", "same key again: accept | reject"),
    Switch("unknown_sku", "accept", "a line with an unknown SKU: accept | reject"),
    Switch("process_lag", 17.0, "from create to rules, address check, allocation"),
    Switch("reprocess_lag", 5.0, "from an edit or a release to processing again"),
    Switch("allocate_at", "release", "held orders get stock at: create|release|both"),
    Switch("lookup_lag", 0.0, "how long lists do not show a new order"),
    Switch("locked_edits", "accept", "line edits once picking began: accept | reject"),
    Switch("cancel_again", "accept", "canceling a canceled order: accept | reject"),
    Switch("mwa", False, "multi-warehouse rules override pins at each processing"),
    Switch("mwa_warehouse", "", "the warehouse those rules choose; empty: first"),
    Switch("status_collapse", True, "unrecognized statuses read back as fulfilled"),
    Switch("partial_status", "pending", "status of a partly shipped order"),
    Switch("merged_status", "canceled", "status of an order merged into another"),
    Switch("void_reopens", False, "voiding the last label reopens the order"),
    Switch("money_scale", "2", "digits of money: 2 | 4 | after_edit (2, then 4)"),
    Switch("line_id_limit", 45, "longest partner_line_item_id; 0: no limit"),
    Switch("graphql_times", "naive", "times in answers: naive | zoned"),
    Switch("legacy_id_as_text", False, "legacy_id as text instead of a number"),
    Switch("view_pii", True, "without it personal fields come back null"),
    Switch("missing_scopes", [], "scopes the token lacks, such as view:orders"),
    # -- stock and snapshots
    Switch("stock_touch", "all", "what moves a stock row's updated_at: all | on_hand"),
    Switch("snapshot_lag", 60.0, "from asking for a snapshot to its success"),
    Switch("snapshot_outcome", "success", "success | error | aborted | stuck"),
    Switch("snapshot_layout", "new", "layout of its file: new | old"),
    Switch("snapshot_url_life", 86_400.0, "how long its URL can be read"),
    Switch("snapshot_gzip", False, "its file comes compressed"),
    Switch("snapshot_damage", "", "its file: '' | truncated | html | bomb"),
    Switch("snapshot_omits", [], "SKUs and warehouse names that it leaves out"),
    # -- envelope, credits, limits
    Switch("error_extras", "top", "extra fields of code 30: top | extensions"),
    Switch("refusal_code", 3, "code of refusals whose number is not known"),
    Switch("invalid_status", 400, "HTTP status of GraphQL that does not validate"),
    Switch("credits_max", 4004, "size of the credit bucket"),
    Switch("credits_rate", 60, "credits that come back per second"),
    Switch("mutation_cost", 10, "flat price of a mutation"),
    Switch("request_cap", 7000, "requests in any five minutes; 0: no cap"),
    Switch("request_cap_status", 429, "HTTP status beyond that cap"),
    # -- access
    Switch("token_lifetime", 2_419_200.0, "life of an access token (28 days)"),
    Switch("auth_failure_body", "json", "body of a 401: json | html | empty"),
    Switch("auth_refusal_status", 401, "HTTP status of a wrong login or refresh"),
    Switch("rotate_refresh", False, "a refresh answers with a new refresh token too"),
    Switch("ip_blocked", False, "403 without errors for everything"),
    Switch("outage", "", "the whole API: '' | refused | 500 | 502 | 503"),
    # -- floor
    Switch("auto_floor", True, "the floor works by itself"),
    Switch("pick_after", 60.0, "from ready to picked"),
    Switch("pack_after", 30.0, "from picked to packed"),
    Switch("ship_after", 30.0, "from packed to shipped"),
    Switch("kit_shipments", "kit", "shipments name a kit's line as: kit | components"),
    Switch("serials_forgotten", 0, "serial numbers a packer does not scan per line"),
    Switch("auto_packages", 1, "packages of a shipment the floor makes by itself"),
    Switch("auto_splits", 1, "shipments it makes of one allocation, one by one"),
    # -- webhooks
    Switch("tote_complete", False, "Tote Complete, enabled by support only"),
    Switch("tote_cleared_type", True, "Tote Cleared carries webhook_type"),
    Switch("packages", True, "Shipment Update carries packages[]"),
    Switch("hook_times", "documented", "times in webhooks: documented | iso"),
    Switch("hook_lag", 1.0, "from an event to its first delivery"),
    Switch("hook_retries", [10, 30, 60, 300, 900], "waits before each retry"),
    Switch("hook_delay", 45.0, "how late a delayed webhook arrives, at most"),
    Switch("message_id_on_retry", "same", "X-Shiphero-Message-ID: same | new"),
    Switch("empty_signature", False, "the signature header is there, but empty"),
    Switch("warning_after", 10, "failures in a row until health is WARNING"),
    Switch("unhealthy_after", 100, "failures in a row until UNHEALTHY and off"),
    Switch("duplicate_webhook", "reject", "same name and shop_name: reject | accept"),
    Switch("head_check", False, "webhook_create asks the URL with HEAD first"),
    Switch("https_only", False, "webhook URLs must be https"),
    Switch("hooks_before_answer", False, "what is due goes out before the answer"),
    # -- faults
    Switch("lost_hangs_seconds", 0.0, "a lost request hangs this long (real time)"),
    Switch("late_landing_max", 60.0, "latest landing of a late request"),
    Switch("server_error_applies", False, "a 5xx may come after the work was done"),
)


def defaults() -> dict[str, Any]:
    return {switch.name: switch.default for switch in SWITCHES}


def checked(changes: dict[str, Any]) -> dict[str, Any]:
    """`changes`, when every name is a switch; ValueError when one is not."""
    unknown = sorted(set(changes) - set(defaults()))
    if unknown:
        raise ValueError(f"No such switch: {', '.join(unknown)}")
    return changes
