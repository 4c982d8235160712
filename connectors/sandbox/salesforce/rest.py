"""The REST API's routes: which path is which call."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from connectors.sandbox.salesforce import batches, bulk, composite, records
from connectors.sandbox.salesforce.call import Answer, Call
from connectors.sandbox.salesforce.cursors import MAX_PAGE
from connectors.sandbox.salesforce.describe import (
    describe_global,
    describe_object,
    describe_record_type,
)
from connectors.sandbox.salesforce.query import Query
from connectors.sandbox.salesforce.refusals import RefusedError, not_found
from connectors.sandbox.salesforce.soql import parse

OLDEST, NEWEST = 31, 68
_SEASONS = ("Spring", "Summer", "Winter")

Handler = Callable[[Call], Answer]


def versions() -> list[dict[str, str]]:
    """What `/services/data/` lists."""
    return [
        {
            "label": _label(number),
            "url": f"/services/data/v{number}.0",
            "version": f"{number}.0",
        }
        for number in range(OLDEST, NEWEST + 1)
    ]


def check_version(version: str) -> None:
    """Retired versions are gone, future ones unknown. Raises RefusedError."""
    number = float(version)
    if number < OLDEST:
        raise RefusedError(
            "UNSUPPORTED_API_VERSION",
            f"API version {version} is no longer supported.",
            status=410,
        )
    if number > NEWEST or not number.is_integer():
        raise not_found()


def route(method: str, path: str) -> tuple[str, Handler, dict[str, str]]:
    """The call's name, who handles it, and the path's named parts."""
    allowed: list[str] = []
    for methods, pattern, name, handler in ROUTES:
        match = pattern.fullmatch(path)
        if match is not None and method in methods:
            return name, handler, match.groupdict()
        if match is not None:
            allowed += methods
    if allowed:
        raise RefusedError(
            "METHOD_NOT_ALLOWED",
            f"HTTP Method '{method}' not allowed. Allowed are {','.join(allowed)}",
            status=405,
        )
    raise not_found()


def dispatch(call: Call) -> Answer:
    """Run one call. Raises RefusedError."""
    check_version(call.version)
    _, handler, named = route(call.method, call.path)
    decoded = {name: unquote(value) for name, value in named.items() if value}
    return handler(replace(call, params={**call.params, **decoded}))


def limits_of(call: Call) -> dict[str, Any]:
    most = call.world.switches["daily_limit"]
    left = max(0, most - call.world.calls_used)
    return {
        "DailyApiRequests": {"Max": most, "Remaining": left},
        "DailyBulkApiBatches": {"Max": 15_000, "Remaining": 15_000},
        "DailyBulkV2QueryJobs": {"Max": 10_000, "Remaining": 10_000},
        "DataStorageMB": {"Max": 10_240, "Remaining": 10_000},
        "FileStorageMB": {"Max": 10_240, "Remaining": 10_240},
        "HourlyPublishedPlatformEvents": {"Max": 250_000, "Remaining": 250_000},
    }


def _limits(call: Call) -> Answer:
    if not call.world.allowed(call.transaction.user_id, "ViewSetup"):
        raise RefusedError(
            "INSUFFICIENT_ACCESS", "This feature needs View Setup.", status=403
        )
    return Answer(200, limits_of(call))


def _record_count(call: Call) -> Answer:
    names = [name for name in call.params.get("sObjects", "").split(",") if name]
    found = [call.schema.object(name) for name in names]
    counts = [
        {"count": len(list(call.world.visible_rows(item.name))), "name": item.name}
        for item in found
        if item is not None
    ]
    return Answer(200, {"sObjects": counts})


def _resources(call: Call) -> Answer:
    base = f"/services/data/v{call.version}"
    names = ("composite", "jobs", "limits", "query", "queryAll", "sobjects")
    return Answer(200, {name: f"{base}/{name}" for name in names})


def _describe_global(call: Call) -> Answer:
    call.transaction.read("", len(call.schema.objects))
    return Answer(200, describe_global(call.schema, call.version))


def _describe(call: Call) -> Answer:
    item = call.sobject()
    call.transaction.read(item.name, len(item.fields))
    return Answer(200, describe_object(call.world, call.schema, item, call.version))


def _basic(call: Call) -> Answer:
    return Answer(200, describe_record_type(call.sobject(), call.version))


def _query(call: Call) -> Answer:
    text = call.params.get("q")
    if not text:
        raise RefusedError("MALFORMED_QUERY", "A query string has to be specified")
    with_deleted = call.path.startswith("queryAll")
    query = Query(
        call.world,
        call.schema,
        text=text,
        version=call.version,
        with_deleted=with_deleted,
        unshared=call.world.unshared_with(call.transaction.user_id),
    )
    select = parse(text)
    item, total, found = query.run(select)
    call.transaction.read(item.name, total, with_deleted=with_deleted)
    if select.is_count:
        return Answer(200, {"totalSize": total, "done": True, "records": []})
    page = call.cursors.first_page(
        found,
        version=call.version,
        page=_batch_size(call),
        child_page=call.world.switches["child_page_rows"],
    )
    return Answer(200, page)


def _query_more(call: Call) -> Answer:
    page = call.cursors.page(call.params["locator"])
    call.transaction.read("", len(page["records"]))
    return Answer(200, page)


def _batch_size(call: Call) -> int:
    options = call.headers.get("sforce-query-options", "")
    match = re.search(r"batchSize\s*=\s*(\d+)", options)
    wanted = int(match[1]) if match else MAX_PAGE
    least = int(call.world.switches["min_batch_size"])
    return max(least, min(wanted, MAX_PAGE))


def _label(number: int) -> str:
    season = _SEASONS[(number - 66) % 3]
    year = 26 + (number - 66) // 3 + (season == "Winter")
    return f"{season} '{year:02d}"


def _route(methods: str, pattern: str, name: str, handler: Handler) -> Any:
    return tuple(methods.split()), re.compile(pattern), name, handler


_ROW = r"sobjects/(?P<sobject>\w+)/(?P<key>[^/]+)"
_EXTERNAL = r"sobjects/(?P<sobject>\w+)/(?P<field>\w+)/(?P<key>[^/]+)"
_JOB = r"jobs/ingest/(?P<job>\w+)"
_RESULTS = r"/(?P<which>successfulResults|failedResults|unprocessedrecords)"

ROUTES: list[tuple[tuple[str, ...], re.Pattern[str], str, Handler]] = [
    _route("GET", r"", "resources", _resources),
    _route("GET", r"limits", "limits", _limits),
    _route("GET", r"limits/recordCount", "limits", _record_count),
    _route("GET", r"query(?:All)?", "query", _query),
    _route("GET", r"query(?:All)?/(?P<locator>[^/]+)", "query_more", _query_more),
    _route("GET", r"sobjects", "describe_global", _describe_global),
    _route("GET", r"sobjects/(?P<sobject>\w+)", "describe", _basic),
    _route("POST", r"sobjects/(?P<sobject>\w+)", "record_create", records.create),
    _route("GET", r"sobjects/(?P<sobject>\w+)/describe", "describe", _describe),
    _route("GET", _ROW, "record_get", records.read),
    _route("PATCH", _ROW, "record_update", records.update),
    _route("DELETE", _ROW, "record_delete", records.delete),
    _route("GET", _EXTERNAL, "record_get", records.read),
    _route("PATCH", _EXTERNAL, "record_upsert", records.upsert),
    _route("POST", r"composite", "composite", composite.run),
    _route("POST", r"composite/sobjects", "collections_create", batches.create),
    _route("PATCH", r"composite/sobjects", "collections_update", batches.update),
    _route("DELETE", r"composite/sobjects", "collections_delete", batches.delete),
    _route(
        "GET POST",
        r"composite/sobjects/(?P<sobject>\w+)",
        "collections_get",
        batches.retrieve,
    ),
    _route(
        "PATCH",
        r"composite/sobjects/(?P<sobject>\w+)/(?P<field>\w+)",
        "collections_upsert",
        batches.upsert,
    ),
    _route("GET", r"jobs/ingest", "bulk_list", bulk.every),
    _route("POST", r"jobs/ingest", "bulk_create", bulk.create),
    _route("GET", _JOB, "bulk_read", bulk.read),
    _route("PATCH", _JOB, "bulk_change", bulk.change),
    _route("DELETE", _JOB, "bulk_delete", bulk.delete),
    _route("PUT", _JOB + r"/batches", "bulk_upload", bulk.upload),
    _route("GET", _JOB + _RESULTS, "bulk_results", bulk.results),
]
