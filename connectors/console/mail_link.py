"""No more mail about a cause: the link in the mail, for a reader who is not signed in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from connectors import muting
from connectors.casework import Cause
from connectors.sync import case_actions


@csrf_exempt  # mail programs post it; the signature says whose it is
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mute_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Asks by GET, for scanners of mail follow links; does it by POST."""
    found = muting.read(token)
    if found is None:
        raise Http404(
            "This link is not valid, or too old. Sign in to choose your mail."
        )
    people: Any = get_user_model()
    person = people.objects.filter(pk=found[0], is_active=True).first()
    cause = Cause.objects.filter(pk=found[1]).first()
    if person is None or cause is None:
        raise Http404("What this link was about is no longer there.")
    is_done = request.method == "POST"
    wants_back = is_done and request.POST.get("muted") == "0"
    if is_done:
        case_actions.mute(cause=cause, user=person, muted=not wants_back)
    return render(
        request,
        "mute_by_link.html",
        {"cause": cause, "is_done": is_done, "wants_back": wants_back},
    )
