"""Whose signature a header bears."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.webhooks.signatures import active_secrets, find_signer, sign

BODY = b'{"webhook_type": "Shipment Update",  "path": "a\\/b"}'
SECRET = "s\u00e9cret"
SECRETS = {"current": SECRET.encode()}
NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

GOOD = base64.b64encode(
    hmac.new(SECRET.encode("utf-8"), BODY, hashlib.sha256).digest()
).decode()


class TestFindSigner:
    def test_names_the_secret_that_signed(self):
        assert find_signer(GOOD, body=BODY, secrets=SECRETS) == "current"

    def test_knows_the_published_vector(self):
        """RFC 4231, test case 2."""
        signature = sign(b"Jefe", b"what do ya want for nothing?")

        assert base64.b64decode(signature).hex() == (
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        )

    @pytest.mark.parametrize(
        "header",
        [
            pytest.param(None, id="missing"),
            pytest.param("", id="empty"),
            pytest.param(f"{GOOD},{GOOD}", id="twice"),
            pytest.param(f"{GOOD} ", id="trailing space"),
            pytest.param(GOOD.rstrip("="), id="without padding"),
            pytest.param(base64.b64decode(GOOD).hex(), id="hex"),
            pytest.param("é" * 44, id="not ASCII"),
            pytest.param("\ud800" * 44, id="lone surrogates"),
            pytest.param("A" * 2**20, id="a megabyte"),
            pytest.param("A" * 43 + "=", id="somebody else's"),
            pytest.param(GOOD.swapcase(), id="other case"),
        ],
    )
    def test_trusts_no_other_header(self, header):
        assert find_signer(header, body=BODY, secrets=SECRETS) is None

    @given(st.text(max_size=60) | st.text(min_size=44, max_size=44))
    def test_never_fails_on_a_strange_header(self, header):
        assert find_signer(header, body=BODY, secrets=SECRETS) in {None, "current"}

    def test_signs_the_bytes_and_not_their_meaning(self):
        spaced = BODY.replace(b",  ", b", ")

        assert find_signer(GOOD, body=spaced, secrets=SECRETS) is None

    def test_trusts_nobody_without_secrets(self):
        assert find_signer(GOOD, body=BODY, secrets={}) is None


class TestActiveSecrets:
    def test_count_both_during_the_overlap(self):
        stored = {
            "current": "new",
            "previous": "old",
            "previous_not_after": (NOW + timedelta(hours=1)).isoformat(),
        }

        assert active_secrets(stored, not_after=None, now=NOW) == {
            "current": b"new",
            "previous": b"old",
        }

    @pytest.mark.parametrize(
        "end",
        [(NOW - timedelta(seconds=1)).isoformat(), "", None, "soon", "2030-01-01"],
    )
    def test_leave_out_a_previous_one_that_is_over_or_has_no_end(self, end):
        stored = {"current": "new", "previous": "old", "previous_not_after": end}

        assert active_secrets(stored, not_after=None, now=NOW) == {"current": b"new"}

    def test_end_with_the_registration(self):
        ended = NOW - timedelta(seconds=1)

        assert active_secrets({"current": "new"}, not_after=ended, now=NOW) == {}

    @pytest.mark.parametrize("secret", ["", None, 5])
    def test_are_never_empty(self, secret):
        assert active_secrets({"current": secret}, not_after=None, now=NOW) == {}
