"""Whom we talk to and on whose behalf, who may do what, and who did."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from connectors.accounts import api_tokens  # noqa: F401 - Django looks for models here
from connectors.accounts.fields import EncryptedJSONField
from connectors.errors import System


class CredentialSystem(models.TextChoices):
    SALESFORCE = System.SALESFORCE.value, "Salesforce"
    SHIPHERO = System.SHIPHERO.value, "ShipHero"


class CredentialState(models.TextChoices):
    OK = "ok", "Accepted"
    REFUSED = "refused", "Refused"


class BreakerState(models.TextChoices):
    CLOSED = "closed", "Closed"
    OPEN = "open", "Open"
    HALF_OPEN = "half_open", "Half open"


class Credential(models.Model):
    """One login at one remote system, with all that workers share about its use.

    `settings` is what may be shown (base_url, username, domain ...), `secrets` what
    may not. Token, breaker and credits change by compare-and-set on their fences:
    see tokens.py, breaker.py and credits.py, which alone write them.
    """

    system = models.CharField(max_length=16, choices=CredentialSystem)
    name = models.CharField(max_length=120)
    settings = models.JSONField(default=dict, blank=True)
    secrets = EncryptedJSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    state = models.CharField(
        max_length=8, choices=CredentialState, default=CredentialState.OK
    )
    refused_reason = models.CharField(max_length=255, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)

    token = EncryptedJSONField(default=dict, blank=True, editable=False)
    token_expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    token_base_url = models.URLField(blank=True, editable=False)
    refresh_fence = models.BigIntegerField(default=0, editable=False)
    refresh_lease_until = models.DateTimeField(null=True, blank=True, editable=False)

    breaker_state = models.CharField(
        max_length=9, choices=BreakerState, default=BreakerState.CLOSED, editable=False
    )
    breaker_fence = models.BigIntegerField(default=0, editable=False)
    breaker_calls = models.PositiveIntegerField(default=0, editable=False)
    breaker_failures = models.PositiveIntegerField(default=0, editable=False)
    breaker_streak = models.PositiveIntegerField(default=0, editable=False)
    breaker_openings = models.PositiveIntegerField(default=0, editable=False)
    breaker_window_started = models.DateTimeField(null=True, blank=True, editable=False)
    breaker_opened_at = models.DateTimeField(null=True, blank=True, editable=False)
    breaker_probe_at = models.DateTimeField(null=True, blank=True, editable=False)
    breaker_closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    breaker_resumed = models.PositiveIntegerField(default=0, editable=False)

    credits_fence = models.BigIntegerField(default=0, editable=False)
    credits_capacity = models.FloatField(null=True, blank=True, editable=False)
    credits_remaining = models.FloatField(null=True, blank=True, editable=False)
    credits_rate = models.FloatField(
        "credits per second", null=True, blank=True, editable=False
    )
    credits_at = models.DateTimeField(null=True, blank=True, editable=False)

    api_used = models.PositiveIntegerField(null=True, blank=True, editable=False)
    api_limit = models.PositiveIntegerField(null=True, blank=True, editable=False)
    api_read_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering: ClassVar = ["system", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["system", "name"], name="credential_name_once_per_system"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_system_display()}: {self.name}"


class Organization(models.Model):
    """One Salesforce org. `org_id` is its fingerprint: a login to another is refused.

    `is_sandbox` is what people expect of it, `told_sandbox` what it says of itself.
    """

    name = models.CharField(max_length=120, unique=True)
    credential = models.ForeignKey(
        Credential,
        on_delete=models.PROTECT,
        limit_choices_to={"system": CredentialSystem.SALESFORCE},
    )
    org_id = models.CharField("org id", max_length=18, blank=True)
    instance_url = models.URLField("instance URL", blank=True)
    is_sandbox = models.BooleanField("is a Salesforce sandbox", default=False)
    told_sandbox = models.BooleanField(
        "Salesforce says it is a sandbox", null=True, blank=True, editable=False
    )
    integration_user_id = models.CharField(max_length=18, blank=True, editable=False)
    integration_username = models.CharField(
        max_length=120, blank=True, help_text="The user ShipSync logs in as."
    )
    checked_at = models.DateTimeField(null=True, blank=True, editable=False)
    poll_settings = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class HoldChoice(models.TextChoices):
    """The hold kind reserved for us. Blank: none can be reserved, quarantine only."""

    OPERATOR = "operator", "Operator hold"
    CLIENT = "client", "Client hold"
    PAYMENT = "payment", "Payment hold"
    FRAUD = "fraud", "Fraud hold"


class Account(models.Model):
    """One ShipHero account that serves one organization. It starts paused."""

    name = models.CharField(max_length=120, unique=True)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT)
    credential = models.ForeignKey(
        Credential,
        on_delete=models.PROTECT,
        limit_choices_to={"system": CredentialSystem.SHIPHERO},
    )
    customer_account_id = models.CharField(
        max_length=64, blank=True, help_text="Set when a 3PL acts for its customer."
    )
    shop_name = models.CharField(max_length=120, default="shipsync")
    key_prefix = models.CharField(
        max_length=16,
        help_text="Begins every idempotency key. Never change it after go-live.",
    )
    own_tag = models.CharField(max_length=64, default="shipsync")
    hold_kind = models.CharField(
        max_length=16,
        choices=HoldChoice,
        default=HoldChoice.OPERATOR,
        blank=True,
        help_text="Reserved for ShipSync. Blank: orders wait in quarantine only, and "
        "a duplicate can reach the floor if an answer is lost.",
    )
    fingerprint = models.CharField(
        "remote account id", max_length=64, blank=True, editable=False
    )

    paused = models.BooleanField(default=True)
    paused_reason = models.CharField(
        max_length=255, blank=True, default="New account, not opened yet."
    )
    paused_by = models.CharField(max_length=150, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateTimeField(
        null=True, blank=True, help_text="Resumes by itself then."
    )
    back_paused = models.BooleanField("telling Salesforce is paused", default=False)
    back_paused_reason = models.CharField(max_length=255, blank=True)
    back_paused_by = models.CharField(max_length=150, blank=True)
    back_paused_at = models.DateTimeField(null=True, blank=True)
    back_paused_until = models.DateTimeField(null=True, blank=True)
    export_from = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Go-live. Orders activated earlier are mirrored and not exported.",
    )
    preview_first = models.PositiveIntegerField(
        default=0, help_text="How many of the first exports wait for a person's yes."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["name"]
        permissions: ClassVar = [("all_accounts", "Can see every account")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "key_prefix"],
                name="account_key_prefix_once_per_organization",
            ),
            # A full sandbox has the record ids of its production organization: only
            # the prefix keeps their orders apart in one warehouse account.
            models.UniqueConstraint(
                fields=["credential", "customer_account_id", "key_prefix"],
                name="account_key_prefix_once_per_login",
                violation_error_message="Another account of this ShipHero login has "
                "this key prefix. Give each its own: copied sandboxes keep record ids.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Brand(models.Model):
    """A brand sold through an account; `code` is how the organization names it."""

    name = models.CharField(max_length=120)
    code = models.CharField(max_length=80)
    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    tag = models.CharField(
        max_length=64,
        blank=True,
        help_text="Put on its orders in ShipHero, to tell brands of one account apart.",
    )

    class Meta:
        ordering: ClassVar = ["account", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "code"], name="brand_code_once_per_account"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ScopedSetting(models.Model):
    """One setting's value for everything, one account, or one brand.

    Read by scoped.lookup, which also knows the defaults.
    """

    key = models.CharField(max_length=64)
    value = models.JSONField()
    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, null=True, blank=True
    )
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["key"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(account=None) | Q(brand=None), name="setting_one_scope"
            ),
            models.UniqueConstraint(
                fields=["key"],
                condition=Q(account=None, brand=None),
                name="setting_once_globally",
            ),
            models.UniqueConstraint(
                fields=["key", "account"],
                condition=Q(account__isnull=False),
                name="setting_once_per_account",
            ),
            models.UniqueConstraint(
                fields=["key", "brand"],
                condition=Q(brand__isnull=False),
                name="setting_once_per_brand",
            ),
        ]

    def __str__(self) -> str:
        return self.key


class AccountAccess(models.Model):
    """Limits a user to some accounts, or to a brand of one; see permissions.

    A brand that limits somebody cannot be deleted: without the row they would see more.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    brand = models.ForeignKey(
        Brand,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        help_text="Blank: all brands of the account, and what is of none.",
    )

    class Meta:
        verbose_name = "access to an account"
        verbose_name_plural = "access to accounts"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "account"],
                condition=Q(brand=None),
                name="access_once_per_account",
            ),
            models.UniqueConstraint(
                fields=["user", "account", "brand"],
                condition=Q(brand__isnull=False),
                name="access_once_per_brand",
            ),
        ]

    def __str__(self) -> str:
        where = f"{self.account}: {self.brand}" if self.brand else str(self.account)
        return f"{self.user} → {where}"

    def clean(self) -> None:
        if self.brand is not None and self.brand.account_id != self.account_id:
            raise ValidationError({"brand": "This brand is of another account."})


