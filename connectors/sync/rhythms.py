"""How often everything that repeats runs, what that costs, and changing it within bounds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Min

from connectors import queue
from connectors.accounts import audit, permissions, scoped
from connectors.accounts.models import Credential, CredentialSystem, Organization
from connectors.errors import System
from connectors.models import JobState, SyncJob
from connectors.sync import registry
from connectors.sync.actions import ActionRefusedError
from connectors.sync.registry import JobKind

User = AbstractBaseUser | AnonymousUser

DAY = 86_400
LEAST_SECONDS = 5
MOST_SECONDS = 7 * DAY
MOST_SHARE = 0.25  # of an org's calls a day that one rhythm alone may take
LEAST_MINUTES = 1
MOST_MINUTES = 1440


@dataclass(frozen=True, slots=True)
class Rhythm:
    """One kind of work that repeats. `jobs` are how many there are of it, `due` when
    the next one runs."""

    key: str
    title: str
    system: str
    seconds: int
    default: int
    least: int
    jobs: int
    due: datetime | None
    cost: str

    @property
    def is_changed(self) -> bool:
        return self.seconds != self.default


def rhythms() -> list[Rhythm]:
    """Every kind that repeats, the most frequent first, in three queries."""
    kinds = [kind for kind in registry.every_kind() if kind.every]
    values = scoped.lookup_many({kind.every for kind in kinds})
    standing: dict[str, Any] = {
        row["kind"]: row
        for row in SyncJob.objects.filter(kind__in=[kind.name for kind in kinds])
        .exclude(state=JobState.PARKED)
        .order_by()
        .values("kind")
        .annotate(jobs=Count("id"), due=Min("not_before"))
    }
    limit = _smallest_limit()
    found = []
    for kind in kinds:
        row: dict[str, Any] = standing.get(kind.name) or {}
        seconds, jobs = int(values[kind.every]), int(row.get("jobs", 0))
        found.append(
            Rhythm(
                key=kind.every,
                title=kind.title,
                system=_system_of(kind),
                seconds=seconds,
                default=int(scoped.spec_of(kind.every).default),
                least=_least(kind.every),
                jobs=jobs,
                due=row.get("due"),
                cost=_cost(kind, seconds, jobs, limit),
            )
        )
    return sorted(found, key=lambda one: (one.seconds, one.title))


def set_seconds(*, key: str, seconds: str, user: User, now: datetime) -> str:
    """Let what this setting governs run so often, for all accounts.

    Answers what it costs from now on. Raises PermissionDenied, and ActionRefusedError
    outside the bounds.
    """
    kinds = [kind for kind in registry.every_kind() if kind.every == key]
    if not kinds:
        raise ActionRefusedError("There is no such rhythm.")
    wanted = _whole(seconds, _least(key), MOST_SECONDS, "seconds")
    limit = _smallest_limit()
    for kind in kinds:
        jobs = SyncJob.objects.filter(kind=kind.name).count()
        share = _share(kind, wanted, jobs, limit)
        if share > MOST_SHARE:
            raise ActionRefusedError(
                f"So often it would take {share:.0%} of Salesforce's calls a day; "
                f"at most {MOST_SHARE:.0%} are allowed to one kind of work."
            )
    scoped.assign(key, wanted, actor=user, now=now)
    return " ".join(
        _cost(kind, wanted, SyncJob.objects.filter(kind=kind.name).count(), limit)
        for kind in kinds
    )


def set_minutes(*, name: str, minutes: str, user: User, now: datetime) -> None:
    """Let one of the clock's own schedules run so often. Raises as `set_seconds`."""
    permissions.require(user, permissions.CHANGE_CONFIG)
    if not permissions.sees_all(user):
        raise PermissionDenied("You may not do this: it concerns every account.")
    wanted = _whole(minutes, LEAST_MINUTES, MOST_MINUTES, "minutes")
    before = queue.set_minutes(name, wanted)
    if before is None:
        raise ActionRefusedError("There is no such schedule.")
    audit.record(
        action="change_schedule",
        actor=user,
        before={name: before},
        after={name: wanted},
        now=now,
    )


def _whole(text: str, least: int, most: int, unit: str) -> int:
    words = text.strip()
    if not (words.isascii() and words.isdigit() and least <= int(words[:9]) <= most):
        raise ActionRefusedError(
            f"Enter whole {unit} from {least:,} to {most:,}; “{words[:20]}” is not."
        )
    return int(words[:9])


def _least(key: str) -> int:
    return max(LEAST_SECONDS, int(scoped.spec_of(key).minimum))


def _system_of(kind: JobKind) -> str:
    if System.SALESFORCE in kind.uses:
        return "Salesforce"
    return "ShipHero" if System.SHIPHERO in kind.uses else "here alone"


def _smallest_limit() -> int:
    """The fewest calls a day that a connected Salesforce org allows; 0 if not known."""
    used = Organization.objects.values("credential")
    rows = Credential.objects.filter(
        system=CredentialSystem.SALESFORCE, pk__in=used, api_limit__gt=0
    )
    return int(rows.aggregate(least=Min("api_limit"))["least"] or 0)


def _runs(seconds: int, jobs: int) -> int:
    return round(DAY / max(seconds, 1)) * max(jobs, 1)


def _share(kind: JobKind, seconds: int, jobs: int, limit: int) -> float:
    if System.SALESFORCE not in kind.uses or not limit:
        return 0.0
    return _runs(seconds, jobs) / limit


def _cost(kind: JobKind, seconds: int, jobs: int, limit: int) -> str:
    """What a day of it takes at least: each run asks once or more."""
    runs = _runs(seconds, jobs)
    if not kind.uses:
        return f"{runs:,} runs a day, no calls."
    words = f"{runs:,} calls or more a day"
    share = _share(kind, seconds, jobs, limit)
    return f"{words}, {share:.1%} of Salesforce's limit." if share else f"{words}."
