"""Judging what Salesforce and ShipHero answered. No I/O here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.doctor.findings import Finding, failed, ok, unknown, warning

NEAR_LIMIT = 0.8
# Without the flows' condition every write of ours is told, which is half and more.
MANY_ECHOES = 1 / 3
AT_LIMIT = 0.95
FEW_CREDITS = 0.1
# An organization with one currency has no such field.
ABSENT_WITHOUT_A_FEATURE = frozenset({"currency"})
PERMISSION_SET = "the permission set “ShipSync Integration”"


@dataclass(frozen=True, slots=True)
class SourceField:
    """One row of the source mapping, and whether its path can be read."""

    field: str
    path: str
    is_required: bool
    is_readable: bool


def judge_fingerprint(check: str, *, stored: str, told: str, subject: str) -> Finding:
    """Whether a login still answers for what was connected.

    Salesforce writes an id with 15 or 18 characters; the first 15 decide.
    """
    if not told:
        return unknown(
            check, "The remote did not say whose login this is.", "", subject
        )
    if not stored:
        return ok(
            check, f"Connected to {told}; noted, and held to from now on.", subject
        )
    if stored != told and not (len(stored) >= 15 and stored[:15] == told[:15]):
        return failed(
            check,
            f"The login answers for {told}, but {stored} was connected.",
            "Enter the login of the right system: a sandbox's may stand where "
            "production's is meant. To connect another one, make a new entry for it.",
            subject,
        )
    return ok(check, f"It is {told}, as connected.", subject)


def judge_environment(told: bool | None, expected: bool, subject: str) -> Finding:
    check = "salesforce.environment"
    if told is None:
        return unknown(
            check, "Salesforce does not tell whether it is a sandbox.", "", subject
        )
    name = "a sandbox" if told else "production"
    if told is not expected:
        other = "a sandbox" if expected else "production"
        return failed(
            check,
            f"The organization is {name}, but it was entered as {other}.",
            "Correct the login, or the mark “is a Salesforce sandbox”.",
            subject,
        )
    return ok(check, f"It is {name}, as entered.", subject)


def judge_source_fields(maps: Sequence[SourceField], *, subject: str) -> Finding:
    """A field is lost only when none of its paths can be read."""
    check = "salesforce.source_fields"
    fix = f"Grant the fields in {PERMISSION_SET}, or correct the source mapping."
    readable = {one.field for one in maps if one.is_readable}
    lost = [one for one in maps if one.field not in readable | ABSENT_WITHOUT_A_FEATURE]
    needed = {one.field for one in maps if one.is_required}
    paths = ", ".join(dict.fromkeys(one.path for one in lost))
    if any(one.field in needed for one in lost):
        return failed(
            check, f"Fields that orders need cannot be read: {paths}.", fix, subject
        )
    if lost:
        return warning(check, f"Mapped fields cannot be read: {paths}.", fix, subject)
    return ok(check, f"{len(readable)} mapped fields can be read.", subject)


def writable_problems(
    described: Mapping[str, Any], wanted: Sequence[str], *, must_create: bool
) -> tuple[list[str], list[str]]:
    """(absent, read-only) of the wanted fields, by an object's description.

    A parent that is named by its external id goes by the name of the relationship.
    """
    told = described.get("fields") or []
    fields = {
        str(one["relationshipName"]): one for one in told if one.get("relationshipName")
    }
    fields |= {str(one.get("name")): one for one in told}
    absent = [name for name in wanted if name not in fields]
    closed = [
        name
        for name in wanted
        if name in fields
        and not (
            fields[name].get("createable")
            if must_create
            else fields[name].get("updateable")
        )
    ]
    return absent, closed


def judge_writeback(
    sobject: str, absent: Sequence[str], closed: Sequence[str], count: int, subject: str
) -> Finding:
    check = "salesforce.writeback_fields"
    if absent:
        return failed(
            check,
            f"{sobject} has no such fields, or they are hidden: {', '.join(absent)}.",
            "Deploy connectors/salesforce/package and assign "
            f"{PERMISSION_SET} to the integration user.",
            subject,
        )
    if closed:
        return failed(
            check,
            f"{sobject} does not let us write: {', '.join(closed)}.",
            f"Make them editable in {PERMISSION_SET}.",
            subject,
        )
    return ok(check, f"All {count} fields of {sobject} can be written.", subject)


def judge_package_key(described: Mapping[str, Any], name: str, subject: str) -> Finding:
    """Packages are upserted by this field; without it a repeat would double them."""
    rows = described.get("fields") or []
    field: Mapping[str, Any] = next(
        (one for one in rows if one.get("name") == name), {}
    )
    if not field.get("externalId"):
        return failed(
            "salesforce.package_key",
            f"{name} is not an external id.",
            "Deploy connectors/salesforce/package.",
            subject,
        )
    return ok("salesforce.package_key", f"{name} is an external id.", subject)


def judge_edit_activated(last: datetime | None, subject: str) -> Finding:
    """No description tells this right; only a write to an activated order does."""
    check = "salesforce.edit_activated"
    if last is None:
        return unknown(
            check,
            "Whether we may write to activated orders cannot be known without trying.",
            f"Check that {PERMISSION_SET} grants “Edit Activated Orders”; a refused "
            "write-back is parked with Salesforce's words.",
            subject,
        )
    return ok(
        check,
        f"An activated order was written to at {last:%Y-%m-%d %H:%M} UTC.",
        subject,
    )


def judge_api_usage(used: int | None, limit: int | None, subject: str) -> Finding:
    check = "salesforce.limits"
    if used is None or not limit:
        return unknown(check, "Salesforce did not tell its API usage.", "", subject)
    share = used / limit
    says = f"{used} of {limit} API requests of the last day are used ({share:.0%})."
    fix = "Find who calls so often, raise poll_orders_seconds, or buy more requests."
    if share >= AT_LIMIT:
        return failed(check, says, fix, subject)
    if share >= NEAR_LIMIT:
        return warning(check, says, fix, subject)
    return ok(check, says, subject)


def judge_warehouses(
    names: Sequence[str], *, is_3pl: bool, customer: str, subject: str
) -> Finding:
    check = "shiphero.account"
    if customer and not is_3pl:
        return warning(
            check,
            "A customer account id is set, but the login is not a 3PL's.",
            "Remove the customer account id, or enter the 3PL's login.",
            subject,
        )
    if not names:
        return warning(
            check,
            "The account shows no warehouse.",
            "Give the login a user that sees the warehouses.",
            subject,
        )
    return ok(check, f"Readable; warehouses: {', '.join(names)}.", subject)


def judge_write_scope(last: datetime | None, subject: str) -> Finding:
    check = "shiphero.write_orders"
    if last is None:
        return unknown(
            check,
            "Whether we may create orders cannot be known without trying.",
            "Give the login's user the right to create and edit orders.",
            subject,
        )
    return ok(check, f"An order was accepted at {last:%Y-%m-%d %H:%M} UTC.", subject)


def judge_credits(remaining: int, capacity: int, rate: int, subject: str) -> Finding:
    check = "shiphero.credits"
    says = f"{remaining} of {capacity} credits are left; {rate} come back per second."
    if capacity and remaining < capacity * FEW_CREDITS:
        return warning(
            check,
            says,
            "Work goes on more slowly. Find who else uses this login.",
            subject,
        )
    return ok(check, says, subject)


def tell_our_share(ours: int, limit: int, subject: str) -> Finding:
    """What ShipSync itself spends of the organization's calls in a day."""
    share = ours / limit if limit else 0.0
    return ok(
        "salesforce.limits",
        f"ShipSync made {ours} of these requests in 24 hours ({share:.1%} of the limit).",
        subject,
    )


