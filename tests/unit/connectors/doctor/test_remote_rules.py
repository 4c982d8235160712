"""What the doctor thinks of the remote systems' answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.doctor import remote_rules as rules
from connectors.doctor import webhook_rules
from connectors.doctor.findings import Status, as_json, as_text, failed, ok

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
LONG, SHORT = "00D000000000001AAA", "00D000000000001"


@pytest.mark.parametrize(
    ("stored", "told", "status"),
    [
        ("", LONG, Status.OK),
        (LONG, LONG, Status.OK),
        (SHORT, LONG, Status.OK),
        ("00D000000000002AAA", LONG, Status.FAILED),
        ("1", "2", Status.FAILED),
        (LONG, "", Status.UNKNOWN),
    ],
)
def test_a_login_is_held_to_what_was_connected(
    stored: str, told: str, status: Status
) -> None:
    found = rules.judge_fingerprint("x", stored=stored, told=told, subject="Acme")

    assert found.status is status


def field(
    name: str, path: str, *, required: bool = False, readable: bool = True
) -> Any:
    return rules.SourceField(name, path, required, readable)


@pytest.mark.parametrize(
    ("maps", "status"),
    [
        ([field("po", "A")], Status.OK),
        ([field("po", "A", readable=False), field("po", "B")], Status.OK),
        ([field("po", "A", readable=False)], Status.WARNING),
        ([field("currency", "A", readable=False)], Status.OK),
        (
            [
                field("sku", "A", readable=False, required=True),
                field("sku", "B", readable=False),
            ],
            Status.FAILED,
        ),
    ],
    ids=["readable", "another path", "lost", "one currency", "needed"],
)
def test_a_field_is_lost_when_no_path_of_it_can_be_read(
    maps: list[rules.SourceField], status: Status
) -> None:
    assert rules.judge_source_fields(maps, subject="Acme").status is status


def test_fields_are_told_apart_by_absent_and_read_only() -> None:
    described = {
        "fields": [
            {"name": "A", "updateable": True, "createable": False},
            {"name": "B", "updateable": False, "createable": True},
        ]
    }

    update = rules.writable_problems(described, ["A", "B", "C"], must_create=False)
    create = rules.writable_problems(described, ["A", "B", "C"], must_create=True)

    assert update == (["C"], ["B"])
    assert create == (["C"], ["A"])


def test_a_package_key_must_be_an_external_id() -> None:
    described = {"fields": [{"name": "K", "externalId": False}]}

    assert rules.judge_package_key(described, "K", "Acme").status is Status.FAILED


@pytest.mark.parametrize(
    ("used", "status"),
    [
        (None, Status.UNKNOWN),
        (79, Status.OK),
        (80, Status.WARNING),
        (95, Status.FAILED),
    ],
)
def test_api_usage_is_judged_by_its_share(used: int | None, status: Status) -> None:
    assert rules.judge_api_usage(used, 100, "Acme").status is status


@pytest.mark.parametrize(("left", "status"), [(400, Status.WARNING), (401, Status.OK)])
def test_few_credits_are_warned_of(left: int, status: Status) -> None:
    assert rules.judge_credits(left, 4004, 60, "Acme").status is status


def test_a_customer_needs_a_3pl_login() -> None:
    found = rules.judge_warehouses(["A"], is_3pl=False, customer="7", subject="Acme")

    assert found.status is Status.WARNING


GOOD = webhook_rules.Registration(
    type_name="Shipment Update",
    is_active=True,
    has_secret=True,
    url_is_ours=True,
    is_enabled=True,
    health="HEALTHY",
)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "registered, enabled and healthy; none was received yet"),
        ({"last_received_at": NOW}, "last received at 2026-01-05 09:00 UTC"),
        ({"is_active": False}, "is not registered"),
        ({"url_is_ours": None}, "is not registered"),
        ({"has_secret": False}, "secret"),
        ({"url_is_ours": False}, "another address"),
        ({"is_enabled": False}, "disabled"),
        ({"health": "UNHEALTHY"}, "unhealthy"),
        ({"last_refused_at": NOW}, "wrong signature"),
        (
            {"last_refused_at": NOW, "last_received_at": NOW - timedelta(1)},
            "wrong signature",
        ),
        ({"last_refused_at": NOW - timedelta(1), "last_received_at": NOW}, "healthy"),
        ({"is_enabled": None, "health": ""}, "healthy"),
    ],
)
def test_the_first_thing_wrong_with_a_webhook_is_named(
    changes: dict[str, Any], words: str
) -> None:
    found = webhook_rules.judge_webhooks([replace(GOOD, **changes)], "Acme")

    assert len(found) == 1
    assert words in found[0].says


def test_reports_put_first_what_needs_a_hand() -> None:
    findings = [ok("a", "Good."), failed("b", "Bad.", "Mend it.", "Acme")]

    lines = as_text(findings).splitlines()
    report = as_json(findings, at=NOW)

    assert [line.split()[0] for line in lines[:-2]] == ["failed", "→", "ok"]
    assert lines[-1] == "1 failed, 1 ok"
    assert report["ok"] is False
    assert report["counts"] == {"ok": 1, "warning": 0, "failed": 1, "unknown": 0}


@pytest.mark.parametrize(
    ("is_told", "refusal", "echoes", "status", "words"),
    [
        (False, "", 0, Status.OK, "polling finds"),
        (True, "", 0, Status.OK, "arrive"),
        (True, "It is not in UTF-8.", 0, Status.OK, "arrive"),
        (False, "It is not in UTF-8.", 0, Status.WARNING, "not in UTF-8"),
        (True, "", 0.2, Status.OK, "arrive"),
        (True, "", 0.6, Status.WARNING, "60% of the records"),
    ],
)
def test_messages_are_judged(is_told, refusal, echoes, status, words):
    found = rules.judge_messages(
        is_told=is_told, last_refusal=refusal, echoes=echoes, subject="Acme"
    )

    assert (found.status, words in found.says) == (status, True)


@pytest.mark.parametrize(
    ("possible", "stuck", "status"),
    [
        (True, 0, Status.OK),
        (True, 2, Status.WARNING),
        (False, 0, Status.WARNING),
    ],
)
def test_requests_are_judged(possible, stuck, status):
    assert rules.judge_requests(possible, stuck, "Acme").status is status
