"""Machines sign in by a token; the framework finds this by the settings."""

from __future__ import annotations

from typing import Any

from django.utils.timezone import now
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from connectors.accounts import api_tokens
from connectors.accounts.api_tokens import ApiToken


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer …` with a token of “My sign-in” in the console."""

    keyword = "Bearer"

    def authenticate(self, request: Request) -> tuple[Any, ApiToken] | None:
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != self.keyword.lower():
            return None
        token = api_tokens.find(secret.strip(), now=now())
        if token is None:
            raise AuthenticationFailed(
                "This token is not valid: it was revoked, has expired, or is no token."
            )
        return token.user, token

    def authenticate_header(self, _request: Request) -> str:
        return f'{self.keyword} realm="ShipSync"'


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema tells of it."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, _auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
