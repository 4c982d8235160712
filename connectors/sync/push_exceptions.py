"""What needs somebody to Salesforce: rows that begin, change and end, many to a call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from connectors.accounts import audit, permissions, scoped
from connectors.accounts.models import Organization
from connectors.errors import RejectedError, RowResult, System
from connectors.exception_rows import ExceptionRow
from connectors.models import SyncJob, Trigger
from connectors.salesforce.writes import MOST_COLLECTIONS, MOST_ROWS
from connectors.sync import claims, config, exception_rows, load
from connectors.sync.actions import ActionRefusedError
from connectors.sync.clients import call_time
from connectors.sync.exception_rows import Due, Sent
from connectors.sync.pacing import SLOWER
from connectors.sync.phases import LeaseLostError, commit
from connectors.sync.registry import JobKind, Lane, register
from connectors.sync.rings import Ring, ring
from connectors.sync.run import Run
from connectors.sync.windows import go_on
from connectors.timing import scaled

ROWS_PER_CALL = MOST_ROWS * MOST_COLLECTIONS


def push_exceptions(run: Run, jobs: Sequence[SyncJob]) -> None:
    """Tell what Salesforce does not show yet; nothing to tell costs no call."""
    for job in jobs:
        assert job.organization is not None  # noqa: S101 - rung per organization
        _push(run, job, job.organization)


def _push(run: Run, job: SyncJob, organization: Organization) -> None:
    wanted = exception_rows.due(organization, now=run.now(), most=ROWS_PER_CALL)
    if not wanted:
        return
    if load.is_api_short(organization):
        every = scoped.lookup("push_exceptions_seconds").seconds
        when = run.now() + scaled(every) * SLOWER
        run.later(job, when, "Salesforce's calls of the day are nearly spent.")
        return
    client = run.clients.salesforce(organization)
    names = config.writeback_fields(organization)
    calls = client.exceptions(names)
    if not calls.are_possible():
        return
    if not claims.has_time(job, call_time(), now=run.now()):
        raise LeaseLostError
    lengths = client.text_lengths(names.exception_object)
    results = calls.write([one.row for one in wanted], lengths)
    with commit("exceptions_told"):
        if not claims.is_ours(job):
            raise LeaseLostError
        rest = scaled(scoped.lookup("quarantine_seconds").seconds)
        exception_rows.note(
            organization,
            _outcomes(wanted, results),
            now=run.now(),
            doubt_until=run.now() + rest,
        )
    _tell(run, job, results)
    if len(wanted) == ROWS_PER_CALL and job in run.unsettled():
        go_on(run, job)


def _outcomes(wanted: Sequence[Due], results: Sequence[RowResult]) -> list[Sent]:
    """What is known of each row. What only failed on its way is due as it was."""
    sent = []
    for one, result in zip(wanted, results, strict=True):
        error = result.error
        if error is None:
            sent.append(Sent(one))
        elif isinstance(error, RejectedError):
            sent.append(Sent(one, refused=(error.code, error.reason)))
        elif error.outcome_unknown:
            sent.append(Sent(one, is_unknown=True))
    return sent


def _tell(run: Run, job: SyncJob, results: Sequence[RowResult]) -> None:
    done = sum(result.ok for result in results)
    refused = sum(isinstance(result.error, RejectedError) for result in results)
    if done:
        run.did(job, f"{done} exceptions told to Salesforce")
    if refused:
        run.did(job, f"{refused} exceptions refused by Salesforce")
    errors = [one.error for one in results if one.error is not None]
    on_the_way = [one for one in errors if not isinstance(one, RejectedError)]
    if on_the_way:
        run.failed(job, on_the_way[0])


def tell_again(*, row: ExceptionRow, user: permissions.User, now: datetime) -> None:
    """Write a row once more that Salesforce refused."""
    permissions.require(user, permissions.RETRY, row.order.account)
    if row.refused_at is None:
        raise ActionRefusedError("Salesforce has taken this row.")
    with transaction.atomic():
        ExceptionRow.objects.filter(pk=row.pk).update(doubt_until=now)
        audit.record(
            action="tell_exception_again",
            actor=user,
            subject=row,
            account=row.order.account,
            now=now,
        )
        ring(
            Ring(
                kind="push_exceptions",
                subject="all",
                organization_id=row.organization_id,
                trigger=Trigger.PERSON,
                cause=f"Asked for by {user}",
                actor_id=user.pk,
                hurries=True,
            ),
            now=now,
        )


register(
    JobKind(
        name="push_exceptions",
        title="Tell Salesforce what needs somebody",
        lane=Lane.FULFILLMENT,
        handler=push_exceptions,
        uses=frozenset({System.SALESFORCE}),
        writes=System.SALESFORCE,
        priority=70,
        every="push_exceptions_seconds",
    )
)
