"""Writing down who decided what. The only writer of Audit rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models

from connectors.accounts.models import Account, Audit
from connectors.redaction import redact

SYSTEM = "ShipSync"


def record(  # noqa: PLR0913 - an audit entry is its fields
    *,
    action: str,
    now: datetime,
    actor: AbstractBaseUser | AnonymousUser | None = None,
    subject: models.Model | None = None,
    account: Account | None = None,
    before: Any = None,
    after: Any = None,
    note: str = "",
    request_id: str = "",
) -> Audit:
    """Append one entry, in the caller's transaction.

    `action` is `verb_noun` (`retry_payload`), `actor` None means the system itself,
    `subject` what it was done to. Secrets in `before` and `after` are masked.
    """
    is_person = actor is not None and actor.pk is not None
    return Audit.objects.create(
        at=now,
        actor_id=actor.pk if actor is not None else None,
        actor_name=str(actor)[:150] if actor is not None and is_person else SYSTEM,
        action=action,
        object_type=subject._meta.label_lower if subject is not None else "",
        object_id=str(subject.pk) if subject is not None else "",
        object_label=str(subject)[:255] if subject is not None else "",
        account=account,
        before=redact(before, personal=False),
        after=redact(after, personal=False),
        note=note,
        request_id=request_id[:64],
    )
