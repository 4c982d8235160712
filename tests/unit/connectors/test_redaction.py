import json

import pytest

from connectors.redaction import PERSONAL, SECRET, is_personal, mask_text, redact


class TestRedact:
    @pytest.mark.parametrize(
        "key",
        [
            "password",
            "refresh_token",
            "accessToken",
            "client_secret",
            "Authorization",
            "x-shiphero-hmac-sha256",
            "private_key",
            "assertion",
            "Set-Cookie",
            "api-key",
        ],
    )
    def test_masks_secrets_by_name_at_any_depth(self, key):
        value = {"outer": [{"inner": {key: "s3cr3t-value"}}]}

        assert redact(value) == {"outer": [{"inner": {key: SECRET}}]}
        assert redact(value, personal=False) == redact(value)

    @pytest.mark.parametrize(
        "key",
        [
            "email",
            "PersonEmail",
            "phone",
            "MobilePhone",
            "ShippingStreet",
            "address1",
            "zip",
            "ShippingPostalCode",
            "first_name",
        ],
    )
    def test_masks_personal_data_unless_told_not_to(self, key):
        value = {"ship_to": {key: "12 Somewhere"}}

        assert redact(value) == {"ship_to": {key: PERSONAL}}
        assert redact(value, personal=False) == value

    def test_keeps_what_identifies_nobody(self):
        value = {
            "order_number": "00000101",
            "sku": "TEE-RED-M",
            "city": "Denver",
            "state": "CO",
            "country": "US",
            "quantity": 2,
            "price": "19.90",
            "tracking_number": "1Z999AA10123456784",
            "at": "2026-01-05T09:00:00.000+0000",
            "method": None,
        }

        assert redact(value) == value

    def test_keeps_an_empty_value_visible(self):
        value = {"email": "", "phone": None, "token": ""}

        assert redact(value) == value

    def test_reads_json_inside_text(self):
        body = json.dumps({"variables": {"data": {"email": "ann@example.com"}}})

        assert json.loads(redact(body)) == {"variables": {"data": {"email": PERSONAL}}}

    def test_leaves_the_original_alone(self):
        value = {"token": "abc"}

        redact(value)

        assert value == {"token": "abc"}

    def test_survives_deep_nesting(self):
        value: object = "ann@example.com"
        for _level in range(500):
            value = [value]

        assert "ann@" not in json.dumps(redact(value))
        assert "ann@" not in redact("[" * 100_000 + '"ann@example.com"')


class TestMaskText:
    @pytest.mark.parametrize(
        ("text", "lost"),
        [
            ("sent Authorization: Bearer abcdefghij0123456789", "abcdefghij"),
            ("got eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2lnbmF0dXJl back", "eyJ"),
            ("session 00D000000000001!AQ8AQFakeFakeFakeFake expired", "AQ8A"),
            ("POST /token?refresh_token=r3fr3sh&grant_type=x", "r3fr3sh"),
            ("postgres://shipsync:hunter2@db/shipsync refused", "hunter2"),
            ("POST '/webhooks/shiphero/tok3n-tok3n-tok3n-tok3n/' 401", "tok3n"),
            ("bad value {'password': 'hunter2'}", "hunter2"),
            ('{"password": "hunter2", cut off', "hunter2"),
            ("<sf:Email>ann@example.com</sf:Email>", "ann@example.com"),
            ("<sf:ShippingStreet>12 Somewhere</sf:ShippingStreet>", "12 Somewhere"),
            ("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----", "MIIE"),
            ("mail ann.lee+x@shop.example.com bounced", "ann.lee"),
            ("call +1 (303) 555-0100 now", "555-0100"),
            ("call (303) 555-0100 now", "555-0100"),
            ("call 303-555-0100 now", "555-0100"),
            ("no such place: 1600 Larimer Street", "Larimer"),
        ],
    )
    def test_masks(self, text, lost):
        masked = mask_text(text)

        assert lost in text
        assert lost not in masked

    @pytest.mark.parametrize(
        "text",
        [
            "Order 00000101 was created as T3JkZXI6MTIz in 1.25 s.",
            "At 2026-01-05 09:00:00 the SKU TEE-RED-M is unknown to ShipHero.",
            "claimed 12 of 50 jobs, lane=new_order wait=30",
            "There are not enough credits: 101 needed, 4 left.",
        ],
    )
    def test_leaves_ordinary_words_alone(self, text):
        assert mask_text(text) == text

    @pytest.mark.parametrize(
        "unit",
        ["a", "a@", "1 ", "a=", "<a", "+1 ", "-----BEGIN ", "eyJa.", "a.", "a b "],
    )
    def test_reads_a_megabyte_of_anything(self, unit):
        text = unit * (1_000_000 // len(unit))

        assert mask_text(text)


class TestIsPersonal:
    def test_tells_personal_from_secret(self):
        assert is_personal({"email": "ann@example.com"})
        assert not is_personal({"token": "abc", "sku": "TEE"})
