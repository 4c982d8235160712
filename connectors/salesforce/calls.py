"""One call to Salesforce: token, one renewal, the exchange for the log, the error."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests
from simple_salesforce.api import Salesforce

from connectors.errors import ConnectorError, System, TransientError
from connectors.http import Exchange, RemoteSession
from connectors.salesforce.call_names import READ, operation_name
from connectors.salesforce.errors import Outcome, classify, has_expired
from connectors.salesforce.login import (
    LoginSettings,
    Witness,
    content_of,
    failed,
    log_in,
    owner_of,
)
from connectors.tokens import Token, TokenStore

# Told of each new login: the organization's and the user's id. May raise AuthError.
OnLogin = Callable[[str, str], None]
USAGE = re.compile(r"(?<![\w-])api-usage=(\d+)/(\d+)", re.ASCII)
# Names us to the organization's logs, and leaves "recently used" lists alone.
COURTESY = {
    "Sforce-Call-Options": "client=ShipSync",
    "Sforce-Mru": "updateMru=false",
}


@dataclass(frozen=True, slots=True)
class ApiUsage:
    """The organization's API requests of the last 24 hours, by everybody."""

    used: int
    limit: int


class _Wire(Salesforce):
    """simple-salesforce with a token of ours and none of its own logins.

    Its call would renew the session by itself and without end, lose headers on the
    way, fail on bodies that are no JSON, and read the usage only from successes; so
    this sends once and answers with whatever came.
    """

    def __init__(self, *, token: Token, session: RemoteSession, version: str) -> None:
        super().__init__(
            session_id=token.value,
            instance_url=token.base_url,
            session=session,
            version=version,
        )

    def _call_salesforce(
        self,
        method: str,
        url: str,
        name: str = "",
        retries: int = 0,
        max_retries: int = 0,
        **kwargs: Any,
    ) -> requests.Response:
        headers = {**self.headers, **COURTESY, **(kwargs.pop("headers", None) or {})}
        return self.session.request(method, url, headers=headers, **kwargs)

    def send(self, method: str, path: str, **kwargs: Any) -> requests.Response:
        """`path` from the instance's root."""
        url = f"https://{self.sf_instance}{path}"
        return self._call_salesforce(method, url, **kwargs)


