"""The page of schedules: django-q2's own would run any function."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.timezone import now

from connectors import queue
from connectors.accounts import permissions
from connectors.console.pages import Page, address, register, show
from connectors.sync import rhythms
from connectors.sync.actions import ActionRefusedError


def schedules(request: HttpRequest) -> HttpResponse:
    """What repeats, how often, and what that costs; changed within bounds."""
    if request.method == "POST":
        permissions.require(request.user, permissions.CHANGE_CONFIG)
        try:
            messages.success(request, _changed(request))
        except (ActionRefusedError, ValueError) as refused:
            messages.warning(request, str(refused))
        return HttpResponseRedirect(address("schedules"))
    may = permissions.may(request.user, permissions.CHANGE_CONFIG)
    return show(
        request,
        "admin/console/schedules.html",
        title="Schedules",
        rhythms=rhythms.rhythms(),
        schedules=queue.schedule_rows(),
        may_change=may and permissions.sees_all(request.user),
        most_minutes=rhythms.MOST_MINUTES,
        most_seconds=rhythms.MOST_SECONDS,
    )


def _changed(request: HttpRequest) -> str:
    key, name = request.POST.get("key", ""), request.POST.get("name", "")
    if key:
        cost = rhythms.set_seconds(
            key=key,
            seconds=request.POST.get("seconds", ""),
            user=request.user,
            now=now(),
        )
        return f"Saved. It takes {cost}"
    rhythms.set_minutes(
        name=name,
        minutes=request.POST.get("minutes", ""),
        user=request.user,
        now=now(),
    )
    return f"“{name}” runs so often from its next run on."


def register_pages() -> None:
    register(
        Page(
            "schedules",
            "schedules/",
            schedules,
            "connectors.view_heartbeat",
            "Schedules",
            "Set-up",
            80,
            posts=True,
        )
    )
