"""The console under load: the same pages with a tenth and with the whole of the rows.

A page passes with at most 15 queries, without a sequential scan of a big table, and
when ten times the rows cost at most 1.5 times the time. Both sizes stand in databases
of their own and are visited in turns, so that what else the machine does meanwhile
weighs on both; of the visits of each, the quickest counts, for what disturbs only ever
adds. Needs PostgreSQL.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.bench.console_list import every_page
from tests.bench.console_rows import SIZES, big_tables, fill

MOST_QUERIES = 15
MOST_GROWTH = 1.5
MORE = 3  # times as many rounds for a page that has not passed by then
READ_AT_MOST = 5000  # rows: a capped count ends long before a table does


@dataclass(frozen=True, slots=True)
class Verdict:
    """A page with the whole of the rows; times are of the quickest visits."""

    page: str
    queries: int
    small_ms: float
    large_ms: float
    growth: float
    scans: list[str]
    is_good: bool


def run(*, say: Callable[[str], None], scale: float, rounds: int) -> dict[str, Any]:
    """Fill both databases, visit every page of both. Answers the verdicts."""
    if connection.vendor != "postgresql":
        raise SystemExit("The console's bench needs PostgreSQL: set DATABASE_URL.")
    client = _client()
    small = {name: int(size * scale / 10) for name, size in SIZES.items()}
    large = {name: int(size * scale) for name, size in SIZES.items()}
    say(f"Filling {small} …")
    fill(small, first=0)
    towns = Towns()
    try:
        towns.go("large")
        say(f"Filling {large} …")
        rest = {name: large[name] - small[name] for name in large}
        fill(rest, first=small["orders"])
        verdicts = list(_verdicts(client, towns, say, rounds))
    finally:
        towns.close()
    return {
        "rows": large,
        "pages": [asdict(one) for one in verdicts],
        "slowest_growth": max(one.growth for one in verdicts),
        "most_queries": max(one.queries for one in verdicts),
        "ok": all(one.is_good for one in verdicts),
    }


@dataclass(frozen=True, slots=True)
class Page:
    name: str
    address: str
    client: Client

    def visit(self) -> float:
        """Milliseconds until it is there. Raises SystemExit for one that is not."""
        cache.clear()  # as many visits in a minute would be slowed down
        begin = time.perf_counter()
        answer = self.client.get(self.address)
        took = (time.perf_counter() - begin) * 1000
        if answer.status_code not in {200, 302}:
            raise SystemExit(
                f"“{self.name}” ({self.address}) answers {answer.status_code}."
            )
        return took


class Towns:
    """Two databases that were one until now, and which of them pages are read from."""

    def __init__(self) -> None:
        self.small: Any = connections["default"]
        name = self.small.settings_dict["NAME"]
        self.copy = f"{name}_large"
        self.small.close()
        with self.small._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{self.copy}"')
            cursor.execute(f'CREATE DATABASE "{self.copy}" TEMPLATE "{name}"')
        settings = {**self.small.settings_dict, "NAME": self.copy}
        self.large: Any = type(self.small)(settings, "default")

    def go(self, which: str) -> None:
        connections["default"] = getattr(self, which)

    def close(self) -> None:
        self.large.close()
        self.go("small")
        with self.small._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{self.copy}"')


def _client() -> Client:
    """Somebody who may open every page that is measured."""
    person, _ = get_user_model().objects.get_or_create(
        username="bench", defaults={"is_staff": True}
    )
    person.groups.set(Group.objects.filter(name="integrator"))
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(person)
    return client


def _verdicts(
    client: Client, towns: Towns, say: Callable[[str], None], rounds: int
) -> Iterator[Verdict]:
    big = big_tables()
    say(f"Big are {', '.join(sorted(big))}.")
    for page, address in every_page().items():
        one = _verdict(Page(page, address, client), towns, big, rounds)
        say(
            f"{'ok ' if one.is_good else 'BAD'} {one.page:34} {one.queries:3} queries "
            f"{one.small_ms:7.1f} → {one.large_ms:7.1f} ms, {one.growth:.2f} times "
            f"{', '.join(one.scans)}"
        )
        yield one


def _verdict(page: Page, towns: Towns, big: set[str], rounds: int) -> Verdict:
    towns.go("large")
    page.visit()  # what is read once is read now
    with CaptureQueriesContext(connection) as asked:
        page.visit()
    statements = [query["sql"] for query in asked.captured_queries]
    scans = _scans(statements, big)
    small, large = _quickest(page, towns, rounds)
    is_quick = large <= small * MOST_GROWTH
    return Verdict(
        page.name,
        len(statements),
        round(small, 1),
        round(large, 1),
        round(large / small, 2),
        scans,
        is_quick and not scans and len(statements) <= MOST_QUERIES,
    )


def _quickest(page: Page, towns: Towns, rounds: int) -> tuple[float, float]:
    """Milliseconds of the quickest visit of each size, visited in turns."""
    small = large = float("inf")
    for turn in range(rounds * MORE):
        if turn >= rounds and large <= small * MOST_GROWTH:
            break
        towns.go("small")
        small = min(small, page.visit())
        towns.go("large")
        large = min(large, page.visit())
    return small, large


def _scans(statements: list[str], big: set[str]) -> list[str]:
    """The big tables that a plan of these statements reads from end to end."""
    found: set[str] = set()
    with connection.cursor() as cursor:
        for statement in statements:
            if not statement.lstrip("( ").upper().startswith(("SELECT", "WITH")):
                continue
            cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + statement)
            plan = cursor.fetchone()[0]
            plan = json.loads(plan) if isinstance(plan, str) else plan
            found |= set(_sequential(plan[0]["Plan"], big))
    return sorted(found)


def _sequential(node: dict[str, Any], big: set[str]) -> Iterator[str]:
    """Big tables read in sequence beyond what a limit of ours asks for."""
    if node["Node Type"] == "Seq Scan" and node["Relation Name"] in big:
        read = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
        if read * node["Actual Loops"] > READ_AT_MOST:
            yield node["Relation Name"]
    for child in node.get("Plans", ()):
        yield from _sequential(child, big)
