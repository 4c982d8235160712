"""Requests from Salesforce: read, done, and answered on the same row.

A request is a row that a person there made; whoever may make one was decided there, by
its permission sets. What was asked stands in the audit under that person's name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from connectors.accounts import audit, permissions
from connectors.accounts.models import Organization
from connectors.errors import ConnectorError, RowResult, System
from connectors.hearing import RequestKind, RequestState, SalesforceRequest
from connectors.models import SyncJob, Trigger
from connectors.salesforce.requests import REQUEST
from connectors.sync import answers, config, mirror, nudges
from connectors.sync.actions import ActionRefusedError
from connectors.sync.pacing import wait_longer
from connectors.sync.phases import commit
from connectors.sync.registry import JobKind, Lane, register
from connectors.sync.rings import Ring, ring
from connectors.sync.run import Run
from connectors.timing import scaled
from orders.models import Order
from orders.records import RequestAnswer, RequestRecord

LOOK_AGAIN = timedelta(seconds=2)
GIVE_UP = timedelta(minutes=15)
# Something there that undoes answers would be answered for ever.
MOST_ANSWERS = 5
FINAL = (RequestState.DONE, RequestState.REFUSED)


def answer_requests(run: Run, jobs: Sequence[SyncJob]) -> None:
    """Read what is asked for, do it, and answer; one query while nobody asks."""
    for job in jobs:
        assert job.organization is not None  # noqa: S101 - rung per organization
        _answer(run, job, job.organization)


def _answer(run: Run, job: SyncJob, organization: Organization) -> None:
    client = run.clients.salesforce(organization)
    calls = client.requests()
    if not calls.are_possible():
        return
    asked = calls.open(organization.integration_user_id)
    new = _keep(asked, organization, now=run.now())
    if new:
        _read_orders(run, organization, new)
        for request in new:
            _decide(request, run.now())
        run.did(job, f"{len(new)} requests from Salesforce taken")
    _settle(run, organization)
    tell(run, job, organization)
    _look_again(run, organization)
    wait_longer(run, job, "poll_requests_seconds")


def settle_requests(run: Run, jobs: Sequence[SyncJob]) -> None:
    """See what became of requests under way; calls Salesforce only with an answer."""
    for job in jobs:
        assert job.organization is not None  # noqa: S101 - rung per organization
        _settle(run, job.organization)
        tell(run, job, job.organization)
        if _under_way(job.organization).exists():
            when = run.now() + scaled(LOOK_AGAIN)
            run.later(job, when, "Requests are being worked on.")


# -- taking ------------------------------------------------------------------


def _keep(
    asked: Sequence[RequestRecord], organization: Organization, *, now: datetime
) -> list[SalesforceRequest]:
    """Remember what is new. What was answered and stands open again is told again."""
    rows = SalesforceRequest.objects.filter(
        organization=organization,
        salesforce_id__in=[one.salesforce_id for one in asked],
    )
    known = {row.salesforce_id: row for row in rows}
    undone = [
        known[one.salesforce_id].pk
        for one in asked
        if one.is_new
        and one.salesforce_id in known
        and known[one.salesforce_id].is_told
    ]
    SalesforceRequest.objects.filter(pk__in=undone).update(is_told=False)
    new = [one for one in asked if one.salesforce_id not in known]
    with commit("requests"):
        return [_row(one, organization, now) for one in new]


def _row(
    one: RequestRecord, organization: Organization, now: datetime
) -> SalesforceRequest:
    return SalesforceRequest.objects.create(
        organization=organization,
        salesforce_id=one.salesforce_id,
        order_salesforce_id=one.order_id[:18],
        kind=one.kind if one.kind in RequestKind.values else "",
        note=one.note,
        asked_by=one.asked_by[:120],
        asked_at=one.asked_at,
        seen_at=now,
    )


def _read_orders(
    run: Run, organization: Organization, requests: Iterable[SalesforceRequest]
) -> None:
    """The person saw the order as it is now; so must whoever answers."""
    ids = sorted({one.order_salesforce_id for one in requests} - {""})
    if not ids:
        return
    client = run.clients.salesforce(organization)
    read_at = run.now()
    records = client.read_orders(config.source_mapping(organization), ids)
    bad = [row.salesforce_id for row in client.take_bad_rows()]
    mirror.ring_bad(bad, organization, now=run.now())
    for chunk in mirror.chunks(records):
        mirror.store(chunk, organization, now=run.now(), read_at=read_at)


def _decide(request: SalesforceRequest, now: datetime) -> None:
    """Do what is asked, and note the answer, in one commit."""
    request.order = (
        Order.objects.select_related("organization", "account")
        .filter(
            organization=request.organization_id,
            salesforce_id=request.order_salesforce_id,
        )
        .first()
    )
    with commit("request"):
        _note(request, answers.take(request, now=now), now)


# -- settling ----------------------------------------------------------------


def _settle(run: Run, organization: Organization) -> None:
    for request in _under_way(organization).select_related("order__account"):
        with commit("request"):
            found = answers.outcome(request, now=run.now())
            if found is None and run.now() - request.seen_at > scaled(GIVE_UP):
                found = answers.still_under_way(request)
            if found is not None:
                _note(request, found, run.now())


def _under_way(organization: Organization):  # type: ignore[no-untyped-def]
    return SalesforceRequest.objects.filter(
        organization=organization, state=RequestState.WORKING
    )


def _note(request: SalesforceRequest, found: answers.Found, now: datetime) -> None:
    request.state = found.state
    request.answer = found.answer
    request.codes = list(found.codes)
    request.decided_at = now if found.state in FINAL else None
    request.is_told = False
    request.save()


def _look_again(run: Run, organization: Organization) -> None:
    if not _under_way(organization).exists():
        return
    ring(
        Ring(
            kind="settle_requests",
            subject="all",
            organization_id=organization.pk,
            cause="Requests are being worked on",
            not_before=run.now() + scaled(LOOK_AGAIN),
        ),
        now=run.now(),
    )


# -- telling -----------------------------------------------------------------


def tell(run: Run, job: SyncJob, organization: Organization) -> None:
    """Write the answers that Salesforce does not show yet."""
    rows = list(
        SalesforceRequest.objects.filter(
            organization=organization, is_told=False, answers__lt=MOST_ANSWERS
        ).exclude(state=RequestState.NEW)[:200]
    )
    if not rows:
        return
    calls = run.clients.salesforce(organization).requests()
    results = calls.answer([_answer_of(row) for row in rows])
    with commit("answered"):
        for row, result in zip(rows, results, strict=True):
            _note_told(row, result, run.now())
    errors = [result.error for result in results if result.error is not None]
    if errors:
        raise _worst(errors)
    run.did(job, f"{len(rows)} requests answered")


def tell_again(
    *, request: SalesforceRequest, user: permissions.User, now: datetime
) -> None:
    """Write an answer once more that Salesforce refused, or that something undid."""
    account = request.order.account if request.order is not None else None
    permissions.require(user, permissions.RETRY, account)
    if request.state == RequestState.NEW:
        raise ActionRefusedError("There is no answer yet.")
    with transaction.atomic():
        SalesforceRequest.objects.filter(pk=request.pk).update(is_told=False, answers=0)
        audit.record(
            action="tell_request_again",
            actor=user,
            subject=request,
            account=account,
            now=now,
        )
        ring(poll_ring(request.organization, cause=f"Asked for by {user}"), now=now)


def _answer_of(row: SalesforceRequest) -> RequestAnswer:
    return RequestAnswer(
        salesforce_id=row.salesforce_id,
        state=row.state,
        answer=row.answer,
        codes=tuple(row.codes),
        answered_at=row.decided_at,
    )


def _note_told(row: SalesforceRequest, result: RowResult, now: datetime) -> None:
    """A refused row is counted, so that it is not written for ever."""
    if result.error is None:
        SalesforceRequest.objects.filter(pk=row.pk, state=row.state).update(
            is_told=True, told_at=now, answers=row.answers + 1
        )
    elif result.error.kind == "rejected":
        SalesforceRequest.objects.filter(pk=row.pk).update(answers=row.answers + 1)


def _worst(errors: Sequence[ConnectorError]) -> ConnectorError:
    """One that says something of the connection rather than of one row."""
    return next((one for one in errors if one.kind != "rejected"), errors[0])


def _poll(hint: nudges.Hint) -> Ring:
    return poll_ring(hint.organization, cause=nudges.CAUSE)


def poll_ring(organization: Organization, *, cause: str) -> Ring:
    """Look for requests now."""
    return Ring(
        kind="answer_requests",
        subject="all",
        organization_id=organization.pk,
        trigger=Trigger.MESSAGE,
        cause=cause,
        hurries=True,
    )


nudges.on(REQUEST, _poll)
register(
    JobKind(
        name="answer_requests",
        title="Answer requests from Salesforce",
        lane=Lane.NEW_ORDER,
        handler=answer_requests,
        uses=frozenset({System.SALESFORCE}),
        writes=System.SALESFORCE,
        priority=15,
        every="poll_requests_seconds",
    )
)
register(
    JobKind(
        name="settle_requests",
        title="See what became of requests",
        lane=Lane.NEW_ORDER,
        handler=settle_requests,
        uses=frozenset({System.SALESFORCE}),
        writes=System.SALESFORCE,
        priority=60,
    )
)
