"""State as word, shape and color: one table for the whole console."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from connectors.accounts.models import CredentialState
from connectors.models import DeliveryState, JobState, Outcome, RegistrationState
from orders.models import OrderState


class Tone(enum.StrEnum):
    """What a state asks of a person. Each has its own shape in the stylesheet."""

    GOOD = "good"
    MOVING = "moving"
    WAITING = "waiting"
    WARN = "warn"
    BAD = "bad"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Chip:
    word: str
    tone: Tone


# Words that two kinds of record share must mean the same in both.
_TONES: dict[str, Tone] = {
    **dict.fromkeys([OrderState.SHIPPED, JobState.DONE, Outcome.DONE], Tone.GOOD),
    **dict.fromkeys([DeliveryState.APPLIED, RegistrationState.ACTIVE], Tone.GOOD),
    CredentialState.OK: Tone.GOOD,
    **dict.fromkeys([OrderState.SENT, OrderState.IN_WAREHOUSE], Tone.MOVING),
    **dict.fromkeys([OrderState.PICKING, OrderState.PACKED], Tone.MOVING),
    **dict.fromkeys([OrderState.PARTIALLY_SHIPPED, JobState.RUNNING], Tone.MOVING),
    **dict.fromkeys([OrderState.WAITING, JobState.WAITING], Tone.WAITING),
    **dict.fromkeys([Outcome.LATER, Outcome.THROTTLED], Tone.WAITING),
    **dict.fromkeys([DeliveryState.NEW, RegistrationState.WANTED], Tone.WAITING),
    **dict.fromkeys([OrderState.ON_HOLD, OrderState.BACKORDERED], Tone.WARN),
    **dict.fromkeys([OrderState.CLOSED, Outcome.RETRY, Outcome.PAUSED], Tone.WARN),
    **dict.fromkeys([DeliveryState.UNMATCHED], Tone.WARN),
    **dict.fromkeys([OrderState.FAILED, JobState.PARKED], Tone.BAD),
    **dict.fromkeys([DeliveryState.FAILED, CredentialState.REFUSED], Tone.BAD),
}


def tone_of(state: str) -> Tone:
    """The tone of any of our states; what asks nothing of anybody is OFF."""
    return _TONES.get(state, Tone.OFF)


def chip(state: str, word: str = "") -> Chip:
    return Chip(word or state.replace("_", " ").capitalize(), tone_of(state))
