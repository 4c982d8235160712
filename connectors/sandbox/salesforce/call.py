"""One REST call inside the organisation, and its answer before it becomes bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.sandbox.salesforce.cursors import Cursors
from connectors.sandbox.salesforce.dml import Dml
from connectors.sandbox.salesforce.refusals import (
    RefusedError,
    malformed_body,
    not_found,
)
from connectors.sandbox.salesforce.schema import Object, Schema
from connectors.sandbox.salesforce.transaction import Transaction
from connectors.sandbox.salesforce.world import SalesforceWorld


@dataclass(slots=True)
class Answer:
    """`body` None is an empty answer; a text goes out as CSV."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Call:
    """`path` is what follows `/services/data/vXX.X/`, without slashes at its ends.

    `params` holds the path's named parts and the query string. Composite runs its
    subrequests through `dispatch`.
    """

    method: str
    path: str
    version: str
    transaction: Transaction
    cursors: Cursors
    dispatch: Callable[[Call], Answer]
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None

    @property
    def world(self) -> SalesforceWorld:
        return self.transaction.world

    @property
    def schema(self) -> Schema:
        return self.world.schema_for(self.transaction.user_id)

    @property
    def dml(self) -> Dml:
        return Dml(self.transaction)

    def sobject(self) -> Object:
        """The object named in the path; 404 when there is none."""
        item = self.schema.object(self.params["sobject"])
        if item is None:
            raise not_found()
        return item

    def document(self) -> dict[str, Any]:
        """The body as an object; a refusal when it is none."""
        if not isinstance(self.body, dict):
            raise malformed_body(
                "The HTTP entity body is required, but this request "
                "has no entity body or it is not an object."
            )
        return self.body


def record_url(version: str, sobject: str, row_id: str) -> str:
    return f"/services/data/v{version}/sobjects/{sobject}/{row_id}"


def refusal_answer(error: RefusedError) -> Answer:
    return Answer(error.status, error.as_body())
