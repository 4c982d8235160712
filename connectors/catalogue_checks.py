"""The codes that the checks of an order give; `connectors.catalogue` holds them all."""

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


def entry_of(
    code: str, title: str, cause: str, fix: str, about: tuple[str, str]
) -> Entry:
    return Entry(code, title, cause, fix, Category(about[0]), Owner(about[1]))


_SALES_ADDRESS = ("address", "sales")
_SALES_SKU = ("sku", "sales")
_SETUP = ("setup", "integrator")

OF_CHECKS: tuple[Entry, ...] = (
    entry_of(
        "sku.no_product_field",
        "No SKU field of the product",
        "The source mapping takes the SKU of order lines from no field of the product.",
        "Map lines.sku to a field of the product, such as Product2.StockKeepingUnit.",
        _SETUP,
    ),
    entry_of(
        "sku.product_field_hidden",
        "The SKU of products cannot be read",
        "The field of the product that carries the SKU is hidden from our user, or gone.",
        "Assign the ShipSync permission set, or map lines.sku to another field.",
        _SETUP,
    ),
    entry_of(
        "address.missing",
        "No ship-to address",
        "The order has no ship-to address.",
        "Enter the shipping address on the order in Salesforce.",
        _SALES_ADDRESS,
    ),
    entry_of(
        "address.name_missing",
        "No recipient",
        "Neither a contact's name nor a company stands on the ship-to address.",
        "Choose a ship-to contact or an account with a name in Salesforce.",
        _SALES_ADDRESS,
    ),
    entry_of(
        "address.street_missing",
        "No street",
        "The ship-to address has no street.",
        "Complete the shipping street on the order in Salesforce.",
        _SALES_ADDRESS,
    ),
    entry_of(
        "address.city_missing",
        "No city",
        "The ship-to address has no city.",
        "Complete the shipping city on the order in Salesforce.",
        _SALES_ADDRESS,
    ),
    entry_of(
        "address.zip_missing",
        "No postal code",
        "The country needs a postal code and the address has none.",
        "Complete the shipping postal code on the order in Salesforce.",
        _SALES_ADDRESS,
    ),
    entry_of(
        "address.state_missing",
        "No state",
        "The country needs a state or province and the address has none.",
        "Complete the shipping state on the order in Salesforce.",
        _SALES_ADDRESS,
    ),
    entry_of(
        "address.country_missing",
        "No country",
        "The ship-to address has no country.",
        "Complete the shipping country on the order in Salesforce.",
        _SALES_ADDRESS,
    ),
    entry_of(
        "address.country_unknown",
        "Unknown country",
        "The country is neither a two-letter code nor a name we know.",
        "Write the country as its two-letter ISO code, for example US.",
        _SALES_ADDRESS,
    ),
    entry_of(
        "address.line_too_long",
        "Line does not fit on a label",
        "A part of the ship-to address is longer than a label prints.",
        "Shorten it in Salesforce, or move a part of it to the second line.",
        _SALES_ADDRESS,
    ),
    entry_of(
        "address.po_box",
        "Carrier does not deliver to boxes",
        "The address is a post-office box or a military one, which the carrier does not serve.",
        "Enter a street address, or choose a shipping method that goes by post.",
        _SALES_ADDRESS,
    ),
    entry_of(
        "address.state_unknown",
        "Unknown state",
        "The state is none of the country's codes or names.",
        "Correct the shipping state on the order in Salesforce.",
        _SALES_ADDRESS,
    ),
    entry_of(
        "address.zip_invalid",
        "Postal code does not fit the country",
        "The postal code does not look like one of its country.",
        "Correct the shipping postal code or the country in Salesforce.",
        _SALES_ADDRESS,
    ),
    entry_of(
        "address.zip_elsewhere",
        "Postal code and state disagree",
        "The postal code lies in another state.",
        "Correct the shipping postal code or the state in Salesforce.",
        _SALES_ADDRESS,
    ),
    entry_of(
        "phone.invalid",
        "Phone number cannot be dialed",
        "The phone number is too short, too long, or no number.",
        "Correct the phone number on the contact in Salesforce.",
        _SALES_ADDRESS,
    ),
    entry_of(
        "phone.missing",
        "No phone number",
        "The account asks for a phone number and the order has none.",
        "Enter the phone number on the contact in Salesforce.",
        _SALES_ADDRESS,
    ),
    entry_of(
        "email.invalid",
        "E-mail address is none",
        "The e-mail address does not look like one.",
        "Correct the e-mail address on the contact in Salesforce.",
        _SALES_ADDRESS,
    ),
    entry_of(
        "email.missing",
        "No e-mail address",
        "The account asks for an e-mail address and the order has none.",
        "Enter the e-mail address on the contact in Salesforce.",
        _SALES_ADDRESS,
    ),
    entry_of(
        "order.number_missing",
        "No order number",
        "The mapped field for the order's number is empty.",
        "Give the order its number, or correct the source mapping.",
        _SETUP,
    ),
    entry_of(
        "order.number_too_long",
        "Order number too long",
        "The order's number is longer than a warehouse system accepts.",
        "Shorten the number, or map another field to it.",
        _SETUP,
    ),
    entry_of(
        "order.duplicate_number",
        "Number is taken",
        "Another order of this account has the same number, so the floor could not tell them apart.",
        "Give one of them another number in Salesforce, or close the one that is not meant.",
        _SALES_ADDRESS,
    ),
    entry_of(
        "order.date_past",
        "Required date has passed",
        "The order should have left already.",
        "Agree on a new required date, and correct it in Salesforce.",
        _SALES_ADDRESS,
    ),
    entry_of(
        "brand.mixed",
        "Several brands in one order",
        "The lines belong to several brands, which ship under different names.",
        "Split the order in Salesforce, or let the account's checks part it: “split_brands” "
        "makes one export for each account that ships a brand.",
        _SALES_SKU,
    ),
    entry_of(
        "lines.many",
        "Unusually many lines",
        "The order has more lines than the account's checks expect.",
        "Look whether it is meant; it is exported all the same.",
        _SALES_SKU,
    ),
    entry_of(
        "price.negative",
        "Price below zero",
        "A price or amount of the order is negative.",
        "Correct it in Salesforce if it is no rebate.",
        _SALES_SKU,
    ),
    entry_of(
        "sku.unprintable",
        "SKU cannot be printed",
        "The SKU holds a line break or another control character.",
        "Correct the product's SKU in Salesforce.",
        _SALES_SKU,
    ),
    entry_of(
        "sku.unknown",
        "SKU not in the catalogue",
        "The warehouse's catalogue has no product of this SKU.",
        "Create the product in ShipHero, or add an alias to the SKU map.",
        ("sku", "ops"),
    ),
    entry_of(
        "lines.none",
        "No lines",
        "The order has no order products.",
        "Add at least one order product in Salesforce.",
        _SALES_SKU,
    ),
    entry_of(
        "sku.missing",
        "Line without SKU",
        "The line's product has no SKU in the mapped field.",
        "Give the product its SKU in Salesforce, or replace the line.",
        _SALES_SKU,
    ),
    entry_of(
        "sku.too_long",
        "SKU too long",
        "The SKU is longer than a warehouse system accepts.",
        "Correct the product's SKU in Salesforce.",
        _SALES_SKU,
    ),
    entry_of(
        "quantity.missing",
        "Line without quantity",
        "The line has no quantity.",
        "Enter a whole quantity of at least 1 on the line.",
        _SALES_SKU,
    ),
    entry_of(
        "quantity.fraction",
        "Quantity is not whole",
        "A warehouse ships whole units; the line asks for a fraction.",
        "Enter a whole quantity, or sell the product in another unit.",
        _SALES_SKU,
    ),
    entry_of(
        "quantity.not_positive",
        "Quantity is zero or negative",
        "Nothing can be shipped for this line.",
        "Enter a whole quantity of at least 1, or remove the line.",
        _SALES_SKU,
    ),
    entry_of(
        "quantity.too_large",
        "Quantity too large",
        "The quantity is larger than a warehouse system accepts.",
        "Correct the quantity on the line.",
        _SALES_SKU,
    ),
    entry_of(
        "price.unusable",
        "Price cannot be used",
        "The line's price is not a number a warehouse system accepts.",
        "Correct the unit price on the line.",
        _SALES_SKU,
    ),
    entry_of(
        "sku.unmapped",
        "SKU not mapped",
        "The SKU is neither a product of the warehouse account nor an alias of one.",
        "Add an alias under Maps; what waited for it is released then.",
        ("sku", "ops"),
    ),
)
