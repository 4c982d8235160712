"""Salesforce's error codes: what each is about, and who fixes it."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.errors import Category, Owner

EXPIRED_SESSION = "INVALID_SESSION_ID"

# Which class a code is in is judgement shared by several integrations, not a
# statement of Salesforce. Codes that are in no set are the record's own fault.
TRANSIENT = frozenset(
    {
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "API_CURRENTLY_DISABLED",
        "BATCH_PROCESSING_HALTED",
        "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE",
        "INVALID_QUERY_LOCATOR",
        "INVALID_REPLICATION_DATE",
        "PROCESSING_HALTED",
        "QUERY_TIMEOUT",
        "REQUEST_RUNNING_TOO_LONG",
        "SERVER_UNAVAILABLE",
        "STORAGE_LIMIT_EXCEEDED",
        "TXN_SECURITY_METERING_ERROR",
        "UNABLE_TO_LOCK_ROW",
        "UNKNOWN_EXCEPTION",
    }
)
# Of these, the effect of a write is not known: it may have been cut half-way.
UNCERTAIN = frozenset(
    {"REQUEST_RUNNING_TOO_LONG", "SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION"}
)
AUTH = frozenset(
    {
        EXPIRED_SESSION,
        "API_DISABLED_FOR_ORG",
        "INVALID_AUTH_HEADER",
        "INVALID_LOGIN",
        "INVALID_OPERATION_WITH_EXPIRED_PASSWORD",
        "LOGIN_MUST_USE_SECURITY_TOKEN",
        "UNSUPPORTED_API_VERSION",
    }
)
OURS = frozenset(
    {
        "INVALID_BATCH_SIZE",
        "JSON_PARSER_ERROR",
        "MALFORMED_QUERY",
        "METHOD_NOT_ALLOWED",
        "MISSING_ARGUMENT",
        "URI_TOO_LONG",
    }
)

Facet = tuple[Category | None, Owner]

# What a refused record is about, and who fixes it.
FACETS: Mapping[str, Facet] = {
    "APEX_ERROR": (Category.SETUP, Owner.INTEGRATOR),
    "CANNOT_EXECUTE_FLOW_TRIGGER": (Category.SETUP, Owner.INTEGRATOR),
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": (Category.SETUP, Owner.INTEGRATOR),
    "DELETE_FAILED": (None, Owner.SALES),
    "DUPLICATES_DETECTED": (None, Owner.OPS),
    "DUPLICATE_EXTERNAL_ID": (None, Owner.OPS),
    "DUPLICATE_VALUE": (None, Owner.OPS),
    "ENTITY_IS_DELETED": (None, Owner.SALES),
    "ENTITY_IS_LOCKED": (None, Owner.SALES),
    "FAILED_ACTIVATION": (None, Owner.SALES),
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": (Category.SETUP, Owner.INTEGRATOR),
    "FIELD_INTEGRITY_EXCEPTION": (None, Owner.SALES),
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": (Category.SETUP, Owner.INTEGRATOR),
    "INSUFFICIENT_ACCESS_OR_READONLY": (Category.SETUP, Owner.INTEGRATOR),
    "INVALIDENTITY": (Category.SETUP, Owner.INTEGRATOR),
    "INVALIDJOB": (Category.SETUP, Owner.INTEGRATOR),
    "INVALID_FIELD": (Category.SETUP, Owner.INTEGRATOR),
    "INVALID_FIELD_FOR_INSERT_UPDATE": (Category.SETUP, Owner.INTEGRATOR),
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": (Category.SETUP, Owner.INTEGRATOR),
    "INVALID_STATUS": (None, Owner.SALES),
    "INVALID_TYPE": (Category.SETUP, Owner.INTEGRATOR),
    "NOT_FOUND": (None, Owner.OPS),
    "STANDARD_PRICE_NOT_DEFINED": (None, Owner.SALES),
}
OTHERWISE: Facet = (None, Owner.INTEGRATOR)
