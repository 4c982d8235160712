"""Whether a credential is accepted. A refused one pauses until a person has seen it."""

from __future__ import annotations

from datetime import datetime

from django.dispatch import Signal

from connectors.accounts.models import Credential, CredentialState

# Sent once for each refusal, with `credential_id` and `reason`.
refused = Signal()


def refuse(credential_id: int, *, reason: str, now: datetime) -> bool:
    """Note that the remote system refused the login.

    True only for the call that changed it: the one that alerts.
    """
    changed = bool(
        Credential.objects.filter(pk=credential_id)
        .exclude(state=CredentialState.REFUSED)
        .update(
            state=CredentialState.REFUSED,
            refused_reason=reason[:255],
            refused_at=now,
            token={},
            token_expires_at=None,
        )
    )
    if changed:
        refused.send(sender=Credential, credential_id=credential_id, reason=reason)
    return changed


def accept(credential_id: int) -> bool:
    """Let the credential be used again. True when it was refused before."""
    return bool(
        Credential.objects.filter(
            pk=credential_id, state=CredentialState.REFUSED
        ).update(state=CredentialState.OK, refused_reason="", refused_at=None)
    )


def note_api_use(credential_id: int, *, used: int, limit: int, now: datetime) -> None:
    """Keep the share of the daily API limit that the last answer reported."""
    Credential.objects.filter(pk=credential_id).update(
        api_used=used, api_limit=limit, api_read_at=now
    )
