"""What the API shows, to whom, and what it never shows."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Permission
from django.db import DatabaseError, connection
from django.urls import get_resolver
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from connectors.accounts.models import Credential
from connectors.models import Heartbeat
from tests.factories.accounts import UserFactory
from tests.factories.connectors import HeartbeatFactory
from tests.factories.orders import ExportFactory, OrderFactory, ShipmentFactory
from tests.integration.api.conftest import (
    CANARY,
    Records,
    client_of,
    make_records,
    refusal_of,
)
from tests.integration.api.test_actions import ACTIONS, QUESTIONS, patterns_below

pytestmark = pytest.mark.django_db

# The kind of record, and where it stands.
RECORDS = {
    "order": "orders",
    "export": "exports",
    "shipment": "shipments",
    "attempt": "attempts",
    "failure": "failures",
    "delivery": "deliveries",
    "job": "jobs",
    "account": "accounts",
    "credential": "credentials",
    "organization": "organizations",
    "message": "messages",
    "request": "requests",
    "told": "told-exceptions",
}
every_kind = pytest.mark.parametrize(("kind", "folder"), RECORDS.items(), ids=RECORDS)


def pk_of(records: Records, kind: str) -> int:
    pk: int = getattr(records, kind).pk
    return pk


@every_kind
class TestRecords:
    @pytest.mark.parametrize(
        "role", ["viewer", "operator", "lead", "integrator", "auditor"]
    )
    def test_are_shown_to_every_role(self, kind, folder, role, records):
        client = client_of(role)
        pk = pk_of(records, kind)

        rows = client.get(f"/api/v1/{folder}/").json()["results"]
        one = client.get(f"/api/v1/{folder}/{pk}/").json()

        assert pk in [row["id"] for row in rows]
        assert one["id"] == pk

    @pytest.mark.parametrize("role", ["nobody", "anonymous"])
    def test_are_shown_to_nobody_else(self, kind, folder, role, records):
        client = client_of(role)

        for path in (f"/api/v1/{folder}/", f"/api/v1/{folder}/{pk_of(records, kind)}/"):
            assert client.get(path).status_code == refusal_of(role)

    def test_of_other_accounts_do_not_exist(self, kind, folder, records, others):
        client = client_of("integrator", account=records.account)

        rows = client.get(f"/api/v1/{folder}/").json()["results"]
        theirs = client.get(f"/api/v1/{folder}/{pk_of(others, kind)}/")

        assert pk_of(records, kind) in [row["id"] for row in rows]
        assert pk_of(others, kind) not in [row["id"] for row in rows]
        assert theirs.status_code == 404

    def test_never_show_a_secret(self, kind, folder, records):
        Credential.objects.update(
            secrets={"refresh_token": CANARY}, token={"access_token": CANARY}
        )
        client = client_of("integrator")

        shown = [
            client.get(f"/api/v1/{folder}/").content,
            client.get(f"/api/v1/{folder}/{pk_of(records, kind)}/").content,
        ]

        assert not any(CANARY.encode() in body for body in shown)
        names = names_in([json.loads(body) for body in shown])
        assert not {"secrets", "token", "settings", "password"} & names

    def test_are_not_made_changed_or_removed(self, kind, folder, records):
        client = client_of("integrator")
        one = f"/api/v1/{folder}/{pk_of(records, kind)}/"

        assert client.post(f"/api/v1/{folder}/").status_code == 405
        for method in (client.put, client.patch, client.delete):
            assert method(one).status_code == 405

    def test_refuse_a_filter_they_do_not_know(self, kind, folder, records):
        answer = client_of("viewer").get(f"/api/v1/{folder}/?nonsense=1")

        assert answer.status_code == 400
        assert "known are" in answer.json()["nonsense"][0]

    def test_take_every_filter_they_name(self, kind, folder, records):
        """No filter that only fails once somebody uses it."""
        client = client_of("viewer")

        for name, sample in filters_of(folder):
            answer = client.get(f"/api/v1/{folder}/", {name: sample})
            assert answer.status_code == 200, (name, answer.content)

    @pytest.mark.parametrize("value", ["", "\x00", "x" * 300, "9" * 30, "-1", "a\nb"])
    def test_meet_a_bad_filter_with_a_clear_error(self, kind, folder, value, records):
        client = client_of("viewer")

        for name, _sample in filters_of(folder):
            answer = client.get(f"/api/v1/{folder}/", {name: value})
            assert answer.status_code in {200, 400}, name
            assert answer.status_code == 200 or name in answer.json()

    @pytest.mark.parametrize("key", ["0", "999999999999999999", "x", "1%00", "-1"])
    def test_that_do_not_exist_are_not_found(self, kind, folder, key, records):
        answer = client_of("viewer").get(f"/api/v1/{folder}/{key}/")

        assert answer.status_code == 404

    def test_ask_for_the_second_factor_where_the_console_does(
        self, kind, folder, records, settings
    ):
        settings.SHIPSYNC_REQUIRE_OTP = True

        assert client_of("integrator").get(f"/api/v1/{folder}/").status_code == 403


class TestPages:
    def test_are_bounded_and_lead_on(self, records):
        for _ in range(4):
            OrderFactory(account=records.account)
        client = client_of("viewer")

        first = client.get("/api/v1/orders/?page_size=3").json()
        second = client.get(first["next"]).json()

        keys = [row["id"] for row in first["results"] + second["results"]]
        assert (len(first["results"]), len(keys)) == (3, 5)
        assert keys == sorted(keys, reverse=True)
        assert second["next"] is None

    def test_are_never_larger_than_the_limit(self, records):
        OrderFactory.create_batch(201, account=records.account)

        page = client_of("viewer").get("/api/v1/orders/?page_size=100000").json()

        assert len(page["results"]) == 200

    def test_cost_the_same_for_many_rows(self, records, django_assert_max_num_queries):
        client = client_of("viewer")
        for _ in range(10):
            make_records()

        for folder in RECORDS.values():
            with django_assert_max_num_queries(12):
                client.get(f"/api/v1/{folder}/")

    @pytest.mark.parametrize(
        "position", ["nonsense", "1; drop", "9" * 40, "-1", "\x00", "1.5", "²"]
    )
    def test_end_at_a_made_up_cursor(self, position, records):
        cursor = b64encode(urlencode({"p": position}).encode()).decode()

        answer = client_of("viewer").get("/api/v1/orders/", {"cursor": cursor})

        assert answer.status_code == 404

    @pytest.mark.parametrize("cursor", ["x", "\x00", "é", "====", "A" * 5000])
    def test_survive_what_is_no_cursor(self, cursor, records):
        answer = client_of("viewer").get("/api/v1/orders/", {"cursor": cursor})

        assert answer.status_code in {200, 404}


class TestFilters:
    def test_find_an_order_by_its_sku_once(self, records, others):
        found = client_of("viewer").get("/api/v1/orders/?sku=SKU-1").json()["results"]

        assert {row["id"] for row in found} == {records.order.pk, others.order.pk}

    def test_find_a_shipment_of_two_packages_once(self, records):
        path = "/api/v1/shipments/?tracking_number=1Z999"

        found = client_of("viewer").get(path).json()["results"]

        assert [row["id"] for row in found] == [records.shipment.pk]

    def test_find_open_failures(self, records, others):
        others.failure.closed_at = timezone.now()
        others.failure.save(update_fields=["closed_at"])
        client = client_of("viewer")

        still_open = client.get("/api/v1/failures/?open=true").json()["results"]
        closed = client.get("/api/v1/failures/?open=false").json()["results"]

        assert [row["id"] for row in still_open] == [records.failure.pk]
        assert [row["id"] for row in closed] == [others.failure.pk]

    def test_reach_no_row_of_another_account(self, records, others):
        client = client_of("viewer", account=records.account)

        found = client.get(f"/api/v1/orders/?account={others.account.pk}").json()

        assert found["results"] == []

    @pytest.mark.parametrize(
        "value", ["yesterday", "2026-01-01", "2026-01-01T00:00:00"]
    )
    def test_need_a_time_with_its_zone(self, value, records):
        answer = client_of("viewer").get("/api/v1/orders/", {"created_from": value})

        assert answer.status_code == 400


class TestOrderDetail:
    def test_holds_lines_exports_and_shipments(self, records):
        one = client_of("viewer").get(f"/api/v1/orders/{records.order.pk}/").json()

        assert [line["sku"] for line in one["lines"]] == ["SKU-1"]
        assert one["exports"][0]["wanted"] == {"ship_to": "Ada Lovelace"}
        packages = one["exports"][0]["shipments"][0]["packages"]
        assert [package["tracking_number"] for package in packages] == ["1Z999"] * 2

    def test_leaves_out_the_exports_of_another_account(self, records, others):
        theirs = ExportFactory(order=records.order, account=others.account)
        ShipmentFactory(export=theirs)
        path = f"/api/v1/orders/{records.order.pk}/"

        limited = client_of("viewer", account=records.account).get(path).json()
        everything = client_of("viewer").get(path).json()

        assert [export["id"] for export in limited["exports"]] == [records.export.pk]
        assert len(everything["exports"]) == 2


class TestBodies:
    def test_stand_in_the_detail_for_those_who_may_see_payloads(self, records):
        one = client_of("viewer").get(f"/api/v1/attempts/{records.attempt.pk}/").json()

        assert one["calls"][0]["sent"]["text"] == '{"sku": "SKU-1"}'
        assert one["calls"][0]["answer"]["text"] == "\\xff no text \x00"

    def test_stand_nowhere_for_others(self, records):
        user: Any = UserFactory()
        grant(user, "view_syncattempt", "view_failedpayload", "view_webhookdelivery")
        grant(user, "all_accounts")
        client = client_of("anonymous")
        client.force_login(user, backend="connectors.accounts.backend.OneReadBackend")

        attempt = client.get(f"/api/v1/attempts/{records.attempt.pk}/").json()
        failure = client.get(f"/api/v1/failures/{records.failure.pk}/").json()
        delivery = client.get(f"/api/v1/deliveries/{records.delivery.pk}/").json()

        call = attempt["calls"][0]
        assert (call["sent"], call["answer"]) == (None, None)
        assert failure["payload"] is None
        assert delivery["payload"] is None

    @pytest.mark.parametrize("folder", ["attempts", "failures", "deliveries"])
    def test_stand_in_no_list(self, folder, records):
        rows = client_of("viewer").get(f"/api/v1/{folder}/").json()["results"]

        assert not {"payload", "calls", "error_response"} & names_in(rows)


class TestStatus:
    def test_tells_what_waits_and_who_is_silent(self, records):
        HeartbeatFactory(host="live")
        HeartbeatFactory(host="dead", beat_at=timezone.now() - timedelta(hours=1))
        records.job.state = "waiting"
        records.job.not_before = timezone.now() - timedelta(minutes=1)
        records.job.save()

        seen = client_of("viewer").get("/api/v1/status/").json()

        alive = {worker["host"]: worker["is_alive"] for worker in seen["workers"]}
        assert alive == {"live": True, "dead": False}
        assert [(row["lane"], row["count"]) for row in seen["due"]] == [
            ("new_order", 1)
        ]
        assert seen["failures"] == {"address": 1}
        assert seen["deliveries"] == {"new": 1}
        assert seen["jobs"] == {"waiting": 1}

    def test_counts_rows_of_the_user_s_accounts_only(self, records, others):
        client = client_of("viewer", account=records.account)

        seen = client.get("/api/v1/status/").json()

        assert [row["id"] for row in seen["accounts"]] == [records.account.pk]
        assert seen["failures"] == {"address": 1}
        assert seen["jobs"] == {"parked": 1}

    def test_counts_what_we_hold_and_what_is_not_known(self, records):
        records.export.remote_id = "R-1"
        records.export.hold_kind = "operator"
        records.export.intent_at = timezone.now()
        records.export.save()

        seen = client_of("viewer").get("/api/v1/status/").json()

        assert (seen["held_exports"], seen["unknown_exports"]) == (1, 1)

    def test_is_not_for_strangers(self, client):
        assert client.get("/api/v1/status/").status_code == 401


class TestMetrics:
    def test_are_prometheus_text(self, records):
        HeartbeatFactory(host='a"b\n')

        answer = client_of("viewer").get("/metrics")

        text = answer.content.decode()
        assert answer["Content-Type"].startswith("text/plain")
        assert 'shipsync_failures_open{category="address"} 1.0' in text
        assert 'host="a\\"b\\n"' in text
        assert CANARY not in text

    def test_are_for_staff(self, client, records):
        user: Any = UserFactory(role="viewer", is_staff=False)
        client.force_login(user, backend="connectors.accounts.backend.OneReadBackend")

        assert client.get("/metrics").status_code == 403
        assert client_of("anonymous").get("/metrics").status_code == 401


class TestHealth:
    def test_is_well_without_a_worker(self, client):
        assert not Heartbeat.objects.exists()

        answer = client.get("/healthz")

        assert (answer.status_code, answer.content) == (200, b"ok\n")

    def test_is_ill_without_its_database(self, client, monkeypatch):
        def failing() -> None:
            raise DatabaseError("password authentication failed for user x")

        monkeypatch.setattr(connection, "cursor", failing)

        answer = client.get("/healthz")

        assert (answer.status_code, answer.content) == (503, b"unavailable\n")

    def test_only_reads(self, client):
        assert client.post("/healthz").status_code == 405


class TestSchema:
    def test_is_for_those_who_are_signed_in(self, client):
        assert client.get("/api/schema/").status_code == 401
        assert client_of("viewer").get("/api/schema/").status_code == 200

    def test_describes_every_action(self):
        schema = SchemaGenerator().get_schema(request=None, public=True)

        posts = {path for path, item in schema["paths"].items() if "post" in item}
        paths = {action.path for action in ACTIONS} | QUESTIONS
        assert posts == {path.replace("{}", "{id}") for path in paths}

    def test_describes_every_address_of_the_first_version(self):
        schema = SchemaGenerator().get_schema(request=None, public=True)
        addresses = {
            re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", path.replace("<pk>", "{id}"))
            for path, _pattern in patterns_below(get_resolver(), "/")
            if path.startswith("/api/v1/")
        }

        assert set(schema["paths"]) == addresses

    def test_is_made_without_a_complaint(self, capsys):
        SchemaGenerator().get_schema(request=None, public=True)

        assert "Warning" not in capsys.readouterr().err


def names_in(value: object) -> set[str]:
    """Every key in a JSON value, at any depth."""
    if isinstance(value, dict):
        return set(value) | {name for item in value.values() for name in names_in(item)}
    if isinstance(value, list):
        return {name for item in value for name in names_in(item)}
    return set()


def filters_of(folder: str) -> list[tuple[str, str]]:
    """A list's filters, each with a value that it takes."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    parameters = schema["paths"][f"/api/v1/{folder}/"]["get"]["parameters"]
    return [
        (item["name"], sample_of(item["schema"]))
        for item in parameters
        if item["name"] not in {"cursor", "page_size"}
    ]


def sample_of(schema: dict[str, object]) -> str:
    if isinstance(choices := schema.get("enum"), list):
        return str(choices[0])
    if schema.get("format") == "date-time":
        return "2026-01-31T09:00:00Z"
    return {"integer": "1", "boolean": "true"}.get(str(schema["type"]), "x")


def grant(user: Any, *codenames: str) -> None:
    user.user_permissions.add(*Permission.objects.filter(codename__in=codenames))
