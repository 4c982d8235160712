"""What each action of the API leaves behind, and how often a person may act."""

from __future__ import annotations

import pytest
from django.utils import timezone

from connectors.models import FailedPayload, SyncJob
from orders.models import Export, Order
from tests.integration.api.conftest import client_of, post

pytestmark = pytest.mark.django_db


class TestEffect:
    def test_of_a_retry_is_a_waiting_job_and_a_closed_failure(self, records):
        answer = post(
            client_of("operator"), f"/api/v1/failures/{records.failure.pk}/retry/"
        )

        records.job.refresh_from_db()
        assert (records.job.state, records.job.trigger) == ("waiting", "person")
        assert records.job.not_before <= timezone.now()
        assert answer.json()["closed_how"] == "retried"

    def test_of_many_retries_is_their_number(self, records, others):
        ids = [records.failure.pk, others.failure.pk, others.failure.pk]

        answer = post(client_of("operator"), "/api/v1/failures/retry/", {"ids": ids})

        assert answer.json() == {"retried": 2}

    def test_of_many_retries_is_none_when_one_is_not_ours(self, records, others):
        client = client_of("operator", account=records.account)
        ids = [records.failure.pk, others.failure.pk]

        answer = post(client, "/api/v1/failures/retry/", {"ids": ids})

        assert answer.status_code == 404
        assert FailedPayload.objects.filter(closed_at=None).count() == 2

    @pytest.mark.parametrize(
        "ids", [None, [], [0], [-1], ["x"], [2**70], list(range(1, 502)), "1"]
    )
    def test_of_many_retries_needs_a_list_of_keys(self, ids, records):
        answer = post(client_of("operator"), "/api/v1/failures/retry/", {"ids": ids})

        assert answer.status_code == 400

    def test_of_a_running_job_s_retry_is_a_refusal(self, records):
        SyncJob.objects.update(state="running")

        answer = post(client_of("operator"), f"/api/v1/jobs/{records.job.pk}/retry/")

        assert (answer.status_code, answer.json()) == (
            409,
            {"detail": "This job is running now."},
        )

    def test_of_a_pause_is_the_paused_account(self, records):
        answer = post(
            client_of("lead"),
            f"/api/v1/accounts/{records.account.pk}/pause/",
            {"why": "Stock take."},
        )

        assert answer.json()["paused"] is True
        assert answer.json()["paused_reason"] == "Stock take."

    @pytest.mark.parametrize("why", [None, "", "   ", "x" * 256])
    def test_of_a_pause_needs_a_reason(self, why, records):
        body = {} if why is None else {"why": why}
        path = f"/api/v1/accounts/{records.account.pk}/pause/"

        answer = post(client_of("lead"), path, body)

        assert (answer.status_code, list(answer.json())) == (400, ["why"])

    def test_of_handling_outside_is_refused_once_a_warehouse_order_exists(
        self, records
    ):
        Export.objects.update(remote_id="R-1")

        answer = post(
            client_of("operator"),
            f"/api/v1/orders/{records.order.pk}/handled-outside/",
            {"outside": True, "why": "By hand."},
        )

        assert answer.status_code == 409
        assert not Order.objects.get(pk=records.order.pk).handled_outside

    def test_of_more_than_was_asked_for_is_nothing(self, records):
        """Extra keys change no column."""
        post(
            client_of("lead"),
            f"/api/v1/accounts/{records.account.pk}/pause/",
            {"why": "Stock take.", "name": "Mine", "key_prefix": "X", "credential": 1},
        )

        name, prefix = records.account.name, records.account.key_prefix
        records.account.refresh_from_db()
        assert (records.account.name, records.account.key_prefix) == (name, prefix)


class TestThrottle:
    def test_slows_a_person_down_in_actions(self, records):
        client = client_of("lead")
        path = f"/api/v1/orders/{records.order.pk}/sync/"

        statuses = {post(client, path).status_code for _ in range(121)}

        assert statuses == {200, 429}
