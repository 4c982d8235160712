"""What is kept of a delivery, and what is answered."""

from __future__ import annotations

import hashlib
import logging
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from connectors import queue
from connectors.models import Payload, SyncJob, WebhookDelivery, WebhookRegistration
from connectors.webhooks import receipt, views
from tests.integration.webhooks.conftest import PATH, TOKEN, post, register

pytestmark = pytest.mark.django_db

BODY = b'{"webhook_type": "Shipment Update", "fulfillment": {"name": "Ada Lovelace"}}'
SUCCESS = {"code": "200", "Status": "Success"}

# Bytes that no JSON reader, or no database column of text, takes.
STRANGE = [
    pytest.param(b"not json", id="not JSON"),
    pytest.param(b"\xff\xfe\x00\x01\x80", id="not UTF-8"),
    pytest.param('{"a": "é"}'.encode("utf-16"), id="UTF-16"),
    pytest.param(b'{"a": "\x00"}', id="NUL"),
    pytest.param(b'{"a": "\\u0000"}', id="escaped NUL"),
    pytest.param(b'{"a": "\\ud800"}', id="lone surrogate"),
    pytest.param(b'{"a": NaN}', id="NaN"),
    pytest.param(b'{"a": 1e400}', id="1e400"),
    pytest.param(b"[" * 100_000, id="100,000 deep"),
    pytest.param(b'{"a": ' + b"9" * 5000 + b"}", id="5000 digits"),
]


@pytest.mark.usefixtures("registration")
class TestDelivery:
    def test_is_kept_byte_for_byte_and_rung_for(self, registration):
        answer = post(BODY, message_id="m-1")

        delivery = WebhookDelivery.objects.get()
        payload = Payload.objects.get()
        assert (answer.status_code, answer.json()) == (200, SUCCESS)
        assert bytes(payload.body) == BODY
        assert delivery.payload == payload
        assert delivery.digest == payload.digest
        assert delivery.digest == hashlib.sha256(BODY).hexdigest()
        assert (delivery.state, delivery.message_id) == ("new", "m-1")
        assert delivery.account_id == registration.account_id
        assert delivery.type_name == "Shipment Update"
        job = SyncJob.objects.get()
        assert (job.kind, job.subject) == ("apply_delivery", str(delivery.pk))
        assert (job.account_id, job.trigger) == (registration.account_id, "webhook")

    def test_is_kept_raw_for_as_long_as_the_setting_says(self, settings):
        settings.SHIPSYNC_RAW_BODY_DAYS = 7

        post(BODY)

        payload = Payload.objects.get()
        assert payload.is_raw
        assert payload.is_personal
        assert payload.expires_at == payload.created_at + timedelta(days=7)

    @pytest.mark.parametrize("body", STRANGE)
    def test_need_not_be_readable(self, body):
        answer = post(body, message_id="m-1")

        assert (answer.status_code, answer.json()) == (200, SUCCESS)
        assert bytes(Payload.objects.get().body) == body
        assert SyncJob.objects.count() == 1

    def test_notes_when_the_registration_last_received(self, registration):
        post(BODY)

        registration.refresh_from_db()
        assert (
            registration.last_received_at == WebhookDelivery.objects.get().received_at
        )
        assert registration.refused_count == 0

    @pytest.mark.parametrize("accept", ["text/xml", "nonsense", ""])
    def test_does_not_depend_on_what_the_sender_accepts(self, accept):
        answer = post(BODY, HTTP_ACCEPT=accept)

        assert (answer.status_code, answer.json()) == (200, SUCCESS)

    @pytest.mark.parametrize("media_type", ["text/plain", "a/b; x=\x00", "é" * 100])
    def test_does_not_depend_on_its_content_type(self, media_type):
        assert post(BODY, CONTENT_TYPE=media_type).status_code == 200
        assert bytes(Payload.objects.get().body) == BODY

    def test_never_stands_in_the_log(self, caplog, monkeypatch):
        caplog.set_level(logging.DEBUG)
        post(BODY, message_id="m-1")
        post(BODY, HTTP_X_SHIPHERO_HMAC_SHA256="wrong")
        monkeypatch.setattr(receipt, "ring", failing)
        post(BODY)

        ours = [r for r in caplog.records if not r.name.startswith("django.db")]
        assert ours
        assert not any("Ada" in logging.Formatter().format(each) for each in ours)

    def test_costs_few_statements(self, django_assert_max_num_queries):
        register(token="w" * 43)
        post(BODY, message_id="warm")

        with CaptureQueriesContext(connection) as captured:
            post(BODY, message_id="m-1")

        frame = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
        work = [q["sql"] for q in captured if not q["sql"].startswith(frame)]
        assert len(work) <= 8, work


