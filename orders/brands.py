"""Which account ships an order, by the brand Salesforce gives it. A rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BrandRoute:
    """A brand by its code in Salesforce, and the account that ships it.

    Several brands may share one account and be told apart there by their tags.
    """

    brand_id: int
    code: str
    account_id: int


@dataclass(frozen=True, slots=True)
class Placement:
    """`account_id` is None where no account is set up; `reason` is for people."""

    account_id: int | None
    brand_id: int | None
    reason: str


def place(
    code: str, routes: Sequence[BrandRoute], *, default_account_id: int | None
) -> Placement:
    """The account for a brand code; text is compared without regard to case.

    Where several accounts name the same code, the first of `routes` counts. An unknown
    code and none at all go to the organization's first account.
    """
    wanted = code.strip().casefold()
    for route in routes:
        if wanted and route.code.strip().casefold() == wanted:
            words = f"Its brand “{code.strip()}” is shipped by this account."
            return Placement(route.account_id, route.brand_id, words)
    if wanted:
        words = f"No account names the brand “{code.strip()}”; the first one ships it."
        return Placement(default_account_id, None, words)
    return Placement(default_account_id, None, "The organization's first account.")


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line and the brand it has now; where it was placed, and by which brand.

    `stands_in` is the account in whose warehouse order it stands, if in any.
    """

    key: str
    brand: str
    account_id: int | None = None
    placed_by: str = ""
    stands_in: int | None = None


def place_lines(
    lines: Sequence[PlacedLine], routes: Sequence[BrandRoute], *, home_id: int
) -> dict[str, int]:
    """The account of each line, by its key.

    A line stays where it is until its own brand changes: accounts and brands that are
    set up differently later move nothing that people may be picking. Lines of one
    brand keep together; a line of no brand, or of one that no account names, stays with
    the order's own account.
    """
    found = {line.key: kept for line in lines if (kept := _kept(line)) is not None}
    of_brand: dict[str, int] = {}
    for line in lines:
        if line.key in found and (name := line.brand.strip().casefold()):
            of_brand.setdefault(name, found[line.key])
    for line in lines:
        if line.key not in found:
            name = line.brand.strip().casefold()
            routed = place(line.brand, routes, default_account_id=home_id).account_id
            found[line.key] = of_brand.get(name) or routed or home_id
    return found


def _kept(line: PlacedLine) -> int | None:
    if line.account_id is None:
        return line.stands_in
    if line.brand.strip().casefold() == line.placed_by.strip().casefold():
        return line.account_id
    return None


def common_brand(codes: Iterable[str]) -> str:
    """The one brand of all lines; "" where they have none, or several."""
    by_name = {code.strip().casefold(): code.strip() for code in codes}
    return next(iter(by_name.values())) if len(by_name) == 1 else ""
