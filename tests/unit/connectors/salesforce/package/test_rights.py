"""Who may do what: each permission set grants what is needed, and no more."""

from __future__ import annotations

import pytest

from connectors.salesforce import packaging
from connectors.sandbox.salesforce import rights as sandbox_rights
from tests.unit.connectors.salesforce.package.reading import (
    MEMBERS,
    REQUEST,
    fields_read,
    granted,
    rights,
    root_of,
    schema,
    texts,
)

# A deployment is refused when a permission set grants the first without the second:
# (object, right) each. Contacts count where person accounts are on.
NEEDS = (
    (("Order", "allowRead"), ("Account", "allowRead")),
    (("Order", "viewAllRecords"), ("Account", "viewAllRecords")),
    (("Account", "allowRead"), ("Contact", "allowRead")),
    (("Account", "viewAllRecords"), ("Contact", "viewAllRecords")),
    (("Contact", "allowRead"), ("Account", "allowRead")),
)


class TestRights:
    def own(self) -> set[str]:
        """Our fields; required ones may not be listed in a permission set."""
        return {
            f"{sobject}.{name}"
            for sobject in {one.split(".")[0] for one in MEMBERS["CustomField"]}
            for name, known in packaging.fields_of(sobject).items()
            if not known["required"]
        }

    def test_the_integration_user_sees_every_field_of_the_package(self):
        found = granted("ShipSync_Integration")

        assert {one for one in found if "__c" in one} == self.own()

    def test_the_integration_user_sees_each_standard_field_that_is_read_and_no_more(
        self,
    ):
        """Its usual profile shows none of those under field-level security."""
        found = granted("ShipSync_Integration")
        secured = sandbox_rights.secured_fields()
        read = {
            f"{name}.{sandbox_rights.secured_name(item, column)}"
            for name, field in fields_read()
            for item in [schema().known(name)]
            for column in [item.field(field)]
            if column is not None
        }

        standard_ones = {one for one in found if "__c" not in one}
        assert standard_ones == {one for one in read & secured if "__c" not in one}
        assert not [one for one in standard_ones if found[one]]

    @pytest.mark.parametrize("name", MEMBERS["PermissionSet"])
    def test_no_right_is_granted_without_those_it_depends_on(self, name):
        given = rights(name)

        for (item, right), (other, needed) in NEEDS:
            if given.get(item, {}).get(right):
                assert given.get(other, {}).get(needed), (item, right, other)
        for sobject, may in given.items():
            assert may["allowRead"], sobject
            assert may["viewAllRecords"] or not may["modifyAllRecords"]
        if "EditActivatedOrders" in texts(
            root_of("PermissionSet", name), "userPermissions/name"
        ):
            assert given["Order"]["allowEdit"]

    @pytest.mark.parametrize("name", MEMBERS["PermissionSet"])
    def test_nobody_gets_more_than_the_package_is_about(self, name):
        for sobject, given in rights(name).items():
            assert not given["allowDelete"], sobject
            assert not given["modifyAllRecords"], sobject

    def test_the_integration_user_only_answers_requests(self):
        given = rights("ShipSync_Integration")
        editable = {one for one, may in granted("ShipSync_Integration").items() if may}

        assert not given[REQUEST]["allowCreate"]
        assert {one for one in editable if one.startswith(REQUEST)} == {
            f"{REQUEST}.{name}"
            for name in ("Answer__c", "Answered_At__c", "Problem_Codes__c", "Status__c")
        }
        assert [one for one, may in given.items() if may["allowEdit"]] == [
            "Order",
            *[one for one in sorted(given) if one.startswith("ShipSync_")],
        ]

    @pytest.mark.parametrize("name", ["ShipSync_Sales", "ShipSync_Ops"])
    def test_people_ask_and_do_not_answer(self, name):
        given, found = rights(name), granted(name)

        assert given[REQUEST]["allowCreate"]
        assert not any(right["allowEdit"] for right in given.values())
        assert {one for one, may in found.items() if may} == {
            "Order.ShipSync_Shipping_Method__c",
            f"{REQUEST}.Note__c",
            f"{REQUEST}.Order__c",
        }

    def test_people_have_no_rights_of_the_integration(self):
        for name in ("ShipSync_Sales", "ShipSync_Ops"):
            root = root_of("PermissionSet", name)
            assert texts(root, "userPermissions/name") == []
            assert texts(root, "customPermissions/name") == []
