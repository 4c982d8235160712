"""What the code reads and writes exists in the package, and the package has no more."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.errors import Category, Owner
from connectors.hearing import RequestKind
from connectors.salesforce import packaging, requests
from connectors.salesforce.exceptions import exception_row
from connectors.salesforce.writeback import WritebackFields
from orders.records import RequestAnswer
from orders.statuses import WORDS
from orders.writeback_records import ExceptionWriteback
from tests.unit.connectors.salesforce.package.reading import (
    EXCEPTION,
    MEMBERS,
    REQUEST,
    fields_read,
    granted,
    has_field,
    schema,
)


def told_of(word: str) -> dict[str, Any]:
    """The row of an exception whose category and owner are `word`."""
    now = datetime(2026, 1, 5, tzinfo=UTC)
    one = ExceptionWriteback(
        "k", "801", word, "a.code", word, "Why.", "", now, None, ""
    )
    return exception_row(one, WritebackFields())


class TestWhatTheCodeUses:
    def test_every_field_it_writes_exists_in_the_package(self):
        names = WritebackFields()
        objects = {
            one.name.removesuffix("_object"): getattr(names, one.name)
            for one in fields(names)
            if one.name.endswith("_object")
        }
        for one in fields(names):
            value = getattr(names, one.name)
            owner = objects.get(one.name.split("_")[0], "Order")
            if one.name.endswith("_object"):
                assert value in MEMBERS["CustomObject"]
            elif one.name != "orders_in":
                assert value.replace("__r", "__c") in packaging.fields_of(owner)

    def test_no_field_is_shipped_that_nothing_reads_or_writes(self):
        names = WritebackFields()
        used = {getattr(names, one.name) for one in fields(names)}
        used = {one.replace("__r", "__c") for one in used}
        used |= {field for _, field in fields_read()}
        used |= set(requests.answer_row(RequestAnswer("a01", "done", "", (), None)))

        for member in MEMBERS["CustomField"]:
            assert member.split(".")[1] in used, member

    def test_every_path_it_reads_exists(self):
        for sobject, field in fields_read():
            assert has_field(sobject, field), f"{sobject}.{field}"

    def test_every_field_of_an_answer_exists_and_may_be_written(self):
        answer = RequestAnswer("a01", "done", "Yes.", ("sku.unknown",), None)
        written = set(requests.answer_row(answer)) - {"attributes", "id"}
        found = granted("ShipSync_Integration")

        assert all(has_field(REQUEST, name) for name in written)
        assert all(found[f"{REQUEST}.{name}"] for name in written)

    @pytest.mark.parametrize(
        ("field", "said"),
        [
            (f"{REQUEST}.Status__c", set(requests.STATES.values())),
            (f"{REQUEST}.Kind__c", {one.label for one in RequestKind}),
            ("Order.ShipSync_Status__c", set(WORDS.values())),
            ("ShipSync_Shipment__c.Status__c", {"Shipped", "Voided"}),
            (
                f"{EXCEPTION}.Category__c",
                {told_of(one)["Category__c"] for one in Category},
            ),
            (f"{EXCEPTION}.Owner__c", {told_of(one)["Owner__c"] for one in Owner}),
        ],
    )
    def test_every_choice_it_writes_or_reads_is_offered(self, field, said):
        sobject, name = field.split(".")
        column = schema().known(sobject).field(name)

        assert column is not None
        assert set(column.picklist) == said
