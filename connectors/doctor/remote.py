"""Every organization and every account that is connected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from connectors.accounts.models import (
    Account,
    BreakerState,
    Credential,
    CredentialState,
    Organization,
)
from connectors.doctor.findings import Finding, failed, ok, warning
from connectors.doctor.salesforce import SalesforceLook
from connectors.doctor.shiphero import ShipHeroLook

Clock = Callable[[], datetime]


def look(clock: Clock) -> Iterator[Finding]:
    """Asks both systems, each of them once for each login that is used."""
    organizations = Organization.objects.select_related("credential").order_by("name")
    accounts = Account.objects.select_related("credential").order_by("name")
    if not organizations or not accounts:
        yield warning(
            "setup.connection",
            "No ShipHero account is connected to a Salesforce organization yet.",
            "Enter both logins, then the organization, then the account, in the console.",
        )
    for organization in organizations:
        yield _credential(organization.credential)
        yield from SalesforceLook(organization, clock).run()
    for account in accounts:
        yield _credential(account.credential)
        yield from ShipHeroLook(account, clock).run()


def _credential(credential: Credential) -> Finding:
    check, subject = "login.state", str(credential)
    if credential.state == CredentialState.REFUSED:
        return failed(
            check,
            f"Refused: {credential.refused_reason}",
            "Correct the login, then press “Use again” on its page.",
            subject,
        )
    if credential.breaker_state != BreakerState.CLOSED:
        return warning(
            check,
            "Its circuit breaker is open: the system did not answer lately.",
            "It closes by itself when the system answers again.",
            subject,
        )
    return ok(check, "In use.", subject)
