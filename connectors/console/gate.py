"""The gate behind the password: limits of sessions, and the second factor."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone

from connectors.accounts import sign_in
from connectors.console.pages import address

NOTED_EVERY = 300.0  # seconds: no write for each request
OPEN = ("second_factor", "login", "logout", "jsi18n")


class SignInGate:
    """Middleware. Requests without a session, as webhooks and tokens, go through."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        session = request.session
        if SESSION_KEY not in session:
            return self.get_response(request)
        today = timezone.now()
        if sign_in.has_run_out(session, today):
            logout(request)
            words = "You were signed out, as happens after some time. Sign in again."
            messages.info(request, words)
            return self.get_response(request)
        if today.timestamp() - session.get(sign_in.SEEN, 0) > NOTED_EVERY:
            session[sign_in.SEEN] = today.timestamp()
        if _lacks_factor(request):
            return _ask_for_factor(request)
        return self.get_response(request)


def _lacks_factor(request: HttpRequest) -> bool:
    needs = request.session.get(sign_in.NEEDS_FACTOR) or settings.SHIPSYNC_REQUIRE_OTP
    if not needs or request.path in {reverse(f"admin:{name}") for name in OPEN}:
        return False
    is_verified: Callable[[], bool] = getattr(request.user, "is_verified", bool)
    return not is_verified()


def _ask_for_factor(request: HttpRequest) -> HttpResponse:
    if not request.path.startswith(reverse("admin:index")):
        return JsonResponse(
            {"detail": "Sign in to the console with your second factor first."},
            status=403,
        )
    return HttpResponseRedirect(address("second_factor", next=request.get_full_path()))
