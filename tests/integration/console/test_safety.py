"""Texts of strangers stay texts, secrets stay inside, and nothing inline runs."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from django.utils.timezone import now

from connectors.accounts.models import Audit, Credential
from connectors.console import bodies
from connectors.models import WebhookRegistration
from tests.factories import accounts
from tests.factories import connectors as rows
from tests.factories import orders as order_rows

pytestmark = pytest.mark.django_db

EVIL = "<script>alert('x')</script><img src=x onerror=alert(1)>"
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", re.I
)


@pytest.fixture
def hostile():
    """An order, and all around it, written by somebody who means harm."""
    order = order_rows.OrderFactory(
        order_number=EVIL,
        customer_name=EVIL,
        ship_to_name=EVIL,
        ship_to_place=EVIL,
        state_reason=EVIL,
        eligibility_reason=EVIL,
        status=EVIL[:80],
        picture={"order_number": EVIL, "ship_to": {"city": EVIL}, "status": EVIL},
    )
    order_rows.LineItemFactory(order=order, sku=EVIL, product_name=EVIL)
    export = order_rows.ExportFactory(
        order=order,
        key=EVIL[:80],
        remote_number=EVIL[:80],
        facts={"status": EVIL, "lines": [{"key": EVIL, "sku": EVIL}]},
    )
    order_rows.PackageFactory(
        shipment__export=export,
        tracking_number=EVIL,
        carrier=EVIL,
        tracking_url="javascript:alert(1)",
    )
    job = rows.SyncJobFactory(
        account=order.account, order=order, note=EVIL, last_reason=EVIL
    )
    body = rows.PayloadFactory(body=EVIL.encode() + b"\x00\xff")
    attempt = rows.SyncAttemptFactory(
        job=job, reason=EVIL, detail=EVIL, did=EVIL, diff=[{"name": EVIL}]
    )
    call = rows.RemoteCallFactory(
        attempt=attempt, operation=EVIL[:60], sent=body, answer=body
    )
    failure = rows.FailedPayloadFactory(
        job=job,
        attempt=attempt,
        reason=EVIL,
        detail=EVIL,
        code=EVIL,
        problems=[{"reason": EVIL, "field": EVIL, "value": EVIL}, "odd"],
        payload=body,
        error_response=body,
    )
    delivery = rows.WebhookDeliveryFactory(
        registration__account=order.account, order=order, reason=EVIL, payload=body
    )
    audit = accounts.AuditFactory(
        account=order.account,
        at=now(),
        note=EVIL,
        object_label=EVIL,
        object_type="orders.order",
        object_id=str(order.pk),
        after={EVIL: EVIL},
    )
    return [order, export, attempt, call, failure, delivery, audit, job]


def pages_of(things):
    yield reverse("admin:index")
    for row in things:
        meta = row._meta
        name = f"admin:{meta.app_label}_{meta.model_name}"
        if meta.model_name == "remotecall":
            continue
        yield reverse(f"{name}_changelist")
        yield reverse(f"{name}_change", args=[row.pk])


def test_what_strangers_wrote_is_shown_as_text_everywhere(client, hostile):
    client.force_login(accounts.UserFactory(role="integrator"))

    for address in pages_of(hostile):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page, address
        assert "<img src=x" not in page, address
        assert 'href="javascript:' not in page, address
    assert "&lt;script&gt;alert" in page


def test_no_page_carries_anything_that_runs_inline(client, hostile):
    client.force_login(accounts.UserFactory(role="integrator"))
    add = reverse("admin:accounts_credential_add")

    for address in [*pages_of(hostile), add, reverse("admin:errors")]:
        answer = client.get(address)
        page = answer.content.decode().replace(EVIL, "")
        assert not INLINE.search(re.sub(r"&lt;.*?&gt;", "", page)), address
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "script-src 'self'" in policy


class TestSecrets:
    def test_stored_secrets_are_named_and_not_shown(self, client, page_of):
        row = accounts.CredentialFactory(secrets={"refresh_token": "t0ps3cret"})
        client.force_login(accounts.UserFactory(role="integrator"))

        page = client.get(page_of(row)).content.decode()

        assert "refresh_token" in page
        assert "t0ps3cret" not in page

    def test_new_secrets_are_added_to_the_stored_ones(self, client, page_of):
        row = accounts.CredentialFactory(secrets={"refresh_token": "old", "gone": "x"})
        client.force_login(accounts.UserFactory(role="integrator"))
        key = "-----BEGIN PRIVATE KEY-----\nabc=\n-----END PRIVATE KEY-----"

        answer = client.post(
            page_of(row),
            {
                "name": row.name,
                "settings": "{}",
                "new_secrets": f"refresh_token: new\ngone:\nprivate_key: {key}",
            },
        )

        assert answer.status_code == 302
        saved = Credential.objects.get(pk=row.pk).secrets
        assert saved == {"refresh_token": "new", "private_key": key}
        noted = Audit.objects.get(action="change_credential")
        assert "new" not in str(noted.after)

    def test_a_refused_form_does_not_carry_them_back(self, client, page_of):
        row = accounts.CredentialFactory()
        client.force_login(accounts.UserFactory(role="integrator"))

        page = client.post(
            page_of(row),
            {"name": "", "settings": "{}", "new_secrets": "refresh_token: t0ps3cret"},
        )

        assert page.status_code == 200
        assert "t0ps3cret" not in page.content.decode()

    def test_a_webhooks_address_and_secret_are_not_shown(self, client, page_of):
        row = rows.WebhookRegistrationFactory(token="t0psecretpath")
        client.force_login(accounts.UserFactory(role="integrator"))

        page = client.get(page_of(row)).content.decode()

        assert WebhookRegistration.objects.count() == 1
        assert "t0psecretpath" not in page
        assert "s3cr3t-signature" not in page

    def test_a_viewer_sees_no_form(self, client, page_of):
        row = accounts.CredentialFactory()
        client.force_login(accounts.UserFactory(role="viewer"))

        page = client.get(page_of(row)).content.decode()

        assert "new_secrets" not in page
        assert client.post(page_of(row), {"name": "x"}).status_code == 403


class TestBodies:
    def test_json_is_indented(self):
        assert bodies.of_bytes(b'{"a":1}').text == '{\n  "a": 1\n}'

    def test_bytes_that_are_no_text_are_escaped(self):
        body = bodies.of_bytes(b"a\x00\xff\x1b[31m")

        assert body.text == "a\\x00\\xff\\x1b[31m"
        assert "not UTF-8" in body.note

    def test_marks_that_turn_text_around_are_made_visible(self):
        assert "\\u202e" in bodies.of_bytes("abc\u202etxt".encode()).text

    def test_deep_nesting_stays_as_it_came(self):
        raw = b"[" * 60_000

        assert bodies.of_bytes(raw).text.startswith("[[[")

    def test_a_large_body_is_cut_and_says_so(self):
        body = bodies.of_bytes(b"a" * 100_000)

        assert len(body.text) == bodies.LONGEST
        assert "100,000 bytes" in body.note
