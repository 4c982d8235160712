"""The kinds of work there are: lane, batch size, what they use and what they write."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from connectors.errors import System

if TYPE_CHECKING:
    from connectors.models import SyncJob
    from connectors.sync.run import Run


class Lane(enum.StrEnum):
    """By business value, the most urgent first."""

    CANCEL = "cancel"
    NEW_ORDER = "new_order"
    EDIT = "edit"
    FULFILLMENT = "fulfillment"
    INVENTORY = "inventory"
    BACKFILL = "backfill"


LANES: tuple[Lane, ...] = tuple(Lane)

Handler = Callable[["Run", Sequence["SyncJob"]], None]


@dataclass(frozen=True, slots=True)
class JobKind:
    """How the engine treats one kind of job.

    `handler` is given 1…`batch_size` claimed jobs of one account and settles each on
    the run; those it does not mention are done. `linger` is how long a ring waits for
    company; `linger_setting` names the scoped setting that says so instead. `uses` are the systems it calls, `writes` the one whose pause stops it.
    `every` names the scoped setting (seconds) of a kind that repeats for ever.
    """

    name: str
    title: str
    lane: Lane
    handler: Handler
    uses: frozenset[System]
    writes: System | None = None
    batch_size: int = 1
    linger: timedelta = timedelta(0)
    linger_setting: str = ""
    priority: int = 50
    every: str = ""

    @property
    def parks(self) -> bool:
        """A kind that repeats is tried again instead of being parked."""
        return not self.every


_kinds: dict[str, JobKind] = {}


def register(kind: JobKind) -> JobKind:
    """Make a kind known. Raises `ValueError` for a name that is taken."""
    if kind.name in _kinds:
        raise ValueError(f"There is already a job kind “{kind.name}”.")
    _kinds[kind.name] = kind
    return kind


def find(name: str) -> JobKind:
    """The kind of that name. Raises `KeyError` for an unknown one."""
    return _kinds[name]


def every_kind() -> list[JobKind]:
    return list(_kinds.values())


def lanes_from(lane: Lane) -> tuple[Lane, ...]:
    """That lane and all that are worth more."""
    return LANES[: LANES.index(lane) + 1]
