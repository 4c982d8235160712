"""ShipHero's client in front of canned answers, or of the sandbox, in-process."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.http import RemoteSession
from connectors.sandbox.shiphero.server import ShipHeroSandbox
from connectors.sandbox.shiphero.world import REFRESH_TOKEN, ShipHeroWorld
from connectors.sandbox.wire import InProcessAdapter, Request, Response
from connectors.sandbox.world import ManualClock
from connectors.shiphero.calls import call_name
from connectors.shiphero.client import ShipHeroClient
from connectors.shiphero.throttle import UnmeteredCredits
from connectors.tokens import MemoryTokenStore, Token
from orders.records import Address, WantedLine, WantedOrder

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
URL = "https://public-api.shiphero.com"


def make_client(app, *, clock=lambda: NOW, tokens=None, **more):
    session = RemoteSession(name_call=call_name)
    session.mount("https://", InProcessAdapter(app))
    return ShipHeroClient(
        session=session,
        tokens=tokens or MemoryTokenStore(),
        refresh_token=REFRESH_TOKEN,
        base_url=URL,
        credits=more.pop("credits", UnmeteredCredits()),
        clock=clock,
        **more,
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
    def names(self) -> list[str]:
        return [request.path for request in self.requests]

    def variables(self, at=-1):
        return json.loads(self.requests[at].body)["variables"]


@pytest.fixture
def canned() -> Callable[..., tuple[ShipHeroClient, Canned]]:
    """A client that holds a token already, and the answers it will get."""

    def build(*answers: Any, **more: Any) -> tuple[ShipHeroClient, Canned]:
        app = Canned(*answers)
        tokens = MemoryTokenStore(Token("old-token"))
        return make_client(app, tokens=tokens, **more), app

    return build


@pytest.fixture
def world():
    world = ShipHeroWorld(
        clock=ManualClock(NOW), send=lambda *_: 200, probe=lambda _: 200
    )
    world.seed_product("ABC-1", on_hand={"Primary": 50})
    world.seed_product("ABC-2", on_hand={"Primary": 50})
    yield world
    world.close()


@pytest.fixture
def client(world):
    return make_client(ShipHeroSandbox(world).app, clock=world.clock.now)


def wanted(key: str = "acme-801-1", lines: int = 2) -> WantedOrder:
    return WantedOrder(
        key=key,
        order_number="00000101",
        shop_name="acme",
        ship_to=Address(
            first_name="Ann",
            last_name="Lee",
            address1="1 Main St",
            city="Tulsa",
            state="OK",
            zip="74103",
            country="US",
            phone="5555550101",
        ),
        lines=tuple(
            WantedLine(
                key=f"802-{at}", sku=f"ABC-{at % 2 + 1}", quantity=at + 1, price="9.50"
            )
            for at in range(lines)
        ),
        method_title="Ground",
        carrier="ups",
        method="Ground",
        email="ann@example.com",
        packing_note="Fragile",
    )
