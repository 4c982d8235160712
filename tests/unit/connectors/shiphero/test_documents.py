from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from connectors.shiphero.documents import document, every_name

ROOT = Path(__file__).parents[4]
SANDBOX = ROOT / "connectors/sandbox/shiphero/schema.graphql"
CONTRACT = ROOT.parent / "shared/reference/shiphero_schema.graphql"
WITHOUT_REQUEST_ID = {"user_quota"}


@pytest.mark.parametrize("schema", [SANDBOX, CONTRACT], ids=["sandbox", "contract"])
@pytest.mark.parametrize("name", every_name())
def test_every_document_is_valid(schema, name):
    if not schema.exists():
        pytest.skip(f"{schema.name} is not on this machine")

    errors = validate(build_schema(schema.read_text()), document(name).tree)

    assert errors == []


def test_an_unknown_field_would_be_noticed():
    schema = build_schema(SANDBOX.read_text())
    text = document("account").text.replace("is_3pl", "is_4pl")

    assert validate(schema, parse(text)) != []


@pytest.mark.parametrize("name", sorted({*every_name()} - WITHOUT_REQUEST_ID))
def test_every_document_asks_for_request_id_and_complexity(name):
    text = document(name).text

    assert "request_id" in text
    assert "complexity" in text


def test_the_root_field_names_the_call():
    assert document("orders_held").root == "orders"
    assert document("order_create").root == "order_create"
    assert document("order_create").is_write
    assert not document("orders_held").is_write


def test_a_connection_costs_one_and_each_row_with_what_is_nested():
    few = {"first": 10, "lines": 20, "shipped": 5, "ids": []}

    assert document("orders_read").estimate(few) == 1 + 10 * (1 + 21 + 6)
    assert document("order_find").estimate({"first": 100}) == 101
    assert document("account").estimate({}) == 1
    assert document("order_cancel").estimate({}) == 10
