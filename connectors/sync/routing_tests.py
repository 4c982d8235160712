"""One order routed on trial, under the rules in force and under a draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.accounts.models import Account
from connectors.config_versions import ConfigKind
from connectors.sync.actions import ActionRefusedError
from connectors.sync.replay import Replay, in_force, with_draft
from orders import parts
from orders.dispatch import Dispatch, view_document
from orders.models import Order
from orders.routing import outcome_words
from orders.routing_flips import flips


@dataclass(frozen=True, slots=True)
class Trial:
    """`title` says under which rules; `views` is the candidate table."""

    title: str
    where: str
    reason: str
    would_be: str
    views: list[dict[str, Any]]
    flips: list[dict[str, str]]


def order_named(account: Account, named: str) -> Order:
    """The newest order with that number or Salesforce id. Raises ActionRefusedError."""
    rows = Order.objects.filter(parts.served_by(account)).order_by("-pk")
    name = named.strip()
    found = rows.filter(order_number=name).first() if name else None
    found = found or (rows.filter(salesforce_id=name).first() if name else None)
    if found is None:
        raise ActionRefusedError(f"{account} has no order “{name}”.")
    return found


def test_order(
    order: Order,
    document: Mapping[str, Any],
    *,
    account: Account,
    now: datetime,
) -> list[Trial]:
    """Where the order, or the account's part of it, would go if it were new.

    Raises `ValueError` for a bad draft.
    """
    setup = in_force(account)
    draft = with_draft(setup, ConfigKind.ROUTING, document)
    replay = Replay(account, (setup, draft), now)
    rows = list(replay.decisions(Order.objects.filter(pk=order.pk)))
    ((_, sent),) = rows
    titles = ("Rules in force", "This draft")
    return [_trial(title, one) for title, one in zip(titles, sent, strict=True)]


def _trial(title: str, sent: Dispatch) -> Trial:
    if sent.decision is None or sent.case is None:
        words = "There are no routing rules: ShipHero decides."
        return Trial(title, "ShipHero decides", words, "", [], [])
    return Trial(
        title,
        outcome_words(sent.decision, sent.case.ground),
        sent.decision.reason,
        sent.decision.would_be,
        view_document(sent.decision),
        [
            {"fact": one.fact, "outcome": one.outcome}
            for one in flips(sent.case, sent.decision)
        ],
    )
