"""A town that lacks nothing."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.utils import timezone

from connectors import queue
from connectors.doctor import house
from connectors.doctor.house_rules import SqliteFacts
from connectors.models import Heartbeat
from connectors.parent import SCHEDULES
from tests.town import Town


@pytest.fixture
def town(db: None, monkeypatch: pytest.MonkeyPatch, settings: object) -> Town:
    """Everything set up and running, and one order shipped."""
    settings.SHIPSYNC_BASE_URL = "https://shipsync.example"
    settings.SHIPSYNC_SANDBOX = True
    town = Town(monkeypatch)
    monkeypatch.setattr(timezone, "now", town.now)
    monkeypatch.setattr(house, "database_time", town.now)
    # The tests' own SQLite does not wait for the disk.
    monkeypatch.setattr(
        house, "sqlite_facts", lambda: SqliteFacts("wal", 2, "IMMEDIATE")
    )
    get_user_model().objects.create_user("olga", is_staff=True)
    town.order(("MUG", 1))
    town.run(minutes=8, step=80)
    queue.ensure_schedules(SCHEDULES)
    apps.get_model("django_q", "Schedule").objects.update(next_run=town.now())
    Heartbeat.objects.create(
        host="here", pid=1, started_at=town.now(), beat_at=town.now()
    )
    return town
