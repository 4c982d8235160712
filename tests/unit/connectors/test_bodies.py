"""What a stranger's JSON becomes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.bodies import MalformedBodyError, parse_answer, parse_body
from connectors.catalogue import ENTRIES
from connectors.errors import Kind


class TestParseBody:
    def test_reads_an_object(self):
        raw = b'{"a": [1, 2.5, "\\u00e9\\ud83d\\ude00", null, true], "b\\/": {}}'

        assert parse_body(raw) == {"a": [1, 2.5, "é😀", None, True], "b/": {}}

    def test_forgives_a_byte_order_mark(self):
        assert parse_body(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}

    def test_lets_the_last_of_a_doubled_key_count(self):
        assert parse_body(b'{"a": 1, "a": 2}') == {"a": 2}

    def test_counts_no_bracket_inside_text(self):
        text = '[{"' * 100

        assert parse_body(json.dumps({"a": text}).encode()) == {"a": text}

    def test_reads_64_levels(self):
        assert parse_body(b'{"a": ' + b"[" * 63 + b"]" * 63 + b"}")

    @pytest.mark.parametrize(
        ("raw", "reason"),
        [
            pytest.param(b"", "not JSON", id="nothing"),
            pytest.param(b"code=1&b=2", "not JSON", id="a form"),
            pytest.param(b'{"a": 1} {"b": 2}', "not JSON", id="two objects"),
            pytest.param(b'{"a": "\x00"}', "not JSON", id="a bare NUL"),
            pytest.param(b'{"a": "', "not JSON", id="cut off"),
            pytest.param(b"\xff\xfe{\x00}\x00", "not UTF-8", id="UTF-16"),
            pytest.param(b'{"a": "\xed\xa0\x80"}', "not UTF-8", id="raw surrogate"),
            pytest.param(b"[1]", "not a JSON object", id="a list"),
            pytest.param(b"null", "not a JSON object", id="null"),
            pytest.param(b'{"a": NaN}', "NaN", id="NaN"),
            pytest.param(b'{"a": -Infinity}', "-Infinity", id="infinity"),
            pytest.param(b'{"a": 1e400}', "too large", id="1e400"),
            pytest.param(b'{"a": ' + b"9" * 5000 + b"}", "digits", id="5000 digits"),
            pytest.param(b'{"a": 9223372036854775808}', "digits", id="65 bits"),
            pytest.param(b'{"a": "\\u0000"}', "cannot be stored", id="NUL"),
            pytest.param(b'{"\\u0000": 1}', "cannot be stored", id="NUL in a key"),
            pytest.param(b'{"a": ["\\ud800"]}', "cannot be stored", id="surrogate"),
            pytest.param(b'{"a": ' + b"[" * 100_000, "nested", id="deep and cut off"),
            pytest.param(
                b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested", id="deep"
            ),
        ],
    )
    def test_says_plainly_what_is_wrong(self, raw, reason):
        with pytest.raises(MalformedBodyError) as caught:
            parse_body(raw)

        assert reason in caught.value.reason
        assert caught.value.kind is Kind.INVALID

    def test_reads_two_megabytes_of_open_quotes_in_one_pass(self):
        """A reader that starts over at each quote would not end."""
        with pytest.raises(MalformedBodyError):
            parse_body(b'{"a": "' + b'\\"' * 2**20)

    def test_never_repeats_the_body_in_its_reason(self):
        with pytest.raises(MalformedBodyError) as caught:
            parse_body(b'{"name": "Ada Lovelace", }')

        assert "Ada" not in caught.value.reason + caught.value.detail

    def test_has_its_entry_in_the_catalogue(self):
        error = MalformedBodyError("x")
        entry = next(entry for entry in ENTRIES if entry.code == error.code)

        assert (error.category, error.owner) == (entry.category, entry.owner)

    @given(st.binary(max_size=200))
    def test_makes_of_any_bytes_a_dict_or_its_own_error(self, raw):
        check_outcome(raw)

    @given(
        st.lists(
            st.sampled_from(
                ["{", "}", "[", "]", '"a"', ":", ",", "1", "1e999", "NaN", '"\\ud800"']
            ),
            max_size=30,
        )
    )
    def test_makes_of_near_json_a_dict_or_its_own_error(self, tokens):
        check_outcome("".join(tokens).encode())

    @given(
        st.dictionaries(
            st.text(),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.text() | st.floats(),
                lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
                max_leaves=10,
            ),
        )
    )
    def test_gives_back_what_was_written_or_its_own_error(self, body):
        raw = json.dumps(body).encode()
        try:
            assert parse_body(raw) == json.loads(raw)
        except MalformedBodyError:
            with pytest.raises((ValueError, OverflowError, UnicodeEncodeError)):
                check_storable(body)


def check_outcome(raw: bytes) -> None:
    try:
        body = parse_body(raw)
    except MalformedBodyError:
        return
    assert isinstance(body, dict)
    check_storable(body)


def check_storable(value: object) -> None:
    """Raises for what PostgreSQL or SQLite would refuse or bend."""
    text = json.dumps(value, allow_nan=False, ensure_ascii=False)
    text.encode("utf-8")
    if "\\u0000" in json.dumps(value).replace("\\\\", ""):
        raise ValueError("NUL")
    check_numbers(value)


def check_numbers(value: object) -> None:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            check_numbers(item)
    elif isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise OverflowError


class TestParseAnswer:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ('{"a": "b"}', {"a": "b"}),
            (r'{"a": "\ud83d\ude00"}', {"a": "😀"}),
            (
                r'{"a\u0000": ["b\u0000c", {"d": "\ud800"}]}',
                {"a\ufffd": ["b\ufffdc", {"d": "\ufffd"}]},
            ),
            ('{"a": NaN}', {"a": None}),
            ("null", None),
        ],
    )
    def test_replaces_what_no_database_keeps(self, text, value):
        assert parse_answer(text) == value

    @pytest.mark.parametrize("text", ["", "<html>", '{"a": "\x00"}', "[" * 200_000])
    def test_refuses_what_is_no_json(self, text):
        with pytest.raises((ValueError, RecursionError)):
            parse_answer(text)
