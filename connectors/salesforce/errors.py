"""Salesforce's ways of saying no, in our vocabulary: no network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from connectors.errors import (
    AuthError,
    Category,
    ConnectorError,
    Owner,
    RejectedError,
    System,
    ThrottledError,
    TransientError,
)
from connectors.salesforce.error_codes import (
    AUTH,
    EXPIRED_SESSION,
    FACETS,
    OTHERWISE,
    OURS,
    TRANSIENT,
    UNCERTAIN,
)

DAILY_LIMIT_WAIT = timedelta(hours=1)  # a rolling day, and no Retry-After is given
SHORT_WAIT = timedelta(seconds=30)
LOGIN_RATE_WAIT = timedelta(minutes=5)
# Salesforce's words, under the same OAuth error as a refused login.
LOGIN_RATE = "login rate exceeded"


@dataclass(frozen=True, slots=True)
class Complaint:
    """One error as Salesforce words it."""

    code: str
    message: str
    fields: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that is known of one call that did not end well.

    `status` is None when no answer came; then `trouble` names the transport's
    complaint and `sent` says whether a byte of the request may have left. `content`
    is the parsed answer, or its text when it was no JSON.
    """

    is_write: bool
    status: int | None = None
    content: Any = None
    trouble: str = ""
    sent: bool = True


def complaints_in(content: Any) -> list[Complaint]:
    """The errors of an answer, of one row, or of a composite's part.

    The array's rows have `errorCode`; rows of a collection have `statusCode`.
    """
    listed = content if isinstance(content, list) else [content]
    return [
        Complaint(
            code=str(item.get("errorCode") or item.get("statusCode") or ""),
            message=str(item.get("message") or "").strip(),
            fields=tuple(map(str, item.get("fields") or ())),
        )
        for item in listed
        if isinstance(item, Mapping) and ("errorCode" in item or "statusCode" in item)
    ]


def has_expired(outcome: Outcome) -> bool:
    """Whether a new token may help, once."""
    if outcome.status != 401:
        return False
    found = complaints_in(outcome.content)
    return not found or any(one.code == EXPIRED_SESSION for one in found)


def classify(outcome: Outcome) -> ConnectorError:
    """The error that this outcome means. Structured codes come before the status."""
    if outcome.status is None:
        return _no_answer(outcome)
    found = complaints_in(outcome.content)
    if found:
        error = classify_complaint(found[0], is_write=outcome.is_write)
        error.detail = "; ".join(f"{one.code}: {one.message}" for one in found)[:2000]
        return error
    return _from_status(outcome)


def classify_complaint(complaint: Complaint, *, is_write: bool) -> ConnectorError:
    """The error that one of Salesforce's codes means."""
    code, words = complaint.code, complaint.message
    if code == "REQUEST_LIMIT_EXCEEDED":
        return _limit(words)
    if code in TRANSIENT:
        return TransientError(
            _TRANSIENT_WORDS.get(code, f"Salesforce said: {words}"),
            outcome_unknown=is_write and code in UNCERTAIN,
            **_about(code, words),
            **_SETUP_IF_STORAGE.get(code, {}),
        )
    if code in AUTH:
        return AuthError(f"Salesforce refused us: {words}", **_about(code, words))
    if code in OURS:
        return ConnectorError(
            "ShipSync asked Salesforce in words it does not know.",
            **_about(code, words),
        )
    category, owner = FACETS.get(code, OTHERWISE)
    return RejectedError(
        f"Salesforce said: {_last_line(words)}",
        field=", ".join(complaint.fields),
        category=category,
        owner=owner,
        **_about(code, words),
    )


_TRANSIENT_WORDS = {
    "UNABLE_TO_LOCK_ROW": "Somebody else was changing this record in Salesforce.",
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": "Another record of the batch failed.",
    "PROCESSING_HALTED": "An earlier part of the batch failed.",
    "STORAGE_LIMIT_EXCEEDED": "The Salesforce organization is out of storage.",
}
_SETUP_IF_STORAGE: Mapping[str, Any] = {
    "STORAGE_LIMIT_EXCEEDED": {
        "category": Category.SETUP,
        "owner": Owner.INTEGRATOR,
    }
}


def _limit(words: str) -> ThrottledError:
    is_short = "concurrent" in words.casefold()
    reason = (
        "Salesforce has too many long requests at once."
        if is_short
        else "The Salesforce organization has used its API requests of the day."
    )
    return ThrottledError(
        reason,
        wait=SHORT_WAIT if is_short else DAILY_LIMIT_WAIT,
        **_about("REQUEST_LIMIT_EXCEEDED", words),
    )


def _no_answer(outcome: Outcome) -> TransientError:
    if not outcome.sent:
        return TransientError(
            "Salesforce could not be reached.",
            **_about("not_reached", outcome.trouble),
        )
    return TransientError(
        "Salesforce did not answer.",
        outcome_unknown=outcome.is_write,
        **_about("no_answer", outcome.trouble),
    )


def _from_status(outcome: Outcome) -> ConnectorError:
    """Answers without Salesforce's error array: proxies, maintenance pages, bugs."""
    status = outcome.status or 0
    words = str(outcome.content or "")[:500]
    if status == 300:
        return RejectedError(
            "Several Salesforce records have the same external id.",
            owner=Owner.OPS,
            **_about("multiple_matches", words),
        )
    if status == 429:
        return ThrottledError(
            "Salesforce counts too many requests.",
            wait=SHORT_WAIT,
            **_about("http_429", words),
        )
    if status in {401, 403, 410}:
        return AuthError(
            f"Salesforce refused us (HTTP {status}).", **_about(f"http_{status}", words)
        )
    if 400 <= status < 500 and status not in {406, 408, 420}:
        return RejectedError(
            f"Salesforce refused the call (HTTP {status}).",
            owner=Owner.ENGINEER,
            **_about(f"http_{status}", words),
        )
    return _broken(outcome, status, words)


def _broken(outcome: Outcome, status: int, words: str) -> TransientError:
    reason = (
        f"Salesforce has trouble of its own (HTTP {status})."
        if status >= 400
        else "Salesforce's answer could not be read."
    )
    code = f"http_{status}" if status >= 400 else "unreadable"
    return TransientError(
        reason, outcome_unknown=outcome.is_write, **_about(code, words)
    )


def classify_login(code: str, words: str) -> ConnectorError:
    """The error that a refusal of the token endpoint means.

    `code` is OAuth's error word.
    """
    if code in {"server_error", "temporarily_unavailable", "unknown_error"}:
        return TransientError(
            "Salesforce's login is not available.", **_about(code, words)
        )
    if LOGIN_RATE in words.casefold():
        return ThrottledError(
            "Salesforce counts too many logins of this user.",
            wait=LOGIN_RATE_WAIT,
            **_about("login_rate", words),
        )
    told = f"{code}: {words}" if words else code
    return AuthError(
        f"Salesforce refused our login ({told[:300]}).", **_about(code, words)
    )


def _about(code: str, words: str) -> dict[str, Any]:
    return {
        "system": System.SALESFORCE,
        "code": f"salesforce.{code.lower().replace(' ', '_')}",
        "detail": words[:2000],
    }


def _last_line(words: str) -> str:
    """Query errors echo the query first; what is wrong stands last."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason was given."
