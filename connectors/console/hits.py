"""One line about a found record: which it is, its state, what became of it, when."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from connectors.console.markup import (
    chip_html,
    joined,
    kind_words,
    link_to,
    packages,
    stand_of,
    tone_html,
    when,
)
from connectors.models import FailedPayload, SyncAttempt, WebhookDelivery
from orders.models import Export, Order, Shipment

MOST_WORDS = 160

Part = SafeString | str


def hit(row: Any) -> SafeString:
    """Four places beside each other; a place without words stays empty."""
    name, state, words, time = _parts(row)
    return format_html(
        '<span class="hit-name">{}</span><span>{}</span>'
        '<span class="hit-words">{}</span><span class="quiet">{}</span>',
        name,
        state,
        words,
        time,
    )


def _parts(row: Any) -> tuple[Part, Part, Part, Part]:
    if isinstance(row, Order):
        chip = chip_html(row.state, row.get_state_display())
        who = row.ship_to_name or row.customer_name
        words = " · ".join(part for part in (who, row.state_reason) if part)
        return link_to(row), chip, words[:MOST_WORDS], when(row.state_since)
    if isinstance(row, Export):
        chip = tone_html(*stand_of(row))
        return link_to(row), chip, _of_order(row.order), when(row.sent_at)
    if isinstance(row, Shipment):
        state = ("off", "Void") if row.is_void else ("good", "Shipped")
        words = joined(_of_order(row.export.order), packages(row.packages.all()))
        return link_to(row), tone_html(*state), words, when(row.shipped_at)
    if isinstance(row, FailedPayload):
        state = ("off", "Closed") if row.closed_at else ("bad", "Open")
        words = _of_order(row.order)
        return link_to(row), tone_html(*state), words, when(row.opened_at)
    return _of_the_log(row)


def _of_the_log(row: Any) -> tuple[Part, Part, Part, Part]:
    if isinstance(row, SyncAttempt):
        words = f"{kind_words(row.kind)} {row.order or row.subject}"
        chip = chip_html(row.outcome, row.get_outcome_display())
        said = (row.reason or row.did)[:MOST_WORDS]
        return link_to(row, words), chip, said, when(row.started_at)
    if isinstance(row, WebhookDelivery):
        name = link_to(row, row.type_name or "Webhook")
        chip = chip_html(row.state, row.get_state_display())
        words = joined(_of_order(row.order), row.reason[:MOST_WORDS])
        return name, chip, words, when(row.received_at)
    return link_to(row), "", "", ""


def _of_order(order: Order | None) -> Part:
    return joined("order", link_to(order)) if order is not None else ""
