"""What happened to one order, from every book, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from connectors.accounts.models import Audit
from connectors.console import markup
from connectors.console.base import page_address
from connectors.console.chips import Tone, tone_of
from connectors.models import FailedPayload, SyncAttempt, WebhookDelivery
from orders.models import Export, Order, Shipment

MOST = 40
SILENCE = timedelta(minutes=15)
SOON = timedelta(minutes=1)  # until what was found shows in the other books


@dataclass(frozen=True, slots=True)
class Event:
    """`code` leads to the error catalogue, `address` to the record behind it.

    `found_at` is when a reading found what no webhook had told.
    """

    at: datetime
    what: str
    text: str
    tone: Tone
    address: str = ""
    code: str = ""
    who: str = ""
    found_at: datetime | None = None
    is_gap: bool = False


def happened_to(
    order: Order, exports: list[Export], shipments: list[Shipment], seen: Q
) -> list[Event]:
    """At most 40 events of each book; `seen` are the rows that its reader sees."""
    books = order.failures.filter(seen).select_related("closed_by")
    failures = list(books.order_by("-id")[:MOST])
    tries = order.attempts.filter(seen).select_related("actor")
    events = [
        *_tries(tries.order_by("-id")[:MOST]),
        *_arrivals(order.deliveries.filter(seen).order_by("-id")[:MOST]),
        *_failures(failures),
        *_decisions(order, exports, failures),
        *_shipments(shipments),
        *_read(order),
    ]
    return sorted(events, key=lambda event: event.at, reverse=True)


def with_gaps(events: list[Event]) -> list[Event]:
    """The silences between events, drawn where they were longer than a quarter hour.

    One in which something had happened already says how that was found at last.
    """
    unheard = [(event.at, event.found_at) for event in events if event.found_at]
    found: list[Event] = []
    for newer, older in zip(events, [*events[1:], None], strict=True):
        found.append(newer)
        if older is None or newer.at - older.at < SILENCE:
            continue
        words = f"{markup.span(newer.at - older.at)} of silence"
        is_unheard = any(
            at <= older.at and newer.at <= found_at + SOON for at, found_at in unheard
        )
        text = "Found by reconciliation; no webhook told it." if is_unheard else ""
        found.append(Event(older.at, words, text, Tone.OFF, is_gap=True))
    return found


def _tries(attempts: Iterable[SyncAttempt]) -> Iterator[Event]:
    for row in attempts:
        yield Event(
            row.started_at,
            markup.kind_words(row.kind),
            row.reason or row.did or row.get_outcome_display(),
            tone_of(row.outcome),
            page_address(row),
            row.code,
            str(row.actor) if row.actor else row.cause,
        )


def _arrivals(deliveries: Iterable[WebhookDelivery]) -> Iterator[Event]:
    for row in deliveries:
        yield Event(
            row.received_at,
            f"Webhook: {row.type_name or 'not read'}",
            row.reason or row.get_state_display(),
            tone_of(row.state),
            page_address(row),
        )


def _failures(failures: Iterable[FailedPayload]) -> Iterator[Event]:
    for row in failures:
        address = page_address(row)
        yield Event(row.opened_at, "Parked", row.reason, Tone.BAD, address, row.code)
        if row.closed_at is not None:
            words = row.get_closed_how_display() or "Closed"
            note = row.closing_note or row.reason
            who = str(row.closed_by) if row.closed_by else ""
            yield Event(row.closed_at, words, note, Tone.OFF, address, "", who)


def _decisions(
    order: Order, exports: list[Export], failures: list[FailedPayload]
) -> Iterator[Event]:
    about = _about([order]) | _about(exports) | _about(failures)
    for row in Audit.objects.filter(about).order_by("-id")[:MOST]:
        words = row.action.replace("_", " ").capitalize()
        yield Event(
            row.at, words, row.note, Tone.OFF, page_address(row), "", row.actor_name
        )


def _about(subjects: Iterable[Any]) -> Q:
    found = Q(pk__in=[])
    for subject in list(subjects)[:MOST]:
        found |= Q(object_type=subject._meta.label_lower, object_id=str(subject.pk))
    return found


def _shipments(shipments: Iterable[Shipment]) -> Iterator[Event]:
    for row in shipments:
        at = row.shipped_at or row.received_at
        word = "Shipment voided" if row.is_void else "Shipped"
        tone = Tone.OFF if row.is_void else Tone.GOOD
        parcels = ", ".join(str(package) for package in row.packages.all())
        found_at = row.received_at if row.first_seen_by == "reading" else None
        yield Event(at, word, parcels, tone, page_address(row), found_at=found_at)


def _read(order: Order) -> Iterator[Event]:
    yield Event(order.created_at, "First read from Salesforce", "", Tone.OFF)
    if order.written_back_at is not None:
        yield Event(
            order.written_back_at,
            "Written to Salesforce",
            f"{order.get_state_display()}. {order.state_reason}".strip(),
            Tone.GOOD,
        )
