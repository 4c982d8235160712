"""A town for each story, on a real database and with the real clients."""

from __future__ import annotations

import pytest

from tests.town import Town


@pytest.fixture
def town(
    db: None,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    settings: object,
) -> Town:
    settings.SHIPSYNC_BASE_URL = "https://shipsync.example"
    settings.SHIPSYNC_SANDBOX = True
    made = Town(monkeypatch)
    if request.node.get_closest_marker("every_round") is None:
        made.leave_rounds_aside()
    return made
