"""One organisation, its sales desk, and the real client in front of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import requests
from simple_salesforce import Salesforce

from connectors.sandbox.salesforce.oauth import ClientApp
from connectors.sandbox.salesforce.sales import SalesDesk
from connectors.sandbox.salesforce.server import SalesforceApp
from connectors.sandbox.salesforce.world import SalesforceWorld
from connectors.sandbox.wire import InProcessAdapter
from connectors.sandbox.world import ManualClock

START = datetime(2026, 1, 5, 9, 0, 0, 250_000, tzinfo=UTC)


@pytest.fixture
def clock():
    return ManualClock(START)


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
def app(world):
    return SalesforceApp(world, ClientApp("consumer", "consumer-secret"))


@pytest.fixture
def session(app):
    session = requests.Session()
    session.mount("https://", InProcessAdapter(app))
    yield session
    session.close()


@pytest.fixture
def client(session):
    """simple-salesforce, unmodified, logged in with client credentials."""
    return Salesforce(
        consumer_key="consumer",
        consumer_secret="consumer-secret",
        domain="acme.my",
        version="66.0",
        session=session,
    )
