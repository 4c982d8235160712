"""The same message twice at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from connectors.models import Payload, SyncJob, WebhookDelivery
from tests.integration.webhooks.conftest import post

BODY = b'{"webhook_type": "Shipment Update"}'


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    def test_leave_one_delivery_and_count_the_copies(self, registration):
        statuses = together(8, lambda: post(BODY, message_id="m-1").status_code)

        assert statuses == [200] * 8
        assert WebhookDelivery.objects.get().copies == 8
        assert (Payload.objects.count(), SyncJob.objects.count()) == (1, 1)

    def test_are_two_when_their_ids_differ(self, registration):
        ids = iter(range(8))
        lock = threading.Lock()

        def one() -> Any:
            with lock:
                message_id = f"m-{next(ids)}"
            return post(BODY, message_id=message_id).status_code

        assert together(8, one) == [200] * 8
        assert WebhookDelivery.objects.count() == SyncJob.objects.count() == 8


def together(number: int, what: Callable[[], Any]) -> list[Any]:
    """The answers of `number` threads that set off at once."""
    barrier = threading.Barrier(number)
    answers: list[Any] = []

    def run() -> None:
        try:
            barrier.wait(timeout=30)
            answers.append(what())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers
