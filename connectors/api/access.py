"""Who gets in, how often, and how a refusal reads."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from rest_framework import exceptions, status
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle
from rest_framework.views import APIView

from connectors.accounts.api_tokens import ApiToken
from connectors.sync.actions import ActionRefusedError

logger = logging.getLogger(__name__)


class ConflictError(exceptions.APIException):
    """The record is not in a state in which this can be done."""

    status_code = status.HTTP_409_CONFLICT


class IsSignedIn(BasePermission):
    """Signed in, with the second factor where the console asks for one.

    Whoever made a token had signed in so; one that may only read changes nothing.
    """

    message = "Sign in first."

    def has_permission(self, request: Request, view: APIView) -> bool:
        user = request.user
        if not user.is_authenticated:
            return False
        if isinstance(request.auth, ApiToken):
            may = request.auth.may_write or request.method in SAFE_METHODS
            self.message = self.message if may else "This token may only read."
            return may
        if not settings.SHIPSYNC_REQUIRE_OTP:
            return True
        return bool(getattr(user, "is_verified", lambda: False)())


class IsStaff(IsSignedIn):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return super().has_permission(request, view) and bool(
            getattr(request.user, "is_staff", False)
        )


class MayView(IsSignedIn):
    """Signed in, and allowed to see this kind of record at all."""

    message = "You may not see these records."

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not super().has_permission(request, view):
            return False
        rows = getattr(view, "queryset", None)
        if rows is None:
            return False
        options = rows.model._meta
        return may_view(request, options.app_label, options.model_name)


def may_view(request: Request, app_label: str, model_name: str) -> bool:
    has_right = getattr(request.user, "has_perm", lambda _name: False)
    return bool(has_right(f"{app_label}.view_{model_name}"))


class ReadThrottle(UserRateThrottle):
    """Room for a screen that refreshes each second and for an hourly export."""

    scope = "api_read"
    rate = "600/min"


class ActionThrottle(ReadThrottle):
    """A person with a script; retrying many failures is one call."""

    scope = "api_action"
    rate = "120/min"


class LiveThrottle(ReadThrottle):
    """Each question costs a call of Salesforce's daily limit."""

    scope = "api_live"
    rate = "60/min"


def refused(error: Exception, request: Request) -> Exception:
    """What the services raise, as what a client is told; anything else as it is."""
    if isinstance(error, ActionRefusedError):
        return ConflictError(str(error))
    if isinstance(error, PermissionDenied | exceptions.PermissionDenied):
        logger.warning(
            "API request refused", extra={"path": request.path, "user": _key(request)}
        )
    return error


def _key(request: Request) -> Any:
    return getattr(request.user, "pk", None)
