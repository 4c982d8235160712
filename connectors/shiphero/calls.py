"""One call to ShipHero: token, credits, the exchange for the log, the error."""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import requests
from graphql import GraphQLError, OperationDefinitionNode, parse

from connectors.errors import AuthError, ConnectorError, System, TransientError
from connectors.http import Exchange, RemoteSession
from connectors.shiphero.answers import (
    code_of,
    errors_in,
    remaining_credits,
    request_id_in,
)
from connectors.shiphero.documents import Document, document, root_field
from connectors.shiphero.errors import NOT_ENOUGH_CREDITS, Outcome, classify
from connectors.shiphero.throttle import (
    CAUTIOUS_CAPACITY,
    USUAL_RATE,
    Credits,
    cost_of,
    quota_of,
)
from connectors.shiphero.transport import (
    GRAPHQL_PATH,
    REFRESH_PATH,
    Answer,
    SessionTransport,
    answer_of,
    answer_of_failure,
)
from connectors.tokens import Token, TokenStore

# ShipHero gives this once, in the answer to `webhook_create`.
SECRET_FIELD = "shared_signature_secret"  # noqa: S105 - a field's name
REMOVED = "[removed]"
UNUSED_SPAN = timedelta(minutes=5)


class Caller:
    """Runs documents one at a time for one credential."""

    def __init__(  # noqa: PLR0913 - all that a call needs
        self,
        *,
        session: RemoteSession,
        tokens: TokenStore,
        refresh_token: str,
        base_url: str,
        credits: Credits,
        clock: Callable[[], datetime],
        keep_refresh_token: Callable[[str], None] | None = None,
    ) -> None:
        self.session = session
        self._tokens = tokens
        self._refresh_token = refresh_token
        self.base_url = base_url.rstrip("/")
        self._credits = credits
        self.clock = clock
        self._keep_refresh_token = keep_refresh_token
        self._transport = SessionTransport(self.base_url + GRAPHQL_PATH, session)
        self._transport.connect()
        self.exchanges: list[Exchange] = []
        self.capacity = CAUTIOUS_CAPACITY
        self.rate = USUAL_RATE

    def run(self, name: str, variables: Mapping[str, Any]) -> Any:
        """What stands under the document's root field, never None.

        Raises a ConnectorError; a write that was answered with its object counts
        as done, whatever else the answer complains of.
        """
        asked = document(name)
        token = self._tokens.current() or self._renew(stale=None)
        self._credits.take(asked.estimate(variables))
        answer = self._send(asked, variables, token)
        if answer.status == 401:
            token = self._renew(stale=token)
            answer = self._send(asked, variables, token)
        return self._payload_or_raise(asked, answer)

    def _send(
        self, asked: Document, variables: Mapping[str, Any], token: Token
    ) -> Answer:
        started_at, clock = self.clock(), time.perf_counter()
        answer = self._transport.ask(asked, variables, token.value)
        body = answer.body or {}
        self.exchanges.append(
            Exchange(
                operation=f"shiphero.{asked.root}",
                request={"document": asked.name, "variables": dict(variables)},
                response=_without_secret(_shown(answer)),
                status=answer.status,
                request_id=request_id_in(answer.body),
                cost=cost_of(body),
                started_at=started_at,
                duration_seconds=time.perf_counter() - clock,
            )
        )
        self._learn(body)
        return answer

    def _learn(self, body: Mapping[str, Any]) -> None:
        quota = quota_of(body)
        if quota is None and any(
            code_of(error) == NOT_ENOUGH_CREDITS for error in errors_in(body)
        ):
            quota = (remaining_credits(body) or 0, self.capacity, self.rate)
        if quota is not None:
            left, self.capacity, self.rate = quota
            self._credits.learn(left, self.capacity, self.rate)

    def _payload_or_raise(self, asked: Document, answer: Answer) -> Any:
        payload = answer.payload(asked.root)
        is_refused = (answer.status or 500) >= 400 or bool(errors_in(answer.body))
        if payload is not None and (not is_refused or asked.is_write):
            return payload
        raise classify(_outcome(asked, answer, self.rate))

    # -- token ---------------------------------------------------------------

    def _renew(self, *, stale: Token | None) -> Token:
        return self._tokens.refresh(stale=stale, fetch=self._fetch_token)

    def _fetch_token(self) -> Token:
        started_at, clock = self.clock(), time.perf_counter()
        answer = self._post_refresh()
        self.exchanges.append(
            Exchange(
                operation="shiphero.auth_refresh",
                request={},
                response=REMOVED if answer.status == 200 else answer.text[:500],
                status=answer.status,
                request_id="",
                cost=None,
                started_at=started_at,
                duration_seconds=time.perf_counter() - clock,
            )
        )
        return self._token_from(answer)

    def _post_refresh(self) -> Answer:
        try:
            response = self.session.post(
                self.base_url + REFRESH_PATH,
                json={"refresh_token": self._refresh_token},
            )
        except requests.RequestException as error:
            return answer_of_failure(error)
        return answer_of(response)

    def _token_from(self, answer: Answer) -> Token:
        body = answer.body or {}
        value = body.get("access_token")
        if answer.status == 200 and isinstance(value, str) and value:
            self._note_rotation(body.get("refresh_token"))
            return Token(value, expires_at=self._expiry(body.get("expires_in")))
        raise _refused_login(answer)

    def _note_rotation(self, renewed: Any) -> None:
        """No client was seen to get another refresh token; should one come, it goes."""
        if not isinstance(renewed, str) or renewed in {"", self._refresh_token}:
            return
        self._refresh_token = renewed
        if self._keep_refresh_token is not None:
            self._keep_refresh_token(renewed)

    def _expiry(self, expires_in: Any) -> datetime | None:
        """Clients trust `expires_in` (seconds); a little is left unused."""
        if isinstance(expires_in, bool) or not isinstance(expires_in, int | float):
            return None
        whole = timedelta(seconds=min(max(expires_in, 0), 10**9))
        return self.clock() + whole - min(UNUSED_SPAN, whole / 10)


