"""What each call to Salesforce is named: in the log, in failpoints, in the ledger."""

from __future__ import annotations

import re

import requests

_ROW = r"/sobjects/(?!$)[^/]+"
_NAMES: tuple[tuple[str, str, str], ...] = (
    ("*", r"/services/oauth2/token", "oauth_token"),
    ("*", r"/services/oauth2/userinfo", "userinfo"),
    ("*", r"/services/data", "versions"),
    ("*", r"/query(All)?", "query"),
    ("*", r"/query(All)?/.+", "query_more"),
    ("*", r"/limits", "limits"),
    ("*", r"/composite", "composite"),
    ("POST", r"/composite/sobjects", "collections_create"),
    ("PATCH", r"/composite/sobjects", "collections_update"),
    ("PATCH", r"/composite/sobjects/[^/]+/[^/]+", "collections_upsert"),
    ("*", r"/sobjects", "describe_global"),
    ("POST", r"/jobs/ingest", "bulk_create"),
    ("PUT", r"/jobs/ingest/[^/]+/batches", "bulk_upload"),
    ("PATCH", r"/jobs/ingest/[^/]+", "bulk_change"),
    ("GET", r"/jobs/ingest/[^/]+", "bulk_read"),
    ("GET", r"/jobs/ingest/[^/]+/[^/]+", "bulk_results"),
    ("*", _ROW + r"/describe", "describe"),
    ("POST", _ROW, "record_create"),
    ("PATCH", _ROW + r"/[^/]+/[^/]+", "record_upsert"),
    ("PATCH", _ROW + r"/[^/]+", "record_update"),
    ("DELETE", _ROW + r"/[^/]+", "record_delete"),
    ("GET", _ROW + r"/.+", "record_get"),
)


def operation_name(method: str, path: str) -> str:
    """`salesforce.query` and the like, from a method and a path."""
    bare = path.split("?", maxsplit=1)[0].rstrip("/")
    rest = re.sub(r"^/services/data/v[\d.]+(?=/|$)", "", bare)
    for verb, pattern, name in _NAMES:
        if verb in {"*", method} and re.fullmatch(pattern, rest):
            return f"salesforce.{name}"
    return "salesforce.unknown"


READ = "salesforce.composite_read"
# How `Caller.get_all` begins: what is asked for is not read for its name.
_READS = b'{"compositeRequest": [{"method": "GET"'


def call_name(request: requests.PreparedRequest) -> str:
    """The name of a prepared request, for the session's failpoints."""
    body = request.body
    if isinstance(body, bytes) and body.startswith(_READS):
        return READ
    return operation_name(request.method or "", request.path_url or "")
