"""Who is asking, when a proxy stands in front."""

from __future__ import annotations

from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The address our own proxy saw: the last one, the others are the client's word."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    seen = forwarded.rpartition(",")[2].strip()
    return str(seen or request.META.get("REMOTE_ADDR", ""))
