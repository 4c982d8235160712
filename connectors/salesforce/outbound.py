"""Outbound messages and callouts: what they name. Bytes in, hints out.

Neither is believed: they say which record to look at, and nothing else of them is
used. SOAP 1.1, one to a hundred notifications, one acknowledgement for all
(the notifications WSDL that Salesforce gives out for each outbound message).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import DefusedXMLParser  # type: ignore[import-untyped]

from connectors.salesforce.ids import ORGANIZATION, long_id

MOST_NOTIFICATIONS = 100
# A true envelope is six deep and has a few dozen elements to a notification.
DEEPEST = 32
MOST_ELEMENTS = 20_000
LONGEST_ID = 80

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
OUTBOUND = "http://soap.sforce.com/2005/09/outbound"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"

ACK = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    f'<soapenv:Envelope xmlns:soapenv="{SOAP}"><soapenv:Body>'
    f'<notificationsResponse xmlns="{OUTBOUND}"><Ack>true</Ack>'
    "</notificationsResponse></soapenv:Body></soapenv:Envelope>"
).encode()

_DECLARED = re.compile(rb"""^<\?xml[^>]{0,200}?encoding\s*=\s*["']([^"']{1,40})["']""")
_SOBJECT = re.compile(r"[A-Za-z]\w{0,79}", re.ASCII)


class EnvelopeError(ValueError):
    """It is no message of Salesforce's; the text says why."""


@dataclass(frozen=True, slots=True)
class Notification:
    """One record to look at.

    `key` tells a repetition from a new one, `order_id` is the order of an order
    product or request where the message says it, `modified_by` the user who wrote
    last. A notification that cannot be used has a `problem` and perhaps nothing else.
    """

    key: str
    sobject: str = ""
    record_id: str = ""
    order_id: str = ""
    modified_by: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    organization_id: str
    notifications: tuple[Notification, ...]


# -- SOAP ----------------------------------------------------------------------


class _BoundedTree(TreeBuilder):
    """Builds a tree that is neither deep nor large. Raises EnvelopeError."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0
        self._count = 0

    def start(self, tag: Any, attrs: Any) -> Element:
        self._depth += 1
        self._count += 1
        if self._depth > DEEPEST or self._count > MOST_ELEMENTS:
            raise EnvelopeError("The message is deeper or larger than any true one.")
        return super().start(tag, attrs)

    def end(self, tag: Any) -> Element:
        self._depth -= 1
        return super().end(tag)


def read_soap(body: bytes) -> Envelope:
    """The envelope of an outbound message. Raises EnvelopeError for anything else.

    A notification that cannot be used is one with a problem, not an error.
    """
    message = _message(_tree(body))
    organization = _text(message, "OrganizationId")
    rows = [child for child in message if _local(child) == "Notification"]
    return _envelope(organization, [_notification(row) for row in rows])


def _tree(body: bytes) -> Element:
    _insist_on_utf8(body)
    parser = DefusedXMLParser(target=_BoundedTree(), forbid_dtd=True)
    try:
        parser.feed(body)
        root: Element = parser.close()
    except DefusedXmlException as error:
        raise EnvelopeError("It has a document type or entities.") from error
    except (ParseError, ValueError, LookupError) as error:
        if isinstance(error, EnvelopeError):
            raise
        raise EnvelopeError("It is not well-formed XML.") from error
    return root


def _insist_on_utf8(body: bytes) -> None:
    """Salesforce sends UTF-8 only; parsers differ on what else they guess."""
    bare = body.removeprefix(b"\xef\xbb\xbf")
    declared = _DECLARED.match(bare)
    if declared and declared[1].lower() not in {b"utf-8", b"us-ascii"}:
        raise EnvelopeError("It is not in UTF-8.")
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise EnvelopeError("It is not in UTF-8.") from error


def _message(root: Element) -> Element:
    if root.tag != f"{{{SOAP}}}Envelope":
        raise EnvelopeError("It is not a SOAP 1.1 envelope.")
    message = root.find(f"{{{SOAP}}}Body/{{{OUTBOUND}}}notifications")
    if message is None:
        raise EnvelopeError("The envelope holds no notifications.")
    return message


def _notification(row: Element) -> Notification:
    key = _text(row, "Id")
    record = next((child for child in row if _local(child) == "sObject"), None)
    if record is None:
        return Notification(_key(key), problem="It names no record.")
    values = {_local(child): (child.text or "").strip() for child in record}
    sobject = (record.get(TYPE) or "").rpartition(":")[2]
    return _checked(key, sobject, values)


def _local(node: Element) -> str:
    return str(node.tag).rpartition("}")[2]


def _text(parent: Element, name: str) -> str:
    return (parent.findtext(f"{{{OUTBOUND}}}{name}") or "").strip()


# -- JSON ------------------------------------------------------------------------


def read_json(body: bytes) -> Envelope:
    """The envelope of a callout from Apex or a flow. Raises EnvelopeError.

    `{"organizationId", "notifications": [{"id", "sobject", "recordId", "orderId"?}]}`
    """
    try:
        told = json.loads(body.decode())
    except (ValueError, RecursionError) as error:
        raise EnvelopeError("It is not JSON in UTF-8.") from error
    rows = told.get("notifications") if isinstance(told, Mapping) else None
    if not isinstance(rows, list):
        raise EnvelopeError("It is no object with a list of notifications.")
    found = [_callout(row) for row in rows]
    return _envelope(_word(told, "organizationId"), found)


def _callout(row: Any) -> Notification:
    if not isinstance(row, Mapping):
        return Notification("", problem="It is no object.")
    values = {"Id": _word(row, "recordId"), "OrderId": _word(row, "orderId")}
    values["LastModifiedById"] = _word(row, "modifiedById")
    return _checked(_word(row, "id"), _word(row, "sobject"), values)


def _word(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return value.strip() if isinstance(value, str) else ""


# -- both ------------------------------------------------------------------------


def _envelope(organization: str, found: list[Notification]) -> Envelope:
    try:
        organization_id = long_id(organization)
    except ValueError as error:
        raise EnvelopeError("It names no organization.") from error
    if not organization_id.startswith(ORGANIZATION):
        raise EnvelopeError("It names no organization.")
    if not found:
        raise EnvelopeError("The envelope holds no notifications.")
    if len(found) > MOST_NOTIFICATIONS:
        raise EnvelopeError(f"It holds more than {MOST_NOTIFICATIONS} notifications.")
    return Envelope(organization_id, tuple(found))


def _checked(key: str, sobject: str, values: Mapping[str, str]) -> Notification:
    problem = "".join(_problems(key, sobject, values))
    if problem:
        return Notification(_key(key), problem=problem)
    return Notification(
        key=key,
        sobject=sobject,
        record_id=long_id(values["Id"]),
        order_id=_id_or_nothing(values.get("OrderId") or values.get("Order__c") or ""),
        modified_by=_id_or_nothing(values.get("LastModifiedById") or ""),
    )


def _problems(key: str, sobject: str, values: Mapping[str, str]) -> Iterator[str]:
    """The first thing that makes a notification useless."""
    if not key or key != _key(key):
        yield "It has no usable id of its own."
    elif not _SOBJECT.fullmatch(sobject):
        yield "It does not say what kind of record it is about."
    elif not _id_or_nothing(values.get("Id", "")):
        yield "It does not name the record by a Salesforce id."


def _key(text: str) -> str:
    printable = text if text.isascii() and text.isprintable() else ""
    return printable[:LONGEST_ID]


def _id_or_nothing(text: str) -> str:
    try:
        return long_id(text)
    except ValueError:
        return ""
