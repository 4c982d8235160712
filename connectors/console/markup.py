"""Small pieces of markup for lists and fields. Data only ever fills escaped places."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Model
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import now

from connectors import catalogue
from connectors.console.base import page_address
from connectors.console.bodies import Body, of_json, readable
from connectors.console.chips import chip
from connectors.console.parcels import service_of
from connectors.models import (
    Payload,
    RemoteCall,
    SyncJob,
)
from connectors.sync import registry
from orders.models import Export, Package

_CHIP = (
    '<span class="chip chip-{}"><svg aria-hidden="true"><use href="#shape-{}"></use>'
    "</svg>{}</span>"
)


def chip_html(state: str, word: str = "") -> SafeString:
    one = chip(state, word)
    return format_html(_CHIP, one.tone, one.tone, one.word)


def tone_html(tone: str, word: str) -> SafeString:
    return format_html(_CHIP, tone, tone, word)


def link(address: str, words: object) -> SafeString:
    return format_html('<a href="{}">{}</a>', address, words)


def link_to(subject: Model | None, words: object = "") -> SafeString | str:
    """A link to a record's page; "" for nothing."""
    if subject is None:
        return ""
    return link(page_address(subject), words or subject)


def kind_words(kind: str) -> str:
    """What people call a kind of job."""
    try:
        return registry.find(kind).title
    except KeyError:
        return kind.replace("_", " ").capitalize()


def link_to_job(job: SyncJob | None) -> SafeString | str:
    if job is None:
        return ""
    return link_to(job, f"{kind_words(job.kind)} {job.order or job.subject}")


def link_to_code(code: str) -> SafeString | str:
    """An error code, linked to the catalogue where it explains itself."""
    if not code:
        return ""
    if catalogue.find(code) is None:
        return code_html(code)
    address = reverse("admin:errors")
    return format_html('<a href="{}#{}"><code>{}</code></a>', address, code, code)


def code_html(text: object) -> SafeString | str:
    return format_html("<code>{}</code>", text) if text else ""


def when(moment: datetime | None) -> SafeString | str:
    """How long ago, or in how long; the exact time on hover."""
    if moment is None:
        return ""
    return format_html(
        '<time datetime="{}" title="{} UTC">{}</time>',
        moment.isoformat(),
        f"{moment:%Y-%m-%d %H:%M:%S}",
        distance(moment, now()),
    )


def exact(moment: datetime | None) -> SafeString | str:
    """The exact time with its zone, and how long ago that is."""
    if moment is None:
        return ""
    return format_html(
        '<time class="exact" datetime="{}">{} UTC</time> <span class="quiet">{}</span>',
        moment.isoformat(),
        f"{moment:%Y-%m-%d %H:%M:%S}",
        distance(moment, now()),
    )


def clock(moment: datetime) -> SafeString:
    """The time of the day, for rows that stand below their day."""
    return format_html(
        '<time class="clock" datetime="{}" title="{} UTC">{}</time>',
        moment.isoformat(),
        f"{moment:%Y-%m-%d %H:%M:%S}",
        f"{moment:%H:%M:%S}",
    )


def distance(moment: datetime, today: datetime) -> str:
    """Time between two moments in words, such as “3 min ago” or “in 40 s”."""
    words = span(abs(today - moment))
    if words == "now":
        return "now"
    return f"{words} ago" if moment <= today else f"in {words}"


def span(length: timedelta) -> str:
    seconds = int(length.total_seconds())
    if seconds < 1:
        return "now"
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size * (2 if unit == "d" else 1):
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def folded(words: str, body: Body) -> SafeString:
    """Text behind a line that unfolds it."""
    return render_to_string("admin/console/folded.html", {"words": words, "body": body})


def folded_payload(words: str, payload: Payload | None) -> SafeString | str:
    if payload is None:
        return ""
    return folded(f"{words}, {payload.size:,} bytes", readable(payload))


def folded_json(words: str, value: Any) -> SafeString | str:
    text = of_json(value)
    return folded(words, Body(text)) if text else ""


def folded_text(words: str, text: str) -> SafeString | str:
    return folded(words, Body(text)) if text else ""


def problems(found: Any) -> SafeString | str:
    """All that was wrong in one pass, as a list; tolerant of what was stored."""
    if not isinstance(found, list) or not found:
        return ""
    rows = [item for item in found if isinstance(item, dict)]
    return render_to_string("admin/console/problems.html", {"problems": rows})


def changes(diff: Any) -> SafeString | str:
    """Before and after, field by field."""
    if not isinstance(diff, list) or not diff:
        return folded_json("Change", diff)
    rows = [item for item in diff if isinstance(item, dict)]
    return render_to_string("admin/console/changes.html", {"changes": rows})


_SYSTEMS = {"salesforce": "Salesforce", "shiphero": "ShipHero"}


def calls(made: Iterable[RemoteCall]) -> SafeString:
    rows = [
        {
            "call": call,
            "system": _SYSTEMS.get(call.system, call.system),
            "sent": readable(call.sent),
            "answer": readable(call.answer),
            "curl": curl_of(call),
        }
        for call in made
    ]
    return render_to_string("admin/console/calls.html", {"calls": rows})


def curl_of(call: RemoteCall) -> str:
    """The call for a terminal, with the token left to the environment; "" without a body.

    Bodies are stored with their secrets masked, so this never shows one.
    """
    if (
        call.sent is None
        or call.sent.erased_at is not None
        or call.system != "shiphero"
    ):
        return ""
    body = bytes(call.sent.body).decode("utf-8", "replace")
    return (
        'curl -sS "$SHIPHERO_URL" -H "Authorization: Bearer $SHIPHERO_TOKEN" '
        f"-H 'Content-Type: application/json' --data-raw {shlex.quote(body)}"
    )


def joined(*parts: SafeString | str) -> SafeString:
    """Parts beside each other with spaces; empty ones are left out."""
    return format_html_join(" ", "{}", ((part,) for part in parts if part))


def document(value: Any) -> SafeString:
    """A configuration document, unfolded."""
    return format_html("<pre>{}</pre>", of_json(value))


def stand_of(export: Export) -> tuple[str, str]:
    """Where one export stands, as tone and words."""
    if export.canceled_at:
        return "off", "Canceled"
    if export.closed_at:
        return "off", "Closed"
    if export.intent_at:
        return "warn", "Outcome unknown"
    if not export.remote_id:
        return "waiting", "Not sent yet"
    if export.is_held_by_us:
        return "warn", "Held by us"
    return "moving", "In ShipHero"


def packages(rows: Iterable[Package]) -> SafeString:
    """Carrier and tracking number of each parcel; a web address is linked."""
    return render_to_string(
        "admin/console/packages.html",
        {
            "packages": [
                (row, service_of(row), safe_address(row.tracking_url)) for row in rows
            ]
        },
    )


def safe_address(text: str) -> str:
    """The address if a browser may follow it, else ""."""
    return text if text.startswith(("https://", "http://")) else ""
