import pytest

from connectors.errors import Category, MappingError
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