def no_object(asked: str, *, is_write: bool) -> TransientError:
    """The answer came without the object it should hold: what happened is unknown."""
    return TransientError(
        f"ShipHero answered {asked} without saying what it did.",
        system=System.SHIPHERO,
        code="shiphero.unreadable",
        outcome_unknown=is_write,
    )


def _outcome(asked: Document | None, answer: Answer, rate: int = USUAL_RATE) -> Outcome:
    return Outcome(
        is_write=asked is not None and asked.is_write,
        status=answer.status,
        body=answer.body,
        text=answer.text,
        trouble=answer.trouble,
        sent=answer.sent,
        rate=rate,
    )


def _refused_login(answer: Answer) -> ConnectorError:
    """400 and 401 are the refresh token's end; the rest is as with any call."""
    says_why = answer.status == 403 and "error" in (answer.body or {})
    if answer.status in {400, 401, 404, 422} or says_why:
        return AuthError(
            "ShipHero refused the refresh token. A new one is needed.",
            system=System.SHIPHERO,
            code="shiphero.refresh_refused",
            detail=answer.text[:500],
        )
    return classify(_outcome(None, answer))


def _shown(answer: Answer) -> Any:
    if answer.body is not None:
        return answer.body
    return answer.text or (answer.trouble or None)


def _without_secret(value: Any) -> Any:
    """A copy in which no signature secret stands, however deep."""
    if isinstance(value, dict):
        return {
            name: REMOVED if name == SECRET_FIELD and inner else _without_secret(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_without_secret(inner) for inner in value]
    return value


def call_name(request: requests.PreparedRequest) -> str:
    """`shiphero.<root field>` for GraphQL, `shiphero.auth_refresh` for the token."""
    path = (request.path_url or "").split("?")[0].rstrip("/")
    if path.endswith(REFRESH_PATH):
        return "shiphero.auth_refresh"
    return f"shiphero.{_root_of(request.body) or 'unknown'}"


def _root_of(body: Any) -> str:
    try:
        return _root_in(json.loads(body)["query"])
    except (ValueError, TypeError, KeyError, GraphQLError):
        return ""


@functools.lru_cache(maxsize=128)  # each query's text is one of a few
def _root_in(text: str) -> str:
    tree = parse(text)
    for definition in tree.definitions:
        if isinstance(definition, OperationDefinitionNode):
            return root_field(definition)
    return ""
