"""Inventory snapshots: asked for, made after a while, downloaded for a day.

Source: shared notes on the snapshot flow; both file layouts, their keys and the status
words are as documented there. What is not certain is a switch.
"""

from __future__ import annotations

import gzip
import json
import secrets
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from connectors.sandbox.shiphero import ids, stock
from connectors.sandbox.shiphero.errors import NOT_FOUND, Refusal
from connectors.sandbox.wire import Response

if TYPE_CHECKING:
    from connectors.sandbox.shiphero.world import ShipHeroWorld
    from connectors.sandbox.world import Document

PATH = "/snapshots/"
STEPS = ("enqueued", "processing", "success")
OVER = frozenset({"success", "error", "aborted"})
BOMB_BYTES = 64 * 1024 * 1024


def generate(world: ShipHeroWorld, data: Document) -> Document:
    """inventory_generate_snapshot: `pending`, and on its way through the steps."""
    account = world.account_for(data.get("customer_account_id"))
    if data.get("warehouse_id"):
        world.warehouse_for(data["warehouse_id"])
    now = world.stamp()
    snapshot_id = ids.hex_id(world, "snapshot")
    document = {
        "snapshot_id": snapshot_id,
        "job_user_id": ids.encode("User", ids.FIRST_NUMBERS["User"]),
        "job_account_id": account["id"],
        "warehouse_id": data.get("warehouse_id"),
        "customer_account_id": data.get("customer_account_id"),
        "notification_email": data.get("notification_email"),
        "email_error": None,
        "post_url": data.get("post_url"),
        "post_error": None,
        "post_url_pre_check": bool(data.get("post_url_pre_check")),
        "status": "pending",
        "error": None,
        "created_at": now,
        "enqueued_at": None,
        "updated_at": now,
        "snapshot_url": None,
        "snapshot_expiration": None,
        "new_format": bool(data.get("new_format")),
        "has_inventory": bool(data.get("has_inventory")),
        "updated_from": data.get("updated_from"),
        "token": secrets.token_urlsafe(16),
    }
    world.put("inventory_snapshot", snapshot_id, document)
    lag = float(world.switches["snapshot_lag"])
    for number, step in enumerate(STEPS, start=1):
        world.later(
            lag * number / len(STEPS), "snapshot", snapshot_id=snapshot_id, step=step
        )
    return document


def step(world: ShipHeroWorld, args: Document) -> None:
    """The next step of one that is not over; the last may end in an error."""
    document = world.get("inventory_snapshot", str(args["snapshot_id"]))
    if document is None or document["status"] in OVER:
        return
    outcome = world.switches["snapshot_outcome"]
    name = args["step"]
    if name == "success" and outcome == "stuck":
        return
    document["updated_at"] = world.stamp()
    document["status"] = name if name != "success" else outcome
    if name == "enqueued":
        document["enqueued_at"] = world.stamp()
    elif name == "processing":
        document["started"] = world.stamp()
    elif outcome == "success":
        _publish(world, document)
    else:
        document["error"] = "The snapshot could not be generated"
    world.put("inventory_snapshot", document["snapshot_id"], document)
    world.record("snapshot", document["snapshot_id"], "applied", step=name)


def abort(world: ShipHeroWorld, data: Document) -> Document:
    """inventory_abort_snapshot."""
    document = one(world, data["snapshot_id"])
    if document["status"] in OVER:
        raise Refusal("The snapshot is not running any more")
    document |= {
        "status": "aborted",
        "error": data.get("reason"),
        "updated_at": world.stamp(),
    }
    return world.put("inventory_snapshot", document["snapshot_id"], document)


def one(world: ShipHeroWorld, snapshot_id: str) -> Document:
    document = world.get("inventory_snapshot", snapshot_id)
    if document is None:
        raise Refusal("Snapshot not found", NOT_FOUND)
    return document


def listed(world: ShipHeroWorld, args: Document) -> list[Document]:
    """`status` is a list with commas; `!` before a word leaves it out."""
    words = [word for word in (args.get("status") or "").split(",") if word]
    wanted = {word for word in words if not word.startswith("!")}
    unwanted = {word[1:] for word in words if word.startswith("!")}
    return [
        row
        for row in world.every("inventory_snapshot")
        if (not wanted or row["status"] in wanted)
        and row["status"] not in unwanted
        and args.get("warehouse_id") in (None, row["warehouse_id"])
    ]


# -- the file --------------------------------------------------------------------


