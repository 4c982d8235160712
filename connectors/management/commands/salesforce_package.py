"""Fill the deployable Salesforce package with one organization's own values."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from connectors.accounts import audit
from connectors.accounts.models import Account, Organization
from connectors.salesforce import packaging
from connectors.sync import listeners

# Setup → Users shows it in this form; a deployment refuses a user who does not exist.
USERNAME = re.compile(r"[^\s@]{1,64}@[^\s@]+\.[^\s@]+")


class Command(BaseCommand):
    """Writes a folder that `sf project deploy` takes; its README says how."""

    help = (
        "Fill the Salesforce package for the organization of an account: where its "
        "messages go, who the integration user is, where the console stands."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--account", required=True, help="name or number")
        parser.add_argument("--out", required=True, type=Path, help="a new folder")
        parser.add_argument(
            "--integration-user",
            default="",
            help="its username in this organization; kept for the next time",
        )
        parser.add_argument("--contact-email", default="", help="of the login's entry")

    def handle(self, *args: Any, **options: Any) -> None:
        organization = _account(options["account"]).organization
        username = _username(organization, options["integration_user"])
        email = options["contact_email"] or next(
            iter(settings.SHIPSYNC_ALERT_EMAILS), username
        )
        try:
            filled = packaging.fill(
                options["out"], _values(organization, username, email)
            )
        except packaging.PackageError as error:
            raise CommandError(str(error)) from error
        if username != organization.integration_username:
            Organization.objects.filter(pk=organization.pk).update(
                integration_username=username
            )
        audit.record(action="fill_package", subject=organization, now=timezone.now())
        self.stdout.write(
            f"{options['out']}: {len(filled)} files filled for {organization}. "
            f"Its README.md says what to do next. The folder holds the secret address "
            f"of the listener: keep it out of public places."
        )
        if not settings.SHIPSYNC_BASE_URL.startswith("https://"):
            self.stderr.write(
                f"SHIPSYNC_BASE_URL is {settings.SHIPSYNC_BASE_URL}: Salesforce sends "
                "to https only. Set it and fill anew before the messages are deployed."
            )


def _account(named: str) -> Account:
    rows = Account.objects.select_related("organization")
    account = rows.filter(name=named).first()
    if account is None and named.isdecimal():
        account = rows.filter(pk=int(named)).first()
    if account is None:
        names = ", ".join(Account.objects.values_list("name", flat=True)) or "none yet"
        raise CommandError(f"There is no account {named!r}. There are: {names}.")
    return account


def _username(organization: Organization, given: str) -> str:
    """As given now or earlier; with a private key, whom we log in as."""
    known = organization.integration_username or str(
        organization.credential.settings.get("username", "")
    )
    username = (given or known).strip()
    if not username:
        raise CommandError(
            "Name the integration user with --integration-user: outbound messages are "
            "sent in the name of a user who exists in the organization."
        )
    if not USERNAME.fullmatch(username):
        raise CommandError(
            f"{username!r} is no username of Salesforce's: those look like an e-mail "
            "address, such as shipsync@acme.example."
        )
    return username


def _values(organization: Organization, username: str, email: str) -> packaging.Values:
    base = settings.SHIPSYNC_BASE_URL
    if not base:
        raise CommandError(
            "Set SHIPSYNC_BASE_URL: Salesforce must know where ShipSync is reached."
        )
    listener = listeners.listener_of(organization, now=timezone.now())
    return packaging.Values(
        endpoint=listeners.address_of(listener),
        integration_username=username,
        console_url=f"{base}/admin",
        contact_email=email,
    )
