"""Small charts of the flow: throughput, backlog, and how fast changes come across."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet, Sum
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from connectors.casework import FlowBucket
from connectors.console import charts, panels
from connectors.console.base import list_address
from connectors.console.charts import Bar
from connectors.console.counting import CAP, moment, words_of
from connectors.console.home import OF_JOBS, seen
from connectors.console.markup import span
from connectors.console.panels import Panel, View
from connectors.console.scoping import by_whole_account
from connectors.models import FailedPayload, SyncAttempt, SyncJob
from connectors.sync import flow
from connectors.sync.flow import STEP, bucket_of
from orders.models import Shipment

LOOK_BACK = timedelta(hours=4)
RATE_OVER = 6  # buckets


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its chart; `drawn` says what the bars are."""

    words: str
    value: str
    note: str
    chart: SafeString
    address: str
    drawn: str


Bucket = dict[str, int]


def backlog(view: View) -> dict[str, QuerySet[SyncJob]]:
    jobs = seen(SyncJob, OF_JOBS, view)
    return {"backlog": flow.backlog(jobs, view.now)}


def body(view: View) -> SafeString:
    steps = _steps(view)
    figures = [
        _throughput(steps),
        _backlog(view, steps),
        _stopped(steps),
        _latency(
            steps,
            "sent",
            "Change → warehouse",
            list_address(SyncAttempt, kind="push_order"),
        ),
        _latency(steps, "told", "Shipment → Salesforce", list_address(Shipment)),
    ]
    return render_to_string("admin/console/flow.html", {"figures": figures})


NAMES = ("sent", "sent_ms", "shipped", "told", "told_ms", "failed", "waiting")


def buckets(view: View) -> dict[str, QuerySet[Any]]:
    """The sums of the user's accounts by five minutes."""
    rows = FlowBucket.objects.filter(starts_at__gt=bucket_of(view.now) - LOOK_BACK)
    if not view.scope.everything:
        rows = rows.filter(by_whole_account()(view.scope))
    sums = {f"sum_{name}": Sum(name) for name in NAMES}
    return {"flow": rows.order_by().values("starts_at").annotate(**sums)}


def _steps(view: View) -> list[tuple[datetime, Bucket]]:
    """Oldest first; five minutes in which nothing happened are there too."""
    current = bucket_of(view.now)
    known = {
        moment(row["starts_at"]): {name: row[f"sum_{name}"] for name in NAMES}
        for row in view.rows["flow"]
    }
    empty = dict.fromkeys(NAMES, 0)
    count = LOOK_BACK // STEP
    times = [current - STEP * (count - 1 - at) for at in range(count)]
    return [(time, known.get(time, empty)) for time in times]


def _throughput(steps: list[tuple[datetime, Bucket]]) -> Figure:
    last = sum(step["sent"] for _, step in steps[-12:])
    shipped = sum(step["shipped"] for _, step in steps[-12:])
    return Figure(
        "Sent in the last hour",
        f"{last:,}",
        f"{shipped:,} shipped",
        _bars(steps, lambda step: step["sent"], "sent", "moving"),
        list_address(SyncAttempt, kind="push_order"),
        "Sent",
    )


def _backlog(view: View, steps: list[tuple[datetime, Bucket]]) -> Figure:
    waiting = view.counts["backlog"]
    return Figure(
        "Waiting to go out",
        words_of(waiting),
        _estimate(waiting, steps, view.now),
        _bars(steps, lambda step: step["waiting"], "waiting", "waiting"),
        list_address(SyncJob, need="due", kind="push_order"),
        "Waiting",
    )


def _stopped(steps: list[tuple[datetime, Bucket]]) -> Figure:
    last = sum(step["failed"] for _, step in steps[-12:])
    return Figure(
        "Stopped in the last hour",
        f"{last:,}",
        "for a person" if last else "nothing stopped",
        _bars(steps, lambda step: step["failed"], "stopped", "bad"),
        list_address(FailedPayload),
        "Stopped",
    )


def _estimate(waiting: int, steps: list[tuple[datetime, Bucket]], now: datetime) -> str:
    """When the backlog is gone at the pace of the last half hour."""
    if not waiting:
        return "nothing waits"
    recent = [step["sent"] for _, step in steps[-RATE_OVER:]]
    busy = [count for count in recent if count]
    if not busy:
        return "nothing went out lately"
    per_minute = sum(busy) / len(busy) / (STEP.total_seconds() / 60)
    minutes = waiting / per_minute
    about = "more than " if waiting > CAP else "about "
    return f"gone in {about}{span(timedelta(minutes=minutes))} ({now + timedelta(minutes=minutes):%H:%M} UTC)"


def _latency(
    steps: list[tuple[datetime, Bucket]], name: str, words: str, address: str
) -> Figure:
    def seconds(step: Bucket) -> float:
        return step[f"{name}_ms"] / step[name] / 1000 if step[name] else 0

    total = sum(step[name] for _, step in steps[-12:])
    spent = sum(step[f"{name}_ms"] for _, step in steps[-12:])
    value = span(timedelta(milliseconds=spent / total)) if total else "none"
    return Figure(
        words,
        value if value != "now" else "< 1 s",
        "on average, last hour" if total else "none in the last hour",
        _bars(steps, seconds, "seconds", "good"),
        address,
        "Seconds on average",
    )


def _bars(
    steps: list[tuple[datetime, Bucket]],
    value: Callable[[Bucket], float],
    unit: str,
    tone: str,
) -> SafeString:
    bars = [
        Bar(value(step), f"{time:%H:%M} UTC: {value(step):,.0f} {unit}")
        for time, step in steps
    ]
    top = max((bar.value for bar in bars), default=0)
    label = f"{unit.capitalize()} per five minutes in four hours, {top:,.0f} at most"
    return charts.columns(bars, label, tone=tone)


def register_panels() -> None:
    panels.register(
        Panel(
            "flow",
            "Flow",
            body=body,
            counted=backlog,
            listed=buckets,
            permission="connectors.view_syncattempt",
            order=105,
            shape="strip",
        )
    )
