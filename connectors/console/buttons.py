"""Every button there is, bound to its service."""

from __future__ import annotations

from connectors.console import (
    account_buttons,
    offers,
    order_buttons,
    placement_buttons,
    work_buttons,
)


def register_buttons() -> None:
    offers.register(*order_buttons.OFFERS)
    offers.register(*placement_buttons.OFFERS)
    offers.register(*work_buttons.OFFERS)
    offers.register(*account_buttons.OFFERS)
