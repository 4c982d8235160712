"""What can go wrong between us and a remote system, in one vocabulary.

`kind` tells the engine what to do, `category` and `owner` tell people what it
is about and who fixes it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import timedelta


class Kind(enum.StrEnum):
    THROTTLED = "throttled"
    TRANSIENT = "transient"
    AUTH = "auth"
    REJECTED = "rejected"
    MAPPING = "mapping"
    INVALID = "invalid"
    INTERNAL = "internal"


class Category(enum.StrEnum):
    ADDRESS = "address"
    SKU = "sku"
    METHOD = "method"
    ROUTING = "routing"
    STOCK = "stock"
    REMOTE = "remote"
    TRANSPORT = "transport"
    SETUP = "setup"


class Owner(enum.StrEnum):
    SALES = "sales"
    OPS = "ops"
    INTEGRATOR = "integrator"
    ENGINEER = "engineer"


class System(enum.StrEnum):
    SALESFORCE = "salesforce"
    SHIPHERO = "shiphero"
    SHIPSYNC = "shipsync"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with one record, in words for the person who fixes it.

    `code` is an entry of the error catalogue, `field` our own field name (dotted
    for lines: `lines[2].sku`), `value` what stood there.
    """

    code: str
    reason: str
    field: str = ""
    value: str = ""


class ConnectorError(Exception):
    """Base of everything a connector raises on purpose.

    `reason` is one sentence for operations staff, `detail` is for engineers. A
    write whose effect at the remote end is not known sets `outcome_unknown`.
    """

    kind: Kind = Kind.INTERNAL
    category: Category = Category.REMOTE
    owner: Owner = Owner.ENGINEER

    def __init__(  # noqa: PLR0913 - an error is its fields
        self,
        reason: str,
        *,
        system: System = System.SHIPSYNC,
        code: str = "",
        request_id: str = "",
        detail: str = "",
        category: Category | None = None,
        owner: Owner | None = None,
        outcome_unknown: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.system = system
        self.code = code or f"{system}.{self.kind}"
        self.request_id = request_id
        self.detail = detail
        if category is not None:
            self.category = category
        if owner is not None:
            self.owner = owner
        self.outcome_unknown = outcome_unknown


class ThrottledError(ConnectorError):
    """The remote asked us to slow down; `wait` is the time it gave. Never applied."""

    kind = Kind.THROTTLED
    category = Category.TRANSPORT
    owner = Owner.OPS

    def __init__(self, reason: str, *, wait: timedelta, **fields: object) -> None:
        super().__init__(reason, **fields)  # type: ignore[arg-type]
        self.wait = wait


class TransientError(ConnectorError):
    """May pass by itself: no answer, 5xx, a locked row."""

    kind = Kind.TRANSIENT
    category = Category.TRANSPORT
    owner = Owner.OPS


class AuthError(ConnectorError):
    """The login or a right was refused, after one refresh."""

    kind = Kind.AUTH
    category = Category.SETUP
    owner = Owner.INTEGRATOR


class RejectedError(ConnectorError):
    """The remote understood and said no. `field` is the remote's own field name."""

    kind = Kind.REJECTED
    category = Category.REMOTE
    owner = Owner.OPS

    def __init__(self, reason: str, *, field: str = "", **fields: object) -> None:
        super().__init__(reason, **fields)  # type: ignore[arg-type]
        self.field = field


class ProblemsError(ConnectorError):
    """Refused by our own rules before any call, all problems in one pass."""

    def __init__(self, problems: list[Problem], **fields: object) -> None:
        reason = " ".join(problem.reason for problem in problems)
        fields.setdefault("code", problems[0].code)
        super().__init__(reason, **fields)  # type: ignore[arg-type]
        self.problems = problems


class MappingError(ProblemsError):
    """We cannot say it in the remote's terms: unknown SKU, method without a map."""

    kind = Kind.MAPPING
    category = Category.SKU
    owner = Owner.INTEGRATOR


class InvalidError(ProblemsError):
    """The source record is incomplete or impossible."""

    kind = Kind.INVALID
    category = Category.ADDRESS
    owner = Owner.SALES


@dataclass(slots=True)
class RowResult:
    """What became of one row of a batch write; `error` is None when it was applied."""

    row_id: str
    created: bool = False
    error: ConnectorError | None = field(default=None)

    @property
    def ok(self) -> bool:
        return self.error is None