class Caller:
    """Sends calls one at a time for one credential."""

    def __init__(
        self,
        *,
        session: RemoteSession,
        tokens: TokenStore,
        login: LoginSettings,
        api_version: str,
        clock: Callable[[], datetime],
        on_login: OnLogin | None = None,
    ) -> None:
        self._on_login = on_login
        self._session = session
        self._tokens = tokens
        self._login = login
        self._version = api_version
        self._clock = clock
        self.exchanges: list[Exchange] = []
        self.api_usage: ApiUsage | None = None

    def data_path(self, rest: str) -> str:
        return f"/services/data/v{self._version}/{rest}"

    def get(self, path: str, **kwargs: Any) -> Any:
        """The parsed answer. Raises ConnectorError."""
        return self._ask("GET", path, is_write=False, **kwargs)

    def get_all(self, paths: Sequence[str], headers: Mapping[str, str]) -> list[Any]:
        """The parsed answers of several readings, for the price of one call.

        At most five queries (composite). In place of an answer stands the
        ConnectorError of what was refused alone. Raises ConnectorError for the whole.
        """
        wanted = {f"read{number}": path for number, path in enumerate(paths)}
        body = {
            "compositeRequest": [
                {
                    "method": "GET",
                    "url": path,
                    "referenceId": name,
                    "httpHeaders": dict(headers),
                }
                for name, path in wanted.items()
            ]
        }
        path = self.data_path("composite")
        told = self._ask("POST", path, is_write=False, operation=READ, json=body)
        parts = told.get("compositeResponse") if isinstance(told, Mapping) else None
        found = {
            part.get("referenceId"): part
            for part in (parts if isinstance(parts, list) else [])
            if isinstance(part, Mapping)
        }
        return [_answer_in(found.get(name)) for name in wanted]

    def write(self, method: str, path: str, body: Any, **kwargs: Any) -> Any:
        """The parsed answer, None when it has no body. Raises ConnectorError."""
        return self._ask(method, path, is_write=True, json=body, **kwargs)

    def upload(self, path: str, content: bytes) -> None:
        """A CSV file in one piece. Raises ConnectorError."""
        self._ask(
            "PUT",
            path,
            is_write=True,
            data=content,
            headers={"Content-Type": "text/csv; charset=UTF-8"},
        )

    def get_text(self, path: str) -> str:
        """An answer that is a CSV file. Raises ConnectorError."""
        return str(self._ask("GET", path, is_write=False, reads=file_of) or "")

    def _ask(self, method: str, path: str, *, is_write: bool, **kwargs: Any) -> Any:
        token = self._tokens.current() or self._renew(stale=None)
        outcome = self._send(token, method, path, is_write=is_write, **kwargs)
        if has_expired(outcome):
            token = self._renew(stale=token)
            outcome = self._send(token, method, path, is_write=is_write, **kwargs)
        if _is_success(outcome):
            return outcome.content
        raise classify(outcome)

    def _send(
        self,
        token: Token,
        method: str,
        path: str,
        *,
        is_write: bool,
        reads: Read = content_of,
        operation: str = "",
        **kwargs: Any,
    ) -> Outcome:
        wire = _Wire(token=token, session=self._session, version=self._version)
        started_at, clock = self._clock(), time.perf_counter()
        response: requests.Response | None = None
        try:
            response = wire.send(method, path, **kwargs)
            outcome = Outcome(is_write, response.status_code, reads(response))
            self._note_usage(response)
        except requests.RequestException as error:
            outcome = failed(error, is_write=is_write)
        shown = {name: kwargs[name] for name in ("params", "json") if kwargs.get(name)}
        if "data" in kwargs:
            shown["bytes"] = len(kwargs["data"])
        self.exchanges.append(
            Exchange(
                operation=operation or operation_name(method, path),
                request={"method": method, "path": path, **shown},
                response=_shown(outcome) if response is not None else outcome.trouble,
                status=outcome.status,
                request_id=_request_id(response),
                cost=1 if response is not None else None,
                started_at=started_at,
                duration_seconds=time.perf_counter() - clock,
            )
        )
        return outcome

    def _note_usage(self, response: requests.Response) -> None:
        found = USAGE.search(response.headers.get("Sforce-Limit-Info") or "")
        if found:
            self.api_usage = ApiUsage(used=int(found[1]), limit=int(found[2]))

    # -- token ---------------------------------------------------------------

    def _renew(self, *, stale: Token | None) -> Token:
        return self._tokens.refresh(stale=stale, fetch=self._fetch_token)

    def _fetch_token(self) -> Token:
        started_at, clock = self._clock(), time.perf_counter()
        witness = Witness(self._session)
        said = "[removed]"
        try:
            token = log_in(self._login, witness)
            if self._on_login is not None:
                self._on_login(*owner_of(witness))
            return token
        except ConnectorError as error:
            said = f"{error.reason} {error.detail}".strip()
            raise
        finally:
            answer = witness.response
            self.exchanges.append(
                Exchange(
                    operation="salesforce.oauth_token",
                    request={"client_id": self._login.client_id},
                    response=said,
                    status=None if answer is None else answer.status_code,
                    request_id=_request_id(answer),
                    cost=None,
                    started_at=started_at,
                    duration_seconds=time.perf_counter() - clock,
                )
            )


@dataclass(frozen=True, slots=True)
class File:
    """A file's text, which is not an answer that could not be read."""

    text: str

    def __str__(self) -> str:
        return self.text


Read = Callable[[requests.Response], Any]


def file_of(response: requests.Response) -> Any:
    """The file of a good answer; a bad one is read like any other."""
    if response.status_code != 200:
        return content_of(response)
    return File(response.content.decode("utf-8", errors="replace"))


def unreadable() -> TransientError:
    """The error of an answer that is not of the shape that was asked for."""
    return TransientError(
        "Salesforce's answer could not be read.",
        system=System.SALESFORCE,
        code="salesforce.unreadable",
    )


def _answer_in(part: Mapping[str, Any] | None) -> Any:
    """The answer to one reading among several, or its error."""
    status = part.get("httpStatusCode") if part else None
    if part is None or not isinstance(status, int):
        return unreadable()
    outcome = Outcome(False, status, part.get("body"))
    return outcome.content if _is_success(outcome) else classify(outcome)


def _is_success(outcome: Outcome) -> bool:
    """A 2xx with JSON or a file, or without any body."""
    is_2xx = outcome.status is not None and 200 <= outcome.status < 300
    return is_2xx and not isinstance(outcome.content, str)


def _shown(outcome: Outcome) -> Any:
    """A file's beginning is enough for the log."""
    if isinstance(outcome.content, File):
        return outcome.content.text[:2000]
    return outcome.content


def _request_id(response: requests.Response | None) -> str:
    if response is None:
        return ""
    return response.headers.get("X-Request-Id") or ""
