"""What objects and fields this organisation has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

TEXT_TYPES = {"string", "textarea", "phone", "email", "url", "picklist"}
NUMBER_TYPES = {"double", "currency", "int"}
LONG_TEXT = 255  # text areas above this length can be neither filtered nor sorted


@dataclass(frozen=True, slots=True)
class Field:
    """One field, in describe's terms.

    `feature` names the switch without which the field does not exist; `personal`
    keeps its values out of the ledger; `on_parent_delete` is SetNull or Cascade.
    """

    name: str
    type: str
    label: str = ""
    length: int = 0
    precision: int = 0
    scale: int = 0
    createable: bool = False
    updateable: bool = False
    nillable: bool = False
    unique: bool = False
    external_id: bool = False
    id_lookup: bool = False
    case_sensitive: bool = False
    auto_number: str = ""
    reference_to: str = ""
    relationship: str = ""
    children: str = ""
    picklist: tuple[str, ...] = ()
    restricted: bool = False
    default: Any = None
    custom: bool = False
    personal: bool = False
    feature: str = ""
    on_parent_delete: str = "SetNull"

    @property
    def required(self) -> bool:
        """A create without it is refused."""
        return (
            self.createable
            and not self.nillable
            and self.default is None
            and self.type != "boolean"
        )

    @property
    def filterable(self) -> bool:
        if self.type == "address":
            return False
        return not (self.type == "textarea" and self.length > LONG_TEXT)


@dataclass(frozen=True, slots=True)
class Object:
    """One sObject. `fields` is keyed by lower-case name: names know no case.

    Nobody writes what is not `writable`; the other three are one user's rights.
    """

    name: str
    prefix: str
    label: str = ""
    plural: str = ""
    fields: dict[str, Field] = field(default_factory=dict)
    custom: bool = False
    writable: bool = True
    createable: bool = True
    updateable: bool = True
    deletable: bool = True

    def field(self, name: str) -> Field | None:
        return self.fields.get(name.lower())

    def by_relationship(self, name: str) -> Field | None:
        """The reference field whose relationship is called `name`."""
        wanted = name.lower()
        for item in self.fields.values():
            if item.relationship.lower() == wanted and item.relationship:
                return item
        return None

    def with_fields(self, extra: Iterable[Field]) -> Object:
        merged = {**self.fields, **{item.name.lower(): item for item in extra}}
        return replace(self, fields=merged)


@dataclass(frozen=True, slots=True)
class Child:
    """A child relationship as seen from the parent."""

    sobject: str
    field: Field


class Schema:
    """All objects, or those parts of them that one user may see."""

    def __init__(self, objects: Iterable[Object]) -> None:
        self.objects = {item.name.lower(): item for item in objects}
        self._children: dict[str, dict[str, Child]] = {}
        for item in self.objects.values():
            for column in item.fields.values():
                if column.reference_to and column.children:
                    named = self._children.setdefault(column.reference_to.lower(), {})
                    named[column.children.lower()] = Child(item.name, column)

    def object(self, name: str) -> Object | None:
        return self.objects.get(name.lower())

    def known(self, name: str) -> Object:
        """An object that the caller has named itself; KeyError is a mistake of ours."""
        return self.objects[name.lower()]

    def children(self, sobject: str) -> dict[str, Child]:
        """Child relationships of an object by lower-case name."""
        return self._children.get(sobject.lower(), {})

    def seen(self, *, features: frozenset[str], hidden: frozenset[str]) -> Schema:
        """What is left when fields of absent features and `hidden` ones are gone.

        `hidden` holds `Object.Field` names in lower case.
        """
        return Schema(
            replace(
                item,
                fields={
                    key: column
                    for key, column in item.fields.items()
                    if (not column.feature or column.feature in features)
                    and f"{item.name}.{column.name}".lower() not in hidden
                },
            )
            for item in self.objects.values()
        )
