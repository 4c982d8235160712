"""Answers compared with recorded and documented ones: keys, types, nesting, codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

PAYLOADS = Path(__file__).parents[4] / "payloads" / "salesforce"
KIND = "ShipSync_Package__c"
KEY = "ShipSync_Key__c"


def sample(name: str) -> Any:
    return json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))["body"]


def differences(expected: Any, actual: Any, where: str = "") -> list[str]:
    """Where the shape differs. A null on either side says nothing about a type."""
    if expected is None or actual is None:
        return []
    if type(expected) is not type(actual):
        return [f"{where}: {type(expected).__name__}, not {type(actual).__name__}"]
    if isinstance(expected, dict):
        keys = [f"{where}.{key}" for key in set(expected) ^ set(actual)]
        shared = set(expected) & set(actual)
        inner = [
            differences(expected[key], actual[key], f"{where}.{key}") for key in shared
        ]
        return keys + [found for one in inner for found in one]
    if isinstance(expected, list) and expected:
        if len(expected) > 1:
            pairs = list(zip(expected, actual, strict=True))
        else:
            pairs = [(expected[0], one) for one in actual]
        inner = [differences(*pair, f"{where}[{n}]") for n, pair in enumerate(pairs)]
        return [found for one in inner for found in one]
    return []


def codes(body: Any) -> list[str]:
    """Error codes and statuses anywhere in an answer, in order."""
    if isinstance(body, list):
        return [code for one in body for code in codes(one)]
    if not isinstance(body, dict):
        return []
    own = [
        str(body[key]) for key in ("errorCode", "statusCode", "error") if key in body
    ]
    return own + [code for one in body.values() for code in codes(one)]


@pytest.fixture
def order(desk):
    ship_to = {"street": "1 Main St", "city": "Austin", "state": "TX"}
    return desk.create_order(lines=[("A-1", 2)], ship_to=ship_to)


@pytest.fixture
def ask(session, client):
    def send(method: str, path: str, **options: Any) -> Any:
        url = f"{client.base_url}{path}"
        return session.request(method, url, headers=client.headers, **options).json()

    return send


def package(**fields: Any) -> dict[str, Any]:
    return {"attributes": {"type": KIND}, KEY: "k-1", **fields}


SUB = {"method": "POST", "url": f"/services/data/v66.0/sobjects/{KIND}"}


class TestShapes:
    @pytest.mark.parametrize(
        ("name", "path"),
        [
            ("limits", "limits"),
            ("describe_global", "sobjects"),
            ("describe_object", "sobjects/Order/describe"),
            ("describe_object", f"sobjects/{KIND}/describe"),
            ("query_count", "query?q=SELECT+COUNT()+FROM+Order"),
            ("error_not_found", "sobjects/Order/801Hs0000000zzz"),
            ("error_query_type", "query?q=SELECT+Id+FROM+Nope"),
        ],
    )
    def test_reads(self, ask, order, name, path):
        answer = ask("GET", path)

        for one in answer.get("fields", []) if isinstance(answer, dict) else []:
            one["picklistValues"] = []
            one["defaultValue"] = None
            one["referenceTo"] = []
        assert differences(sample(name), answer) == []
        assert codes(answer) == codes(sample(name))

    def test_error_texts_of_queries(self, ask):
        answer = ask("GET", "query?q=SELECT+Id+FROM+Nope")

        assert answer == sample("error_query_type")

    def test_records_with_parents_and_children(self, client, order):
        found = client.query(
            "SELECT Id, OrderNumber, SystemModstamp, TotalAmount, ShippingAddress, "
            "Account.Name, (SELECT Quantity FROM OrderItems), "
            "(SELECT Id FROM ShipSync_Packages__r) FROM Order"
        )

        plain = json.loads(json.dumps(found))
        expected = sample("query_with_parents_and_children")
        assert differences(expected, plain) == []
        assert list(plain["records"][0]) == list(expected["records"][0])
        assert plain["records"][0]["ShipSync_Packages__r"] is None

    def test_pages(self, world, client, desk, order):
        desk.create_order(lines=[], activate=False)
        world.switches["min_batch_size"] = 1
        headers = {"Sforce-Query-Options": "batchSize=1"}

        page = client.query("SELECT Id FROM Order", headers=headers)

        assert differences(sample("query_page"), json.loads(json.dumps(page))) == []

    @pytest.mark.parametrize(
        ("name", "method", "path", "body"),
        [
            ("create", "POST", f"sobjects/{KIND}", {}),
            ("upsert", "PATCH", f"sobjects/{KIND}/{KEY}/k-9", {}),
            (
                "collections_upsert",
                "PATCH",
                f"composite/sobjects/{KIND}/{KEY}",
                {"records": [package(), package(**{KEY: "k-2", "Nope__c": 1})]},
            ),
            (
                "collections_all_or_none",
                "POST",
                "composite/sobjects",
                {"allOrNone": True, "records": [package(Nope__c=1), package()]},
            ),
            (
                "composite_rolled_back",
                "POST",
                "composite",
                {
                    "allOrNone": True,
                    "compositeRequest": [
                        {**SUB, "referenceId": "first", "body": {}},
                        {**SUB, "referenceId": "second", "body": {"Nope__c": 1}},
                    ],
                },
            ),
            ("error_required_field", "POST", "sobjects/Contact", {"FirstName": "x"}),
            (
                "error_not_writable",
                "POST",
                f"sobjects/{KIND}",
                {"CreatedDate": "2026-01-05T09:00:00Z"},
            ),
            ("error_no_records", "POST", "composite/sobjects", {"records": []}),
        ],
    )
    def test_writes(self, ask, name, method, path, body):
        answer = ask(method, path, json=body)

        assert differences(sample(name), answer) == []
        if name != "collections_upsert":  # there another refusal was recorded
            assert codes(answer) == codes(sample(name))
        if name.startswith(("error", "composite_rolled")):
            assert answer == sample(name)

    def test_composite(self, ask, order):
        update = {
            "method": "PATCH",
            "url": f"/services/data/v66.0/sobjects/Order/{order}",
            "referenceId": "refUpdate",
            "body": {"ShipSync_Carrier__c": "UPS"},
        }
        requests = [{**SUB, "referenceId": "refAccount", "body": {}}, update]

        answer = ask("POST", "composite", json={"compositeRequest": requests})

        assert differences(sample("composite"), answer) == []

    def test_deleted(self, ask, desk):
        order = desk.create_order(lines=[], activate=False)
        desk.delete_order(order)

        assert ask("GET", f"sobjects/Order/{order}") == sample("error_deleted")

    def test_limit(self, ask, world):
        world.switches["daily_limit"] = 0

        assert ask("GET", "limits") == sample("error_limit")

    def test_expired(self, session, client):
        answer = session.get(f"{client.base_url}limits").json()

        assert answer == sample("error_expired_session")

    def test_tokens(self, session):
        url = "https://acme.my.salesforce.com/services/oauth2/token"
        form = {"grant_type": "client_credentials", "client_id": "consumer"}

        good = session.post(url, data={**form, "client_secret": "consumer-secret"})
        bad = session.post(url, data=form)

        assert differences(sample("token"), good.json()) == []
        assert differences(sample("token_error"), bad.json()) == []

    def test_versions(self, session):
        answer = session.get("https://acme.my.salesforce.com/services/data/").json()

        assert differences(sample("versions"), answer) == []
        assert sample("versions")[0] in answer

    def test_every_sample_is_used(self):
        own = Path(__file__).read_text(encoding="utf-8")

        assert [
            one.stem for one in PAYLOADS.glob("*.json") if one.stem not in own
        ] == []


def test_bulk_jobs(ask):
    wanted = {"operation": "upsert", "object": KIND, "externalIdFieldName": KEY}
    made = ask("POST", "jobs/ingest", json=wanted)
    read = ask("GET", f"jobs/ingest/{made['id']}")

    assert differences(sample("bulk_job_created"), made) == []
    assert differences(sample("bulk_job_read"), read) == []
