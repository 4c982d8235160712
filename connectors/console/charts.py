"""Small charts as SVG made on the server: no script, colors from the stylesheet.

A chart says the same in words (its label) for those who cannot see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH = 100.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One column of a chart: its size, what to say on hover, and its tone."""

    value: float
    title: str = ""
    tone: str = ""


def sparkline(
    values: Sequence[float], label: str, *, tone: str = "moving"
) -> SafeString:
    """Columns without axes, in the height of a line of text."""
    return columns(
        [Bar(value) for value in values], label, tone=tone, css="sparkline", height=20
    )


def columns(
    bars: Sequence[Bar],
    label: str,
    *,
    tone: str = "moving",
    css: str = "chart",
    height: float = 48,
) -> SafeString:
    """One column for each bar, the largest as high as the chart."""
    largest = max((bar.value for bar in bars), default=0) or 1
    step = WIDTH / max(len(bars), 1)
    rects = format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}">{}</rect>',
        (
            _column(bar, at * step, step, height, largest)
            for at, bar in enumerate(bars)
            if bar.value > 0
        ),
    )
    return format_html(
        '<svg class="{} tone-{}" role="img" aria-label="{}" viewBox="0 0 100 {}" '
        'preserveAspectRatio="none"><path class="chart-base" d="M0 {}H100"/>{}</svg>',
        css,
        tone,
        label,
        _number(height),
        _number(height - 0.5),
        rects,
    )


def _column(
    bar: Bar, left: float, step: float, height: float, largest: float
) -> tuple[object, ...]:
    size = max(height * bar.value / largest, 1.5)
    gap = min(step * 0.2, 1.0)
    title = format_html("<title>{}</title>", bar.title) if bar.title else ""
    return (
        f"tone-{bar.tone}" if bar.tone else "chart-column",
        _number(left + gap / 2),
        _number(height - size),
        _number(step - gap),
        _number(size),
        title,
    )


def share(part: float, whole: float, label: str, *, tone: str = "moving") -> SafeString:
    """A bar that is filled as far as `part` is of `whole`."""
    width = WIDTH * min(max(part / whole, 0), 1) if whole else 0
    return format_html(
        '<svg class="share tone-{}" role="img" aria-label="{}" viewBox="0 0 100 6" '
        'preserveAspectRatio="none"><rect class="share-whole" width="100" height="6"/>'
        '<rect width="{}" height="6"/></svg>',
        tone,
        label,
        _number(width),
    )


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
