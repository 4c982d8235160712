"""What an HTTP request is for, and what it carries."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from connectors.sandbox.faults import CALL_FAULTS, Fault
from connectors.sandbox.salesforce import rest
from connectors.sandbox.salesforce.refusals import (
    RefusedError,
    malformed_body,
    not_found,
)
from connectors.sandbox.salesforce.soap import SOAP_PATH
from connectors.sandbox.wire import Request

MAX_URI = 16_384

WRITES = {
    *("record_create", "record_update", "record_upsert", "record_delete"),
    *("collections_create", "collections_update", "collections_upsert"),
    *("collections_delete", "composite"),
    *("bulk_create", "bulk_upload", "bulk_change", "bulk_delete"),
}
TOKENLESS = {"oauth_token", "versions"}

_DATA = re.compile(r"/services/data/v(\d+\.\d)(?:/(.*))?\Z", re.DOTALL)
_IDENTITY = re.compile(r"/id/\w+/\w+/?\Z")


@dataclass(frozen=True, slots=True)
class Target:
    """What a request is for. `name` is the call's name in fault plan and ledger."""

    name: str
    version: str = ""
    path: str = ""

    @property
    def call(self) -> str:
        return f"salesforce.{self.name}"

    @property
    def faults(self) -> tuple[Fault, ...]:
        if self.name in TOKENLESS:
            return tuple(one for one in CALL_FAULTS if one != Fault.EXPIRED_TOKEN)
        return (*CALL_FAULTS, Fault.ROW_LOCK) if self.name in WRITES else CALL_FAULTS


def target_of(request: Request) -> Target:
    path = request.path.rstrip("/")
    if path == "/services/oauth2/token":
        return Target("oauth_token")
    if path == "/services/oauth2/userinfo" or _IDENTITY.match(path):
        return Target("userinfo")
    if path == "/services/data":
        return Target("versions")
    if SOAP_PATH.match(path):
        return Target("soap_login")
    match = _DATA.match(path)
    if match is None:
        return Target("unknown")
    inner = (match[2] or "").strip("/")
    try:
        name = rest.route(request.method, inner)[0]
    except RefusedError:
        name = "unknown"
    if name == "composite" and _only_reads(request.body):
        name = "composite_read"  # it costs as much, and changes as little, as a query
    return Target(name, match[1], inner)


def _only_reads(body: bytes) -> bool:
    try:
        parts = json.loads(body)["compositeRequest"]
        return all(part["method"] == "GET" for part in parts)
    except (ValueError, RecursionError, LookupError, TypeError):
        return False


def parsed_body(request: Request) -> Any:
    if len(request.path) + len(request.query) > MAX_URI:
        raise RefusedError("URI_TOO_LONG", "Request URI is too long", status=414)
    if not _DATA.match(request.path.rstrip("/")):
        raise not_found()
    if request.method not in {"POST", "PATCH", "PUT"} or not request.body:
        return None
    media = request.headers.get("content-type", "")
    if request.method == "PUT" and "text/csv" in media:
        return request.body.decode("utf-8", errors="replace")
    if "json" not in media:
        raise RefusedError(
            "UNSUPPORTED_MEDIA_TYPE",
            "Content type is not supported: only JSON is understood here.",
            status=415,
        )
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise malformed_body("The HTTP entity body is not readable JSON.") from error


def rows_in(body: Any) -> int:
    """How many rows a write is about to touch."""
    if not isinstance(body, dict):
        return 0
    inner = body.get("compositeRequest")
    if isinstance(inner, list):
        bodies = [one.get("body") for one in inner if isinstance(one, dict)]
        return sum(max(rows_in(one), 1) for one in bodies if one is not None)
    records = body.get("records")
    return len(records) if isinstance(records, list) else 0