def serve(world: ShipHeroWorld, path: str, token: str | None) -> Response:
    """A plain GET without a login; the URL itself is the secret, for a day."""
    name = path.removeprefix(PATH).removesuffix(".json")
    document = world.get("inventory_snapshot", name)
    if document is None or document["token"] != token or "file" not in document:
        return Response(404, b"<Error><Code>NoSuchKey</Code></Error>", XML)
    if world.stamp() >= document["snapshot_expiration"]:
        return Response(403, b"<Error><Code>AccessDenied</Code></Error>", XML)
    world.record("shiphero.snapshot_file", name, "read")
    return _damaged(world, document["file"].encode())


XML = {"Content-Type": "application/xml"}


def _damaged(world: ShipHeroWorld, body: bytes) -> Response:
    """As it is, or as the switch `snapshot_damage` breaks it."""
    headers = {"Content-Type": "application/json"}
    damage = world.switches["snapshot_damage"]
    if damage == "truncated":
        body = body[: len(body) * 2 // 3]
    elif damage == "html":
        body = b"<html><h1>Service Unavailable</h1></html>"
    elif damage == "bomb":
        body = b'{"products": "' + b" " * BOMB_BYTES + b'"}'
    if world.switches["snapshot_gzip"] or damage == "bomb":
        headers["Content-Encoding"] = "gzip"
        body = gzip.compress(body, 1)
    return Response(200, body, headers)


def _publish(world: ShipHeroWorld, document: Document) -> None:
    life = timedelta(seconds=float(world.switches["snapshot_url_life"]))
    document["file"] = json.dumps(content(world, document), ensure_ascii=False)
    document["snapshot_url"] = (
        f"{world.public_url}{PATH}{document['snapshot_id']}.json"
        f"?token={document['token']}"
    )
    document["snapshot_expiration"] = world.stamp(
        world.clock.now() + life / world.clock.scale
    )


def content(world: ShipHeroWorld, document: Document) -> Document:
    """The file's content; `snapshot_layout` says in which of the two layouts."""
    products = {
        sku: row for sku, row in _products(world, document) if row["warehouse_products"]
    }
    is_new = world.switches["snapshot_layout"] == "new"
    return {
        "snapshot_id": document["snapshot_id"],
        "warehouse_id": document["warehouse_id"],
        "snapshot_started_at": document.get("started"),
        "snapshot_finished_at": world.stamp(),
        "products": {document["job_account_id"]: products} if is_new else products,
    }


def _products(
    world: ShipHeroWorld, document: Document
) -> Iterator[tuple[str, dict[str, Any]]]:
    is_new = world.switches["snapshot_layout"] == "new"
    omitted = set(world.switches["snapshot_omits"])
    for item in world.every("product"):
        if item["account_id"] != document["job_account_id"] or item["sku"] in omitted:
            continue
        rows = [
            row
            for row in stock.stocks(world, item["account_id"], item["sku"])
            if document["warehouse_id"] in (None, row["warehouse_id"])
            and row["warehouse_identifier"] not in omitted
            and (row["on_hand"] or not document["has_inventory"])
            and row["updated_at"] >= (document["updated_from"] or "")
        ]
        waiting = stock.backorder(world, item["account_id"], item["sku"])
        head: dict[str, Any] = {
            "sku": item["sku"],
            "account_id": item["account_id"],
            "vendors": {},
        }
        if is_new:
            head |= {
                "barcode": item["barcode"],
                "dimensions": item["dimensions"],
                "thumbnail": item["thumbnail"],
                "large_thumbnail": item["large_thumbnail"],
            }
        head["warehouse_products"] = {
            row["warehouse_id"]: _counts(row, waiting, is_new=is_new) for row in rows
        }
        yield item["sku"], head


def _counts(row: Document, waiting: dict[str, int], *, is_new: bool) -> Document:
    counts = {
        "warehouse_id": row["warehouse_id"],
        "on_hand": row["on_hand"],
        "allocated": row["allocated"],
        "backorder": waiting.get(row["warehouse_id"], 0),
        "available": stock.promised(row),
        "reserve": row["reserve_inventory"],
        "non_sellable": row["non_sellable_quantity"],
        "item_bins": {
            ids.encode("Bin", row["legacy_id"]): {
                "location_id": ids.encode("Bin", row["legacy_id"]),
                "location_name": row["inventory_bin"],
                "lot_id": None,
                "lot_name": None,
                "expiration_date": None,
                "sellable": True,
                "quantity": row["on_hand"],
            }
        },
    }
    if is_new:
        counts |= {"sell_ahead": row["sell_ahead"], "qty_in_totes": row["in_tote"]}
    return counts
