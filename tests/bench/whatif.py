"""What-if over many orders: no write, in seconds, and equal to production."""

from __future__ import annotations

import argparse
import random
import resource
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from time import perf_counter, process_time
from typing import Any

from tests.bench.measuring import throwaway_database

ABOUT = "replay orders under a draft of routing rules, and compare with production"
MOST_SECONDS = 20
NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
STATES = ("CA", "NV", "TX", "NY", "NJ", "FL", "WA", "OR", "IL", "GA", "OH", "PA")
BRANDS = ("acme", "zen", "nord")
SKUS = [f"SKU-{number:04}" for number in range(400)]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--warehouses", type=int, default=6)
    parser.add_argument("--rules", type=int, default=30)
    parser.add_argument("--sample", type=int, default=500)


def run(options: argparse.Namespace) -> dict[str, Any]:
    with throwaway_database() as vendor:
        return {"bench": "whatif", "database": vendor, **_run(options)}


def _run(options: argparse.Namespace) -> dict[str, Any]:
    chance = random.Random(7)  # noqa: S311 - a repeatable draw, no secret
    account, places = _world(options, chance)
    draft = _rules(places, options.rules, chance)
    _save(account, _rules(places, options.rules, random.Random(8)))  # noqa: S311
    began = process_time()
    found, seconds, statements = _measured(account, draft)
    busy = process_time() - began
    compared = _compared(account, draft, options.sample, chance)
    return {
        "orders": found.orders,
        "warehouses": options.warehouses,
        "rules": options.rules,
        "seconds": round(seconds, 2),
        "processor_seconds": round(busy, 2),
        "orders_per_second": round(found.orders / seconds),
        "moved": found.moved_count,
        "statements": statements,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        **compared,
        "limits": {"seconds": MOST_SECONDS, "different_from_production": 0},
        "ok": seconds <= MOST_SECONDS and not compared["different_from_production"],
    }


