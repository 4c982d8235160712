"""How ShipSync gets into an organization: JWT bearer or client credentials."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import jwt
import requests
from simple_salesforce.exceptions import SalesforceAuthenticationFailed
from simple_salesforce.login import SalesforceLogin

from connectors.bodies import parse_answer
from connectors.errors import AuthError, ConnectorError, System
from connectors.http import RemoteSession, surely_not_sent
from connectors.salesforce.errors import Outcome, classify, classify_login
from connectors.tokens import Token


@dataclass(frozen=True, slots=True)
class LoginSettings:
    """With a private key it is JWT bearer, with a client secret client credentials.

    `domain` is `login`, `test`, or a My Domain such as `acme.my` or
    `acme--uat.sandbox.my`; client credentials are answered by a My Domain only. A
    JWT is made out for `domain` and may be handed in at `instance_domain`.
    """

    client_id: str
    domain: str = "login"
    username: str = ""
    instance_domain: str = ""
    private_key: str = field(default="", repr=False)
    client_secret: str = field(default="", repr=False)

    @classmethod
    def from_settings(
        cls, settings: Mapping[str, Any], secrets: Mapping[str, Any]
    ) -> LoginSettings:
        """From a credential's plain and secret parts, by the names of the fields.

        Raises AuthError that says what is not there.
        """
        made = cls(
            client_id=_text(settings, "client_id"),
            domain=_text(settings, "domain") or "login",
            username=_text(settings, "username"),
            instance_domain=_text(settings, "instance_domain"),
            private_key=_text(secrets, "private_key"),
            client_secret=_text(secrets, "client_secret"),
        )
        lacking = made.lacking()
        if lacking:
            raise AuthError(
                f"The login to Salesforce is incomplete: {lacking}.",
                system=System.SALESFORCE,
                code="salesforce.login_incomplete",
            )
        return made

    def lacking(self) -> str:
        """What this login needs and has not, in plain words; empty when complete."""
        if not self.client_id:
            return "the client id is not set"
        if self.private_key:
            return "" if self.username else "the user name is not set"
        if not self.client_secret:
            return "neither a private key nor a client secret is stored"
        if self.domain in {"login", "test"}:
            return "a client secret works on a My Domain only, and none is set"
        return ""

    def fields(self) -> dict[str, Any]:
        """As simple-salesforce's login names them."""
        if self.private_key:
            return {
                "username": self.username,
                "consumer_key": self.client_id,
                "privatekey": self.private_key,
                "domain": self.domain,
                "instance_url": self.instance_domain or None,
            }
        return {
            "consumer_key": self.client_id,
            "consumer_secret": self.client_secret,
            "domain": self.domain,
        }


class Witness:
    """A session as the login needs it, which remembers the answer."""

    def __init__(self, session: RemoteSession) -> None:
        self._session = session
        self.response: requests.Response | None = None

    def post(self, url: str, data: Any, **kwargs: Any) -> requests.Response:
        self.response = self._session.post(url, data, **kwargs)
        return self.response


def log_in(login: LoginSettings, witness: Witness) -> Token:
    """A new token and where it is good. Raises ConnectorError."""
    try:
        with warnings.catch_warnings():
            # It prints an address to approve at; the refusal says the same.
            warnings.simplefilter("ignore")
            session_id, instance = SalesforceLogin(
                session=cast("requests.Session", witness), **login.fields()
            )
    except requests.RequestException as error:
        raise classify(failed(error, is_write=False)) from None
    except SalesforceAuthenticationFailed as error:
        raise _refused(witness, str(error.code), str(error.auth_message)) from None
    except (ValueError, TypeError, AttributeError, jwt.PyJWTError) as error:
        # An unreadable key, or an answer without its parts.
        raise _refused(witness, "login_unusable", type(error).__name__) from None
    if not session_id or not instance:
        raise _refused(witness, "login_unusable", "no access token")
    return Token(session_id, base_url=f"https://{instance}".rstrip("/"))


def owner_of(witness: Witness) -> tuple[str, str]:
    """The organization's and the user's id, as the answer's identity URL names them.

    It ends in `/id/<organization>/<user>`; empty where the answer has none.
    """
    told = content_of(witness.response) if witness.response is not None else None
    url = str(told.get("id") or "") if isinstance(told, Mapping) else ""
    found = re.search(r"/id/(00D\w{12,15})/(005\w{12,15})$", url, re.ASCII)
    return (found[1], found[2]) if found else ("", "")


def failed(error: requests.RequestException, *, is_write: bool) -> Outcome:
    """Names the failure by its class: its words may hold addresses or secrets."""
    return Outcome(
        is_write, trouble=type(error).__name__, sent=not surely_not_sent(error)
    )


def content_of(response: requests.Response) -> Any:
    """The parsed answer, its text when it is no JSON, None when it has no body."""
    text = response.content.decode("utf-8", errors="replace")
    if not text.strip():
        return None
    try:
        return parse_answer(text)
    except (ValueError, RecursionError):
        return text[:2000]


def _refused(witness: Witness, code: str, words: str) -> ConnectorError:
    """What the status says goes first: a broken login server refuses nobody."""
    answer = witness.response
    if answer is not None and (
        answer.status_code >= 500 or answer.status_code in {408, 420, 429}
    ):
        return classify(Outcome(False, answer.status_code, content_of(answer)))
    return classify_login(code, words)


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return value.strip() if isinstance(value, str) else ""
