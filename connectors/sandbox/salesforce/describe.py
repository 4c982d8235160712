"""Describe answers: the whole organisation, one object, one record type."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.salesforce.schema import Field, Object, Schema
from connectors.sandbox.salesforce.world import SalesforceWorld

# Keys that every answer has and that say nothing about this organisation.
EMPTY_OBJECT: dict[str, Any] = {
    "compactLayoutable": True,
    "defaultImplementation": None,
    "extendedBy": None,
    "extendsInterfaces": None,
    "implementedBy": None,
    "implementsInterfaces": None,
    "listviewable": None,
    "lookupLayoutable": None,
    "namedLayoutInfos": [],
    "networkScopeFieldName": None,
    "searchLayoutable": True,
    "supportedScopes": [],
}
EMPTY_FIELD: dict[str, Any] = {
    "aiPredictionField": False,
    "calculatedFormula": None,
    "controllerName": None,
    "defaultValueFormula": None,
    "dependentPicklist": False,
    "digits": 0,
    "displayLocationInDecimal": False,
    "encrypted": False,
    "extraTypeInfo": None,
    "filteredLookupInfo": None,
    "formulaTreatNullNumberAsZero": False,
    "highScaleNumber": False,
    "htmlFormatted": False,
    "inlineHelpText": None,
    "mask": None,
    "maskType": None,
    "namePointing": False,
    "polymorphicForeignKey": False,
    "queryByDistance": False,
    "referenceTargetField": None,
    "relationshipOrder": None,
    "restrictedDelete": False,
    "searchPrefilterable": False,
    "writeRequiresMasterRead": False,
}

SOAP_TYPES = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "double": "xsd:double",
    "currency": "xsd:double",
    "int": "xsd:int",
    "address": "urn:address",
}


def describe_global(schema: Schema, version: str) -> dict[str, Any]:
    return {
        "encoding": "UTF-8",
        "maxBatchSize": 200,
        "sobjects": [_summary(item, version) for item in schema.objects.values()],
    }


def describe_object(
    world: SalesforceWorld, schema: Schema, item: Object, version: str
) -> dict[str, Any]:
    record_types = [
        row for row in world.every("RecordType") if row["SobjectType"] == item.name
    ]
    return {
        "actionOverrides": [],
        **EMPTY_OBJECT,
        **_summary(item, version),
        "childRelationships": [
            {
                "cascadeDelete": child.field.on_parent_delete == "Cascade",
                "childSObject": child.sobject,
                "deprecatedAndHidden": False,
                "field": child.field.name,
                "junctionIdListNames": [],
                "junctionReferenceTo": [],
                "relationshipName": child.field.children,
                "restrictedDelete": child.field.on_parent_delete == "Restrict",
            }
            for child in schema.children(item.name).values()
        ],
        "fields": [_field(world, item, column) for column in item.fields.values()],
        "recordTypeInfos": [
            {
                "active": row["IsActive"],
                "available": row["IsActive"],
                "defaultRecordTypeMapping": False,
                "developerName": row["DeveloperName"],
                "master": False,
                "name": row["Name"],
                "recordTypeId": row["Id"],
                "urls": {},
            }
            for row in record_types
        ],
    }


def describe_record_type(item: Object, version: str) -> dict[str, Any]:
    """What `sobjects/X` answers: the object in short, and what was touched last."""
    return {"objectDescribe": _summary(item, version), "recentItems": []}


def _summary(item: Object, version: str) -> dict[str, Any]:
    base = f"/services/data/v{version}/sobjects/{item.name}"
    return {
        "activateable": False,
        "associateEntityType": None,
        "associateParentEntity": None,
        "deepCloneable": False,
        "isInterface": False,
        "createable": item.writable and item.createable,
        "custom": item.custom,
        "customSetting": False,
        "deletable": item.writable and item.deletable,
        "deprecatedAndHidden": False,
        "feedEnabled": False,
        "hasSubtypes": False,
        "isSubtype": False,
        "keyPrefix": item.prefix,
        "label": item.label,
        "labelPlural": item.plural,
        "layoutable": True,
        "mergeable": False,
        "mruEnabled": True,
        "name": item.name,
        "queryable": True,
        "replicateable": True,
        "retrieveable": True,
        "searchable": True,
        "triggerable": item.writable,
        "undeletable": item.writable,
        "updateable": item.writable and item.updateable,
        "urls": {
            "sobject": base,
            "describe": f"{base}/describe",
            "rowTemplate": f"{base}/{{ID}}",
        },
    }


def _field(world: SalesforceWorld, item: Object, column: Field) -> dict[str, Any]:
    is_id = column.type in {"reference", "id"}
    length = 18 if is_id else column.length
    return {
        **EMPTY_FIELD,
        "aggregatable": column.filterable,
        "autoNumber": bool(column.auto_number),
        "byteLength": length if is_id else length * 3,
        "calculated": False,
        "cascadeDelete": column.on_parent_delete == "Cascade",
        "caseSensitive": column.case_sensitive,
        "compoundFieldName": _compound(item, column),
        "createable": column.createable,
        "custom": column.custom,
        "defaultValue": None if column.type == "reference" else column.default,
        "defaultedOnCreate": column.default is not None
        or column.type in {"boolean", "id"},
        "deprecatedAndHidden": False,
        "externalId": column.external_id,
        "filterable": column.filterable,
        "groupable": column.filterable and column.type not in {"double", "currency"},
        "idLookup": column.id_lookup,
        "label": column.label,
        "length": length,
        "name": column.name,
        "nameField": column.name in {"Name", "OrderNumber", "OrderItemNumber"},
        "nillable": column.nillable,
        "permissionable": not column.required and column.createable,
        "picklistValues": _picklist(world, item, column),
        "precision": column.precision,
        "referenceTo": [column.reference_to] if column.reference_to else [],
        "relationshipName": column.relationship or None,
        "restrictedPicklist": column.restricted,
        "scale": column.scale,
        "soapType": SOAP_TYPES.get(column.type, "xsd:string"),
        "sortable": column.filterable,
        "type": column.type,
        "unique": column.unique,
        "updateable": column.updateable,
    }


def _compound(item: Object, column: Field) -> str | None:
    for kind in ("Shipping", "Billing", "Mailing"):
        name = f"{kind}Address"
        if column.name.startswith(kind) and column.name != name and item.field(name):
            return name
    return None


def _picklist(
    world: SalesforceWorld, item: Object, column: Field
) -> list[dict[str, Any]]:
    values = column.picklist
    if item.name == "Order" and column.name == "Status":
        values = tuple(world.order_statuses())
    return [
        {
            "active": True,
            "defaultValue": value == column.default,
            "label": value,
            "validFor": None,
            "value": value,
        }
        for value in values
    ]
