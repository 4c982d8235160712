"""ShipHero's ways of saying no, in our vocabulary: one table, no network."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from connectors.errors import (
    AuthError,
    Category,
    ConnectorError,
    Kind,
    Owner,
    RejectedError,
    System,
    ThrottledError,
    TransientError,
)
from connectors.shiphero.answers import (
    code_of,
    credit_wait,
    errors_in,
    request_id_in,
    words_of,
)

NOT_FOUND = 5
MISSING_SCOPE = 7
NOT_ENOUGH_CREDITS = 30

REQUEST_CAP_WAIT = timedelta(seconds=60)  # 7,000 requests in any five minutes

# graphql-core's and graphene's own words for a document they will not run.
INVALID_DOCUMENT = re.compile(
    r"^(Cannot query field|Unknown (argument|type|field)|Syntax Error|Variable [\"'$]"
    r"|Argument [\"']|Field [\"'].*(argument|subfields|of required type))"
)
PASSING_TROUBLE = re.compile(
    r"internal (server )?error|unexpected error|try again|timed? ?out|temporar", re.I
)


class MalformedEventError(ConnectorError):
    """A webhook body that cannot be read as an event; its bytes are kept."""

    kind = Kind.INVALID
    category = Category.REMOTE
    owner = Owner.INTEGRATOR


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that is known of one call that did not end well.

    `status` is None when no answer came; then `trouble` names the transport's
    complaint and `sent` says whether a byte of the request may have left. `body` is
    the parsed answer, None when it was no JSON object. `rate` is the bucket's refill
    per second as last learned.
    """

    is_write: bool
    status: int | None = None
    body: Mapping[str, Any] | None = None
    text: str = ""
    trouble: str = ""
    sent: bool = True
    rate: int = 60


def classify(outcome: Outcome) -> ConnectorError:
    """The error that this outcome means. Structured codes come before words."""
    errors = errors_in(outcome.body)
    if outcome.status is None:
        return _no_answer(outcome)
    if errors:
        return _from_errors(outcome, errors)
    return _from_status(outcome)


# -- no answer, or none that can be read ------------------------------------


def _no_answer(outcome: Outcome) -> ConnectorError:
    if not outcome.sent:
        return _transient(
            "ShipHero could not be reached.", "not_reached", outcome, unknown=False
        )
    return _transient(
        "ShipHero did not answer." + _asked(outcome), "no_answer", outcome
    )


def _from_status(outcome: Outcome) -> ConnectorError:
    status = outcome.status or 0
    if status == 429:
        return _throttled("ShipHero counts too many requests.", REQUEST_CAP_WAIT)
    if status == 401:
        return AuthError(
            "ShipHero refused our token, also after renewing it.",
            system=System.SHIPHERO,
            code="shiphero.unauthorized",
            detail=_excerpt(outcome),
        )
    if status == 403:
        # Documented: 403 without an error list is the sender's address, not the
        # token. It stops every call alike, so it pauses the credential.
        return AuthError(
            "ShipHero blocks calls from this server's network address. The token is "
            "not at fault: ask ShipHero to allow the address.",
            system=System.SHIPHERO,
            code="shiphero.address_blocked",
            detail=_excerpt(outcome),
        )
    if status >= 500:
        return _transient(
            f"ShipHero has trouble of its own (HTTP {status}).", "server_error", outcome
        )
    if 400 <= status < 500:
        return _rejected_by_status(outcome, status)
    return _transient(
        "ShipHero's answer could not be read." + _asked(outcome), "unreadable", outcome
    )


def _rejected_by_status(outcome: Outcome, status: int) -> ConnectorError:
    if status in {408, 425}:
        return _transient("ShipHero gave up waiting.", "timeout", outcome)
    return RejectedError(
        f"ShipHero refused the call (HTTP {status}).",
        system=System.SHIPHERO,
        code=f"shiphero.http_{status}",
        detail=_excerpt(outcome),
        owner=Owner.ENGINEER,
    )


def _asked(outcome: Outcome) -> str:
    if outcome.is_write:
        return " Whether it did what we asked is looked up before the next try."
    return ""


def _excerpt(outcome: Outcome) -> str:
    return (outcome.trouble or outcome.text)[:500]


