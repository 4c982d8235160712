"""Which organization a login belongs to: noted once, held to ever after.

A refreshed sandbox, or a login typed into the wrong row, answers politely and would send
another company's orders to the floor. So each new login is compared before its token is
used, and the first connection also with what people entered: sandbox or production.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from connectors.accounts import audit, credentials
from connectors.accounts.models import Organization
from connectors.errors import AuthError, System
from connectors.salesforce.client import Identity, SalesforceClient
from connectors.salesforce.ids import is_same
from connectors.timing import scaled

Clock = Callable[[], datetime]
CHECK_EVERY = timedelta(days=1)


def hold_to(organization: Organization) -> Callable[[str, str], None]:
    """What each login of this organization is asked; raises AuthError for another's."""

    def ask(org_id: str, user_id: str) -> None:
        if org_id and organization.org_id and not is_same(organization.org_id, org_id):
            raise _other(organization, org_id)
        if user_id and user_id != organization.integration_user_id:
            Organization.objects.filter(pk=organization.pk).update(
                integration_user_id=user_id
            )
            organization.integration_user_id = user_id

    return ask


def is_due(organization: Organization, *, now: datetime) -> bool:
    """On the first connection, and once a day: a sandbox may have been refreshed."""
    last = organization.checked_at
    return last is None or now - last >= scaled(CHECK_EVERY)


def check(organization: Organization, client: SalesforceClient, clock: Clock) -> None:
    """Ask the organization who it is, and note it.

    A login that answers for another organization, or for a sandbox where production
    was entered, is refused until a person has seen to it. Raises AuthError then.
    """
    told = client.identity()
    wrong = _contradiction(organization, told)
    note(organization, told, is_trusted=wrong is None, now=clock())
    if wrong is not None:
        credentials.refuse(organization.credential_id, reason=wrong.reason, now=clock())
        raise wrong


def note(
    organization: Organization, told: Identity, *, is_trusted: bool, now: datetime
) -> None:
    """Keep what it says of itself; its id only once, and only if all else is right."""
    rows = Organization.objects.filter(pk=organization.pk)
    rows.update(told_sandbox=told.is_sandbox, checked_at=now)
    organization.told_sandbox, organization.checked_at = told.is_sandbox, now
    if not is_trusted or not told.organization_id:
        return
    rows.update(integration_user_id=told.user_id[:18])
    if rows.filter(org_id="").update(org_id=told.organization_id):
        organization.org_id = told.organization_id
        audit.record(
            action="note_fingerprint",
            subject=organization,
            after={"org_id": told.organization_id},
            now=now,
        )


def _contradiction(organization: Organization, told: Identity) -> AuthError | None:
    stored = organization.org_id
    if told.organization_id and stored and not is_same(stored, told.organization_id):
        return _other(organization, told.organization_id)
    if told.is_sandbox is None or told.is_sandbox is organization.is_sandbox:
        return None
    names = {True: "a sandbox", False: "production"}
    return AuthError(
        f"{organization.name} is {names[told.is_sandbox]}, but it was entered as "
        f"{names[organization.is_sandbox]}.",
        system=System.SALESFORCE,
        code="setup.fingerprint",
    )


def _other(organization: Organization, org_id: str) -> AuthError:
    return AuthError(
        f"The login of {organization.name} answers for the organization {org_id}, but "
        f"{organization.org_id} was connected.",
        system=System.SALESFORCE,
        code="setup.fingerprint",
    )
