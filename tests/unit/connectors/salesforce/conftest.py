"""Salesforce's client in front of canned answers, or of the sandbox, in-process."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.http import RemoteSession
from connectors.salesforce.call_names import call_name
from connectors.salesforce.client import LoginSettings, SalesforceClient
from connectors.sandbox.salesforce.oauth import ClientApp
from connectors.sandbox.salesforce.sales import SalesDesk
from connectors.sandbox.salesforce.server import SalesforceApp
from connectors.sandbox.salesforce.world import SalesforceWorld
from connectors.sandbox.wire import InProcessAdapter, Request, Response
from connectors.sandbox.world import ManualClock
from connectors.tokens import MemoryTokenStore, Token

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
LOGIN = LoginSettings("consumer", domain="acme.my", client_secret="hush-hush")
ROOT = "https://acme.my.salesforce.com"


def make_client(app, *, clock=lambda: NOW, tokens=None, login=LOGIN):
    session = RemoteSession(name_call=call_name)
    session.mount("https://", InProcessAdapter(app))
    return SalesforceClient(
        session=session,
        tokens=tokens or MemoryTokenStore(),
        login=login,
        clock=clock,
    )


class Canned:
    """Answers with what it was given, one after the other, and keeps the requests."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.requests: list[Request] = []

    def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        if isinstance(answer, Response):
            return answer
        return Response(200, json.dumps(answer).encode())

    @property
    def paths(self) -> list[str]:
        return [request.path for request in self.requests]


@pytest.fixture
def canned() -> Callable[..., tuple[SalesforceClient, Canned]]:
    """A client that holds a token already, and the answers it will get."""

    def build(*answers: Any) -> tuple[SalesforceClient, Canned]:
        app = Canned(*answers)
        tokens = MemoryTokenStore(Token("old-token", base_url=ROOT))
        return make_client(app, tokens=tokens), app

    return build


@pytest.fixture
def clock():
    return ManualClock(NOW)


@pytest.fixture
def world(clock):
    world = SalesforceWorld(clock=clock)
    yield world
    world.close()


@pytest.fixture
def desk(world):
    desk = SalesDesk(world)
    desk.create_product("A-1", "Alpha", 12.5)
    desk.create_product("B-1", "Beta", 3)
    return desk


@pytest.fixture
def client(world):
    app = SalesforceApp(world, ClientApp("consumer", "hush-hush"))
    return make_client(app, clock=world.clock.now)
