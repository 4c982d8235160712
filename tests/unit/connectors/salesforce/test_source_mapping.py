from datetime import UTC, datetime

import pytest

from connectors.errors import Category, MappingError
from connectors.salesforce.mapping import order_from
from connectors.salesforce.soql import changed_items, order_query
from connectors.salesforce.source_mapping import FieldMap, SourceMapping
from connectors.salesforce.writeback import WritebackFields


def test_the_default_survives_its_own_document():
    default = SourceMapping.default()

    assert SourceMapping.from_document(default.to_document()) == default


def test_what_is_at_its_default_is_left_out_of_the_document():
    mapping = SourceMapping((FieldMap("brand", "Brand__c", default="acme"),))

    assert mapping.to_document() == {
        "fields": [{"field": "brand", "path": "Brand__c", "default": "acme"}]
    }


def test_every_problem_is_told_in_one_pass_with_its_row():
    document = SourceMapping.default().to_document()
    document["fields"] += [
        {"field": "ship_to.planet", "path": "Planet__c"},
        {"field": "brand", "path": "Brand__c; DELETE"},
        {"field": "brand", "path": "Brand__c", "transform": "rot13"},
        {"field": "brand", "path": 7},
        {"field": "brand", "path": "Brand__c", "colour": "red"},
        "row",
        {"field": "brand"},
        {},
    ]
    at = len(SourceMapping.default().fields)

    with pytest.raises(MappingError) as caught:
        SourceMapping.from_document(document)

    assert [one.field for one in caught.value.problems] == [
        f"fields[{at}].field",
        f"fields[{at + 1}].path",
        f"fields[{at + 2}].transform",
        f"fields[{at + 3}].path",
        f"fields[{at + 4}].colour",
        f"fields[{at + 5}]",
        f"fields[{at + 6}].path",
        f"fields[{at + 7}].field",
        f"fields[{at + 7}].path",
    ]
    assert caught.value.category is Category.SETUP


@pytest.mark.parametrize("document", [None, [], {}, {"fields": None}, {"fields": []}])
def test_a_mapping_without_the_essentials_is_refused(document):
    with pytest.raises(MappingError):
        SourceMapping.from_document(document)


def test_required_fields_are_told():
    assert "shipping_method" in SourceMapping.default().required_fields()


class TestWritebackFields:
    def test_names_are_data_with_defaults(self):
        fields = WritebackFields.from_document({"status": "WMS__c", "reason": ""})

        assert fields.status == "WMS__c"
        assert fields.carrier == "ShipSync_Carrier__c"
        assert fields.to_document() == {"status": "WMS__c", "reason": ""}
        assert WritebackFields.from_document({}) == WritebackFields()

    @pytest.mark.parametrize(
        "document",
        [
            None,
            {"colour": "x"},
            {"status": 7},
            {"status": "a b"},
            {"package_key": ""},
            {"package_object": "../Account"},
        ],
        ids=str,
    )
    def test_what_is_no_name_is_refused(self, document):
        with pytest.raises(MappingError):
            WritebackFields.from_document(document)


CUSTOM = {
    "object": "Sale__c",
    "lines": "Sale_Line__c",
    "parent": "Sale__c",
    "stages": {"Approved": "activated", "New": "draft"},
}


def custom(**source):
    document = {
        "fields": [
            {"field": "order_number", "path": "Name"},
            {"field": "status", "path": "Status__c"},
            {"field": "stage", "path": "Status__c"},
            {"field": "lines.sku", "path": "Product__r.ProductCode"},
            {"field": "lines.quantity", "path": "Pieces__c"},
        ],
        "source": {**CUSTOM, **source},
    }
    return SourceMapping.from_document(document)


def described(name):
    return {
        "Sale__c": {
            "fields": [{"name": "Name"}, {"name": "Status__c"}],
            "childRelationships": [
                {
                    "childSObject": "Sale_Line__c",
                    "field": "Gift_For__c",
                    "relationshipName": "Gifts__r",
                },
                {
                    "childSObject": "Sale_Line__c",
                    "field": "Sale__c",
                    "relationshipName": "Lines__r",
                },
            ],
        },
        "Sale_Line__c": {
            "fields": [
                {"name": "Pieces__c"},
                {"relationshipName": "Product__r", "referenceTo": ["Product2"]},
            ]
        },
        "Product2": {"fields": [{"name": "ProductCode"}]},
    }[name]


class TestCustomObject:
    def test_comes_back_from_its_document(self):
        mapping = custom()

        assert SourceMapping.from_document(mapping.to_document()) == mapping
        assert "source" not in SourceMapping.default().to_document()

    def test_is_what_is_asked_for(self):
        query = order_query(custom(), described)

        assert query.absent == ()
        assert query.select == (
            "SELECT Id, IsDeleted, Name, Status__c, SystemModstamp, "
            "(SELECT Id, IsDeleted, Pieces__c, Product__r.ProductCode, "
            "SystemModstamp FROM Lines__r ORDER BY Id) FROM Sale__c"
        )
        asked = changed_items(datetime(2026, 1, 5, tzinfo=UTC), custom().source)
        assert asked.startswith(
            "SELECT Id, IsDeleted, Sale__c, SystemModstamp FROM Sale_Line__c"
        )

    @pytest.mark.parametrize(
        ("status", "stage"),
        [("approved", "activated"), ("New", "draft"), ("Lost", "superseded")],
    )
    def test_has_stages_of_its_own(self, status, stage):
        row = {
            "Id": "a01000000000001AAA",
            "SystemModstamp": "2026-11-22T06:21:21.000+0000",
            "Name": "S-1",
            "Status__c": status,
        }
        line = {"Id": "a02000000000001AAA", "Pieces__c": 2.0}
        line["Product__r"] = {"ProductCode": "MUG"}
        query = order_query(custom(), described)

        order = order_from(row, custom(), query, children=[line])

        assert (order.stage, order.order_number) == (stage, "S-1")
        assert [(one.sku, one.quantity) for one in order.lines] == [("MUG", 2)]

    @pytest.mark.parametrize(
        ("source", "field"),
        [
            ({"object": "Sale__c; DROP"}, "source.object"),
            ({"parent": 7}, "source.parent"),
            ({"colour": "red"}, "source.colour"),
            ({"stages": {"New": "soon"}}, "source.stages"),
            ({"stages": []}, "source.stages"),
        ],
    )
    def test_that_cannot_be_is_refused(self, source, field):
        with pytest.raises(MappingError) as caught:
            custom(**source)

        assert [one.field for one in caught.value.problems] == [field]
