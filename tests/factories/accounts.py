"""Rows of connectors.accounts."""

from __future__ import annotations

from typing import Any

import factory
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils.timezone import now

from connectors.accounts.api_tokens import ApiToken
from connectors.accounts.models import (
    Account,
    AccountAccess,
    Audit,
    Brand,
    Credential,
    CredentialSystem,
    Organization,
    ScopedSetting,
)


class UserFactory(factory.django.DjangoModelFactory):
    """A console user; `role` puts the user into that group."""

    class Meta:
        model = get_user_model()
        skip_postgeneration_save = True

    username = factory.Sequence(lambda number: f"user{number}")
    is_staff = True

    @factory.post_generation
    def role(user: Any, create: bool, extracted: str | None, **_kwargs: Any) -> None:
        if create and extracted:
            user.groups.add(Group.objects.get(name=extracted))


class CredentialFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Credential

    system = CredentialSystem.SHIPHERO
    name = factory.Sequence(lambda number: f"login {number}")
    secrets = factory.LazyFunction(lambda: {"refresh_token": "made-up"})


class OrganizationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Organization

    name = factory.Sequence(lambda number: f"Organization {number}")
    credential = factory.SubFactory(
        CredentialFactory, system=CredentialSystem.SALESFORCE
    )
    org_id = factory.Sequence(lambda number: f"00D{number:012d}AAA")


class AccountFactory(factory.django.DjangoModelFactory):
    """Open for business, unlike a new account in the product."""

    class Meta:
        model = Account

    name = factory.Sequence(lambda number: f"Account {number}")
    organization = factory.SubFactory(OrganizationFactory)
    credential = factory.SubFactory(CredentialFactory)
    key_prefix = factory.Sequence(lambda number: f"T{number}")
    paused = False
    paused_reason = ""


class BrandFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Brand

    name = factory.Sequence(lambda number: f"Brand {number}")
    code = factory.Sequence(lambda number: f"brand-{number}")
    account = factory.SubFactory(AccountFactory)


class ScopedSettingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ScopedSetting

    key = "quarantine_seconds"
    value = 30


class AccountAccessFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AccountAccess

    user = factory.SubFactory(UserFactory)
    account = factory.SubFactory(AccountFactory)


class AuditFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Audit

    actor_name = "Someone"
    action = "retry_payload"
    at = factory.LazyFunction(now)


class ApiTokenFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ApiToken

    user = factory.SubFactory(UserFactory)
    name = "Metrics"
    digest = factory.Sequence("{:064d}".format)
    begins = "shipsync_abcdef"
    created_at = factory.LazyFunction(now)
