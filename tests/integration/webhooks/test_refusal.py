"""What is refused, unread, and that it is seen."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import RequestFactory
from django.utils import timezone

from connectors.logs import LineFormatter
from connectors.models import Payload, SyncJob, WebhookDelivery
from connectors.webhooks import signatures
from connectors.webhooks.views import ShipHeroWebhookView
from tests.integration.webhooks.conftest import (
    PATH,
    SECRET,
    TOKEN,
    post,
    register,
    signature,
)

pytestmark = pytest.mark.django_db

BODY = b'{"webhook_type": "Shipment Update"}'
GOOD = signature(BODY)
CHUNKED: dict[str, Any] = {"HTTP_TRANSFER_ENCODING": "chunked"}
ENDED: dict[str, Any] = {**CHUNKED, "wsgi.input_terminated": True}


@pytest.mark.usefixtures("registration")
class TestSignature:
    @pytest.mark.parametrize(
        "header",
        [
            pytest.param(None, id="missing"),
            pytest.param("", id="empty"),
            pytest.param(f"{GOOD},{GOOD}", id="twice"),
            pytest.param(f"{GOOD}, {GOOD}", id="twice with a space"),
            pytest.param(base64.b64decode(GOOD).hex(), id="hex"),
            pytest.param("é" * 44, id="not ASCII"),
            pytest.param("\udcff" * 44, id="surrogates"),
            pytest.param("A" * 2**20, id="a megabyte"),
            pytest.param(GOOD[:-1], id="too short"),
            pytest.param(signature(BODY, "other"), id="wrong secret"),
            pytest.param(signature(BODY + b" "), id="other body"),
        ],
    )
    def test_that_is_not_right_is_refused_unread(
        self, header, registration, monkeypatch
    ):
        parsed = Spy(json.loads)
        monkeypatch.setattr(json, "loads", parsed)

        answer = post(BODY, HTTP_X_SHIPHERO_HMAC_SHA256=header)

        assert not {BODY, BODY.decode()} & {call[0] for call in parsed.calls}
        registration.refresh_from_db()
        assert answer.status_code == 401
        assert (WebhookDelivery.objects.count(), Payload.objects.count()) == (0, 0)
        assert SyncJob.objects.count() == 0
        assert registration.refused_count == 1
        assert registration.last_refused_at is not None

    def test_counts_each_refusal(self, registration):
        for _ in range(3):
            post(BODY, HTTP_X_SHIPHERO_HMAC_SHA256="wrong")

        registration.refresh_from_db()
        assert registration.refused_count == 3

    def test_is_logged_once_a_minute_and_without_its_address(self, caplog):
        for _ in range(3):
            post(BODY, HTTP_X_SHIPHERO_HMAC_SHA256="wrong")
            post(BODY, path=PATH.replace(TOKEN, "u" * 43))

        lines = [LineFormatter().format(record) for record in caplog.records]
        assert len([line for line in lines if "refused a delivery" in line]) == 1
        assert not any(TOKEN in line or "u" * 43 in line for line in lines)
        assert not any(record.name == "django.request" for record in caplog.records)

    def test_of_another_account_is_refused(self, registration):
        register(token="o" * 43, secrets={"current": "theirs"})

        answer = post(BODY, HTTP_X_SHIPHERO_HMAC_SHA256=signature(BODY, "theirs"))

        assert answer.status_code == 401

    def test_before_the_secret_is_known_is_refused(self, registration):
        registration.secrets = {}
        registration.save(update_fields=["secrets"])

        assert post(BODY).status_code == 401


class TestRotation:
    @pytest.mark.parametrize(
        ("secret", "minutes", "status"),
        [("new", 5, 200), ("old", 5, 200), ("old", -5, 401), ("older", 5, 401)],
    )
    def test_overlaps_until_the_old_secret_ends(self, secret, minutes, status):
        end = timezone.now() + timedelta(minutes=minutes)
        register(
            token=TOKEN,
            secrets={
                "current": "new",
                "previous": "old",
                "previous_not_after": end.isoformat(),
            },
        )

        answer = post(BODY, HTTP_X_SHIPHERO_HMAC_SHA256=signature(BODY, secret))

        assert answer.status_code == status

    def test_leaves_a_retired_registration_open_until_its_secret_ends(self):
        registration = register(token=TOKEN, state="retired")

        assert post(BODY).status_code == 200

        registration.secret_not_after = timezone.now() - timedelta(seconds=1)
        registration.save(update_fields=["secret_not_after"])
        assert post(BODY).status_code == 401


class TestAddress:
    @pytest.mark.parametrize(
        "token",
        ["u" * 43, "short", "x" * 500, "%00" * 20, "%ff" * 20, "a/b", "../admin"],
    )
    def test_that_nobody_registered_is_not_found(self, token, registration):
        answer = post(BODY, path=f"/webhooks/shiphero/{token}/")

        assert answer.status_code == 404
        assert WebhookDelivery.objects.count() == 0

    def test_that_nobody_registered_is_signed_for_all_the_same(self, monkeypatch):
        """The time it takes does not tell strangers from friends."""
        signed = Spy(signatures.sign)
        monkeypatch.setattr(signatures, "sign", signed)

        send(Stream(BODY), token="u" * 43, CONTENT_LENGTH=str(len(BODY)))

        assert [call[1] for call in signed.calls] == [BODY]


@pytest.mark.usefixtures("registration")
class TestSize:
    def test_up_to_the_limit_is_taken(self, settings):
        settings.SHIPSYNC_MAX_WEBHOOK_BYTES = 1000

        assert post(b"x" * 1000).status_code == 200

    def test_beyond_the_limit_is_refused_and_seen(self, settings, registration):
        settings.SHIPSYNC_MAX_WEBHOOK_BYTES = 1000

        answer = post(b"x" * 1001)

        registration.refresh_from_db()
        assert answer.status_code == 413
        assert (registration.refused_count, Payload.objects.count()) == (1, 0)

    def test_above_djangos_own_limit_is_a_matter_of_our_setting(self, settings):
        settings.SHIPSYNC_MAX_WEBHOOK_BYTES = 4 * 2**20
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2**20

        assert post(b"x" * (3 * 2**20)).status_code == 200

    @pytest.mark.parametrize("length", ["50000000", "9" * 5000])
    def test_is_believed_before_reading(self, length):
        stream = Stream(BODY)

        answer = send(stream, CONTENT_LENGTH=length)

        assert answer.status_code == 413
        assert stream.taken == 0

    def test_is_measured_when_the_length_is_not_told(self, settings, registration):
        settings.SHIPSYNC_MAX_WEBHOOK_BYTES = 1000
        stream = Stream(b"x" * 10_000_000)

        answer = send(stream, **ENDED)

        registration.refresh_from_db()
        assert answer.status_code == 413
        assert stream.taken == 1001
        assert registration.refused_count == 1

    def test_need_not_be_told(self):
        answer = send(Stream(BODY), **ENDED)

        assert answer.status_code == 200
        assert bytes(Payload.objects.get().body) == BODY

    def test_is_asked_for_when_nothing_tells_the_end(self, registration):
        answer = send(Stream(BODY), **CHUNKED)

        registration.refresh_from_db()
        assert answer.status_code == 411
        assert registration.refused_count == 1

    @pytest.mark.parametrize("length", ["-5", "five", "½", "1e3", "5, 5"])
    def test_must_be_a_number(self, length, registration):
        answer = send(Stream(BODY), CONTENT_LENGTH=length)

        registration.refresh_from_db()
        assert answer.status_code == 400
        assert registration.refused_count == 1

    @pytest.mark.parametrize("length", [None, "", "0"])
    def test_is_zero_when_neither_length_nor_chunks_are_told(self, length):
        assert send(Stream(BODY), CONTENT_LENGTH=length).status_code == 401

    def test_that_is_told_too_small_breaks_the_signature(self):
        assert send(Stream(BODY), CONTENT_LENGTH="5").status_code == 401

    def test_that_is_told_too_large_breaks_the_signature(self):
        answer = send(
            Stream(BODY[:-1]), CONTENT_LENGTH="500", HTTP_X_SHIPHERO_HMAC_SHA256=GOOD
        )

        assert answer.status_code == 401

    def test_is_nothing_when_the_sender_hangs_up(self, registration):
        answer = send(HungUp(), CONTENT_LENGTH="500")

        registration.refresh_from_db()
        assert answer.status_code == 400
        assert registration.refused_count == 1


class Spy:
    """Passes calls on, and remembers them."""

    def __init__(self, real: Callable[..., Any]) -> None:
        self.real = real
        self.calls: list[tuple[Any, ...]] = []

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.calls.append(args)
        return self.real(*args, **kwargs)


class Stream(io.BytesIO):
    """Counts what was taken of it."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        part = super().read(size)
        self.taken += len(part)
        return part


class HungUp(io.BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        raise OSError("connection reset")


def send(stream: io.BytesIO, token: str = TOKEN, **environ: Any) -> Any:
    """To the view itself, with a WSGI environment of one's own."""
    values = {
        "CONTENT_LENGTH": None,
        "HTTP_X_SHIPHERO_HMAC_SHA256": signature(BODY, SECRET),
        **environ,
    }
    request = RequestFactory().post(PATH, b"", content_type="application/json")
    told = {**request.environ, "wsgi.input": stream}
    for name, value in values.items():
        told.pop(name, None)
        if value is not None:
            told[name] = value
    answer = ShipHeroWebhookView.as_view()(type(request)(told), token=token)
    answer.render()
    return answer