def _measured(account: Any, draft: dict[str, Any]) -> tuple[Any, float, int]:
    """The replay itself, in which every statement that is no SELECT is an error."""
    from django.db import connection  # noqa: PLC0415 - needs the settings

    from connectors.sync import what_if  # noqa: PLC0415

    seen = 0

    def only_reads(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        nonlocal seen
        seen += 1
        if not sql.lstrip("( ").upper().startswith("SELECT"):
            raise AssertionError(f"A replay wrote: {sql[:80]}")
        return execute(sql, *rest)

    begun = perf_counter()
    with connection.execute_wrapper(only_reads):
        found = what_if.replay_days(account, draft, days=30, now=NOW)
    return found, perf_counter() - begun, seen


def _compared(
    account: Any, draft: dict[str, Any], size: int, chance: random.Random
) -> dict[str, Any]:
    """The draft's outcome for a sample, and production's once it is in force."""
    from connectors.config_versions import ConfigKind  # noqa: PLC0415
    from connectors.sync import config, planning, replay  # noqa: PLC0415
    from orders.models import Order  # noqa: PLC0415

    before = replay.in_force(account)
    setup = replay.with_draft(before, ConfigKind.ROUTING, draft)
    keys = list(Order.objects.filter(account=account).values_list("pk", flat=True))
    sample = Order.objects.filter(pk__in=chance.sample(keys, min(size, len(keys))))
    drafted = {
        case.order.pk: sent.decision.result if sent.decision else None
        for case, (sent,) in replay.Replay(account, (setup,), NOW).decisions(sample)
    }
    _save(account, draft)
    config.forget()
    different = []
    for order in sample.select_related("account", "organization"):
        plan = planning.plan_of(order, now=NOW)
        decision = plan.dispatch.decision if plan and plan.dispatch else None
        if (decision.result if decision else None) != drafted[order.pk]:
            different.append(order.order_number)
    return {"sampled": len(drafted), "different_from_production": len(different)}


def _save(account: Any, document: dict[str, Any]) -> None:
    from connectors.config_versions import ConfigKind  # noqa: PLC0415
    from connectors.sync import config  # noqa: PLC0415

    config.save(
        kind=ConfigKind.ROUTING, account=account, document=document, user=None, now=NOW
    )


def _world(asked: Any, chance: random.Random) -> tuple[Any, list[str]]:
    from connectors.config_versions import ConfigKind  # noqa: PLC0415
    from connectors.sync import config  # noqa: PLC0415
    from inventory.models import Availability, TransitTime, Warehouse  # noqa: PLC0415
    from tests.factories.accounts import AccountFactory  # noqa: PLC0415

    account: Any = AccountFactory(export_from=NOW - timedelta(days=60))
    config.save(
        kind=ConfigKind.SHIPPING_METHODS,
        account=account,
        document={"Ground": {"carrier": "ups", "method": "ground"}},
        user=None,
        now=NOW,
    )
    rows = Warehouse.objects.bulk_create(
        Warehouse(account=account, remote_id=f"w{number}", name=f"Place {number}")
        for number in range(asked.warehouses)
    )
    TransitTime.objects.bulk_create(
        TransitTime(
            warehouse=row, country="US", region=state, days=chance.randint(1, 5)
        )
        for row in rows
        for state in STATES
    )
    Availability.objects.bulk_create(
        Availability(
            account=account,
            warehouse=row,
            sku=sku,
            quantity=chance.choice((0, 1, 2, 5, 50)),
            stock_read_at=NOW,
            computed_at=NOW,
        )
        for row in rows
        for sku in SKUS
    )
    _orders(account, asked.orders, chance)
    return account, [row.remote_id for row in rows]


def _orders(account: Any, count: int, chance: random.Random) -> None:
    from orders.models import Order  # noqa: PLC0415
    from orders.pictures import to_picture  # noqa: PLC0415

    Order.objects.bulk_create(
        (
            Order(
                account=account,
                organization=account.organization,
                salesforce_id=f"801{number:015}",
                order_number=f"{number:08}",
                stage="activated",
                status="Activated",
                is_eligible=True,
                source_modified_at=NOW,
                pulled_at=NOW,
                created_at=NOW - timedelta(minutes=number),
                state_since=NOW,
                picture=to_picture(_record(number, chance)),
            )
            for number in range(count)
        ),
        batch_size=500,
    )


def _record(number: int, chance: random.Random) -> Any:
    from orders.records import Address, LineRecord, OrderRecord, OrderStage  # noqa: PLC0415

    return OrderRecord(
        salesforce_id=f"801{number:015}",
        order_number=f"{number:08}",
        stage=OrderStage.ACTIVATED,
        status="Activated",
        modified_at=NOW,
        ship_to=Address(
            first_name="Ada",
            last_name="Byron",
            address1="12 Mill Lane",
            city="Tulsa",
            state=chance.choice(STATES),
            zip=f"{chance.randint(10000, 99999)}",
            country="US",
        ),
        shipping_method="Ground",
        brand=chance.choice(BRANDS),
        required_date=(NOW + timedelta(days=chance.randint(1, 9))).date(),
        extra=(("tags", chance.choice(("", "vip", "fragile;vip"))),),
        lines=tuple(
            LineRecord(
                f"802{number:012}{at:03}", str(at), sku, Decimal(chance.randint(1, 3))
            )
            for at, sku in enumerate(chance.sample(SKUS, chance.randint(1, 4)))
        ),
    )


def _rules(places: list[str], count: int, chance: random.Random) -> dict[str, Any]:
    rules = []
    for number in range(count - 1):
        when: dict[str, Any] = {"states": chance.sample(STATES, 3)}
        if number % 3 == 0:
            when["brands"] = [chance.choice(BRANDS)]
        if number % 4 == 0:
            when["tags"] = ["vip"]
        rules.append(
            {
                "name": f"Rule {number}",
                "when": when,
                "warehouses": chance.sample(places, min(3, len(places))),
                "pick": chance.choice(("listed", "most_stock", "soonest")),
                "needs_date": number % 5 == 0,
                "split": 1 + number % 2,
            }
        )
    rules.append(
        {"name": "Rest", "warehouses": places, "otherwise": "wait", "split": 3}
    )
    return {"rules": rules}
