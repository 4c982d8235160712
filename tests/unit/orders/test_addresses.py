"""Addresses are tidied where that is certain, and nothing is lost on the way."""

from __future__ import annotations

import unicodedata
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders import addresses
from orders.addresses import is_po_box, phone_number, postal_code, tidy
from orders.records import Address

HOME = Address(
    first_name="Ada",
    last_name="Byron",
    address1="12 Mill Lane",
    city="Tulsa",
    state="OK",
    zip="74103",
    country="US",
)
anything = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            *("Oklahoma", "quebec", "NSW", "US", "uk", "Deutschland", "Österreich"),
            *("sw1a1aa", "K1A0B1", "2139", "741031234", "1234ab", "12 345"),
            *("(918) 555-0100", "030 901820", "PO Box 7", "a" * 40, "a b " * 20),
        ]
    ),
)
some_addresses = st.builds(Address, **{one.name: anything for one in fields(Address)})
lengths = st.sampled_from([0, 10, 35])


def letters(text: str) -> list[str]:
    apart = unicodedata.normalize("NFD", text)
    return [char for char in apart if char.isalnum()]


class TestTidyingIs:
    @given(some_addresses, lengths)
    def test_the_same_when_done_twice(self, address: Address, length: int) -> None:
        once = tidy(address, line_length=length).address

        again = tidy(once, line_length=length)

        assert (again.address, again.changes) == (once, ())

    @given(some_addresses, lengths)
    def test_without_loss_of_a_letter(self, address: Address, length: int) -> None:
        found = tidy(address, line_length=length).address

        for name in ("first_name", "last_name", "company", "city", "email"):
            assert letters(getattr(found, name)) == letters(getattr(address, name))
        street = address.address1 + address.address2
        assert letters(found.address1 + found.address2) == letters(street)

    @given(some_addresses, st.sampled_from([10, 35]))
    def test_within_the_limit_where_it_wraps(
        self, address: Address, length: int
    ) -> None:
        plain = tidy(address).address
        found = tidy(address, line_length=length).address

        if (found.address1, found.address2) != (plain.address1, plain.address2):
            assert len(found.address1) <= length
            assert len(found.address2) <= length

    @given(some_addresses)
    def test_composed_and_without_control_characters(self, address: Address) -> None:
        found = tidy(address).address

        for one in fields(Address):
            text = getattr(found, one.name)
            assert unicodedata.is_normalized("NFC", text)
            assert not any(unicodedata.category(c) in {"Cc", "Cs"} for c in text)
            assert text == text.strip()

    def test_told_part_by_part(self) -> None:
        typed = replace(HOME, state="oklahoma", first_name="Ada\x00", zip="74103 ")

        found = tidy(typed)

        assert found.address == HOME
        assert [(one.field, one.after) for one in found.changes] == [
            ("first_name", "Ada"),
            ("state", "OK"),
            ("zip", "74103"),
        ]

    def test_no_change_of_a_good_address(self) -> None:
        assert tidy(HOME, line_length=35).changes == ()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("us", "US"),
        ("U.S.A.", "US"),
        ("Vereinigte Staaten", "US"),
        ("Estados Unidos", "US"),
        ("uk", "GB"),
        ("Deutschland", "DE"),
        ("ÖSTERREICH", "AT"),
        ("日本", "JP"),
        ("España", "ES"),
        ("Elfenbeinküste", "CI"),
        ("Korea", "Korea"),
        ("Congo", "Congo"),
        ("Freedonia", "Freedonia"),
        ("", ""),
    ],
)
def test_a_country_is_known_by_its_names(name: str, code: str) -> None:
    assert addresses.country_code(name) == code


@pytest.mark.parametrize(
    ("name", "country", "code"),
    [
        ("oklahoma", "US", "OK"),
        ("ok", "US", "OK"),
        ("Quebec", "CA", "QC"),
        ("Québec", "CA", "QC"),
        ("New South Wales", "AU", "NSW"),
        ("São Paulo", "BR", "SP"),
        ("Milano", "IT", "MI"),
        ("Bayern", "DE", "Bayern"),
        ("Oklahama", "US", "Oklahama"),
    ],
)
def test_a_region_is_known_by_its_names(name: str, country: str, code: str) -> None:
    assert addresses.region_code(name, country) == code


@pytest.mark.parametrize(
    ("text", "country", "state", "written"),
    [
        pytest.param("741031234", "US", "OK", "74103-1234", id="ZIP+4"),
        pytest.param("74103-1234", "US", "OK", "74103-1234", id="ZIP+4 as it is"),
        pytest.param("2139", "US", "MA", "02139", id="a spreadsheet's zero"),
        pytest.param("2139", "US", "OK", "2139", id="no zero of that state"),
        pytest.param("2139", "US", "", "2139", id="nobody knows"),
        pytest.param("sw1a1aa", "GB", "", "SW1A 1AA", id="British"),
        pytest.param("K1A-0B1", "CA", "ON", "K1A 0B1", id="Canadian"),
        pytest.param("1234ab", "NL", "", "1234 AB", id="Dutch"),
        pytest.param("11455", "SE", "", "114 55", id="Swedish"),
        pytest.param("1000205", "PT", "", "1000-205", id="Portuguese"),
        pytest.param("nowhere", "DE", "", "nowhere", id="none at all"),
        pytest.param("10115", "DE", "", "10115", id="German"),
    ],
)
def test_a_postal_code_is_written_as_its_country_does(
    text: str, country: str, state: str, written: str
) -> None:
    assert postal_code(text, country, state) == written


@pytest.mark.parametrize(
    ("text", "country", "shown"),
    [
        ("(918) 555-0100", "US", "+1 918-555-0100"),
        ("+1 918 555 0100", "US", "+1 918 555 0100"),
        ("030 901820", "DE", "+49 30 901820"),
        ("918-555-0100 x12", "US", "+1 918-555-0100 ext. 12"),
        ("call me", "US", "call me"),
        ("12", "US", "12"),
        ("030 901820", "", "030 901820"),
    ],
)
def test_a_national_number_gets_its_country(
    text: str, country: str, shown: str
) -> None:
    assert phone_number(text, country) == shown


@pytest.mark.parametrize(
    ("line", "is_box"),
    [
        ("PO Box 12", True),
        ("P.O. BOX 5", True),
        ("P O Box 5", True),
        ("Post Office Box 9", True),
        ("pob 44", True),
        ("Postfach 12", True),
        ("Apartado de Correos 7", True),
        ("Boîte postale 3", True),
        ("BP 123", True),
        ("Locked Bag 9", True),
        ("Box 12, Polk St", False),
        ("12 BP Street", False),
        ("1 Poboxer Road", False),
        ("Shop O, Boxwood Rd", False),
    ],
)
def test_a_box_is_known_as_one(line: str, is_box: bool) -> None:
    assert is_po_box(replace(HOME, address1=line)) is is_box
    assert is_po_box(replace(HOME, address2=line)) is is_box


def test_only_the_post_delivers_to_the_forces() -> None:
    assert is_po_box(replace(HOME, city="APO", state="AE"))


def test_a_long_street_goes_on_in_the_second_line() -> None:
    long = replace(HOME, address1="12 Mill Lane Behind The Old Railway Station West")

    found = tidy(replace(long, address2="Apt 4"), line_length=35).address

    assert found.address1 == "12 Mill Lane Behind The Old Railway"
    assert found.address2 == "Station West, Apt 4"


def test_what_fits_in_no_two_lines_stays_whole() -> None:
    long = replace(HOME, address1="a " * 60 + "b")

    assert tidy(long, line_length=35).changes == ()
