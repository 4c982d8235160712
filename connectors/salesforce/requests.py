"""Requests of people in Salesforce: rows read, answers written on the same rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.errors import RejectedError, RowResult
from connectors.salesforce import writes
from connectors.salesforce.calls import Caller, unreadable
from connectors.salesforce.mapping import time_of
from connectors.salesforce.soql import text_literal
from connectors.salesforce.writeback import time_value
from connectors.salesforce.writes import MOST_ROWS, Collection
from orders.records import RequestAnswer, RequestRecord

REQUEST = "ShipSync_Request__c"
NEW, WORKING, DONE, REFUSED = "New", "Working", "Done", "Refused"
STATES = {"new": NEW, "working": WORKING, "done": DONE, "refused": REFUSED}
LONGEST_ANSWER = 32_000
LONGEST_CODES = 4_000


class RequestCalls:
    """Raises ConnectorError, as the client does."""

    def __init__(
        self, caller: Caller, describe: Callable[[str], Mapping[str, Any]]
    ) -> None:
        self._caller = caller
        self._describe = describe

    def are_possible(self) -> bool:
        """Whether the organization has the package, and we may read its requests."""
        try:
            return bool(self._describe(REQUEST).get("queryable", True))
        except RejectedError:
            return False

    def open(self, integration_user_id: str) -> list[RequestRecord]:
        """The oldest requests without a final answer, one page of them."""
        path = self._caller.data_path("query")
        told = self._caller.get(path, params={"q": open_query(integration_user_id)})
        rows = told.get("records") if isinstance(told, Mapping) else None
        if not isinstance(rows, list):
            raise unreadable()
        return [request_from(row) for row in rows]

    def answer(self, answers: Sequence[RequestAnswer]) -> list[RowResult]:
        """One result for each answer, in their order. A repeat is harmless."""
        outcomes = writes.send_all(self._caller, collections(answers))
        return [
            RowResult(one.salesforce_id, error=outcomes.errors.get(one.salesforce_id))
            for one in answers
        ]


def open_query(integration_user_id: str) -> str:
    """Rows without a final answer, oldest first; never those we made ourselves."""
    where = f"Status__c != '{DONE}' AND Status__c != '{REFUSED}'"
    if integration_user_id:
        where += f" AND CreatedById != {text_literal(integration_user_id)}"
    return (
        "SELECT Id, CreatedBy.Name, CreatedDate, Kind__c, Note__c, Order__c, Status__c "  # noqa: S608 - it is SOQL
        f"FROM {REQUEST} WHERE {where} ORDER BY CreatedDate, Id LIMIT {MOST_ROWS}"
    )


def request_from(row: Mapping[str, Any]) -> RequestRecord:
    by = row.get("CreatedBy")
    return RequestRecord(
        salesforce_id=str(row["Id"]),
        order_id=str(row.get("Order__c") or ""),
        kind=str(row.get("Kind__c") or "").lower(),
        note=str(row.get("Note__c") or ""),
        asked_by=str(by.get("Name") or "") if isinstance(by, Mapping) else "",
        asked_at=time_of(row["CreatedDate"]),
        is_new=row.get("Status__c") in {None, "", NEW},
    )


def collections(answers: Sequence[RequestAnswer]) -> list[Collection]:
    """Updates by id, so that a repeat is harmless."""
    return [
        Collection(
            path="composite/sobjects",
            rows=tuple(answer_row(one) for one in answers[start : start + MOST_ROWS]),
            orders=tuple(
                one.salesforce_id for one in answers[start : start + MOST_ROWS]
            ),
        )
        for start in range(0, len(answers), MOST_ROWS)
    ]


def answer_row(answer: RequestAnswer) -> dict[str, Any]:
    return {
        "attributes": {"type": REQUEST},
        "id": answer.salesforce_id,
        "Status__c": STATES[answer.state],
        "Answer__c": answer.answer[:LONGEST_ANSWER] or None,
        "Problem_Codes__c": "\n".join(answer.codes)[:LONGEST_CODES] or None,
        "Answered_At__c": time_value(answer.answered_at),
    }