def judge_messages(
    *, is_told: bool, last_refusal: str, echoes: float, subject: str
) -> Finding:
    """Messages only make it faster; what is wrong with them is never a failure.

    `echoes` is the share of the records named that ShipSync had written last. A message
    says so as of its sending, so a few are somebody else's changes, told late.
    """
    check = "salesforce.messages"
    if last_refusal and not is_told:
        return warning(
            check,
            f"Every message was refused, the last because: {last_refusal}",
            "Fill the package for this organization (manage.py salesforce_package) and "
            "deploy its messages anew.",
            subject,
        )
    if echoes > MANY_ECHOES:
        return warning(
            check,
            f"{echoes:.0%} of the records that messages named were written by ShipSync.",
            "Let the flows leave out who holds the custom permission “ShipSync "
            "Integration”, and give it to the integration user only.",
            subject,
        )
    if not is_told:
        return ok(
            check, "No outbound message has come; polling finds what changes.", subject
        )
    return ok(check, "Outbound messages arrive.", subject)


def judge_requests(are_possible: bool, stuck: int, subject: str) -> Finding:
    check = "salesforce.requests"
    if not are_possible:
        return warning(
            check,
            "Requests of people in Salesforce cannot be read.",
            "Deploy connectors/salesforce/package and assign "
            f"{PERMISSION_SET} to the integration user.",
            subject,
        )
    if stuck:
        return warning(
            check,
            f"The answers of {stuck} requests do not stay in Salesforce.",
            "Find the flow or trigger there that undoes them, then press “Answer again”.",
            subject,
        )
    return ok(check, "Requests can be read.", subject)
