"""The address at which an organization's messages arrive, and its secrets."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from connectors.accounts import audit, permissions
from connectors.accounts.models import Organization
from connectors.hearing import SalesforceListener

# Callouts under way when a secret is changed are still good for this long.
OVERLAP = timedelta(days=1)


def listener_of(organization: Organization, *, now: datetime) -> SalesforceListener:
    """The organization's listener, made when first asked for."""
    listener, _ = SalesforceListener.objects.get_or_create(
        organization=organization,
        defaults={
            "token": secrets.token_urlsafe(32),
            "secrets": {"current": secrets.token_urlsafe(32)},
            "created_at": now,
        },
    )
    return listener


def address_of(listener: SalesforceListener) -> str:
    """Where outbound messages are sent; callouts go to `json/` below it."""
    return f"{settings.SHIPSYNC_BASE_URL}/webhooks/salesforce/{listener.token}/"


def renew_secret(
    *, listener: SalesforceListener, user: permissions.User, now: datetime
) -> None:
    """Sign callouts with a new secret; the old one stays good for a day."""
    permissions.require_shared(user, permissions.CHANGE_CONFIG, listener.organization)
    with transaction.atomic():
        old = SalesforceListener.objects.select_for_update().get(pk=listener.pk)
        old.secrets = {
            "current": secrets.token_urlsafe(32),
            "previous": old.secrets.get("current", ""),
            "previous_not_after": (now + OVERLAP).isoformat(),
        }
        old.save(update_fields=["secrets"])
        audit.record(
            action="renew_callout_secret",
            actor=user,
            subject=listener.organization,
            now=now,
        )


def renew_address(
    *, listener: SalesforceListener, user: permissions.User, now: datetime
) -> None:
    """Listen at a new secret address; messages to the old one are refused at once.

    For an address that became known. The outbound messages must be deployed anew;
    until then polling alone finds what changed.
    """
    permissions.require_shared(user, permissions.CHANGE_CONFIG, listener.organization)
    with transaction.atomic():
        SalesforceListener.objects.filter(pk=listener.pk).update(
            token=secrets.token_urlsafe(32)
        )
        audit.record(
            action="renew_listener_address",
            actor=user,
            subject=listener.organization,
            now=now,
        )
