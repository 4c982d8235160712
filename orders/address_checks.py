"""What is wrong with where an order goes, and with how to reach who gets it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields

from connectors.errors import Problem
from orders import addresses
from orders.checks import Checks, Severity
from orders.records import MISSING, Address, OrderRecord

# Countries without postal codes, or where most addresses have none.
_NO_POSTAL_CODE = """
AE AG AN AO AW BF BI BJ BO BS BW BZ CD CF CG CI CK CM DJ DM
ER FJ GA GD GH GM GN GQ GY HK IE JM KE KI KM KN KP LC ML MO
MR MS MU MW NR NU PA QA RW SB SC SL SR ST SY TF TG TK TL TO
TT TV TZ UG VU YE ZA ZW
"""
NO_POSTAL_CODE = frozenset(_NO_POSTAL_CODE.split())
NEEDS_STATE = frozenset({"US", "CA", "AU", "BR", "MX"})
MAX_TEXT = 255
PRINTED = ("first_name", "last_name", "company", "address1", "address2", "city")
_COUNTRY_CODE = re.compile("[A-Z]{2}")


def ship_to_problems(record: OrderRecord, checks: Checks) -> Iterator[Problem]:
    if record.ship_to is MISSING:
        yield unreadable("ship_to", "the ship-to address")
        return
    address = addresses.tidy(record.ship_to, line_length=checks.line_length).address
    if not any((address.address1, address.city, address.zip, address.country)):
        yield Problem("address.missing", "The order has no ship-to address.", "ship_to")
        return
    yield from _address_parts(address)
    yield from _lengths(address, checks.line_length)


def _lengths(address: Address, longest: int) -> Iterator[Problem]:
    for part in fields(Address):
        value = getattr(address, part.name)
        limit = longest if part.name in PRINTED and longest else MAX_TEXT
        if len(value) <= limit:
            continue
        code = "source.length" if len(value) > MAX_TEXT else "address.line_too_long"
        yield Problem(
            code,
            f"The ship-to {words_of(part.name)} has {len(value)} characters; "
            f"{limit} fit.",
            f"ship_to.{part.name}",
            value[:MAX_TEXT],
        )


def _address_parts(address: Address) -> Iterator[Problem]:
    if not (address.first_name or address.last_name or address.company):
        yield _gap("name_missing", "recipient", "last_name")
    if not address.address1:
        yield _gap("street_missing", "street", "address1")
    if not address.city:
        yield _gap("city_missing", "city", "city")
    if not address.country:
        yield _gap("country_missing", "country", "country")
        return
    country = address.country
    if not (_COUNTRY_CODE.fullmatch(country) and addresses.is_country(country)):
        yield Problem(
            "address.country_unknown",
            f"The country “{country[:80]}” is not known.",
            "ship_to.country",
            country[:MAX_TEXT],
        )
        return
    yield from _postal_code(address)
    yield from _state(address)


def _postal_code(address: Address) -> Iterator[Problem]:
    zip_, country = address.zip, address.country
    if not zip_:
        if country not in NO_POSTAL_CODE:
            yield _gap("zip_missing", "postal code", "zip")
        return
    if not addresses.fits_postal_code(zip_, country):
        example = addresses.example_of(country)
        like = f"; one looks like {example}" if example else ""
        yield Problem(
            "address.zip_invalid",
            f"“{zip_[:40]}” is no postal code of {country}{like}.",
            "ship_to.zip",
            zip_[:MAX_TEXT],
        )
    elif addresses.fits_state(zip_, country, address.state) is False:
        yield Problem(
            "address.zip_elsewhere",
            f"The postal code {zip_} does not lie in {address.state}.",
            "ship_to.zip",
            zip_,
        )


def _state(address: Address) -> Iterator[Problem]:
    state, country = address.state, address.country
    if not state:
        if country in NEEDS_STATE:
            yield _gap("state_missing", "state", "state")
        return
    codes = addresses.regions(country).values()
    if country in NEEDS_STATE and codes and state not in codes:
        yield Problem(
            "address.state_unknown",
            f"“{state[:80]}” is no state or province of {country}.",
            "ship_to.state",
            state[:MAX_TEXT],
        )


def po_box_problem(
    address: Address, carrier: str, method: str, checks: Checks
) -> Problem | None:
    """A box that the chosen carrier does not deliver to; its postal services do."""
    is_closed = carrier.strip().casefold() in checks.no_po_box
    if not is_closed or _BY_POST.search(method) or not addresses.is_po_box(address):
        return None
    if checks.severity("address.po_box") is Severity.OFF:
        return None
    return Problem(
        "address.po_box",
        f"{carrier.upper()} does not deliver to a post-office box or military address.",
        "ship_to.address1",
        address.address1[:MAX_TEXT],
    )


_BY_POST = re.compile(
    r"sure.?post|smart.?post|ground.?economy|mail.?innovations|ecommerce", re.IGNORECASE
)


def contact_problems(record: OrderRecord) -> Iterator[Problem]:
    if record.ship_to is MISSING:
        return
    phone, country = record.ship_to.phone.strip(), record.ship_to.country.strip()
    if not phone:
        yield Problem(
            "phone.missing", "The order has no phone number.", "ship_to.phone"
        )
    elif addresses.parsed_phone(phone, addresses.country_code(country)) is None:
        yield Problem(
            "phone.invalid",
            f"“{phone[:40]}” is no phone number that can be dialed.",
            "ship_to.phone",
            phone[:MAX_TEXT],
        )
    email = (record.email or record.ship_to.email).strip()
    if not email:
        yield Problem("email.missing", "The order has no e-mail address.", "email")
    elif not addresses.is_email(email):
        yield Problem(
            "email.invalid",
            f"“{email[:80]}” is no e-mail address.",
            "email",
            email[:MAX_TEXT],
        )


def _gap(code: str, what: str, field: str) -> Problem:
    return Problem(
        f"address.{code}", f"The ship-to address has no {what}.", f"ship_to.{field}"
    )


def words_of(field: str) -> str:
    return field.rpartition(".")[2].replace("_", " ")


def unreadable(field: str, what: str) -> Problem:
    return Problem("source.unreadable", f"ShipSync may not read {what}.", field)
