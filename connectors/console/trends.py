"""A count over time as a small stepped line, made on the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.html import format_html
from django.utils.safestring import SafeString

WIDTH, HEIGHT, MARGIN = 100.0, 30.0, 2.0


@dataclass(frozen=True, slots=True)
class Step:
    """The count that stood from `at` on."""

    at: datetime
    value: int


def stepped(steps: Sequence[Step], *, until: datetime, label: str) -> SafeString:
    """A line that moves when the count does; the last step lasts `until` now.

    Nothing is drawn without a step: a chart of no knowledge would say “zero”.
    """
    if not steps:
        return SafeString("")
    low = min(0, *(step.value for step in steps))
    high = max(1, *(step.value for step in steps))
    return format_html(
        '<svg class="chart trend tone-moving" role="img" aria-label="{}" '
        'viewBox="0 0 100 30" preserveAspectRatio="none">'
        '<path class="chart-base" d="M0 {}H100"/><path class="trend-line" d="{}"/></svg>',
        label,
        _number(_y(0, low, high)),
        _path(steps, until, low, high),
    )


def _path(steps: Sequence[Step], until: datetime, low: int, high: int) -> str:
    begin = steps[0].at
    length = max((until - begin).total_seconds(), 1.0)
    parts = [f"M0 {_number(_y(steps[0].value, low, high))}"]
    for step in steps[1:]:
        across = WIDTH * (step.at - begin).total_seconds() / length
        parts.append(f"H{_number(across)}V{_number(_y(step.value, low, high))}")
    return "".join([*parts, "H100"])


def _y(value: int, low: int, high: int) -> float:
    return MARGIN + (HEIGHT - 2 * MARGIN) * (high - value) / (high - low)


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
