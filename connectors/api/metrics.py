"""The standing of the sync as Prometheus reads it."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import Collector

from connectors.accounts.models import BreakerState, CredentialState
from connectors.api.standing import Standing

Labelled = dict[str, float]


def as_text(standing: Standing) -> bytes:
    """One scrape in the text format. Every number is a gauge read just now."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Reading(standing))
    return generate_latest(registry)


class _Reading(Collector):
    def __init__(self, standing: Standing) -> None:
        self.standing = standing

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield from _work(self.standing)
        yield from _surroundings(self.standing)


def _work(seen: Standing) -> Iterator[GaugeMetricFamily]:
    waits = {
        row["lane"]: (seen.now - row["oldest"]).total_seconds() for row in seen.due
    }
    due: Labelled = {row["lane"]: row["count"] for row in seen.due}
    yield _gauge("jobs", "Unfinished jobs.", "state", {**seen.jobs})
    yield _gauge("jobs_due", "Jobs whose time has come.", "lane", due)
    yield _gauge("jobs_due_oldest_seconds", "Age of the oldest.", "lane", waits)
    yield _gauge("failures_open", "Parked work.", "category", {**seen.failures})
    yield _gauge("deliveries", "Unfinished webhooks.", "state", {**seen.deliveries})
    yield _one("exports_held", "Orders held by us in ShipHero.", seen.held_exports)
    yield _one(
        "exports_unknown", "Creates whose outcome is not known.", seen.unknown_exports
    )


def _surroundings(seen: Standing) -> Iterator[GaugeMetricFamily]:
    beats = {
        row["host"]: (seen.now - row["beat_at"]).total_seconds() for row in seen.workers
    }
    logins = {str(row): row for row in seen.logins}
    open_ones: Labelled = {
        name: row.breaker_state != BreakerState.CLOSED for name, row in logins.items()
    }
    refused: Labelled = {
        name: row.state == CredentialState.REFUSED for name, row in logins.items()
    }
    credits: Labelled = {
        name: row.credits_remaining
        for name, row in logins.items()
        if row.credits_remaining is not None
    }
    paused: Labelled = {row.name: row.paused for row in seen.accounts}
    yield _gauge("worker_beat_age_seconds", "Since the last beat.", "host", beats)
    yield _gauge("breaker_open", "1 while calls are held back.", "login", open_ones)
    yield _gauge("login_refused", "1 while a login is refused.", "login", refused)
    yield _gauge("credits_remaining", "ShipHero credits, estimated.", "login", credits)
    yield _gauge("account_paused", "1 while nothing is written.", "account", paused)


def _gauge(name: str, says: str, label: str, values: Labelled) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(f"shipsync_{name}", says, labels=[label])
    for key, value in values.items():
        gauge.add_metric([key], float(value))
    return gauge


def _one(name: str, says: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"shipsync_{name}", says, value=value)
