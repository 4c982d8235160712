"""The package as a whole: what it lists, names and refers to."""

from __future__ import annotations

import json
import re

import pytest

from connectors.salesforce import packaging
from tests.unit.connectors.salesforce.package.reading import (
    MEMBERS,
    PACKAGE,
    REQUEST,
    has_field,
    root_of,
    schema,
    texts,
)


class TestManifests:
    def test_are_as_the_source_is(self):
        committed = {
            path.name: path.read_text() for path in (PACKAGE / "manifest").iterdir()
        }

        assert committed == packaging.manifests(MEMBERS)

    def test_steps_are_the_whole_once(self):
        listed = {
            path.name: set(re.findall("<members>.*?</members>|<name>.*?</name>", text))
            for path in (PACKAGE / "manifest").iterdir()
            if (text := path.read_text())
        }
        whole = listed.pop("package.xml")

        assert set().union(*listed.values()) == whole
        types = [
            set(filter(lambda one: "<name>" in one, part)) for part in listed.values()
        ]
        assert sum(map(len, types)) == len(set().union(*types))

    def test_an_uninstall_names_what_does_not_go_with_something_else(self):
        committed = {
            path.name: path.read_text() for path in (PACKAGE / "uninstall").iterdir()
        }
        text = committed["destructiveChanges.xml"]
        named = set(re.findall("<members>(.*?)</members>", text))

        assert committed == packaging.uninstall(MEMBERS)
        assert "<members>" not in committed["package.xml"]
        assert {"ShipSync_Request__c", "Order.ShipSync_Status__c"} <= named
        assert "ShipSync_Request__c.Kind__c" not in named
        assert not named & set(MEMBERS["Flow"])

    def test_have_the_api_version_of_the_project(self):
        project = json.loads((PACKAGE / "sfdx-project.json").read_text())

        assert project["sourceApiVersion"] == packaging.API_VERSION

    def test_standard_objects_ship_children_only(self):
        own = {name for name in MEMBERS["CustomObject"] if name.endswith("__c")}

        assert set(MEMBERS["CustomObject"]) == own


