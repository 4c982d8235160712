"""A registered webhook and a sender who knows its secret."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from connectors.models import WebhookRegistration
from connectors.sync import registry
from connectors.webhooks.signatures import sign
from tests.factories.accounts import AccountFactory

SECRET = "the-shared-secret"
TOKEN = "t" * 43
PATH = f"/webhooks/shiphero/{TOKEN}/"

Post = Callable[..., Any]


@pytest.fixture(autouse=True)
def _kind(monkeypatch):
    """The job itself is another test's matter."""
    kind = registry.JobKind(
        name="apply_delivery",
        title="Apply a delivery",
        lane=registry.Lane.FULFILLMENT,
        handler=lambda run, jobs: None,
        uses=frozenset(),
    )
    monkeypatch.setattr(registry, "_kinds", {**registry._kinds, "apply_delivery": kind})


@pytest.fixture
def registration() -> WebhookRegistration:
    return register(token=TOKEN)


def register(**fields: Any) -> WebhookRegistration:
    values = {
        "type_name": "Shipment Update",
        "label": "shipsync",
        "secrets": {"current": SECRET},
        "state": "active",
        "created_at": timezone.now(),
        **fields,
    }
    values.setdefault("account", AccountFactory())
    return WebhookRegistration.objects.create(**values)


def signature(body: bytes, secret: str = SECRET) -> str:
    return sign(secret.encode(), body).decode()


def post(
    body: bytes,
    *,
    client: Client | None = None,
    message_id: str | None = None,
    path: str = PATH,
    **extra: Any,
) -> Any:
    """As ShipHero posts it, rightly signed unless `extra` says otherwise."""
    headers: dict[str, Any] = {"HTTP_X_SHIPHERO_HMAC_SHA256": signature(body)}
    if message_id is not None:
        headers["HTTP_X_SHIPHERO_MESSAGE_ID"] = message_id
    headers.update(extra)
    headers = {name: value for name, value in headers.items() if value is not None}
    sender = client or Client(enforce_csrf_checks=True)
    return sender.generic(
        "POST", path, body, content_type="application/json", **headers
    )
