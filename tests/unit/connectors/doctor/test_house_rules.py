"""What the doctor thinks of a host, its database and its workers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.doctor import house_rules as rules
from connectors.doctor.findings import Status

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def worker(host: str, age: int, **values: object) -> rules.Worker:
    return rules.Worker(
        host=host,
        beat_at=NOW - timedelta(seconds=age),
        is_stopped=bool(values.get("is_stopped")),
        is_stale=age > 15 or bool(values.get("is_stopped")),
        restarts=int(str(values.get("restarts", 0))),
        last_reason=str(values.get("last_reason", "")),
    )


@pytest.mark.parametrize(
    ("seconds", "status"),
    [(0, Status.OK), (2, Status.OK), (-3, Status.WARNING), (31, Status.FAILED)],
)
def test_clocks_must_agree(seconds: int, status: Status) -> None:
    found = rules.judge_clock(NOW, NOW + timedelta(seconds=seconds))

    assert found.status is status


@pytest.mark.parametrize(
    ("facts", "statuses"),
    [
        (rules.SqliteFacts("wal", 2, "IMMEDIATE"), [Status.OK]),
        (rules.SqliteFacts("delete", 2, "IMMEDIATE"), [Status.FAILED]),
        (rules.SqliteFacts("wal", 2, ""), [Status.FAILED]),
        (rules.SqliteFacts("wal", 1, "IMMEDIATE"), [Status.OK, Status.WARNING]),
    ],
    ids=["as shipped", "no WAL", "deferred", "not durable"],
)
def test_sqlite_must_run_as_shipped(
    facts: rules.SqliteFacts, statuses: list[Status]
) -> None:
    assert [found.status for found in rules.judge_sqlite(facts)] == statuses


@pytest.mark.parametrize(
    ("isolation", "status"),
    [("read committed", Status.OK), ("serializable", Status.FAILED)],
)
def test_postgres_must_be_read_committed(isolation: str, status: Status) -> None:
    assert rules.judge_postgres("17.2", isolation).status is status


def test_migrations_that_lack_are_named() -> None:
    found = rules.judge_migrations(["orders.0002_more"])

    assert found.status is Status.FAILED
    assert "orders.0002_more" in found.says
    assert "manage.py migrate" in found.fix


def test_an_empty_database_is_told_from_an_old_one() -> None:
    found = rules.judge_migrations(["orders.0001_initial"], is_empty=True)

    assert found.status is Status.FAILED
    assert "The database is empty" in found.says
    assert "Stop the workers" not in found.fix


def test_somebody_must_be_able_to_sign_in() -> None:
    assert rules.judge_people(0).status is Status.FAILED
    assert rules.judge_people(1).status is Status.OK


class TestWorkers:
    def test_one_alive_is_enough(self) -> None:
        found = rules.judge_workers([worker("a", 1), worker("b", 99)])

        assert [one.status for one in found] == [Status.OK, Status.WARNING]
        assert found[1].subject == "b"

    def test_one_that_was_stopped_beside_another_is_no_trouble(self) -> None:
        found = rules.judge_workers([worker("a", 1), worker("b", 99, is_stopped=True)])

        assert {one.status for one in found} == {Status.OK}

    def test_none_alive_is_a_failure(self) -> None:
        found = rules.judge_workers([worker("a", 50, is_stopped=True)])

        assert found[-1].status is Status.FAILED

    def test_restarts_are_told(self) -> None:
        reason = "the cluster ended"
        found = rules.judge_workers([worker("a", 1, restarts=2, last_reason=reason)])

        assert (
            "restarted its workers 2 times, last because the cluster" in found[0].says
        )


@pytest.mark.parametrize(("waiting", "status"), [(6, Status.OK), (7, Status.WARNING)])
def test_bells_must_be_taken(waiting: int, status: Status) -> None:
    assert rules.judge_bells(waiting, 6).status is status


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ({}, "Missing schedules: one."),
        ({"one": NOW - timedelta(minutes=11)}, "Schedules that do not run: one."),
        ({"one": NOW}, "1 schedules stand."),
        ({"one": None}, "1 schedules stand."),
    ],
)
def test_schedules_must_stand_and_run(
    known: dict[str, datetime | None], words: str
) -> None:
    assert rules.judge_schedules(["one"], known, now=NOW).says == words


def test_an_account_without_hold_kind_and_methods_is_warned_of_both() -> None:
    facts = rules.AccountFacts("Acme", True, "New", hold_kind="", methods=0)

    found = rules.judge_account(facts)

    assert [one.check for one in found] == [
        "account.pause",
        "account.hold_kind",
        "account.methods",
    ]
    assert {one.status for one in found} == {Status.WARNING}