class TestReferences:
    def test_lookups_lead_to_objects_that_exist(self):
        for member in MEMBERS["CustomField"]:
            for target in texts(root_of("CustomField", member), "referenceTo"):
                assert schema().object(target), member

    def test_relationship_names_are_unique_on_their_parent(self):
        seen = [
            (target, child)
            for member in MEMBERS["CustomField"]
            for root in [root_of("CustomField", member)]
            for target in texts(root, "referenceTo")
            for child in texts(root, "relationshipName")
        ]

        assert len(seen) == len(set(seen))

    @pytest.mark.parametrize("member", MEMBERS["ListView"])
    def test_list_views_show_custom_fields_only(self, member):
        sobject = member.split(".")[0]
        root = root_of("ListView", member)
        shown = {*texts(root, "columns"), *texts(root, "filters/field")}

        assert all(name.endswith("__c") for name in shown - {"NAME"})
        assert all(has_field(sobject, name) for name in shown - {"NAME"})

    @pytest.mark.parametrize("member", MEMBERS["Layout"])
    def test_layouts_show_fields_that_exist_and_all_of_the_package(self, member):
        sobject = member.split("-")[0]
        root = root_of("Layout", member)
        shown = texts(root, "layoutSections/layoutColumns/layoutItems/field")

        assert len(shown) == len(set(shown))
        assert set(packaging.fields_of(sobject)) <= set(shown)
        assert all(has_field(sobject, name) for name in shown)
        for related in texts(root, "relatedLists/relatedList"):
            child, name = related.split(".")
            column = schema().known(child).field(name)
            assert column is not None
            assert column.reference_to == sobject

    def test_every_own_object_has_a_layout(self):
        assert {one.split("-")[0] for one in MEMBERS["Layout"]} == set(
            MEMBERS["CustomObject"]
        )

    @pytest.mark.parametrize("member", MEMBERS["QuickAction"])
    def test_quick_actions_make_requests_of_a_kind_that_exists(self, member):
        root = root_of("QuickAction", member)
        kind = schema().known(REQUEST).field("Kind__c")

        assert member.split(".")[0] == "Order"
        assert texts(root, "targetObject") == [REQUEST]
        assert texts(root, "targetParentField") == ["Order__c"]
        assert texts(root, "fieldOverrides/field") == ["Kind__c"]
        assert kind is not None
        assert set(texts(root, "fieldOverrides/literalValue")) <= set(kind.picklist)
        for name in texts(
            root,
            "quickActionLayout/quickActionLayoutColumns/quickActionLayoutItems/field",
        ):
            assert has_field(REQUEST, name)

    def test_each_kind_of_request_has_its_action(self):
        kind = schema().known(REQUEST).field("Kind__c")

        assert kind is not None
        assert {f"Order.ShipSync_{one}" for one in kind.picklist} == set(
            MEMBERS["QuickAction"]
        )

    @pytest.mark.parametrize("member", MEMBERS["Flow"])
    def test_flows_are_drafts_that_send_a_message_of_their_object(self, member):
        root = root_of("Flow", member)
        (action,) = texts(root, "actionCalls/actionName")
        (sobject,) = texts(root, "start/object")

        assert texts(root, "status") == ["Draft"]
        assert action in MEMBERS["WorkflowOutboundMessage"]
        assert action.split(".")[0] == sobject
        assert texts(root, "start/connector/targetReference") == texts(
            root, "actionCalls/name"
        )

    @pytest.mark.parametrize("member", MEMBERS["Flow"])
    def test_flows_leave_out_what_we_wrote(self, member):
        (condition,) = texts(root_of("Flow", member), "start/filterFormula")
        named = re.fullmatch(r"NOT\(\{!\$Permission\.(\w+)\}\)", condition)

        assert named
        assert named[1] in MEMBERS["CustomPermission"]
        holders = [
            name
            for name in MEMBERS["PermissionSet"]
            if named[1]
            in texts(root_of("PermissionSet", name), "customPermissions/name")
        ]
        assert holders == ["ShipSync_Integration"]

    @pytest.mark.parametrize("member", MEMBERS["Workflow"])
    def test_messages_carry_fields_that_exist_and_no_session(self, member):
        root = root_of("Workflow", member)

        assert all(
            has_field(member, one) for one in texts(root, "outboundMessages/fields")
        )
        assert set(texts(root, "outboundMessages/includeSessionId")) == {"false"}
        assert set(texts(root, "outboundMessages/endpointUrl")) == {
            "@SHIPSYNC_ENDPOINT@"
        }
        assert set(texts(root, "outboundMessages/integrationUser")) == {
            "@SHIPSYNC_INTEGRATION_USERNAME@"
        }

    def test_tabs_and_apps_name_what_exists(self):
        assert set(MEMBERS["CustomTab"]) <= set(MEMBERS["CustomObject"])
        (app,) = MEMBERS["ExternalClientApplication"]
        for kind in (
            "ExtlClntAppGlobalOauthSettings",
            "ExtlClntAppOauthConfigurablePolicies",
            "ExtlClntAppOauthSettings",
        ):
            for member in MEMBERS[kind]:
                assert texts(root_of(kind, member), "externalClientApplication") == [
                    app
                ]

    def test_every_own_object_can_be_reached(self):
        """By its tab, or from a record that lists it."""
        listed = {
            related.split(".")[0]
            for member in MEMBERS["Layout"]
            for related in texts(root_of("Layout", member), "relatedLists/relatedList")
        }

        assert set(MEMBERS["CustomObject"]) == listed | set(MEMBERS["CustomTab"])
        for name in ("ShipSync_Sales", "ShipSync_Ops"):
            shown = texts(root_of("PermissionSet", name), "tabSettings/tab")
            assert set(shown) == set(MEMBERS["CustomTab"])

    def test_types_that_know_no_requirement_do_not_speak_of_it(self):
        """Refused by a deployment; the WSDL allows it for every type."""
        for member in MEMBERS["CustomField"]:
            root = root_of("CustomField", member)
            if texts(root, "type")[0] in {"Checkbox", "LongTextArea", "MasterDetail"}:
                assert texts(root, "required") == [], member

    def test_field_names_are_legal(self):
        for member in MEMBERS["CustomField"]:
            name = member.split(".")[1]
            assert re.fullmatch(r"[A-Za-z](?!\w*__\w+__c)\w{0,39}__c", name)
