"""Asking a remote system for a person, now, under the same guards as the workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from connectors.accounts import breaker
from connectors.accounts.models import CredentialState, Organization
from connectors.errors import ConnectorError, TransientError
from connectors.salesforce.client import SalesforceClient
from connectors.sync.clients import Clients, descriptions

Clock = Callable[[], datetime]


class NotAskedError(Exception):
    """The system could not be asked; the text says why, for people."""


@contextmanager
def salesforce(
    organization: Organization, clock: Clock, *, kind: str = "by_hand"
) -> Iterator[SalesforceClient]:
    """The organization's client; what the answers show goes to its circuit breaker.

    `kind` is what the calls are counted as. Raises NotAskedError instead of anything
    that the connection raises.
    """
    credential = organization.credential
    if credential.state == CredentialState.REFUSED:
        why = f"Salesforce refuses our login. {credential.refused_reason}"
        raise NotAskedError(why.strip())
    if not breaker.allow(credential.pk, now=clock()).allowed:
        raise NotAskedError("Salesforce does not answer at the moment.")
    clients = Clients(clock)
    try:
        yield clients.salesforce(organization)
    except ConnectorError as error:
        descriptions.forget(credential.pk)
        _report(clients, credential.pk, error, clock(), kind)
        raise NotAskedError(error.reason) from error
    _report(clients, credential.pk, None, clock(), kind)


def _report(
    clients: Clients,
    credential_id: int,
    error: ConnectorError | None,
    now: datetime,
    kind: str,
) -> None:
    """A person's question tells the circuit breaker as much as a worker's."""
    called = any(used.client.exchanges for used in clients.used())
    if isinstance(error, TransientError):
        breaker.failed(credential_id, now=now)
    elif called:
        breaker.succeeded(credential_id, now=now)
    else:
        breaker.unused(credential_id, now=now)
    clients.note_usage(kind)
