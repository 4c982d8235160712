"""The pictures that `manage.py screenshots` takes: each page can be reached and used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from connectors.demo import pictures, scene
from tests.factories.accounts import AccountFactory
from tests.factories.connectors import CauseFactory, FailedPayloadFactory
from tests.factories.inventory import WarehouseFactory
from tests.factories.orders import OrderFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_every_picture_can_be_taken(
    chromium: Browser, live_server: Any, tmp_path: Path
) -> None:
    scene.make_people()
    account = AccountFactory.create()
    WarehouseFactory.create(account=account, name="Primary")
    order = OrderFactory.create(account=account, organization=account.organization)
    cause = CauseFactory.create()
    FailedPayloadFactory.create(
        order=order, account=account, fingerprint=cause.fingerprint
    )

    shots = list(pictures.SHOTS)
    taken = pictures.take_all(
        chromium, live_server.url, tmp_path, shots, "wide", "light"
    )

    assert [file.name for file in taken] == [
        f"{shot.name}-wide-light.png" for shot in shots
    ]
