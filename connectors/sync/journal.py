"""Writing the sync log, payloads and failures of a run."""

from __future__ import annotations

import hashlib
import json
import traceback
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from connectors import catalogue
from connectors.bodies import storable
from connectors.errors import (
    Category,
    ConnectorError,
    Kind,
    Owner,
    ProblemsError,
    System,
)
from connectors.http import Exchange
from connectors.models import (
    FailedPayload,
    Outcome,
    Payload,
    RemoteCall,
    SyncAttempt,
    SyncJob,
)
from connectors.redaction import redact
from connectors.sync import causes
from connectors.sync.run import Ending

KEEP_BODIES = timedelta(days=30)
Exchanges = Sequence[tuple[System, Exchange]]
Stored = list[tuple[System, Exchange, Payload | None, Payload | None]]


def write_attempt(
    job: SyncJob,
    ending: Ending,
    outcome: Outcome,
    *,
    exchanges: Stored,
    started_at: datetime,
    now: datetime,
) -> SyncAttempt:
    """One row for this try, with its calls."""
    error = ending.error
    known = error if isinstance(error, ConnectorError) else None
    attempt = SyncAttempt.objects.create(
        job=job,
        kind=job.kind,
        account_id=job.account_id,
        organization_id=job.organization_id,
        subject=job.subject,
        order_id=job.order_id,
        export=ending.export,
        trigger=job.trigger,
        cause=job.cause,
        actor_id=job.actor_id,
        started_at=started_at,
        duration_ms=int((now - started_at).total_seconds() * 1000),
        outcome=outcome,
        error_kind=kind_of(error),
        code=code_of(error),
        reason=reason_of(error) or ending.note,
        fingerprint=causes.fingerprint(
            job, code_of(error), reason_of(error), field_of(error)
        ),
        detail=detail_of(error),
        request_id=(known.request_id if known else "")[:80],
        credits=sum(exchange.cost or 0 for _, exchange, _, _ in exchanges),
        diff=ending.diff,
        did="; ".join(ending.effects)[:255],
    )
    RemoteCall.objects.bulk_create(
        RemoteCall(
            attempt=attempt,
            system=system,
            operation=exchange.operation[:60],
            sent=sent,
            answer=answer,
            status=exchange.status,
            request_id=exchange.request_id[:80],
            credits=exchange.cost or 0,
            started_at=exchange.started_at,
            duration_ms=int(exchange.duration_seconds * 1000),
        )
        for system, exchange, sent, answer in exchanges
    )
    return attempt


def store_exchanges(exchanges: Exchanges, *, now: datetime) -> Stored:
    """Store each exchange's two bodies once, however many jobs share the call."""
    return [
        (
            system,
            exchange,
            store_payload(exchange.request, now=now),
            store_payload(exchange.response, now=now),
        )
        for system, exchange in exchanges
    ]


def store_payload(value: Any, *, now: datetime) -> Payload | None:
    """A body for the log: secrets are masked before it is written."""
    if value is None:
        return None
    clean = redact(value, personal=False)
    if isinstance(clean, str):
        body, media_type = clean.encode("utf-8", "replace"), "text/plain"
    else:
        body, media_type = _json(clean), "application/json"
    return Payload.objects.create(
        digest=hashlib.sha256(body).hexdigest(),
        body=body,
        media_type=media_type,
        size=len(body),
        created_at=now,
        expires_at=now + KEEP_BODIES,
    )


def _json(value: Any) -> bytes:
    return json.dumps(value, default=str, ensure_ascii=True).encode()


def open_failure(
    job: SyncJob,
    error: BaseException,
    attempt: SyncAttempt,
    *,
    now: datetime,
) -> FailedPayload:
    """Begin an episode of parking, or renew the one that is open."""
    last = attempt.calls.order_by("-id").first()
    entry = catalogue.find(code_of(error), kind=kind_of(error))
    values = {
        "account_id": job.account_id,
        "organization_id": job.organization_id,
        "order_id": job.order_id,
        "attempt": attempt,
        "error_kind": kind_of(error),
        "category": entry.category if entry else _category_of(error),
        "owner": entry.owner if entry else _owner_of(error),
        "code": code_of(error),
        "reason": reason_of(error),
        "problems": _problems(error),
        "fingerprint": causes.fingerprint(
            job, code_of(error), reason_of(error), field_of(error)
        ),
        "detail": detail_of(error),
        "request_id": attempt.request_id,
        "payload": last.sent if last else None,
        "error_response": last.answer if last else None,
    }
    failure, _ = FailedPayload.objects.update_or_create(
        job=job,
        closed_at=None,
        defaults=values,
        create_defaults={
            **values,
            "opened_at": now,
            "times": _times(job, str(values["fingerprint"])),
        },
    )
    causes.note(
        job,
        code=failure.code,
        reason=failure.reason,
        error_kind=failure.error_kind,
        category=failure.category,
        owner=failure.owner,
        field=field_of(error),
        now=now,
    )
    return failure


def _times(job: SyncJob, fingerprint: str) -> int:
    """Which time in a row it is that this record stops for this cause."""
    last = FailedPayload.objects.filter(job=job).order_by("-id").first()
    if last is None or last.fingerprint != fingerprint:
        return 1
    return last.times + 1


def field_of(error: BaseException | None) -> str:
    """The field that an error is about; of several problems the first one's."""
    if isinstance(error, ProblemsError):
        return error.problems[0].field
    return str(getattr(error, "field", "")) if error is not None else ""


def _problems(error: BaseException) -> list[dict[str, str]]:
    if not isinstance(error, ProblemsError):
        return []
    return [
        {
            "code": problem.code,
            "reason": problem.reason,
            "field": problem.field,
            "value": problem.value,
        }
        for problem in error.problems
    ]


def kind_of(error: BaseException | None) -> str:
    if error is None:
        return ""
    return error.kind if isinstance(error, ConnectorError) else Kind.INTERNAL


def code_of(error: BaseException | None) -> str:
    if error is None:
        return ""
    if isinstance(error, ConnectorError):
        return error.code[:80]
    return "shipsync.internal"


def reason_of(error: BaseException | None) -> str:
    """One sentence for people; our own bugs keep their details for the engineers."""
    if error is None:
        return ""
    if isinstance(error, ConnectorError):
        return storable(error.reason)
    return "ShipSync failed. The engineers have the details."


def detail_of(error: BaseException | None) -> str:
    if error is None:
        return ""
    if isinstance(error, ConnectorError):
        return storable(error.detail)
    return storable("".join(traceback.format_exception(error))[-8000:])


def _category_of(error: BaseException) -> str:
    return error.category if isinstance(error, ConnectorError) else Category.TRANSPORT


def _owner_of(error: BaseException) -> str:
    return error.owner if isinstance(error, ConnectorError) else Owner.ENGINEER