# -- answers that carry an error list ---------------------------------------

_URGENCY = (NOT_ENOUGH_CREDITS, MISSING_SCOPE, NOT_FOUND)


def _from_errors(outcome: Outcome, errors: list[Mapping[str, Any]]) -> ConnectorError:
    first = min(errors, key=_urgency)
    others = "; ".join(words_of(error) for error in errors if error is not first)
    error = _from_error(outcome, first)
    error.request_id = error.request_id or request_id_in(outcome.body)
    error.detail = "; ".join(part for part in (error.detail, others) if part)
    return error


def _urgency(error: Mapping[str, Any]) -> int:
    code = code_of(error)
    if code is None and _is_throttle_text(error):
        code = NOT_ENOUGH_CREDITS
    return _URGENCY.index(code) if code in _URGENCY else len(_URGENCY)


def _from_error(outcome: Outcome, error: Mapping[str, Any]) -> ConnectorError:
    code = code_of(error)
    words = words_of(error)
    if code == NOT_ENOUGH_CREDITS or (code is None and _is_throttle_text(error)):
        return _throttled(
            "ShipHero asked us to slow down.", credit_wait(error, outcome.rate), words
        )
    if outcome.status in {401, 429} or (outcome.status or 0) >= 500:
        return _from_status(outcome)
    if code == MISSING_SCOPE:
        return AuthError(
            f"The ShipHero token lacks a right: {words}",
            system=System.SHIPHERO,
            code="shiphero.missing_scope",
        )
    if code == NOT_FOUND:
        return _rejected(words, "shiphero.not_found", error)
    if code is not None:
        return _rejected(words, f"shiphero.code_{code}", error)
    return _from_words(outcome, error, words)


def _from_words(
    outcome: Outcome, error: Mapping[str, Any], words: str
) -> ConnectorError:
    ran = bool(outcome.body) and isinstance((outcome.body or {}).get("data"), Mapping)
    invalid = INVALID_DOCUMENT.match(words) is not None
    if invalid or (not ran and "locations" in error):
        return ConnectorError(
            "ShipSync asked ShipHero in words it does not know.",
            system=System.SHIPHERO,
            code="shiphero.invalid_document",
            detail=words,
        )
    if PASSING_TROUBLE.search(words) or "path" in error:
        # A resolver that fell over half-way: what it had done by then is not known.
        return _transient(
            "ShipHero has trouble of its own." + _asked(outcome),
            "server_error",
            outcome,
            detail=words,
        )
    return _rejected(words, "shiphero.rejected", error)


def _is_throttle_text(error: Mapping[str, Any]) -> bool:
    return "not enough credits" in words_of(error).lower()


# -- the words of our own vocabulary ----------------------------------------


def _throttled(reason: str, wait: timedelta, detail: str = "") -> ThrottledError:
    return ThrottledError(
        reason,
        wait=wait,
        system=System.SHIPHERO,
        code="shiphero.throttled",
        detail=detail,
    )


def _transient(
    reason: str,
    code: str,
    outcome: Outcome,
    *,
    unknown: bool | None = None,
    detail: str = "",
) -> TransientError:
    return TransientError(
        reason,
        system=System.SHIPHERO,
        code=f"shiphero.{code}",
        detail=detail or _excerpt(outcome),
        outcome_unknown=outcome.is_write if unknown is None else unknown,
    )


_ABOUT = (
    (re.compile(r"\bskus?\b|\bproducts?\b", re.I), Category.SKU),
    (re.compile(r"\baddress", re.I), Category.ADDRESS),
    (re.compile(r"\bcarrier|shipping[ _](method|line)", re.I), Category.METHOD),
    (re.compile(r"\bwarehouse", re.I), Category.ROUTING),
)


def _rejected(words: str, code: str, error: Mapping[str, Any]) -> RejectedError:
    field = error.get("field")
    about = [category for pattern, category in _ABOUT if pattern.search(words)]
    return RejectedError(
        f"ShipHero said: {words}",
        system=System.SHIPHERO,
        code=code,
        category=about[0] if about else None,
        field=field if isinstance(field, str) else "",
        request_id=str(error.get("request_id") or ""),
    )
