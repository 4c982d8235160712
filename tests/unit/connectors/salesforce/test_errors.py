from datetime import timedelta
from typing import Any

import pytest

from connectors.errors import Category, Kind, Owner, ThrottledError
from connectors.salesforce.errors import (
    Outcome,
    classify,
    classify_login,
    complaints_in,
    has_expired,
)


def said(
    code: str, message: str = "words", status: int = 400, **more: Any
) -> dict[str, Any]:
    return {
        "status": status,
        "content": [{"errorCode": code, "message": message, **more}],
    }


TOTAL = "TotalRequests Limit exceeded."
CONCURRENT = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."

# what came: (kind, outcome unknown on a write)
CASES = {
    "row locked": (said("UNABLE_TO_LOCK_ROW"), Kind.TRANSIENT, False),
    "unavailable": (said("SERVER_UNAVAILABLE", status=503), Kind.TRANSIENT, True),
    "unknown exception": (said("UNKNOWN_EXCEPTION", status=500), Kind.TRANSIENT, True),
    "query timeout": (said("QUERY_TIMEOUT"), Kind.TRANSIENT, False),
    "stale locator": (said("INVALID_QUERY_LOCATOR"), Kind.TRANSIENT, False),
    "maintenance": (
        said("INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE"),
        Kind.TRANSIENT,
        False,
    ),
    "halted": (said("PROCESSING_HALTED"), Kind.TRANSIENT, False),
    "out of storage": (said("STORAGE_LIMIT_EXCEEDED"), Kind.TRANSIENT, False),
    "daily limit": (
        said("REQUEST_LIMIT_EXCEEDED", TOTAL, 403),
        Kind.THROTTLED,
        False,
    ),
    "concurrent limit": (
        said("REQUEST_LIMIT_EXCEEDED", CONCURRENT, 403),
        Kind.THROTTLED,
        False,
    ),
    "expired session": (said("INVALID_SESSION_ID", status=401), Kind.AUTH, False),
    "bad header": (said("INVALID_AUTH_HEADER", status=401), Kind.AUTH, False),
    "api disabled": (said("API_DISABLED_FOR_ORG", status=403), Kind.AUTH, False),
    "retired version": (said("UNSUPPORTED_API_VERSION", status=410), Kind.AUTH, False),
    "validation rule": (
        said("FIELD_CUSTOM_VALIDATION_EXCEPTION"),
        Kind.REJECTED,
        False,
    ),
    "no access": (said("INSUFFICIENT_ACCESS_OR_READONLY"), Kind.REJECTED, False),
    "duplicate": (said("DUPLICATE_VALUE"), Kind.REJECTED, False),
    "not found": (said("NOT_FOUND", status=404), Kind.REJECTED, False),
    "a code nobody listed": (said("SOME_NEW_CODE"), Kind.REJECTED, False),
    "bad query": (said("MALFORMED_QUERY"), Kind.INTERNAL, False),
    "bad body": (said("JSON_PARSER_ERROR"), Kind.INTERNAL, False),
    "several matches": ({"status": 300, "content": ["/x"]}, Kind.REJECTED, False),
    "html 503": ({"status": 503, "content": "<html>"}, Kind.TRANSIENT, True),
    "edge routing": ({"status": 420, "content": None}, Kind.TRANSIENT, True),
    "bad gateway": ({"status": 502, "content": ""}, Kind.TRANSIENT, True),
    "html 401": ({"status": 401, "content": "<html>"}, Kind.AUTH, False),
    "html 403": ({"status": 403, "content": "<html>"}, Kind.AUTH, False),
    "429": ({"status": 429, "content": None}, Kind.THROTTLED, False),
    "too long": ({"status": 414, "content": ""}, Kind.REJECTED, False),
    "html with 200": ({"status": 200, "content": "<html>"}, Kind.TRANSIENT, True),
    "a redirect": ({"status": 302, "content": None}, Kind.TRANSIENT, True),
    "read timed out": ({"trouble": "ReadTimeout"}, Kind.TRANSIENT, True),
    "refused": ({"trouble": "ConnectionError", "sent": False}, Kind.TRANSIENT, False),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("is_write", [True, False], ids=["write", "read"])
def test_each_captured_case_has_its_class(case, is_write):
    came, kind, unknown = case

    error = classify(Outcome(is_write=is_write, **came))

    assert error.kind is kind
    assert error.outcome_unknown is (is_write and unknown)
    assert error.reason
    assert error.code.startswith("salesforce.")
    assert error.code == error.code.lower()


def test_the_daily_limit_waits_an_hour_and_the_short_one_does_not():
    daily = classify(Outcome(is_write=False, **CASES["daily limit"][0]))
    short = classify(Outcome(is_write=False, **CASES["concurrent limit"][0]))

    assert isinstance(daily, ThrottledError)
    assert daily.wait == timedelta(hours=1)
    assert isinstance(short, ThrottledError)
    assert short.wait < timedelta(minutes=2)


def test_a_rejection_keeps_salesforces_words_and_fields():
    came = said("REQUIRED_FIELD_MISSING", "Missing: [LastName]", fields=["LastName"])

    error: Any = classify(Outcome(is_write=True, **came))

    assert error.reason == "Salesforce said: Missing: [LastName]"
    assert error.field == "LastName"
    assert error.owner is Owner.INTEGRATOR


def test_a_query_error_tells_its_last_line_only():
    words = "\nSELECT Id, X FROM Order\n     ^\nERROR at Row:1:Column:12\nNo such column 'X'"

    error = classify(Outcome(is_write=False, **said("INVALID_FIELD", words)))

    assert error.reason == "Salesforce said: No such column 'X'"
    assert error.category is Category.SETUP


def test_a_row_of_a_collection_has_another_key_for_its_code():
    row = {"statusCode": "ENTITY_IS_LOCKED", "message": "locked", "fields": []}

    (complaint,) = complaints_in([row])

    assert complaint.code == "ENTITY_IS_LOCKED"


@pytest.mark.parametrize("content", [None, "<html>", 7, {}, [], [7], {"a": 1}])
def test_content_of_odd_shapes_holds_no_complaint(content):
    assert complaints_in(content) == []


def test_only_an_expired_session_is_worth_a_new_token():
    assert has_expired(Outcome(False, **said("INVALID_SESSION_ID", status=401)))
    assert has_expired(Outcome(False, 401, "<html>"))
    assert not has_expired(Outcome(False, **said("INVALID_AUTH_HEADER", status=401)))
    assert not has_expired(Outcome(False, 403, None))


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("invalid_grant", Kind.AUTH),
        ("invalid_client_id", Kind.AUTH),
        ("invalid_client", Kind.AUTH),
        ("401", Kind.AUTH),
        ("server_error", Kind.TRANSIENT),
    ],
)
def test_a_refused_login_is_told_in_salesforces_words(code, kind):
    error = classify_login(code, "authentication failure")

    assert error.kind is kind
    assert "authentication failure" in error.reason + error.detail


def test_too_many_logins_are_waited_for_and_refuse_nobody():
    """They come under the error word of a refused login."""
    error = classify_login("invalid_grant", "login rate exceeded")

    assert error.kind is Kind.THROTTLED
