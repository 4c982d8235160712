"""Where a person finds a record in Salesforce."""

from __future__ import annotations

import re
from urllib.parse import quote

_ID = re.compile("[A-Za-z0-9]{15}([A-Za-z0-9]{3})?")


def record_link(instance_url: str, sobject: str, record_id: str) -> str:
    """The record's page in Lightning; empty where the organization's address or the
    id is not known."""
    if not instance_url.startswith("https://") or not _ID.fullmatch(record_id):
        return ""
    base = instance_url.rstrip("/")
    return f"{base}/lightning/r/{quote(sobject)}/{record_id}/view"