class Operation(models.Model):
    """No table: the permissions for what people do to the sync."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions: ClassVar = [
            ("operate_retry", "Can retry what failed"),
            ("operate_pause", "Can pause and resume accounts"),
            ("operate_sync_now", "Can sync an order now"),
            ("operate_handled_outside", "Can mark as handled outside ShipSync"),
            ("operate_link", "Can link an order to a ShipHero order"),
            ("operate_dismiss", "Can dismiss a failure"),
            ("operate_override", "Can set a value of an order in its source's place"),
            ("change_config", "Can change how the sync behaves"),
        ]

    def __str__(self) -> str:
        return "operation"


class AppendOnlyError(TypeError):
    """Somebody tried to change or delete what must stay as it was written."""


class AuditQuerySet(models.QuerySet["Audit"]):
    def update(self, **_kwargs: Any) -> NoReturn:
        raise AppendOnlyError("Audit rows are never changed.")

    def delete(self) -> NoReturn:
        raise AppendOnlyError("Audit rows are never deleted.")


class Audit(models.Model):
    """What a person or the system decided. Append-only; written by audit.record."""

    at = models.DateTimeField(db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="+",
    )
    actor_name = models.CharField(max_length=150)
    action = models.CharField(max_length=64, db_index=True)
    object_type = models.CharField(max_length=64, blank=True)
    object_id = models.CharField(max_length=64, blank=True)
    object_label = models.CharField(max_length=255, blank=True)
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)
    note = models.TextField(blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = [F("id").desc()]
        verbose_name = "audit entry"
        verbose_name_plural = "audit entries"
        default_permissions = ("view",)
        indexes: ClassVar = [
            models.Index(fields=["object_type", "object_id"], name="audit_object"),
            models.Index(fields=["object_id", "-id"], name="audit_by_object_id"),
            models.Index(fields=["object_label", "-id"], name="audit_by_label"),
            models.Index(fields=["actor_name", "-id"], name="audit_by_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name}: {self.action} {self.object_label}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError("Audit rows are never changed.")
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise AppendOnlyError("Audit rows are never deleted.")
