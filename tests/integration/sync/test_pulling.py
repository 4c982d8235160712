"""What is read again though nothing by which a poll would see it has moved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from connectors.config_versions import ConfigKind
from connectors.models import JobState, SyncJob
from connectors.salesforce.source_mapping import SourceMapping
from connectors.sync import actions, config, engine, mirror, pull_orders
from connectors.sync.run import Run
from orders.records import OrderRecord, OrderStage, SourceStamp
from tests.factories.accounts import OrganizationFactory, UserFactory
from tests.factories.connectors import FailedPayloadFactory, SyncJobFactory
from tests.factories.orders import OrderFactory
from tests.integration.sync.conftest import Workshop


@pytest.mark.parametrize(
    ("kind", "closed", "is_read"),
    [
        ("invalid", False, True),
        ("mapping", False, True),
        ("rejected", False, False),
        ("invalid", True, False),
    ],
)
def test_an_order_that_stopped_for_what_it_says_is_read_at_each_poll(
    workshop: Workshop, kind: str, *, closed: bool, is_read: bool
) -> None:
    """A contact or an account that is corrected moves no stamp of its orders."""
    now = workshop.clock()
    order = OrderFactory.create(
        account=workshop.account,
        source_modified_at=now - timedelta(minutes=1),
        read_whole_at=now,
    )
    FailedPayloadFactory.create(
        job__account=workshop.account,
        job__order=order,
        error_kind=kind,
        closed_at=now if closed else None,
    )
    listed = [
        SourceStamp(one, one, order.source_modified_at)
        for one in ("801NEW", order.salesforce_id)
    ]

    news = pull_orders._moved_or_stopped(listed, order.organization)

    assert news == ["801NEW", *([order.salesforce_id] if is_read else [])]


@pytest.mark.parametrize(
    ("kind", "is_read"), [("invalid", True), ("mapping", True), ("transient", False)]
)
def test_a_retry_of_what_the_order_was_at_fault_for_reads_it_first(
    workshop: Workshop, kind: str, *, is_read: bool
) -> None:
    order = OrderFactory.create(account=workshop.account)
    failure = FailedPayloadFactory.create(
        job__account=workshop.account, job__order=order, error_kind=kind
    )

    actions.retry(
        failures=[failure], user=UserFactory(role="integrator"), now=workshop.clock()
    )

    read = SyncJob.objects.filter(kind="read_source", order=order)
    assert read.exists() is is_read
    failure.job.refresh_from_db()
    assert failure.job.state == JobState.WAITING


def test_a_mended_mapping_opens_what_never_became_an_order(workshop: Workshop) -> None:
    organization = workshop.account.organization
    jobs = [
        SyncJobFactory.create(
            kind="read_source",
            key=f"read_source:o{one.pk}:801X",
            account=None,
            organization=one,
            subject="801X",
            state=JobState.PARKED,
        )
        for one in (organization, OrganizationFactory.create())
    ]

    config.save(
        kind=ConfigKind.SOURCE_MAPPING,
        document=SourceMapping.default().to_document(),
        organization=organization,
        user=None,
        now=workshop.clock(),
    )

    states = [SyncJob.objects.get(pk=job.pk).state for job in jobs]
    assert states == [JobState.WAITING, JobState.PARKED]


def test_a_bad_row_that_is_as_it_was_again_is_no_failure_any_more(
    workshop: Workshop,
) -> None:
    organization = workshop.account.organization
    now = workshop.clock()
    record = OrderRecord("801A", "1", OrderStage.DRAFT, "Draft", now, lines=())
    mirror.store([record], organization, now=now, read_at=now)
    mirror.ring_bad(["801A"], organization, now=now)
    SyncJob.objects.filter(kind="read_source").update(state=JobState.PARKED)

    mirror.store([record], organization, now=now, read_at=now)

    assert SyncJob.objects.get(kind="read_source").state == JobState.WAITING


def test_a_ring_during_the_run_of_a_repeating_kind_is_not_put_off(
    workshop: Workshop,
) -> None:
    runs: list[int] = []

    def handler(run: Run, jobs: Sequence[Any]) -> None:
        runs.append(len(jobs))
        if len(runs) == 1:
            workshop.ring()

    workshop.kind(handler, every="poll_orders_seconds")
    job = workshop.ring()

    engine.work_once(clock=workshop.clock)
    job.refresh_from_db()
    assert job.not_before <= workshop.clock()
    engine.work_once(clock=workshop.clock)
    job.refresh_from_db()

    assert len(runs) == 2
    assert job.not_before > workshop.clock()
