"""What may not run now waits, without spending an attempt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from connectors.accounts import breaker
from connectors.accounts.models import BreakerState, CredentialState
from connectors.errors import System
from connectors.models import SyncJob
from connectors.sync import engine
from connectors.sync.run import Run
from tests.factories.accounts import AccountFactory
from tests.integration.sync.conftest import Workshop

BOTH = frozenset({System.SHIPHERO, System.SALESFORCE})


@pytest.fixture
def ran(workshop: Workshop) -> list[str]:
    """Kinds that ran: one that writes to ShipHero, one that reads it, and so on."""
    names: list[str] = []

    def handler(run: Run, jobs: Sequence[SyncJob]) -> None:
        names.extend(job.kind for job in jobs)

    kinds: dict[str, dict[str, Any]] = {
        "writes": {},
        "reads": {"writes": None},
        "tells_salesforce": {"uses": {System.SALESFORCE}, "writes": System.SALESFORCE},
        "uses_both": {"uses": BOTH, "writes": None},
        "uses_none": {"uses": frozenset(), "writes": None},
    }
    for name, values in kinds.items():
        workshop.kind(handler, name=name, **values)
        scope: dict[str, Any] = {}
        if name == "tells_salesforce":
            organization = workshop.account.organization
            scope = {"account_id": None, "organization_id": organization.pk}
        workshop.ring(kind=name, **scope)
    return names


def work(workshop: Workshop) -> None:
    while engine.work_once(clock=workshop.clock):
        pass


def shut(workshop: Workshop, system: str, **values: Any) -> None:
    account = workshop.account
    credential = (
        account.credential if system == "shiphero" else account.organization.credential
    )
    type(credential).objects.filter(pk=credential.pk).update(**values)


ALL = {"writes", "reads", "tells_salesforce", "uses_both", "uses_none"}


def test_with_every_gate_open_all_run(workshop: Workshop, ran: list[str]) -> None:
    work(workshop)

    assert set(ran) == ALL


def test_a_pause_stops_writes_and_not_reads(workshop: Workshop, ran: list[str]) -> None:
    workshop.account.paused = True
    workshop.account.save()

    work(workshop)

    assert set(ran) == ALL - {"writes"}


@pytest.mark.parametrize(
    ("system", "stopped"),
    [
        pytest.param("shiphero", {"writes", "reads", "uses_both"}, id="ShipHero"),
        pytest.param("salesforce", {"tells_salesforce", "uses_both"}, id="Salesforce"),
    ],
)
@pytest.mark.parametrize("gate", ["refused", "open breaker"])
def test_a_shut_login_stops_all_that_uses_it(
    workshop: Workshop, ran: list[str], system: str, stopped: set[str], gate: str
) -> None:
    later = workshop.clock() + timedelta(minutes=1)
    values: dict[str, Any] = {"state": CredentialState.REFUSED}
    if gate == "open breaker":
        values = {"breaker_state": BreakerState.OPEN, "breaker_probe_at": later}
    shut(workshop, system, **values)

    work(workshop)

    assert set(ran) == ALL - stopped
    for job in SyncJob.objects.filter(kind__in=stopped):
        assert (job.state, job.attempts, job.starts) == ("waiting", 0, 0)


def test_a_shut_login_stops_no_other_account(
    workshop: Workshop, ran: list[str]
) -> None:
    shut(workshop, "shiphero", state=CredentialState.REFUSED)
    other = AccountFactory.create()
    workshop.ring(kind="writes", account_id=other.pk)

    work(workshop)

    assert "writes" in ran


def test_when_the_pause_is_over_everything_runs_by_itself(
    workshop: Workshop, ran: list[str]
) -> None:
    workshop.account.paused = True
    workshop.account.save()
    work(workshop)
    workshop.account.paused = False
    workshop.account.save()

    work(workshop)

    assert set(ran) == ALL


def test_what_a_closing_breaker_keeps_back_holds_up_no_other_login(
    workshop: Workshop, ran: list[str]
) -> None:
    """After an outage ShipHero's work goes out bit by bit; Salesforce's need not."""
    shut(
        workshop,
        "shiphero",
        breaker_closed_at=workshop.clock(),
        breaker_resumed=1,
    )

    assert engine.work_once(clock=workshop.clock) == 1

    assert ran == ["tells_salesforce"]
    (kept,) = SyncJob.objects.filter(note__startswith="Waits for the connection")
    assert (kept.state, kept.starts, kept.attempts) == ("waiting", 0, 0)
    assert kept.not_before == workshop.clock() + timedelta(milliseconds=500)


def test_a_probe_that_another_login_keeps_back_is_not_lost(
    workshop: Workshop, ran: list[str]
) -> None:
    SyncJob.objects.exclude(kind="uses_both").delete()
    now = workshop.clock()
    shut(workshop, "shiphero", breaker_state=BreakerState.OPEN, breaker_probe_at=now)
    shut(workshop, "salesforce", breaker_closed_at=now, breaker_resumed=1)

    assert engine.work_once(clock=workshop.clock) == 0

    assert breaker.allow(workshop.account.credential_id, now=now).allowed
