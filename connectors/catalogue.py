"""Every error code ShipSync gives, with its cause, its fix and who fixes it.

Codes a remote system gives keep the remote's own words; those that need no entry
here fall back to the entry of their kind (`salesforce.rejected`, …).
"""

from __future__ import annotations

from connectors.catalogue_checks import OF_CHECKS, Entry
from connectors.catalogue_checks import entry_of as _entry
from connectors.catalogue_stock import STOCK

_SALES_ADDRESS = ("address", "sales")
_SALES_SKU = ("sku", "sales")
_SETUP = ("setup", "integrator")
_OPS_REMOTE = ("remote", "ops")
_UNITS = ("sku", "integrator")

ENTRIES: tuple[Entry, ...] = (
    *OF_CHECKS,
    _entry(
        "salesforce.bulk_job_failed",
        "Salesforce gave up a large write",
        "A Bulk job failed before any row was done: a field of the inventory level is "
        "missing in Salesforce or hidden from our user.",
        "Deploy the ShipSync package and assign its permission set, then try again.",
        _SETUP,
    ),
    _entry(
        "source.required",
        "Required field is empty",
        "The source mapping requires a field that the order does not have.",
        "Fill in the field in Salesforce, or change the mapping.",
        _SETUP,
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
        "method.not_valid",
        "Shipping method not valid here",
        "The method is mapped, but not for this country, weight or warehouse.",
        "Add a row for it to the shipping-method map, or choose another method.",
        ("method", "ops"),
    ),
    _entry(
        "tag.unmapped",
        "Tag not mapped",
        "The order carries a tag for which the warehouse has no name yet.",
        "Add the tag to the map of tags, or let unknown tags pass.",
        ("setup", "ops"),
    ),
    _entry(
        "routing.no_warehouse",
        "No warehouse can ship it",
        "No routing rule found a warehouse, and the rules say that such orders wait.",
        "It wakes by itself when stock or rules change. Or choose a warehouse for it on "
        "the order's page, with a reason.",
        ("routing", "ops"),
    ),
    _entry(
        "source.unreadable",
        "Field cannot be read",
        "Salesforce did not give ShipSync this field: a right or a mapping is missing.",
        "Grant the field in the integration permission set, or correct the mapping.",
        _SETUP,
    ),
    _entry(
        "source.malformed",
        "Order cannot be read",
        "A value of the order is not of the kind that its field must be.",
        "Look at the value named, and at the source mapping's row for that field.",
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
        "floor.change_refused",
        "The warehouse order cannot be changed so",
        "It has been picked, merged or shipped since the decision was made.",
        "Look at the order in ShipHero and decide again.",
        _OPS_REMOTE,
    ),
    _entry(
        "export.number_ambiguous",
        "Several orders have this number",
        "Order numbers are not unique in ShipHero, and more than one order has this one.",
        "Link again with the id of the order that is meant.",
        _OPS_REMOTE,
    ),
    _entry(
        "export.older_generation_live",
        "An older warehouse order stands again",
        "A warehouse order of an earlier export is open beside the newest one.",
        "Cancel the one that shall not ship in ShipHero; the failure then closes.",
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
        "salesforce.write_loop",
        "Written to Salesforce again and again",
        "One order was written to Salesforce unusually often within ten minutes: a flow "
        "or another integration undoes what ShipSync writes.",
        "Find what changes the ShipSync fields in Salesforce (the order's field history, "
        "flows, triggers), stop it, then retry.",
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
        "units.unknown",
        "Unknown unit of measure",
        "Nobody has said how many pieces one of these units holds.",
        "Add the unit to the table of units, then retry.",
        _UNITS,
    ),
    _entry(
        "units.ambiguous",
        "A case of several sizes",
        "The warehouse packs the SKU in cases of different sizes.",
        "Say in the table of units how many pieces this unit holds, then retry.",
        _UNITS,
    ),
    _entry(
        "units.remainder",
        "No whole number of pieces",
        "The quantity in its unit makes no whole number of pieces.",
        "Correct the quantity or the unit of the product in Salesforce.",
        _SALES_SKU,
    ),
    _entry(
        "units.too_large",
        "More pieces than can be ordered",
        "The quantity in its unit makes an impossible number of pieces.",
        "Correct the quantity or the unit of the product in Salesforce.",
        _SALES_SKU,
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

ENTRIES += tuple(
    _entry(code, title, cause, fix, ("stock", owner))
    for code, title, cause, fix, owner in STOCK
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
