"""The scripted day of orders with edits and cancels at every stage, in both modes."""

from __future__ import annotations

import argparse
from typing import Any

import pytest

from tests.bench.measuring import throwaway_database

ABOUT = "edit and cancel orders at every stage, judge by the ledgers, count credits"
MODES = ("hold", "quarantine")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--orders", type=int, default=500)
    parser.add_argument("--mode", choices=MODES, action="append")


def run(options: argparse.Namespace) -> dict[str, Any]:
    days = [_day(mode, options.orders) for mode in options.mode or MODES]
    is_good = not any(day["wrong"] or day["needless"] for day in days)
    return {"ok": is_good, **{str(day["mode"]): day for day in days}}


def _day(mode: str, orders: int) -> dict[str, Any]:
    with throwaway_database(), pytest.MonkeyPatch.context() as patch:
        from django.test.utils import override_settings  # noqa: PLC0415

        from tests.bench.scripted_day import live_a_day  # noqa: PLC0415
        from tests.town import Town  # noqa: PLC0415

        here = override_settings(
            SHIPSYNC_BASE_URL="https://shipsync.example",
            SHIPSYNC_SANDBOX=True,
            ALLOWED_HOSTS=["*"],
        )
        with here:
            return live_a_day(Town(patch), mode=mode, orders=orders).report()
