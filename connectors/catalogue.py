"""Every error code ShipSync gives, with its cause, its fix and who fixes it.

Codes a remote system gives keep the remote's own words; those that need no entry
here fall back to the entry of their kind (`salesforce.rejected`, …).
"""

from __future__ import annotations

from dataclasses import dataclass

from connectors.errors import Category, Owner


@dataclass(frozen=True, slots=True)
class Entry:
    code: str
    title: str
    cause: str
    fix: str
    category: Category
    owner: Owner


def _entry(
    code: str, title: str, cause: str, fix: str, about: tuple[str, str]
) -> Entry:
    return Entry(code, title, cause, fix, Category(about[0]), Owner(about[1]))


_SALES_ADDRESS = ("address", "sales")
_SALES_SKU = ("sku", "sales")
_SETUP = ("setup", "integrator")
_OPS_REMOTE = ("remote", "ops")

ENTRIES: tuple[Entry, ...] = (
    _entry(
        "address.missing",
        "No ship-to address",
        "The order has no ship-to address.",
        "Enter the shipping address on the order in Salesforce.",
        _SALES_ADDRESS,
    ),
    _entry(
        "address.name_missing",
        "No recipient",
        "Neither a contact's name nor a company stands on the ship-to address.",
        "Choose a ship-to contact or an account with a name in Salesforce.",
        _SALES_ADDRESS,
    ),
    _entry(
        "address.street_missing",
        "No street",
        "The ship-to address has no street.",
        "Complete the shipping street on the order in Salesforce.",
        _SALES_ADDRESS,
    ),
    _entry(
        "address.city_missing",
        "No city",
        "The ship-to address has no city.",
        "Complete the shipping city on the order in Salesforce.",
        _SALES_ADDRESS,
    ),
    _entry(
        "address.zip_missing",
        "No postal code",
        "The country needs a postal code and the address has none.",
        "Complete the shipping postal code on the order in Salesforce.",
        _SALES_ADDRESS,
    ),
    _entry(
        "address.state_missing",
        "No state",
        "The country needs a state or province and the address has none.",
        "Complete the shipping state on the order in Salesforce.",
        _SALES_ADDRESS,
    ),
    _entry(
        "address.country_missing",
        "No country",
        "The ship-to address has no country.",
        "Complete the shipping country on the order in Salesforce.",
        _SALES_ADDRESS,
    ),
    _entry(
        "address.country_unknown",
        "Unknown country",
        "The country is neither a two-letter code nor a name we know.",
        "Write the country as its two-letter ISO code, for example US.",
        _SALES_ADDRESS,
    ),
    _entry(
        "lines.none",
        "No lines",
        "The order has no order products.",
        "Add at least one order product in Salesforce.",
        _SALES_SKU,
    ),
    _entry(
        "sku.missing",
        "Line without SKU",
        "The line's product has no SKU in the mapped field.",
        "Give the product its SKU in Salesforce, or replace the line.",
        _SALES_SKU,
    ),
    _entry(
        "sku.too_long",
        "SKU too long",
        "The SKU is longer than a warehouse system accepts.",
        "Correct the product's SKU in Salesforce.",
        _SALES_SKU,
    ),
    _entry(
        "quantity.missing",
        "Line without quantity",
        "The line has no quantity.",
        "Enter a whole quantity of at least 1 on the line.",
        _SALES_SKU,
    ),
    _entry(
        "quantity.fraction",
        "Quantity is not whole",
        "A warehouse ships whole units; the line asks for a fraction.",
        "Enter a whole quantity, or sell the product in another unit.",
        _SALES_SKU,
    ),
    _entry(
        "quantity.not_positive",
        "Quantity is zero or negative",
        "Nothing can be shipped for this line.",
        "Enter a whole quantity of at least 1, or remove the line.",
        _SALES_SKU,
    ),
    _entry(
        "quantity.too_large",
        "Quantity too large",
        "The quantity is larger than a warehouse system accepts.",
        "Correct the quantity on the line.",
        _SALES_SKU,
    ),
    _entry(
        "price.unusable",
        "Price cannot be used",
        "The line's price is not a number a warehouse system accepts.",
        "Correct the unit price on the line.",
        _SALES_SKU,
    ),
    _entry(
        "method.missing",
        "No shipping method",
        "The order does not say how to ship.",
        "Choose the shipping method on the order in Salesforce.",
        ("method", "sales"),
    ),
    _entry(
        "method.unmapped",
        "Shipping method not mapped",
        "No carrier and method stand for this shipping method yet.",
        "Add the method to the shipping-method map, then retry.",
        ("method", "ops"),
    ),
    _entry(
        "source.unreadable",
        "Field cannot be read",
        "Salesforce did not give ShipSync this field: a right or a mapping is missing.",
        "Grant the field in the integration permission set, or correct the mapping.",
        _SETUP,
    ),
    _entry(
        "source.incomplete",
        "Order was not read completely",
        "The lines of the order could not be read to their end.",
        "Nothing to do: it is read again. If it stays, check the integration's rights.",
        _SETUP,
    ),
    _entry(
        "source.length",
        "Value too long",
        "A value is longer than the warehouse system accepts.",
        "Shorten the value on the order in Salesforce.",
        _SALES_ADDRESS,
    ),
    _entry(
        "export.edit_too_late",
        "Edit came too late",
        "The warehouse had already shipped or closed the order when the edit arrived.",
        "Agree with the warehouse what to do, then dismiss or re-export.",
        _OPS_REMOTE,
    ),
    _entry(
        "export.partly_applied",
        "Edit applied in part",
        "The warehouse took over only a part of an edit.",
        "Compare the order in ShipHero with Salesforce, correct it there, then retry.",
        _OPS_REMOTE,
    ),
    _entry(
        "export.cannot_hold",
        "Cannot be held back",
        "No hold kind is reserved for ShipSync in this account.",
        "Hold or cancel the order in ShipHero by hand, or reserve a hold kind.",
        _OPS_REMOTE,
    ),
    _entry(
        "export.cancel_refused",
        "Cancel came too late",
        "The warehouse could not cancel the order any more.",
        "Stop the parcel with the warehouse, or arrange a return.",
        _OPS_REMOTE,
    ),
    _entry(
        "export.duplicate_live",
        "Two live warehouse orders",
        "More than one unheld warehouse order carries this order's key.",
        "Decide with the warehouse which one ships; cancel the other there.",
        _OPS_REMOTE,
    ),
    _entry(
        "export.lines_split",
        "Lines are split",
        "A SKU stands on more lines in ShipHero than in Salesforce.",
        "Join the lines of that SKU in ShipHero, then link again.",
        _OPS_REMOTE,
    ),
    _entry(
        "export.not_ours",
        "Linked order is another one",
        "The ShipHero order to link does not exist or belongs to another order.",
        "Check the ShipHero order number and link again.",
        _OPS_REMOTE,
    ),
    _entry(
        "delivery.malformed",
        "Webhook cannot be read",
        "The body of a signed webhook is not what ShipHero documents.",
        "The raw body is kept. Pass it to the engineers; the order itself is read again.",
        ("transport", "engineer"),
    ),
    _entry(
        "setup.no_account",
        "No warehouse account",
        "No ShipHero account is connected to this Salesforce organization.",
        "Connect an account under Accounts.",
        _SETUP,
    ),
    _entry(
        "setup.fingerprint",
        "Wrong organization or account",
        "The login answers for another organization or account than was connected.",
        "Check the login: a sandbox login may stand where production is meant.",
        _SETUP,
    ),
    _entry(
        "shipsync.unusual",
        "Unusually many cancels",
        "More orders or lines than usual were about to be taken back.",
        "Look whether Salesforce is right, then resume the account.",
        ("setup", "ops"),
    ),
    _entry(
        "shipsync.database",
        "The database was busy",
        "ShipSync's own database was locked or restarting over all tries.",
        "Look at the database, then retry.",
        ("transport", "engineer"),
    ),
    _entry(
        "shipsync.crashes_worker",
        "Ends its worker",
        "Three tries in a row ended without an outcome.",
        "Pass it to the engineers, then retry.",
        ("transport", "engineer"),
    ),
    _entry(
        "shipsync.internal",
        "Error in ShipSync",
        "ShipSync met a condition it was not written for.",
        "The engineers have the details. Retry after their fix.",
        ("transport", "engineer"),
    ),
    _entry(
        "salesforce.rejected",
        "Salesforce refused",
        "Salesforce understood the request and refused it, in the words shown.",
        "Correct what Salesforce names, then retry.",
        ("remote", "sales"),
    ),
    _entry(
        "shiphero.rejected",
        "ShipHero refused",
        "ShipHero understood the request and refused it, in the words shown.",
        "Correct what ShipHero names, then retry.",
        _OPS_REMOTE,
    ),
    _entry(
        "salesforce.transient",
        "Salesforce does not answer",
        "Salesforce did not answer, or a row stayed locked, over all tries.",
        "Look at Salesforce's status, then retry.",
        ("transport", "ops"),
    ),
    _entry(
        "shiphero.transient",
        "ShipHero does not answer",
        "ShipHero did not answer over all tries.",
        "Look at ShipHero's status, then retry.",
        ("transport", "ops"),
    ),
    _entry(
        "salesforce.auth",
        "Salesforce refused the login",
        "The login or one of its rights was refused.",
        "Check the login and the integration permission set, then resume the login.",
        _SETUP,
    ),
    _entry(
        "shiphero.auth",
        "ShipHero refused the login",
        "The token or one of its scopes was refused.",
        "Enter a new refresh token, then resume the login.",
        _SETUP,
    ),
)

_BY_CODE = {entry.code: entry for entry in ENTRIES}


def find(code: str, *, kind: str = "") -> Entry | None:
    """The entry of a code, or of its system's kind when the code has none."""
    entry = _BY_CODE.get(code)
    if entry is None and kind:
        entry = _BY_CODE.get(f"{code.split('.', 1)[0]}.{kind}")
    return entry


def entry(code: str) -> Entry:
    """The entry of one of our own codes. Raises `KeyError` for a code without one."""
    return _BY_CODE[code]
