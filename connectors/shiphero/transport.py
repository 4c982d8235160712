"""gql's transport over our own session: no retries, tolerant of odd answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from gql import GraphQLRequest
from gql.transport.exceptions import TransportConnectionFailed
from gql.transport.requests import RequestsHTTPTransport
from graphql import ExecutionResult

from connectors.bodies import parse_answer
from connectors.http import RemoteSession, surely_not_sent
from connectors.shiphero.documents import Document

GRAPHQL_PATH = "/graphql"
REFRESH_PATH = "/auth/refresh"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back of one request, or why nothing did (`status` None)."""

    status: int | None = None
    body: Mapping[str, Any] | None = None
    text: str = ""
    trouble: str = ""
    sent: bool = True

    def payload(self, root: str) -> Any:
        data = self.body.get("data") if self.body else None
        return data.get(root) if isinstance(data, Mapping) else None


class SessionTransport(RequestsHTTPTransport):
    """Sends through the session it is given and keeps the whole answer."""

    def __init__(self, url: str, session: RemoteSession) -> None:
        super().__init__(url=url)
        self._ours = session
        self.answer = Answer()

    def connect(self) -> None:
        self.session = self._ours

    def ask(
        self, document: Document, variables: Mapping[str, Any], token: str
    ) -> Answer:
        """Runs a document once. Never raises for what the remote or the wire does."""
        self.answer = Answer()
        self.headers = {"Authorization": f"Bearer {token}"}
        request = GraphQLRequest(
            document.tree,
            variable_values=dict(variables),
            operation_name=document.name,
        )
        try:
            self.execute(request)
        except TransportConnectionFailed as error:
            self.answer = answer_of_failure(error.__cause__ or error)
        finally:
            self.headers = None
        return self.answer

    def _prepare_result(self, response: requests.Response) -> ExecutionResult:
        self.answer = answer_of(response)
        body = self.answer.body or {}
        return ExecutionResult(data=body.get("data"), errors=body.get("errors"))


def answer_of(response: requests.Response) -> Answer:
    """Bodies that are no JSON object are kept as text."""
    text = response.content.decode("utf-8", errors="replace")
    try:
        body = parse_answer(text)
    except (ValueError, RecursionError):
        body = None
    return Answer(
        status=response.status_code,
        body=body if isinstance(body, dict) else None,
        text=text[:2000],
    )


def answer_of_failure(error: BaseException) -> Answer:
    """Names the failure by its class: its words may hold addresses or secrets."""
    return Answer(trouble=type(error).__name__, sent=not surely_not_sent(error))
