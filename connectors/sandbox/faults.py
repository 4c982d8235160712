"""A seeded plan of what goes wrong, and scripted single faults."""

from __future__ import annotations

import enum
import random
import threading
from collections import defaultdict
from collections.abc import Iterable


class Fault(enum.StrEnum):
    """What happens to one remote call, or to one webhook."""

    REFUSED = "refused"  # nobody listens: nothing was read
    LOST_REQUEST = "lost_request"  # read, never done, never answered
    LOST_ANSWER = "lost_answer"  # done, never answered
    LATE_LANDING = "late_landing"  # never answered, done some time later
    THROTTLED = "throttled"  # refused for want of credits or by the request limit
    SERVER_ERROR = "server_error"  # 500, 502 or 503 with a body that is no JSON
    EXPIRED_TOKEN = "expired_token"  # noqa: S105 - a fault's name
    ROW_LOCK = "row_lock"  # Salesforce only: a row of the call is locked
    HOOK_DROPPED = "hook_dropped"
    HOOK_DOUBLED = "hook_doubled"
    HOOK_DELAYED = "hook_delayed"  # arrives after its successors


CALL_FAULTS = (
    Fault.REFUSED,
    Fault.LOST_REQUEST,
    Fault.LOST_ANSWER,
    Fault.LATE_LANDING,
    Fault.THROTTLED,
    Fault.SERVER_ERROR,
    Fault.EXPIRED_TOKEN,
)
HOOK_FAULTS = (Fault.HOOK_DROPPED, Fault.HOOK_DOUBLED, Fault.HOOK_DELAYED)


class FaultPlan:
    """Says for the n-th use of each call whether it fails and how.

    The same seed gives the same plan whatever the calls' interleaving is, for
    each call counts by itself. Scripted faults come first.
    """

    def __init__(self, *, seed: int = 0, rate: float = 0.0) -> None:
        self.seed = seed
        self.rate = rate
        self._counts: dict[str, int] = defaultdict(int)
        self._script: dict[str, list[Fault]] = defaultdict(list)
        self._lock = threading.Lock()

    def script(self, call: str, *faults: Fault) -> None:
        """Let the next uses of `call` fail in this way, one after the other."""
        with self._lock:
            self._script[call].extend(faults)

    def draw(self, call: str, possible: Iterable[Fault] = CALL_FAULTS) -> Fault | None:
        with self._lock:
            if self._script[call]:
                return self._script[call].pop(0)
            self._counts[call] += 1
            nth = self._counts[call]
        if not self.rate:
            return None
        # random.Random hashes a text seed with SHA-512: stable over processes.
        chance = random.Random(f"{self.seed}:{call}:{nth}")  # noqa: S311
        if chance.random() >= self.rate:
            return None
        return chance.choice(list(possible))
