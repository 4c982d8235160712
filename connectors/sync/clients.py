"""Clients for the workshop: one per credential and run, built from the stored login."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from connectors import timing
from connectors.accounts import credentials, scoped
from connectors.accounts.credits import CreditBucket
from connectors.accounts.models import Account, Credential, Organization
from connectors.accounts.tokens import DatabaseTokenStore
from connectors.errors import AuthError, System
from connectors.http import CONNECT_TIMEOUT, Exchange, RemoteSession
from connectors.salesforce import call_names
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.login import LoginSettings
from connectors.shiphero import calls as shiphero_calls
from connectors.shiphero.client import ShipHeroClient
from connectors.sync import fingerprints, load

Clock = Callable[[], datetime]
MIN_TIMEOUT = 4.0
KEEP_DESCRIPTIONS = timedelta(minutes=10)


@dataclass(slots=True)
class DatabaseCredits:
    """The porch's view of the credit bucket that all processes share."""

    credential_id: int
    clock: Clock

    def take(self, cost: int) -> None:
        CreditBucket(self.credential_id).take(cost, now=self.clock())

    def learn(self, remaining: int, capacity: int, rate: int) -> None:
        CreditBucket(self.credential_id).learn(
            remaining=remaining,
            capacity=capacity,
            rate=rate,
            now=self.clock(),
        )


@dataclass(slots=True)
class Descriptions:
    """What Salesforce said of its objects, kept by this process for a while.

    Describing costs as many calls as reading; a changed field or right is noticed
    after `KEEP_DESCRIPTIONS`, or at once when a query is refused.
    """

    kept: dict[int, tuple[datetime, dict[str, Any]]] = field(default_factory=dict)

    def of(self, credential_id: int, *, now: datetime) -> dict[str, Any]:
        since, found = self.kept.get(credential_id, (now, {}))
        if now - since > timing.scaled(KEEP_DESCRIPTIONS) or not found:
            since, found = now, {}
            self.kept[credential_id] = (since, found)
        return found

    def forget(self, credential_id: int) -> None:
        self.kept.pop(credential_id, None)


descriptions = Descriptions()


@dataclass(slots=True)
class Used:
    """A client with the credential it speaks for."""

    client: Any
    credential_id: int
    system: System


@dataclass(slots=True)
class Clients:
    """The clients of one run, made when first asked for."""

    clock: Clock
    _made: dict[tuple[System, int], Used] = field(default_factory=dict)

    def shiphero(self, account: Account) -> ShipHeroClient:
        key = (System.SHIPHERO, account.pk)
        if key not in self._made:
            client = build_shiphero(account, clock=self.clock)
            self._made[key] = Used(client, account.credential_id, System.SHIPHERO)
        client = self._made[key].client
        assert isinstance(client, ShipHeroClient)  # noqa: S101 - keyed by system
        return client

    def salesforce(self, organization: Organization) -> SalesforceClient:
        key = (System.SALESFORCE, organization.pk)
        if key not in self._made:
            client = build_salesforce(organization, clock=self.clock)
            self._made[key] = Used(
                client, organization.credential_id, System.SALESFORCE
            )
            if fingerprints.is_due(organization, now=self.clock()):
                fingerprints.check(organization, client, self.clock)
        client = self._made[key].client
        assert isinstance(client, SalesforceClient)  # noqa: S101 - keyed by system
        return client

    def used(self) -> list[Used]:
        return list(self._made.values())

    def drain(self) -> list[tuple[System, Exchange]]:
        """Every exchange since the last drain, in the order of their start."""
        taken = [
            (used.system, exchange)
            for used in self._made.values()
            for exchange in used.client.drain()
        ]
        return sorted(taken, key=lambda pair: pair[1].started_at)

    def note_usage(self, kind: str = "by_hand") -> None:
        """Keep what the answers said of the daily API limit, and what we spent of it."""
        for (system, owner_id), used in self._made.items():
            spent = sum(one.cost or 0 for one in used.client.exchanges)
            if system is System.SALESFORCE and spent:
                load.note_use(owner_id, kind, spent, now=self.clock())
            usage = getattr(used.client, "api_usage", None)
            if usage is not None:
                credentials.note_api_use(
                    used.credential_id,
                    used=usage.used,
                    limit=usage.limit,
                    now=self.clock(),
                )


def read_timeout() -> float:
    """Seconds of real time that an answer may take."""
    asked = timing.scaled(scoped.lookup("client_timeout_seconds").seconds)
    return max(asked.total_seconds(), MIN_TIMEOUT)


def call_time() -> timedelta:
    """The longest that one call can last, with a margin for ourselves."""
    return timedelta(seconds=CONNECT_TIMEOUT + read_timeout()) * 1.5


def build_session(
    credential: Credential, name_call: Callable[[Any], str]
) -> RemoteSession:
    """The session of one credential. Tests replace it to reach a world in-process."""
    timeout = read_timeout()
    rewrite = credential.settings.get("rewrite") or {}
    if rewrite and not settings.SHIPSYNC_SANDBOX:
        raise AuthError(
            "This login points at a sandbox, and the sandbox is switched off.",
            code="setup.fingerprint",
        )
    return RemoteSession(
        name_call=name_call, timeout=(CONNECT_TIMEOUT, timeout), rewrite=rewrite
    )


def build_shiphero(account: Account, *, clock: Clock) -> ShipHeroClient:
    """Raises AuthError when no refresh token is stored."""
    credential = account.credential
    refresh_token = (credential.secrets or {}).get("refresh_token", "")
    if not refresh_token:
        raise AuthError(
            "No ShipHero refresh token is stored for this login.",
            system=System.SHIPHERO,
        )
    return ShipHeroClient(
        session=build_session(credential, shiphero_calls.call_name),
        tokens=DatabaseTokenStore(credential.pk, clock),
        refresh_token=refresh_token,
        base_url=credential.settings.get("base_url", "https://public-api.shiphero.com"),
        credits=DatabaseCredits(credential.pk, clock),
        clock=clock,
        customer_account_id=account.customer_account_id,
    )


def build_salesforce(organization: Organization, *, clock: Clock) -> SalesforceClient:
    """Raises AuthError when the login is incomplete."""
    credential = organization.credential
    return SalesforceClient(
        session=build_session(credential, call_names.call_name),
        tokens=DatabaseTokenStore(credential.pk, clock),
        login=LoginSettings.from_settings(
            credential.settings, credential.secrets or {}
        ),
        api_version=settings.SHIPSYNC_SALESFORCE_API_VERSION,
        clock=clock,
        descriptions=descriptions.of(credential.pk, now=clock()),
        on_login=fingerprints.hold_to(organization),
    )
