"""Outbound messages and callouts: what is taken, what is refused, what is kept."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from connectors.hearing import (
    MessageState,
    SalesforceListener,
    SalesforceMessage,
    SalesforceNotification,
)
from connectors.models import Payload, SyncJob
from connectors.salesforce import outbound
from connectors.sync import listeners, nudges
from connectors.webhooks.signatures import sign
from tests.factories.accounts import OrganizationFactory
from tests.factories.orders import OrderFactory

pytestmark = pytest.mark.django_db

CORPUS = Path(__file__).parents[2] / "payloads" / "salesforce" / "messages"
EXPECTED: dict[str, int] = json.loads((CORPUS / "expected.json").read_text())
ORG = "00D000000000001EAA"
ONE = (CORPUS / "one_order.xml").read_bytes()
ACK = (CORPUS / "acknowledgement.golden").read_bytes().strip()
MADE = {
    "(made) nested 200,000 deep": b"<a>" * 200_000 + b"</a>" * 200_000,
    "(made) 5 MB": ONE + b" " * 5_000_000,
    "(made) 1 MB of attributes": b"<a " + b'x="1" ' * 170_000 + b"/>",
    "(made) 30,000 elements": b"<a>" + b"<b/>" * 30_000 + b"</a>",
}


@pytest.fixture
def listener(clock):
    organization = OrganizationFactory(org_id=ORG)
    return listeners.listener_of(organization, now=clock())


def post(listener: SalesforceListener, body: bytes, **extra: Any) -> Any:
    path = f"/webhooks/salesforce/{listener.token}/{extra.pop('tail', '')}"
    kind = extra.pop("content_type", "text/xml; charset=utf-8")
    client = Client(enforce_csrf_checks=True)
    return client.generic("POST", path, body, content_type=kind, **extra)


def body_of(name: str) -> bytes:
    return MADE[name] if name in MADE else (CORPUS / name).read_bytes()


def rung() -> list[str]:
    return sorted(SyncJob.objects.values_list("key", flat=True))


class TestTheCorpus:
    def test_lists_every_file(self):
        assert set(EXPECTED) == {path.name for path in CORPUS.glob("*.xml")} | set(MADE)

    @pytest.mark.parametrize("name", EXPECTED)
    def test_is_answered_as_listed(self, listener, name):
        began = time.perf_counter()

        answer = post(listener, body_of(name))

        assert answer.status_code == EXPECTED[name]
        assert time.perf_counter() - began < 2
        if answer.status_code == 200:
            assert answer.content == ACK
        else:
            assert b"Fault" in answer.content
            assert rung() == []

    @pytest.mark.parametrize(
        "name", [name for name, status in EXPECTED.items() if status in {400, 403}]
    )
    def test_what_is_refused_is_kept_and_seen(self, listener, name):
        post(listener, body_of(name))

        message = SalesforceMessage.objects.get()
        assert bytes(message.payload.body) == body_of(name)
        assert message.state == MessageState.REFUSED
        assert message.reason
        listener.refresh_from_db()
        assert listener.refused_count == 1
        assert listener.last_refusal == message.reason


class TestTaking:
    def test_acknowledges_in_salesforces_own_words(self, listener):
        answer = post(listener, ONE)

        assert answer["Content-Type"].startswith("text/xml")
        assert answer.content == ACK

    def test_rings_for_an_order_that_nobody_knows_yet(self, listener):
        post(listener, ONE)

        assert rung() == [f"read_source:o{listener.organization_id}:801000000000001AAA"]

    def test_rings_for_a_known_order_by_its_own_key(self, listener):
        order = OrderFactory(
            organization=listener.organization, salesforce_id="801000000000001AAA"
        )

        post(listener, body_of("order_product.xml"))

        assert rung() == [f"read_source:o{listener.organization_id}:{order.pk}"]

    def test_products_ring_once_for_all_and_wait_for_company(self, listener, clock):
        body = ONE.replace(b"sf:Order", b"sf:Product2").replace(b"801", b"01t")

        post(listener, body)

        job = SyncJob.objects.get()
        assert job.key == f"pull_products:o{listener.organization_id}:all"
        assert job.not_before - job.rung_at == timedelta(seconds=15)

    def test_one_bad_of_a_hundred_fails_alone(self, listener):
        post(listener, body_of("hundred_with_one_bad.xml"))

        message = SalesforceMessage.objects.get()
        assert (message.new_count, message.bad_count) == (99, 1)
        (bad,) = message.notifications.exclude(problem="")
        assert "Salesforce id" in bad.problem
        assert len(rung()) == 99

    def test_a_repetition_rings_no_more(self, listener):
        post(listener, ONE)
        SyncJob.objects.update(state="done")

        assert post(listener, ONE).content == ACK

        assert SyncJob.objects.get().state == "done"
        assert SalesforceNotification.objects.get().copies == 2
        newest = SalesforceMessage.objects.first()
        assert (newest.new_count, newest.repeated_count) == (0, 1)

    def test_keeps_the_raw_bytes(self, listener):
        post(listener, ONE)

        payload = Payload.objects.get()
        assert bytes(payload.body) == ONE
        assert payload.is_raw
        assert payload.is_personal

    def test_what_nobody_asked_for_is_taken_and_left(self, listener):
        assert post(listener, body_of("unknown_kind_of_record.xml")).status_code == 200
        assert rung() == []

    def test_messages_about_our_own_writes_are_counted(self, listener):
        listener.organization.integration_user_id = "005000000000002AAA"
        listener.organization.save()

        post(listener, ONE)

        listener.refresh_from_db()
        assert listener.echo_count == 1


class TestRefusing:
    def test_an_unknown_address_is_not_found_and_keeps_nothing(self, listener):
        listener.token = "x" * 43

        assert post(listener, ONE).status_code == 404
        assert not SalesforceMessage.objects.exists()

    def test_before_the_first_login_salesforce_is_asked_to_come_again(self, listener):
        listener.organization.org_id = ""
        listener.organization.save()

        assert post(listener, ONE).status_code == 503

    def test_one_organizations_address_is_not_anothers(self, listener, clock):
        other = listeners.listener_of(
            OrganizationFactory(org_id="00D000000000002EAA"), now=clock()
        )

        assert post(other, ONE).status_code == 403

    def test_when_it_cannot_be_stored_it_is_not_acknowledged(
        self, listener, monkeypatch
    ):
        def away(*args: Any, **kwargs: Any) -> None:
            raise OperationalError("away")

        monkeypatch.setattr(nudges, "take", away)

        answer = post(listener, ONE)

        assert answer.status_code == 503
        assert answer["Retry-After"] == "30"
        assert outbound.ACK not in answer.content

    def test_it_is_posted_only(self, listener):
        path = f"/webhooks/salesforce/{listener.token}/"

        assert Client().get(path).status_code == 405


CALLOUT = {
    "organizationId": ORG[:15],
    "notifications": [
        {"id": "c-1", "sobject": "Order", "recordId": "801000000000001"},
    ],
}


class TestCallouts:
    def send(self, listener: SalesforceListener, body: bytes, **extra: Any) -> Any:
        return post(
            listener, body, tail="json/", content_type="application/json", **extra
        )

    def signed(self, listener: SalesforceListener, body: bytes, secret: str) -> Any:
        signature = sign(secret.encode(), body).decode()
        return self.send(listener, body, HTTP_X_SHIPSYNC_HMAC_SHA256=signature)

    def test_a_signed_one_rings(self, listener):
        body = json.dumps(CALLOUT).encode()

        answer = self.signed(listener, body, listener.secrets["current"])

        assert (answer.status_code, answer.json()) == (200, {"accepted": True})
        assert rung() == [f"read_source:o{listener.organization_id}:801000000000001AAA"]

    def test_a_flow_may_bear_the_secret(self, listener):
        body = json.dumps(CALLOUT).encode()

        bearer = f"Bearer {listener.secrets['current']}"
        answer = self.send(listener, body, HTTP_AUTHORIZATION=bearer)

        assert answer.status_code == 200

    @pytest.mark.parametrize(
        "extra",
        [
            {},
            {"HTTP_X_SHIPSYNC_HMAC_SHA256": "A" * 44},
            {"HTTP_X_SHIPSYNC_HMAC_SHA256": "ä" * 44},
            {"HTTP_AUTHORIZATION": "Bearer wrong"},
            {"HTTP_AUTHORIZATION": "Bearer "},
            {"HTTP_AUTHORIZATION": "Bearer ä"},
            {"HTTP_AUTHORIZATION": "Basic abc"},
        ],
    )
    def test_an_unsigned_one_is_refused_and_not_kept(self, listener, extra):
        assert self.send(listener, b"{}", **extra).status_code == 401
        assert not SalesforceMessage.objects.exists()

    def test_the_old_secret_is_good_for_a_day(self, listener, clock, admin_user):
        body = json.dumps(CALLOUT).encode()
        old = listener.secrets["current"]
        listeners.renew_secret(listener=listener, user=admin_user, now=clock())
        listener.refresh_from_db()
        assert listener.secrets["current"] != old

        assert (
            self.signed(listener, body, old).status_code == 401
        )  # that was in January
        listener.secrets["previous_not_after"] = "2999-01-01T00:00:00+00:00"
        listener.save()
        assert self.signed(listener, body, old).status_code == 200

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"[]",
            b"{}",
            b"\xff",
            b"[" * 100_000,
            b'{"organizationId": 7, "notifications": [{}]}',
            json.dumps({**CALLOUT, "notifications": []}).encode(),
            json.dumps({**CALLOUT, "notifications": [{}] * 101}).encode(),
        ],
    )
    def test_what_cannot_be_read_is_refused(self, listener, body):
        answer = self.signed(listener, body, listener.secrets["current"])

        assert answer.status_code == 400
        assert answer.json()["detail"]

    def test_a_useless_row_is_said_and_the_others_ring(self, listener):
        rows = [*CALLOUT["notifications"], {}, 7, {"id": "x", "sobject": "Order"}]
        body = json.dumps({**CALLOUT, "notifications": rows}).encode()

        assert (
            self.signed(listener, body, listener.secrets["current"]).status_code == 200
        )

        message = SalesforceMessage.objects.get()
        assert (message.new_count, message.bad_count) == (1, 3)
