"""POST /auth/token and /auth/refresh, and who may use what they gave out."""

from __future__ import annotations

import base64
import json
import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from connectors.sandbox.shiphero.world import ShipHeroWorld
    from connectors.sandbox.world import Document

ISSUER = "https://shiphero.auth0.com/"
SCOPE = "email profile offline_access"


class Tokens:
    """Access tokens run out; the refresh token lives until it is revoked."""

    def __init__(self, world: ShipHeroWorld) -> None:
        self._world = world

    def set_login(self, username: str, password: str, refresh_token: str) -> None:
        """Let these in, beside who may already."""
        world = self._world
        with world.turn():
            world.put("login", username, {"username": username, "password": password})
            if world.get("refresh", refresh_token) is None:
                row = {"token": refresh_token, "username": username, "revoked": False}
                world.put("refresh", refresh_token, row)

    def log_in(self, body: Document) -> Document | None:
        """Both tokens for a right login; None for a wrong one."""
        login = self._world.get("login", str(body.get("username") or ""))
        right = login is not None and login["password"] == body.get("password")
        subject = str(body.get("username") or "") if login else ""
        self._note("auth_token", subject, right)
        if not right:
            return None
        return self._issue() | {
            "refresh_token": self._refresh_token(),
            "scope": SCOPE,
        }

    def refresh(self, body: Document) -> Document | None:
        """A new access token; None when the refresh token is unknown or revoked."""
        known = self._world.get("refresh", str(body.get("refresh_token") or ""))
        right = known is not None and not known["revoked"]
        self._note("auth_refresh", known["username"] if known else "", right)
        if not right:
            return None
        answer = self._issue()
        if self._world.switches["rotate_refresh"]:
            answer["refresh_token"] = self._new_refresh_token()
        return answer

    def accepts(self, authorization: str) -> bool:
        """Whether a header `Bearer …` carries a token that still lives."""
        token = self._world.get("token", bearer(authorization))
        if token is None:
            return False
        return datetime.fromisoformat(token["expires_at"]) > self._world.clock.now()

    def expire(self, authorization: str) -> None:
        """End one token before its time."""
        self._world.remove("token", bearer(authorization))

    def expire_all(self) -> None:
        for token in self._world.every("token"):
            self._world.remove("token", token["value"])

    def revoke(self) -> None:
        """End every refresh token too: only a person can let us in again."""
        for row in self._world.every("refresh"):
            self._world.put("refresh", row["token"], row | {"revoked": True})
        self.expire_all()

    def _refresh_token(self) -> str:
        """The one that lives; a new one once it was revoked."""
        for row in self._world.every("refresh"):
            if not row["revoked"]:
                return str(row["token"])
        return self._new_refresh_token()

    def _new_refresh_token(self) -> str:
        token = secrets.token_hex(20)
        username = self._world.every("login")[0]["username"]
        row = {"token": token, "username": username, "revoked": False}
        self._world.put("refresh", token, row)
        return token

    def _issue(self) -> Document:
        for token in self._world.every("token"):
            if not self.accepts(f"Bearer {token['value']}"):
                self._world.remove("token", token["value"])
        lifetime = float(self._world.switches["token_lifetime"])
        expires = self._world.clock.now() + self._world.clock.span(lifetime)
        value = self._jwt(expires)
        self._world.put(
            "token", value, {"value": value, "expires_at": expires.isoformat()}
        )
        return {
            "access_token": value,
            "expires_in": int(lifetime),
            "token_type": "Bearer",
        }

    def _jwt(self, expires: datetime) -> str:
        claims = {
            "iss": ISSUER,
            "sub": "auth0|sandbox",
            "aud": "shiphero-public-api",
            "iat": int(self._world.clock.now().timestamp()),
            "exp": int(expires.timestamp()),
            "scope": SCOPE,
            "gty": "password",
        }
        head = _part({"typ": "JWT", "alg": "RS256"})
        return f"{head}.{_part(claims)}.{secrets.token_urlsafe(32)}"

    def _note(self, call: str, subject: str, right: bool) -> None:
        outcome = "applied" if right else "refused"
        self._world.record(f"shiphero.{call}", subject, outcome)


def bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _part(content: dict[str, Any]) -> str:
    text = json.dumps(content, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()
