"""What may not run now: paused accounts, refused logins, open circuit breakers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q

from connectors.accounts.models import (
    Account,
    BreakerState,
    Credential,
    CredentialState,
)
from connectors.errors import System
from connectors.models import JobState, SyncJob
from connectors.sync.registry import JobKind, every_kind

PAUSED = "Waits: the account is paused, cancels too."


def closed_gates(now: datetime, kept_back: Collection[int] = ()) -> list[Q]:
    """Filters of jobs that must wait, without spending an attempt.

    `kept_back` are credentials that are not to be used for another reason.
    """
    gates: list[Q] = []
    stopped = Account.objects.filter(Q(paused=True) | Q(back_paused=True))
    for account in stopped.only("pk", "paused", "back_paused"):
        if account.paused:
            names = _names(writes=System.SHIPHERO)
            gates.append(Q(kind__in=names, account_id=account.pk))
        if account.back_paused:
            names = _names(writes=System.SALESFORCE)
            gates.append(Q(kind__in=names, order__account_id=account.pk))
    gates += [_shut(credential) for credential in _unusable(now, kept_back)]
    return gates


def note_pause(account_id: int, *, paused: bool) -> None:
    """Say on the account's waiting writes, cancels among them, that they wait for it."""
    writes = SyncJob.objects.filter(
        account_id=account_id,
        state=JobState.WAITING,
        kind__in=_names(writes=System.SHIPHERO),
    )
    if paused:
        writes.filter(note="").update(note=PAUSED)
    else:
        writes.filter(note=PAUSED).update(note="")


def _unusable(now: datetime, kept_back: Collection[int]) -> list[Credential]:
    shut = Q(breaker_state=BreakerState.OPEN, breaker_probe_at__gt=now)
    shut |= Q(breaker_state=BreakerState.HALF_OPEN, breaker_probe_at__gt=now)
    shut |= Q(state=CredentialState.REFUSED) | Q(pk__in=kept_back)
    return list(Credential.objects.filter(shut).only("pk", "system"))


def _shut(credential: Credential) -> Q:
    names = [kind.name for kind in every_kind() if credential.system in _uses(kind)]
    mine = Q(account__credential_id=credential.pk)
    if credential.system == System.SALESFORCE.value:
        mine = Q(organization__credential_id=credential.pk)
        mine |= Q(account__organization__credential_id=credential.pk)
    return Q(kind__in=names) & mine


def _uses(kind: JobKind) -> set[str]:
    return {system.value for system in kind.uses}


def _names(*, writes: System) -> list[str]:
    return [kind.name for kind in every_kind() if kind.writes is writes]
