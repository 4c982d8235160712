"""Every setting with its default and what it means, one after another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class SettingSpec:
    """`minimum` bounds numbers from below."""

    key: str
    default: Any
    type: type
    help: str
    minimum: float = 0

    def check(self, value: object) -> None:
        """Raises ValueError in words for the person who typed the value."""
        fits = isinstance(value, self.type) and type(value) is not bool
        if self.type is bool:
            fits = isinstance(value, bool)
        if not fits:
            raise ValueError(f"{self.key} must be of type {self.type.__name__}.")
        if isinstance(value, int | float) and value < self.minimum:
            raise ValueError(f"{self.key} must be {self.minimum} or more.")


SPECS = [
    SettingSpec(
        "quarantine_seconds",
        90,
        int,
        "How long an export whose outcome is unknown rests before it is looked up.",
    ),
    SettingSpec(
        "poll_orders_seconds", 30, int, "How often Salesforce is read for orders.", 1
    ),
    SettingSpec(
        "poll_requests_seconds",
        30,
        int,
        "How often Salesforce is asked for requests of its people.",
        1,
    ),
    SettingSpec(
        "push_exceptions_seconds",
        20,
        int,
        "How often Salesforce is told of failures and exceptions that began or ended.",
        1,
    ),
    SettingSpec(
        "poll_overlap_seconds",
        600,
        int,
        "How far each reading of Salesforce reaches back over the one before.",
    ),
    SettingSpec(
        "client_timeout_seconds", 25, int, "How long a remote call may take.", 1
    ),
    SettingSpec(
        "held_alarm_seconds",
        120,
        int,
        "After this time an order still held by us is an alarm.",
    ),
    SettingSpec(
        "watch_routing_seconds",
        30,
        int,
        "How often orders without a warehouse are held against stock that has moved.",
        1,
    ),
    SettingSpec(
        "release_wave",
        50,
        int,
        "So many waiting orders a saved map or rule lets go at once; more go as a retry "
        "of many, the first one first, which can be stopped.",
        1,
    ),
    SettingSpec(
        "late_after_seconds",
        300,
        int,
        "After this time an order that is not in the warehouse yet counts as late.",
    ),
    SettingSpec(
        "stale_after_seconds",
        1800,
        int,
        "After this time without a poll a reading counts as stale.",
        60,
    ),
    SettingSpec(
        "linger_fulfillment_seconds",
        7,
        int,
        "How long at most fulfillment updates gather; they are written as one batch.",
    ),
    SettingSpec(
        "poll_shiphero_seconds", 60, int, "How often ShipHero is read for changes.", 1
    ),
    SettingSpec(
        "poll_shipments_seconds",
        900,
        int,
        "How often ShipHero's shipments are read again, to see those made void since.",
        1,
    ),
    SettingSpec(
        "shipment_window_days",
        7,
        int,
        "How many days back a shipment that was made void is still noticed.",
        1,
    ),
    SettingSpec(
        "poll_returns_seconds", 1800, int, "How often ShipHero is read for returns.", 1
    ),
    SettingSpec(
        "return_window_days",
        60,
        int,
        "How many days back a return is still followed.",
        1,
    ),
    SettingSpec(
        "poll_purchases_seconds",
        3600,
        int,
        "How often ShipHero is read for goods on their way to its warehouses.",
        1,
    ),
    SettingSpec(
        "purchase_window_days",
        180,
        int,
        "How many days back an open purchase order is still followed.",
        1,
    ),
    SettingSpec(
        "stuck_sent_minutes",
        120,
        int,
        "After this time in the state “sent” an order counts as stuck. 0: never.",
    ),
    SettingSpec(
        "stuck_on_hold_minutes",
        1440,
        int,
        "After this time in the state “on hold” an order counts as stuck. 0: never.",
    ),
    SettingSpec(
        "stuck_in_warehouse_minutes",
        1440,
        int,
        "After this time in the state “in warehouse” an order counts as stuck. 0: never.",
    ),
    SettingSpec(
        "stuck_picking_minutes",
        240,
        int,
        "After this time in the state “picking” an order counts as stuck. 0: never.",
    ),
    SettingSpec(
        "stuck_packed_minutes",
        240,
        int,
        "After this time in the state “packed” an order counts as stuck. 0: never.",
    ),
    SettingSpec(
        "stuck_partially_shipped_minutes",
        4320,
        int,
        "After this time in the state “partially shipped” an order counts as stuck. 0: never.",
    ),
    SettingSpec(
        "cutoff_warning_minutes",
        60,
        int,
        "How long before its warehouse's cut-off an order that is not shipped is shown.",
    ),
    SettingSpec(
        "hopeless_days",
        14,
        int,
        "After so many days, what waits for stock that nobody has will never finish.",
        1,
    ),
    SettingSpec(
        "watch_orders_seconds",
        60,
        int,
        "How often orders are looked at for what time alone makes an exception.",
        1,
    ),
    SettingSpec(
        "loss_window_hours",
        24,
        int,
        "Over how many hours the loss of webhooks is measured.",
        1,
    ),
    SettingSpec(
        "api_share_background",
        0.8,
        float,
        "When more than this share of Salesforce's daily calls is used, by whomever, "
        "Salesforce is read four times less often.",
    ),
    SettingSpec(
        "reconcile_seconds",
        60,
        int,
        "How often unknown outcomes and held extras are looked for.",
        1,
    ),
    SettingSpec(
        "most_writebacks",
        30,
        int,
        "An order written to Salesforce more often than this within ten minutes rests.",
        1,
    ),
    SettingSpec(
        "most_cancels",
        25,
        int,
        "More cancels or line removals than this within ten minutes pause the account.",
        1,
    ),
    SettingSpec(
        "check_webhooks_seconds",
        600,
        int,
        "How often the webhook registrations and their health are looked at.",
        1,
    ),
    SettingSpec(
        "hold_window_seconds",
        0,
        int,
        "How long a new order is kept back so that sales can still change it: edits are "
        "folded into one, and the floor sees the order afterwards. 0: no window.",
    ),
    SettingSpec(
        "draft_cancel_seconds",
        14_400,
        int,
        "How long an order that went back to Draft stays on hold in ShipHero before its "
        "cancel is proposed. A deleted order's cancel is proposed at once.",
    ),
    SettingSpec(
        "cancel_by_itself",
        False,
        bool,
        "A proposed cancel is carried out without a person's yes.",
    ),
    SettingSpec(
        "watch_seconds",
        30,
        int,
        "How often orders held too long and second live warehouse orders are looked for.",
        1,
    ),
    SettingSpec(
        "shiphero_decides_shipping",
        False,
        bool,
        "ShipHero's own rules choose carrier and method after an order was created: a "
        "difference there is neither an edit that failed nor a drift.",
    ),
    SettingSpec(
        "restored_at",
        "",
        str,
        "When an older database was restored (set by `manage.py after_restore`). Orders "
        "activated earlier are looked up in ShipHero before they are created.",
    ),
    SettingSpec(
        "pull_warehouses_seconds",
        3600,
        int,
        "How often an account's list of warehouses is read.",
        1,
    ),
    SettingSpec(
        "pull_catalogue_seconds",
        600,
        int,
        "How often ShipHero is read for products that moved.",
        1,
    ),
    SettingSpec(
        "whole_catalogue_seconds",
        604_800,
        int,
        "How often the whole catalogue is read, whatever moved.",
        60,
    ),
    SettingSpec(
        "poll_stock_seconds",
        120,
        int,
        "How often ShipHero is read for stock that moved.",
        1,
    ),
    SettingSpec(
        "stock_snapshot_seconds",
        21_600,
        int,
        "How often a snapshot of all stock is asked for.",
        60,
    ),
    SettingSpec(
        "snapshot_patience_seconds",
        7200,
        int,
        "A snapshot that ShipHero has not made after this time is given up.",
        60,
    ),
    SettingSpec(
        "availability_seconds",
        60,
        int,
        "How often availability is computed again for what stands in open orders.",
        1,
    ),
    SettingSpec(
        "stock_stale_seconds",
        43_200,
        int,
        "Stock that was not read for this long is shown as stale.",
        60,
    ),
    SettingSpec(
        "thin_stock_seconds",
        21_600,
        int,
        "How often the history of stock is made coarser by age.",
        60,
    ),
    SettingSpec(
        "messages_days",
        90,
        int,
        "How many days messages from Salesforce are kept, with what they named.",
        2,
    ),
    SettingSpec(
        "api_use_days",
        400,
        int,
        "How many days the count of calls to Salesforce is kept, by hour and kind.",
        2,
    ),
    SettingSpec(
        "movements_days", 400, int, "How many days the ledger of stock is kept.", 1
    ),
    SettingSpec(
        "availability_buffer", 0, int, "Pieces of each SKU that are never promised."
    ),
    SettingSpec(
        "availability_threshold",
        0,
        int,
        "Fewer pieces than this are promised as none.",
    ),
    SettingSpec(
        "availability_sell_ahead",
        True,
        bool,
        "Whether pieces that ShipHero sells ahead of their arrival are promised.",
    ),
    SettingSpec(
        "availability_backorders",
        True,
        bool,
        "Whether pieces that backorders wait for are taken off.",
    ),
    SettingSpec(
        "availability_non_sellable",
        True,
        bool,
        "Whether the account counts pieces that cannot be sold as on hand; they are "
        "taken off then.",
    ),
    SettingSpec(
        "push_availability_seconds",
        60,
        int,
        "How often what availability Salesforce lacks is looked for, rung or not.",
        1,
    ),
    SettingSpec(
        "linger_availability_seconds",
        15,
        int,
        "How long changes of availability gather before they are written together.",
    ),
    SettingSpec(
        "availability_bulk_from",
        2000,
        int,
        "More rows of availability than this go through Salesforce's Bulk API.",
        1,
    ),
    SettingSpec(
        "availability_rows_per_job",
        50_000,
        int,
        "The most rows of one Bulk job.",
        1,
    ),
    SettingSpec(
        "availability_confirm_from",
        20_000,
        int,
        "More rows of availability than this are written only when a person has seen "
        "the price and said yes.",
        1,
    ),
    SettingSpec(
        "poll_products_seconds",
        300,
        int,
        "How often Salesforce is read for products.",
        1,
    ),
]
