"""The loss meter: how much of what happened no webhook ever told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet

from connectors.console import panels
from connectors.console.base import list_address
from connectors.console.chips import Tone
from connectors.console.panels import Line, Panel, View
from connectors.console.scoping import accounts_of
from connectors.models import WebhookRegistration
from connectors.timing import scaled
from orders.floor import Fact
from orders.sightings import GRACE, Loss, losses_in, sums

WARN_FROM = 0.05
BAD_FROM = 0.25


def told(view: View) -> dict[str, QuerySet[Any]]:
    hours = view.settings["loss_window_hours"][None]
    rows = sums(
        since=view.now - scaled(timedelta(hours=hours)),
        now=view.now,
        grace=scaled(GRACE),
        accounts=accounts_of(view.user),
    )
    return {"losses": rows}


def loss_lines(view: View) -> list[Line]:
    """Per kind of fact: how much of it no webhook ever told."""
    return [_loss_line(loss) for loss in losses_in(view.rows["losses"])]


def _loss_line(loss: Loss) -> Line:
    percent = round(100 * loss.share)
    words = f"{percent} % of {loss.facts}"
    tone = Tone.GOOD if loss.share < WARN_FROM else Tone.WARN
    if loss.share >= BAD_FROM:
        tone = Tone.BAD
    if loss.is_silent:
        words = f"no webhook for any of {loss.facts}"
        tone = Tone.OFF
    return Line(
        Fact(loss.fact).label,
        list_address(WebhookRegistration),
        note=words,
        tone=tone,
        share=max(1, percent),
    )


def register_panels() -> None:
    panels.register(
        Panel(
            "webhook_loss",
            "Told by reading only: webhooks lost",
            loss_lines,
            lambda: list_address(WebhookRegistration),
            "connectors.view_webhookregistration",
            135,
            listed=told,
            shape="bars",
            empty="Nothing has come back from the warehouse yet.",
        )
    )
