"""Access tokens: JWT bearer and client credentials, as an external client app has them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, unquote

import jwt
from jwt.types import Options

from connectors.sandbox.salesforce.refusals import session_expired
from connectors.sandbox.salesforce.world import INTEGRATION_USERNAME, SalesforceWorld
from connectors.sandbox.wire import Request
from connectors.sandbox.world import SandboxClock

TOKEN = "access_token"  # noqa: S105 - a document kind
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
DEMO_CONSUMER_KEY = "shipsync.sandbox.consumer"
DEMO_CONSUMER_SECRET = "shipsync-sandbox-consumer-secret"  # noqa: S105 - opens only this
UNCHECKED: Options = {
    "verify_exp": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_iat": False,
    "verify_nbf": False,
}
AUDIENCES = ("https://login.salesforce.com", "https://test.salesforce.com")


class OAuthError(Exception):
    """Answered as JSON with `error` and `error_description`."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description
        self.status = status

    def as_body(self) -> dict[str, Any]:
        return {"error": self.error, "error_description": self.description}


@dataclass(frozen=True, slots=True)
class ClientApp:
    """The one external client app of the organisation.

    `public_key` is the PEM that JWT assertions are verified with; empty refuses
    them. `run_as` is whom client credentials act for.
    """

    key: str
    secret: str
    public_key: str = ""
    run_as: str = INTEGRATION_USERNAME

    def __repr__(self) -> str:
        return f"ClientApp(key={self.key!r})"


def issue_token(
    world: SalesforceWorld, client: ClientApp, request: Request, instance_url: str
) -> dict[str, Any]:
    """Answer a token request. Raises OAuthError."""
    form = {
        name: values[0]
        for name, values in parse_qs(request.body.decode("utf-8", "replace")).items()
    }
    grant = form.get("grant_type")
    if grant == JWT_BEARER:
        username = _jwt_user(world, client, form.get("assertion", ""), instance_url)
    elif grant == "client_credentials":
        username = _client_user(client, request, form)
    else:
        raise OAuthError("unsupported_grant_type", "grant type not supported")
    try:
        user_id = world.user_id(username)
    except KeyError as error:
        raise OAuthError(
            "invalid_grant", "user hasn't approved this consumer"
        ) from error
    if not world.switches["jwt_approved"] and grant == JWT_BEARER:
        raise OAuthError("invalid_grant", "user hasn't approved this consumer")
    return _answer(world, user_id, instance_url)


def user_of(world: SalesforceWorld, request: Request) -> str:
    """The id of the user a request acts for. Raises RefusedError (401)."""
    token = world.get(TOKEN, _digest(_bearer(request)))
    if token is None or token["expires_at"] <= world.clock.now().isoformat():
        raise session_expired()
    return str(token["user_id"])


def revoke(world: SalesforceWorld, request: Request) -> None:
    """Let the request's token be worth nothing from now on."""
    world.remove(TOKEN, _digest(_bearer(request)))


def revoke_all(world: SalesforceWorld) -> int:
    """End every session; answers how many there were."""
    tokens = world.every(TOKEN)
    for token in tokens:
        world.remove(TOKEN, token["digest"])
    return len(tokens)


def userinfo(world: SalesforceWorld, user_id: str, instance_url: str) -> dict[str, Any]:
    """Who the token speaks for; the identity URL answers much the same."""
    user = world.get("User", user_id) or {}
    return {
        "sub": f"{instance_url}/id/{world.organization_id}/{user_id}",
        "user_id": user_id,
        "organization_id": world.organization_id,
        "preferred_username": user.get("Username"),
        "nickname": user.get("Alias"),
        "name": user.get("Name"),
        "email": user.get("Email"),
        "active": user.get("IsActive"),
        "user_type": "STANDARD",
        "urls": {"rest": f"{instance_url}/services/data/v{{version}}/"},
    }


def _answer(world: SalesforceWorld, user_id: str, instance_url: str) -> dict[str, Any]:
    now = world.clock.now()
    value = f"{world.organization_id[:15]}!{secrets.token_urlsafe(48)}"
    lifetime = world.clock.span(world.switches["token_lifetime"])
    document = {
        "digest": _digest(value),
        "user_id": user_id,
        "expires_at": (now + lifetime).isoformat(),
    }
    _forget_old(world, now)
    world.put(TOKEN, document["digest"], document)
    return {
        "access_token": value,
        "signature": base64.b64encode(secrets.token_bytes(32)).decode(),
        "scope": "api",
        "instance_url": instance_url,
        "id": f"{instance_url}/id/{world.organization_id}/{user_id}",
        "token_type": "Bearer",
        "issued_at": str(int(now.timestamp() * 1000)),
    }


def _forget_old(world: SalesforceWorld, now: datetime) -> None:
    for token in world.every(TOKEN):
        if token["expires_at"] <= now.isoformat():
            world.remove(TOKEN, token["digest"])


def _client_user(client: ClientApp, request: Request, form: dict[str, str]) -> str:
    host = request.headers.get("host", "")
    if host.startswith(("login.salesforce.com", "test.salesforce.com")):
        raise OAuthError("invalid_grant", "request not supported on this domain")
    key, secret = _basic(request) or (form.get("client_id"), form.get("client_secret"))
    if key != client.key:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    if not secrets.compare_digest((secret or "").encode(), client.secret.encode()):
        raise OAuthError("invalid_client", "invalid client credentials")
    return client.run_as


def _basic(request: Request) -> tuple[str, str] | None:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        key, _, secret = (
            base64.b64decode(encoded, validate=True).decode().partition(":")
        )
    except (binascii.Error, UnicodeDecodeError) as error:
        raise OAuthError("invalid_client", "invalid client credentials") from error
    return unquote(key), unquote(secret)


def _jwt_user(
    world: SalesforceWorld, client: ClientApp, assertion: str, instance_url: str
) -> str:
    claims = _verified(client, assertion)
    if claims.get("iss") != client.key:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    if claims.get("aud") not in {*AUDIENCES, instance_url, _plain(instance_url)}:
        raise OAuthError("invalid_grant", "audience is invalid")
    try:
        expires = float(claims.get("exp") or "")  # clients send a number or its text
    except (TypeError, ValueError) as error:
        raise OAuthError("invalid_grant", "invalid assertion") from error
    # The assertion is dated by its sender's clock. A world whose own clock was
    # moved by hand must not refuse an honest client, so the earlier clock counts.
    now = min(world.clock.now(), SandboxClock().now()).astimezone(UTC)
    if expires <= now.timestamp():
        raise OAuthError("invalid_grant", "expired authorization code")
    return str(claims.get("sub") or "")


def _verified(client: ClientApp, assertion: str) -> dict[str, Any]:
    """The claims of a well-signed assertion; what they say is checked by hand."""
    try:
        return jwt.decode(
            assertion, client.public_key, algorithms=["RS256"], options=UNCHECKED
        )
    except (jwt.InvalidTokenError, jwt.InvalidKeyError) as error:
        raise OAuthError("invalid_grant", "invalid assertion") from error


def _plain(url: str) -> str:
    return url.replace("https://", "http://", 1)


def _bearer(request: Request) -> str:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if scheme in {"Bearer", "OAuth"} else ""


def _digest(value: str) -> str:
    """Tokens are kept as digests, so that a stored world opens nothing."""
    return hashlib.sha256(value.encode()).hexdigest()
