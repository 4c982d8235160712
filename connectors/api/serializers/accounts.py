"""Accounts and logins as clients read them. Secrets and tokens have no field here."""

from __future__ import annotations

from rest_framework.serializers import ModelSerializer

from connectors.accounts.models import Account, Credential


class AccountSerializer(ModelSerializer[Account]):
    class Meta:
        model = Account
        fields = (
            "id",
            "name",
            "organization",
            "credential",
            "customer_account_id",
            "shop_name",
            "key_prefix",
            "own_tag",
            "hold_kind",
            "fingerprint",
            "paused",
            "paused_reason",
            "paused_by",
            "paused_at",
            "export_from",
            "preview_first",
            "created_at",
        )


class CredentialSerializer(ModelSerializer[Credential]):
    class Meta:
        model = Credential
        fields = (
            "id",
            "system",
            "name",
            "state",
            "refused_reason",
            "refused_at",
            "breaker_state",
            "breaker_opened_at",
            "breaker_probe_at",
            "credits_capacity",
            "credits_remaining",
            "credits_rate",
            "credits_at",
            "api_used",
            "api_limit",
            "api_read_at",
            "created_at",
        )
