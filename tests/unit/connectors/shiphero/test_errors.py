from datetime import timedelta
from typing import Any

import pytest

from connectors.errors import Category, Kind, Owner, ThrottledError
from connectors.shiphero.errors import Outcome, classify

CREDIT_TEXT = (
    "There are not enough credits to perform the requested operation, which requires "
    "101 credits, but the are only 1 left. In 7 seconds you will have enough credits "
    "to perform the operation"
)


def refused(*errors: Any, data: Any = None, status: int = 200) -> dict[str, Any]:
    return {"status": status, "body": {"errors": list(errors), "data": data}}


NOT_FOUND = {
    "message": "Order not found",
    "operation": "order_update",
    "field": "order_update",
    "request_id": "5da7dc13f3079f0def208711",
    "code": 5,
}

# (what came, kind, code, outcome unknown on a write, outcome unknown on a read)
CASES = {
    "object not found": (
        refused(NOT_FOUND, data={"order_update": None}),
        Kind.REJECTED,
        "shiphero.not_found",
        False,
    ),
    "missing scope": (
        refused({"message": "Missing required scope(s): view:orders", "code": 7}),
        Kind.AUTH,
        "shiphero.missing_scope",
        False,
    ),
    "not enough credits": (
        refused({"message": CREDIT_TEXT, "code": 30, "time_remaining": "10 seconds"}),
        Kind.THROTTLED,
        "shiphero.throttled",
        False,
    ),
    "not enough credits, by its words only": (
        refused({"message": CREDIT_TEXT}),
        Kind.THROTTLED,
        "shiphero.throttled",
        False,
    ),
    "an unknown code": (
        refused({"message": "Order is locked", "code": 42}),
        Kind.REJECTED,
        "shiphero.code_42",
        False,
    ),
    "a code as text": (
        refused({"message": "Order not found", "code": "5"}),
        Kind.REJECTED,
        "shiphero.not_found",
        False,
    ),
    "no code at all": (
        refused({"message": "Duplicate order"}, data={"order_create": None}),
        Kind.REJECTED,
        "shiphero.rejected",
        False,
    ),
    "a resolver that fell over": (
        refused(
            {"message": "'NoneType' …", "locations": [], "path": ["order_create"]},
            data={"order_create": None},
        ),
        Kind.TRANSIENT,
        "shiphero.server_error",
        True,
    ),
    "invalid GraphQL, 400": (
        refused(
            {"message": 'Cannot query field "x" on type "Order".', "locations": []},
            status=400,
        ),
        Kind.INTERNAL,
        "shiphero.invalid_document",
        False,
    ),
    "invalid GraphQL, 200": (
        refused({"message": "Unknown argument", "locations": [], "path": None}),
        Kind.INTERNAL,
        "shiphero.invalid_document",
        False,
    ),
    "unauthorized": (
        {"status": 401, "body": {"message": "Unauthorized"}},
        Kind.AUTH,
        "shiphero.unauthorized",
        False,
    ),
    "unauthorized with an error list": (
        refused({"message": "expired"}, status=401),
        Kind.AUTH,
        "shiphero.unauthorized",
        False,
    ),
    "address blocked": (
        {"status": 403, "body": {"message": "Forbidden"}},
        Kind.AUTH,
        "shiphero.address_blocked",
        False,
    ),
    "too many requests": (
        {"status": 429, "text": "Too many"},
        Kind.THROTTLED,
        "shiphero.throttled",
        False,
    ),
    "bad gateway": (
        {"status": 502, "text": "<html>"},
        Kind.TRANSIENT,
        "shiphero.server_error",
        True,
    ),
    "a 500 with JSON": (
        refused({"message": "oops"}, status=500),
        Kind.TRANSIENT,
        "shiphero.server_error",
        True,
    ),
    "not JSON with 200": (
        {"status": 200, "text": "<html>maintenance"},
        Kind.TRANSIENT,
        "shiphero.unreadable",
        True,
    ),
    "JSON without data": (
        {"status": 200, "body": {}},
        Kind.TRANSIENT,
        "shiphero.unreadable",
        True,
    ),
    "a redirect": ({"status": 302}, Kind.TRANSIENT, "shiphero.unreadable", True),
    "no such path": ({"status": 404}, Kind.REJECTED, "shiphero.http_404", False),
    "read timed out": (
        {"trouble": "ReadTimeout"},
        Kind.TRANSIENT,
        "shiphero.no_answer",
        True,
    ),
    "connection refused": (
        {"trouble": "ConnectionError", "sent": False},
        Kind.TRANSIENT,
        "shiphero.not_reached",
        False,
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("is_write", [True, False], ids=["write", "read"])
def test_each_captured_case_has_its_class(case, is_write):
    came, kind, code, unknown = case

    error = classify(Outcome(is_write=is_write, **came))

    assert (error.kind, error.code) == (kind, code)
    assert error.outcome_unknown is (is_write and unknown)
    assert error.reason


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        ({"time_remaining": "10 seconds"}, 10),
        ({"time_remaining": 4}, 4),
        ({"extensions": {"time_remaining": "12 seconds"}}, 12),
        ({"required_credits": 101, "remaining_credits": 41}, 1),
        ({"extensions": {"required_credits": 1300, "remaining_credits": 100}}, 20),
        ({"message": CREDIT_TEXT}, 7),
        ({"time_remaining": "soon"}, 10),
        ({}, 10),
    ],
)
def test_the_wait_is_what_shiphero_says_wherever_it_says_it(error, seconds):
    body = {"errors": [{"message": "no", "code": 30, **error}]}

    refusal = classify(Outcome(is_write=True, status=200, body=body, rate=60))

    assert isinstance(refusal, ThrottledError)
    assert refusal.wait == timedelta(seconds=seconds)


def test_of_several_errors_the_most_urgent_is_told_and_the_others_kept():
    came = refused(NOT_FOUND, {"message": "slow down", "code": 30})

    error = classify(Outcome(is_write=True, **came))

    assert error.kind is Kind.THROTTLED
    assert "Order not found" in error.detail
    assert error.request_id == "5da7dc13f3079f0def208711"


def test_a_refusal_keeps_the_remotes_words_field_and_request_id():
    error: Any = classify(Outcome(is_write=True, **refused(NOT_FOUND)))

    assert error.reason == "ShipHero said: Order not found"
    assert error.field == "order_update"
    assert error.request_id == "5da7dc13f3079f0def208711"


def test_a_refusal_about_a_sku_is_filed_under_sku():
    came = refused({"message": "Product with SKU ABC-1 not found", "code": 3})

    error = classify(Outcome(is_write=True, **came))

    assert error.category is Category.SKU
    assert error.owner is Owner.OPS


def test_error_lists_of_odd_shapes_are_read_too():
    for errors in ("boom", [None], ["boom"], {"message": "boom"}):
        outcome = Outcome(is_write=False, status=200, body={"errors": errors})
        assert classify(outcome).reason
