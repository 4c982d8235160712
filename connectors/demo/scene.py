"""Setting the stage: logins, the connection of both systems, the people."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission

from connectors.accounts.models import Account, Credential, Organization
from connectors.config_versions import ConfigKind
from connectors.demo.plan import METHODS
from connectors.models import Trigger
from connectors.sandbox.salesforce.oauth import (
    DEMO_CONSUMER_KEY,
    DEMO_CONSUMER_SECRET,
)
from connectors.sandbox.shiphero.world import REFRESH_TOKEN
from connectors.sync import config, recurring
from connectors.sync.rings import Ring, ring

ROLES = ("viewer", "operator", "lead", "integrator", "auditor")
PASSWORD = "shipsync-demo"  # noqa: S105 - printed, and good on 127.0.0.1 only
NAME = "Sandbox"
MY_DOMAIN = "shipsync-demo.my"
PREFIX = "DEMO"


def make_people() -> dict[str, str]:
    """One login for each role; answers name → password."""
    people = get_user_model()
    for role in ROLES:
        user, created = people.objects.get_or_create(
            username=role, defaults={"is_staff": True}
        )
        if created:
            user.set_password(PASSWORD)
            user.save()
        user.groups.add(Group.objects.get(name=role))
        user.user_permissions.add(
            Permission.objects.get(
                content_type__app_label="accounts", codename="all_accounts"
            )
        )
    return dict.fromkeys(ROLES, PASSWORD)


def connect(*, salesforce_url: str, shiphero_url: str, now: datetime) -> Account:
    """Connect the two worlds, or point what is connected at their new addresses."""
    account = Account.objects.filter(name=NAME).first()
    if account is None:
        account = _first_connection(now)
    _point(account, salesforce_url, shiphero_url)
    recurring.ensure(now=now)
    ring(
        Ring(
            kind="register_webhooks",
            subject="all",
            account_id=account.pk,
            trigger=Trigger.PERSON,
            cause="The demonstration started",
            hurries=True,
        ),
        now=now,
    )
    return account


def _first_connection(now: datetime) -> Account:
    organization = Organization.objects.create(
        name=NAME,
        is_sandbox=True,
        credential=Credential.objects.create(
            system="salesforce",
            name=NAME,
            secrets={"client_secret": DEMO_CONSUMER_SECRET},
        ),
    )
    account = Account.objects.create(
        name=NAME,
        organization=organization,
        credential=Credential.objects.create(
            system="shiphero", name=NAME, secrets={"refresh_token": REFRESH_TOKEN}
        ),
        key_prefix=PREFIX,
        paused=False,
        paused_reason="",
        export_from=now - timedelta(minutes=1),
    )
    config.save(
        kind=ConfigKind.SHIPPING_METHODS,
        account=account,
        document=METHODS,
        user=None,
        now=now,
        note="The demonstration's shipping methods",
    )
    return account


def _point(account: Account, salesforce_url: str, shiphero_url: str) -> None:
    instance = salesforce_url.replace("http://", "https://", 1)
    salesforce = account.organization.credential
    salesforce.settings = {
        "client_id": DEMO_CONSUMER_KEY,
        "domain": MY_DOMAIN,
        "rewrite": {
            f"https://{MY_DOMAIN}.salesforce.com": salesforce_url,
            instance: salesforce_url,
        },
    }
    salesforce.token = {}
    salesforce.save(update_fields=["settings", "token"])
    shiphero = account.credential
    shiphero.settings = {"base_url": shiphero_url}
    shiphero.save(update_fields=["settings"])
