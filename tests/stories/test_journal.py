"""The sync log of a whole day: complete, append-only, and without a secret."""

from __future__ import annotations

import pytest

from connectors.accounts.models import AppendOnlyError, Credential
from connectors.models import (
    FailedPayload,
    Payload,
    RemoteCall,
    SyncAttempt,
    WebhookRegistration,
)
from connectors.sandbox.faults import CALL_FAULTS
from connectors.sandbox.shiphero.world import REFRESH_TOKEN
from tests.stories.reading import ships_once, until
from tests.town import SHIP_TO, Town

pytestmark = pytest.mark.every_round


@pytest.fixture
def day(town: Town) -> Town:
    """Faults, an expired token, an order that ships and one that parks."""
    town.shiphero.faults.script("shiphero.orders", *CALL_FAULTS)
    town.shiphero.faults.script("shiphero.order_create", *CALL_FAULTS[4:])
    order = town.order()
    town.order(ship_to={**SHIP_TO, "postal_code": ""})
    ships_once(town, order, minutes=40)
    until(town, FailedPayload.objects.exists)
    return town


def secrets_of(town: Town) -> set[str]:
    """Everything that must never be in a log, from both sides."""
    known = {REFRESH_TOKEN}
    for credential in Credential.objects.all():
        known |= {str(value) for value in (credential.secrets or {}).values()}
        known |= {str(value) for value in (credential.token or {}).values()}
    for registration in WebhookRegistration.objects.all():
        known |= {str(registration.secrets.get("current")), registration.token}
    for document in town.shiphero.snapshot("token"):
        known |= {str(value) for value in document.values() if len(str(value)) > 19}
    return {one for one in known if len(one) > 8}


def test_no_stored_body_holds_a_secret(day: Town) -> None:
    secrets = secrets_of(day)
    assert len(secrets) > 8

    for payload in Payload.objects.filter(is_raw=False):
        body = bytes(payload.body).decode("utf-8", "replace")
        assert not [one for one in secrets if one in body]
        assert "Bearer ey" not in body
    for attempt in SyncAttempt.objects.all():
        told = f"{attempt.detail} {attempt.reason} {attempt.diff}"
        assert not [one for one in secrets if one in told]


def test_the_log_cannot_be_changed_or_deleted(day: Town) -> None:
    attempt = SyncAttempt.objects.first()
    assert attempt is not None
    attempt.reason = "Never happened."

    with pytest.raises(AppendOnlyError):
        attempt.save()
    with pytest.raises(AppendOnlyError):
        attempt.delete()


def test_every_write_of_the_ledger_is_in_the_log(day: Town) -> None:
    done = [
        entry.detail["request_id"]
        for entry in day.shiphero.ledger()
        if entry.call.startswith("shiphero.order_") and entry.outcome == "applied"
    ]
    logged = set(RemoteCall.objects.values_list("request_id", flat=True))

    assert done
    # An answer that never came had no request id to log.
    assert len([one for one in done if one not in logged]) <= 1
    for call in RemoteCall.objects.filter(operation="order_create"):
        assert call.sent is not None


def test_a_try_without_effect_or_error_leaves_no_row(day: Town) -> None:
    day.run(minutes=2)  # what shipped moves the stock, and Salesforce is told once
    before = SyncAttempt.objects.count()

    day.run(minutes=3)

    assert SyncAttempt.objects.count() == before
