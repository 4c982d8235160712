"""Decisions on warehouses as they were made, and whether the warehouse kept to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from orders.dispatch import Dispatch, Standing, view_document
from orders.routing import outcome_words
from orders.routing_flips import flips

OUTCOMES = [
    ("routed", "Routed"),
    ("left", "ShipHero decides"),
    ("waits", "Waits"),
]


class Kept(models.TextChoices):
    """What the allocations said of a decision that was sent."""

    UNSEEN = "", "Not seen yet"
    AGREES = "agrees", "ShipHero does so"
    DIFFERS = "differs", "ShipHero differs, once"
    OVERRULED = "overruled", "ShipHero's rules decide otherwise"


class RoutingDecision(models.Model):
    """Why an order goes where it goes. The newest of an order is the one in force.

    `views` is the candidate table, `flips` the single facts that would have changed the
    result, `facts` a digest of what routing looks at in the order. `warehouses` maps
    each line's key to a warehouse's ShipHero id. `rules_number` is the version of the
    routing rules. `kept` and what follows say what the allocations showed.
    """

    order = models.ForeignKey(
        "orders.Order", on_delete=models.CASCADE, related_name="decisions"
    )
    export = models.ForeignKey(
        "orders.Export", on_delete=models.CASCADE, related_name="decisions"
    )
    decided_at = models.DateTimeField()
    outcome = models.CharField(
        max_length=8,
        choices=OUTCOMES,
    )
    where = models.CharField(max_length=255, blank=True)
    reason = models.TextField()
    rule = models.CharField(max_length=120, blank=True)
    rules_number = models.PositiveIntegerField(default=0)
    override = models.CharField(max_length=80, blank=True)
    would_be = models.CharField(max_length=255, blank=True)
    warehouses = models.JSONField(default=dict)
    views = models.JSONField(default=list)
    flips = models.JSONField(default=list)
    facts = models.CharField(max_length=64)
    kept = models.CharField(
        max_length=10, choices=Kept, default=Kept.UNSEEN, blank=True
    )
    actual = models.CharField(max_length=255, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(
                fields=["kept", "decided_at"],
                condition=Q(kept__in=["differs", "overruled"]),
                name="decisions_not_kept",
            )
        ]

    def __str__(self) -> str:
        return f"{self.order}: {self.where or self.get_outcome_display()}"


def newest(export: Any) -> RoutingDecision | None:
    return RoutingDecision.objects.filter(export=export).order_by("-pk").first()


def standing_of(export: Any) -> Standing | None:
    """The decision the warehouse was told of, if the order has reached it."""
    if not (export.remote_id or export.create_calls):
        return None
    row = newest(export)
    if row is None or row.outcome == "waits":
        return None
    return Standing(row.facts, row.override, row.warehouses)


def is_news(export: Any, sent: Dispatch, rules_number: int) -> bool:
    """Whether a decision differs from the newest on record."""
    decision = sent.decision
    if decision is None:
        return False
    row = newest(export)
    return row is None or (
        row.facts,
        row.outcome,
        row.warehouses,
        row.override,
        row.rules_number,
        row.reason,
    ) != (
        sent.facts,
        decision.outcome.value,
        dict(decision.warehouses),
        decision.override,
        rules_number,
        decision.reason,
    )


def record(
    *, export: Any, sent: Dispatch, rules_number: int, now: datetime
) -> RoutingDecision:
    """Keep a decision with its candidate table and the facts that would flip it.

    One that waits is kept once per reason: what it waits for is told anew, in place.
    """
    assert sent.decision is not None  # noqa: S101 - is_news() saw to it
    assert sent.case is not None  # noqa: S101
    decision, case = sent.decision, sent.case
    values: dict[str, Any] = {
        "decided_at": now,
        "outcome": decision.outcome.value,
        "where": outcome_words(decision, case.ground)[:255],
        "reason": decision.reason,
        "rule": decision.rule,
        "rules_number": rules_number,
        "override": decision.override,
        "would_be": decision.would_be[:255],
        "warehouses": dict(decision.warehouses),
        "views": view_document(decision),
        "flips": [
            {"fact": one.fact, "outcome": one.outcome} for one in flips(case, decision)
        ],
        "facts": sent.facts,
    }
    last = newest(export)
    if last is not None and last.outcome == decision.outcome.value == "waits":
        RoutingDecision.objects.filter(pk=last.pk).update(**values)
        last.refresh_from_db()
        return last
    return RoutingDecision.objects.create(order=export.order, export=export, **values)
