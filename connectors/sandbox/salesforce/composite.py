"""Composite: up to 25 requests in one call, later ones built from earlier answers."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from connectors.sandbox.salesforce.call import Answer, Call, refusal_answer
from connectors.sandbox.salesforce.refusals import RefusedError

MAX_REQUESTS = 25
OUTER_HEADERS = frozenset({"accept", "authorization", "content-type"})
MAX_HEAVY = 5  # queries and collections among them

_REFERENCE = re.compile(r"@\{([A-Za-z0-9]\w*)((?:\.\w+|\[\d+\])*)\}")
_REFERENCE_ID = re.compile(r"[A-Za-z0-9]\w*\Z", re.ASCII)
_HEAVY = re.compile(r"/services/data/v\d+\.\d/(query|queryAll|composite/sobjects)\b")
_URL = re.compile(r"/services/data/v(\d+\.\d)/(.*)\Z", re.DOTALL)

HALTED = (
    "The transaction was rolled back since another operation in the same transaction "
    "failed."
)


def run(call: Call) -> Answer:
    requests = _checked(call.document().get("compositeRequest"))
    all_or_none = bool(call.document().get("allOrNone"))
    start = call.transaction.mark()
    answers: dict[str, Answer] = {}
    failed: str | None = None
    for request in requests:
        name = request["referenceId"]
        answers[name] = _one(call, request, answers)
        if answers[name].status >= 300 and all_or_none:
            failed = name
            break
    if failed is not None:
        call.transaction.rollback(start)
        halted = refusal_answer(RefusedError("PROCESSING_HALTED", HALTED))
        broken = answers[failed]
        answers = {one["referenceId"]: halted for one in requests} | {failed: broken}
    return Answer(
        200,
        {"compositeResponse": [_shown(name, one) for name, one in answers.items()]},
    )


def _shown(name: str, answer: Answer) -> dict[str, Any]:
    return {
        "body": answer.body,
        "httpHeaders": answer.headers,
        "httpStatusCode": answer.status,
        "referenceId": name,
    }


def _checked(requests: Any) -> list[dict[str, Any]]:
    if not isinstance(requests, list) or not requests:
        raise RefusedError("REQUIRED_FIELD_MISSING", "compositeRequest is required")
    if len(requests) > MAX_REQUESTS:
        raise RefusedError(
            "LIMIT_EXCEEDED",
            f"The request can't contain more than {MAX_REQUESTS} operations.",
        )
    seen: set[str] = set()
    for request in requests:
        _check_one(request, seen)
    heavy = sum(bool(_HEAVY.match(str(request["url"]))) for request in requests)
    if heavy > MAX_HEAVY:
        raise RefusedError(
            "LIMIT_EXCEEDED",
            f"The request can't contain more than {MAX_HEAVY} query or collection "
            "operations.",
        )
    return requests


def _check_one(request: Any, seen: set[str]) -> None:
    shaped = isinstance(request, dict) and all(
        isinstance(request.get(key), str) for key in ("method", "url", "referenceId")
    )
    if not shaped:
        raise RefusedError(
            "REQUIRED_FIELD_MISSING", "method, url and referenceId are required"
        )
    name = request["referenceId"]
    if not _REFERENCE_ID.match(name) or name in seen:
        raise RefusedError(
            "INVALID_INPUT", f"Provided referenceId ('{name}') is invalid or repeated."
        )
    seen.add(name)


def _one(call: Call, request: dict[str, Any], answers: dict[str, Answer]) -> Answer:
    """A subrequest's answer; what it is refused with becomes its answer."""
    try:
        url = _filled(request["url"], answers, in_url=True)
        body = _filled(request.get("body"), answers)
        match = _URL.match(str(url))
        if match is None:
            raise RefusedError(
                "NOT_FOUND", "The requested resource does not exist", status=404
            )
        parts = urlsplit(match[2])
        inner = replace(
            call,
            method=request["method"].upper(),
            version=match[1],
            path=parts.path.strip("/"),
            params=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers=_headers(request),
            body=body,
        )
        if inner.path == "composite":
            raise RefusedError("INVALID_INPUT", "composite may not be nested")
        return call.dispatch(inner)
    except RefusedError as error:
        return refusal_answer(error)


def _headers(request: dict[str, Any]) -> dict[str, str]:
    given = request.get("httpHeaders") or {}
    if not isinstance(given, dict):
        raise RefusedError("INVALID_INPUT", "httpHeaders must be an object.")
    found = {str(name).lower(): str(value) for name, value in given.items()}
    if found.keys() & OUTER_HEADERS:
        raise RefusedError("INVALID_INPUT", "This header may not be set for a part.")
    return found


def _filled(value: Any, answers: dict[str, Answer], *, in_url: bool = False) -> Any:
    """`value` with each `@{reference}` replaced by what it stands for."""
    if isinstance(value, dict):
        return {key: _filled(one, answers) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, answers) for one in value]
    if not isinstance(value, str):
        return value
    text = unquote(value) if in_url and "%40%7B" in value else value
    whole = _REFERENCE.fullmatch(text)
    if whole is not None and not in_url:
        return _looked_up(whole, answers)

    def replacement(match: re.Match[str]) -> str:
        found = str(_looked_up(match, answers))
        return quote(found, safe="") if in_url else found

    return _REFERENCE.sub(replacement, text)


def _looked_up(match: re.Match[str], answers: dict[str, Answer]) -> Any:
    answer = answers.get(match[1])
    if answer is None or answer.status >= 300:
        raise RefusedError(
            "PROCESSING_HALTED",
            f"Invalid reference specified. No value for {match[1]} found.",
        )
    value = answer.body
    for step in re.findall(r"\.(\w+)|\[(\d+)\]", match[2]):
        try:
            value = value[step[0]] if step[0] else value[int(step[1])]
        except (KeyError, IndexError, TypeError) as error:
            raise RefusedError(
                "PROCESSING_HALTED",
                f"Invalid reference specified. No value for {match[1]}{match[2]} found "
                f"in {match[1]}",
            ) from error
    return value
