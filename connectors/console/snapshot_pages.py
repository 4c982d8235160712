"""The pages of what was read and said: snapshots and the ledger."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from connectors.console import filters, markup
from connectors.console.base import MirrorAdmin, column, list_address
from connectors.console.searching import Search
from inventory.models import (
    SnapshotState,
    StockDiscrepancy,
    StockMovement,
    StockSnapshot,
    Warehouse,
)

STATES = {
    "applied": "good",
    "failed": "bad",
    "expired": "bad",
    "aborted": "warn",
}


class StockSnapshotAdmin(MirrorAdmin):
    search = Search(exact=("remote_id",))
    search_help_text = "ShipHero's id"
    list_note = "Whole readings of stock: the truth behind messages and polls."
    list_filter = (filters.AccountFilter, "state")
    list_display = (
        "asked",
        "account",
        "of",
        "standing",
        "rows",
        "changed",
        "missed",
        "absent",
        "odd",
    )
    list_select_related = ("account", "warehouse")
    ordering = ("-id",)
    fieldsets = (
        (None, {"fields": ("progress", "error", "of", "account")}),
        ("What it said", {"fields": ("told",)}),
        (
            "How it went",
            {
                "fields": (
                    *("asked", "begun", "ended", "asked_by", "kind_of_file"),
                    *("expires", "tries", "remote_id"),
                )
            },
        ),
    )

    @column("Asked for", order="asked_at")
    def asked(self, row: StockSnapshot) -> SafeString | str:
        return markup.when(row.asked_at or row.created_at)

    @column("Of")
    def of(self, row: StockSnapshot) -> str:
        return str(row.warehouse) if row.warehouse else "All warehouses"

    @column("State", order="state")
    def standing(self, row: StockSnapshot) -> SafeString:
        tone = STATES.get(row.state, "moving")
        return markup.tone_html(tone, row.get_state_display())

    @column("State")
    def progress(self, row: StockSnapshot) -> SafeString:
        """The page looks again by itself while it is under way."""
        return render_to_string(
            "admin/console/snapshot_progress.html",
            {
                "row": row,
                "tone": STATES.get(row.state, "moving"),
                "words": progress_of(row),
            },
        )

    @column("Counts")
    def told(self, row: StockSnapshot) -> SafeString:
        """What it found, each number with the list behind it."""
        behind = {
            kind: list_address(
                StockDiscrepancy, state="all", snapshot=row.pk, kind__exact=kind
            )
            for kind in ("missed", "absent", "unbelieved")
        }
        places = Warehouse.objects.filter(pk__in=row.seen)
        return render_to_string(
            "admin/console/snapshot_told.html",
            {"row": row, "behind": behind, "places": places},
        )

    @column("Reading began")
    def begun(self, row: StockSnapshot) -> SafeString | str:
        return markup.when(row.started_at)

    @column("Finished")
    def ended(self, row: StockSnapshot) -> SafeString | str:
        return markup.when(row.finished_at)

    @column("Its file can be read until")
    def expires(self, row: StockSnapshot) -> SafeString | str:
        return markup.when(row.url_expires_at)

    @column("File")
    def kind_of_file(self, row: StockSnapshot) -> str:
        return f"{row.size:,} bytes, {row.layout} layout" if row.size else ""


def progress_of(row: StockSnapshot) -> str:
    """Where a snapshot stands, in words; how much is left is told by the one before."""
    if row.state != SnapshotState.READING:
        return row.get_state_display()
    done = StockSnapshot.objects.filter(
        account=row.account_id, warehouse=row.warehouse_id, state=SnapshotState.APPLIED
    )
    last = done.values_list("rows", flat=True).first()
    of_about = f" of about {last:,}" if last and last >= row.rows else ""
    return f"{row.get_state_display()}: {row.rows:,}{of_about} counts so far"


class StockMovementAdmin(MirrorAdmin):
    is_endless = True
    search = Search(exact=("sku", "reference"), prefix=("sku",))
    search_help_text = "SKU, order, return or purchase number"
    list_note = "Every movement we know of: what a reading saw, and what messages said."
    list_filter = (filters.AccountFilter, "told_by", "reason")
    list_display = (
        "moved",
        "sku",
        "warehouse",
        "delta",
        "before",
        "after",
        "why",
        "told_by",
    )
    list_select_related = ("warehouse", "account")
    ordering = ("-id",)

    @column("When", order="at")
    def moved(self, row: StockMovement) -> SafeString | str:
        return markup.when(row.at)

    @column("Why")
    def why(self, row: StockMovement) -> str:
        return row.reason_text or (
            "" if row.reason == "untold" else row.get_reason_display()
        )
