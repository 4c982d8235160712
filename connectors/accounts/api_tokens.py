"""Tokens with which machines sign in to the REST API in a person's name."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

PREFIX = "shipsync_"  # lets scanners for leaked secrets know one
SHOWN = len(PREFIX) + 6
NOTED_EVERY = timedelta(minutes=1)


class ApiToken(models.Model):
    """A token of a person, of which only the digest is kept: it is shown once.

    It may do what the person may, or only read. It ends with `expires_at`, with
    `revoked_at`, and with the person's right to sign in.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens"
    )
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    begins = models.CharField(max_length=SHOWN, editable=False)
    may_write = models.BooleanField("may change things", default=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.name} ({self.begins}…)"

    def stands(self, now: datetime) -> str:
        """What has become of it, in a word."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at and self.expires_at <= now else "valid"


def make(
    *, user: Any, name: str, may_write: bool, expires_at: datetime | None, now: datetime
) -> tuple[ApiToken, str]:
    """A new token, and the secret that nobody can read again."""
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        digest=_digest(secret),
        begins=secret[:SHOWN],
        may_write=may_write,
        created_at=now,
        expires_at=expires_at,
    )
    return token, secret


def find(secret: str, *, now: datetime) -> ApiToken | None:
    """The valid token of this secret, whose person may still sign in; notes its use."""
    valid = Q(expires_at=None) | Q(expires_at__gt=now)
    rows = ApiToken.objects.filter(valid, digest=_digest(secret), revoked_at=None)
    token = rows.filter(user__is_active=True).select_related("user").first()
    if token is not None:
        unused = Q(last_used_at=None) | Q(last_used_at__lt=now - NOTED_EVERY)
        ApiToken.objects.filter(unused, pk=token.pk).update(last_used_at=now)
    return token


def _digest(secret: str) -> str:
    """Enough without salt: what is hashed has 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()
