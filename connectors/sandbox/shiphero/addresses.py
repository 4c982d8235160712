"""A simple address check, enough to put on hold what people really mistype."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

STATES = frozenset(
    [
        "AL",
        "AK",
        "AZ",
        "AR",
        "CA",
        "CO",
        "CT",
        "DE",
        "FL",
        "GA",
        "HI",
        "ID",
        "IL",
        "IN",
        "IA",
        "KS",
        "KY",
        "LA",
        "ME",
        "MD",
        "MA",
        "MI",
        "MN",
        "MS",
        "MO",
        "MT",
        "NE",
        "NV",
        "NH",
        "NJ",
        "NM",
        "NY",
        "NC",
        "ND",
        "OH",
        "OK",
        "OR",
        "PA",
        "RI",
        "SC",
        "SD",
        "TN",
        "TX",
        "UT",
        "VT",
        "VA",
        "WA",
        "WV",
        "WI",
        "WY",
        "DC",
        "PR",
        "GU",
        "VI",
        "AS",
        "MP",
        "AA",
        "AE",
        "AP",
    ]
)
US_NAMES = frozenset({"US", "USA", "UNITED STATES", "UNITED STATES OF AMERICA"})
ZIP = re.compile(r"\d{5}(-?\d{4})?")
COUNTRY_CODE = re.compile(r"[A-Z]{2}")


def country_of(address: Mapping[str, Any]) -> str:
    """Two letters where they can be known, else the text as given."""
    text = str(address.get("country_code") or address.get("country") or "")
    text = text.strip().upper()
    return "US" if text in US_NAMES else text


def looks_deliverable(address: Mapping[str, Any]) -> bool:
    """Whether validation lets it pass. Only US addresses are looked at closely."""
    country = country_of(address)
    if country != "US":
        return bool(COUNTRY_CODE.fullmatch(country))
    state = str(address.get("state_code") or address.get("state") or "").strip().upper()
    return (
        bool(str(address.get("address1") or "").strip())
        and bool(str(address.get("city") or "").strip())
        and bool(ZIP.fullmatch(str(address.get("zip") or "").strip()))
        and state in STATES
    )
