"""Our own database may be locked or restart: that is nobody's failure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest
from django.db import InterfaceError, OperationalError, connection

from connectors.models import JobState, SyncJob
from connectors.sync import engine
from connectors.sync.run import Run
from tests.integration.sync.conftest import Workshop


class TestOurOwnDatabase:
    """A lock or a restart of it is nobody's failure and leaves no job in the air."""

    @pytest.mark.parametrize("error", [OperationalError, InterfaceError])
    def test_away_is_tried_again(
        self, workshop: Workshop, error: type[Exception]
    ) -> None:
        workshop.failing(error("the connection is closed"))
        job = workshop.ring()

        engine.work_once(clock=workshop.clock)

        job.refresh_from_db()
        assert (job.state, job.attempts) == (JobState.WAITING, 1)
        assert job.last_code == "shipsync.database"

    @pytest.mark.django_db(transaction=True)
    def test_a_connection_that_broke_is_opened_anew(self, workshop: Workshop) -> None:
        def handler(run: Run, jobs: Sequence[SyncJob]) -> None:
            connection.connection.close()
            raise OperationalError("server closed the connection unexpectedly")

        workshop.kind(handler)
        job = workshop.ring()

        engine.work_once(clock=workshop.clock)

        job.refresh_from_db()
        assert (job.state, job.lease_owner) == (JobState.WAITING, "")

    def test_away_when_the_breakers_are_told_it_is_asked_again(
        self, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        troubles = [OperationalError("the database system is starting up")]

        def unused(credential_id: int, *, now: datetime) -> None:
            if troubles:
                raise troubles.pop()

        monkeypatch.setattr(engine.breaker, "unused", unused)
        workshop.kind()
        job = workshop.ring()

        engine.work_once(clock=workshop.clock)

        job.refresh_from_db()
        assert job.state == JobState.DONE