@pytest.mark.usefixtures("registration")
class TestMessageId:
    def test_makes_a_copy_no_second_delivery(self):
        post(BODY, message_id="m-1")
        rung = SyncJob.objects.get().wanted_version
        answers = [post(BODY, message_id="m-1") for _ in range(4)]

        assert [answer.json() for answer in answers] == [SUCCESS] * 4
        assert WebhookDelivery.objects.get().copies == 5
        assert Payload.objects.count() == 1
        assert SyncJob.objects.get().wanted_version == rung

    def test_makes_a_copy_of_another_body_too(self):
        """The sender's word: it is the same message."""
        post(BODY, message_id="m-1")
        answer = post(b"{}", message_id="m-1")

        assert answer.status_code == 200
        assert bytes(Payload.objects.get().body) == BODY

    def test_tells_equal_bodies_apart(self):
        """Two true stock updates can be byte-identical."""
        post(BODY, message_id="m-1")
        post(BODY, message_id="m-2")

        assert WebhookDelivery.objects.values("digest").distinct().count() == 1
        assert WebhookDelivery.objects.count() == 2
        assert SyncJob.objects.count() == 2

    @pytest.mark.parametrize("absent", [None, ""])
    def test_may_be_absent_and_then_each_delivery_is_its_own(self, absent):
        post(BODY, message_id=absent)
        post(BODY, message_id=absent)

        assert WebhookDelivery.objects.filter(message_id=None).count() == 2

    def test_counts_within_its_account(self):
        other = register(token="o" * 43)
        post(BODY, message_id="m-1")
        post(BODY, message_id="m-1", path=PATH.replace(TOKEN, other.token))

        assert WebhookDelivery.objects.count() == 2

    @pytest.mark.parametrize(
        "strange",
        ["x" * 201, "x" * 100_000, "é", "a\x00b", "a\nb", "\x1b[31m", "\udc80", "m,m"],
    )
    def test_may_be_strange_and_still_tells_copies(self, strange):
        first = post(BODY, message_id=strange)
        second = post(BODY, message_id=strange)

        delivery = WebhookDelivery.objects.get()
        kept = delivery.message_id or ""
        assert (first.status_code, second.status_code) == (200, 200)
        assert delivery.copies == 2
        assert 0 < len(kept) <= 200
        assert kept.isprintable()

    def test_is_remembered_without_end(self):
        post(BODY, message_id="m-1")
        long_ago = WebhookDelivery.objects.get().received_at - timedelta(days=800)
        WebhookDelivery.objects.update(received_at=long_ago)

        post(BODY, message_id="m-1")

        assert WebhookDelivery.objects.get().copies == 2


class TestUnavailableStore:
    """Nothing is acknowledged that is not committed."""

    @pytest.mark.parametrize("step", ["ring", "keep", "lookup"])
    def test_makes_the_sender_come_again(self, step, registration, monkeypatch):
        if step == "ring":
            monkeypatch.setattr(receipt, "ring", failing)
        elif step == "keep":
            monkeypatch.setattr(receipt, "_store", failing)
        else:
            monkeypatch.setattr(WebhookRegistration.objects, "filter", failing)

        answer = post(BODY, message_id="m-1")

        assert answer.status_code == 503
        assert int(answer["Retry-After"]) > 0
        assert WebhookDelivery.objects.count() == 0
        assert Payload.objects.count() == 0

    def test_is_made_good_by_the_next_try(self, registration, monkeypatch):
        with monkeypatch.context() as broken:
            broken.setattr(receipt, "ring", failing)
            post(BODY, message_id="m-1")

        assert post(BODY, message_id="m-1").status_code == 200
        assert WebhookDelivery.objects.get().copies == 1

    def test_includes_a_lost_encryption_key(self, registration, settings):
        settings.SHIPSYNC_ENCRYPTION_KEYS = [
            "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
        ]

        answer = post(BODY)

        assert answer.status_code == 503
        assert WebhookDelivery.objects.count() == 0


@pytest.mark.django_db(transaction=True)
class TestBell:
    def test_that_fails_after_the_commit_costs_no_delivery(
        self, registration, monkeypatch
    ):
        monkeypatch.setattr(queue, "bells", failing)

        answer = post(BODY)

        assert (answer.status_code, answer.json()) == (200, SUCCESS)
        assert SyncJob.objects.get().state == "waiting"

    def test_is_not_rung_for_a_copy(self, registration, monkeypatch):
        rung: list[object] = []
        monkeypatch.setattr(queue, "bells", rung.append)

        post(BODY, message_id="m-1")
        post(BODY, message_id="m-1")

        assert len(rung) == 1


class TestOtherMethods:
    def test_head_says_that_somebody_is_at_home(self, client, registration):
        answer = client.head(PATH)

        assert (answer.status_code, answer.content) == (200, b"")

    @pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "options"])
    def test_others_are_not_allowed(self, client, registration, method):
        answer = getattr(client, method)(PATH)

        assert answer.status_code == 405
        assert WebhookDelivery.objects.count() == 0


def failing(*_args: object, **_kwargs: object) -> None:
    raise DatabaseError("the disk is full")


def test_the_answer_is_what_shiphero_documents():
    assert views.ACCEPTED == SUCCESS
