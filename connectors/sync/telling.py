"""Everything that is wrong with an order now, told for the people who put it right."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from connectors import catalogue
from connectors.accounts.models import Organization
from connectors.errors import Problem
from connectors.salesforce.links import record_link
from connectors.salesforce.source_mapping import SourceMapping
from connectors.sync import config, planning
from orders.addresses import Change, tidy
from orders.checks import Severity
from orders.models import Order
from orders.records import MISSING, OrderRecord

_LINE = re.compile(r"lines\[(\d+)\](?:\.(\w+))?")


@dataclass(frozen=True, slots=True)
class Told:
    """One problem. `source` are the Salesforce fields it stands in, `link` the page of
    the record that holds them."""

    code: str
    title: str
    severity: Severity
    reason: str
    field: str
    value: str
    owner: str
    fix: str
    source: tuple[str, ...]
    link: str


@dataclass(frozen=True, slots=True)
class Examination:
    """`changes` are the parts of the ship-to address that are sent otherwise than read."""

    problems: tuple[Told, ...] = ()
    changes: tuple[Change, ...] = ()


def examine(order: Order, *, now: datetime) -> Examination:
    """By the same rules as the export; nothing is changed.

    Of an order kept by an older version nothing is told before it is read again.
    """
    try:
        plans = planning.plans_of(order, now=now)
        record = planning.record_of(order, now=now)
    except TypeError:  # its picture lacks a field
        return Examination()
    if not plans or order.account is None:
        return Examination()
    mapping = config.source_mapping(order.organization)
    checks = config.checks(order.account)
    found = [
        (one, level, part.record)
        for part in plans
        for level, problems in (
            (Severity.BLOCK, part.plan.problems),
            (Severity.WARN, part.plan.warnings),
        )
        for one in problems
    ]
    # What is wrong with the head of an order is wrong with each of its parts.
    told = tuple(
        dict.fromkeys(
            _told(one, level, of, mapping, order.organization)
            for one, level, of in found
        )
    )
    if record.ship_to is MISSING:
        return Examination(told)
    return Examination(
        told, tidy(record.ship_to, line_length=checks.line_length).changes
    )


def _told(
    problem: Problem,
    severity: Severity,
    record: OrderRecord,
    mapping: SourceMapping,
    organization: Organization,
) -> Told:
    entry = catalogue.find(problem.code)
    sobject, record_id, field = _place(problem.field, record)
    return Told(
        code=problem.code,
        title=entry.title if entry else problem.code,
        severity=severity,
        reason=problem.reason,
        field=problem.field,
        value=problem.value,
        owner=entry.owner if entry else "",
        fix=entry.fix if entry else "",
        source=paths_of(mapping, field),
        link=record_link(instance_of(organization), sobject, record_id),
    )


def _place(field: str, record: OrderRecord) -> tuple[str, str, str]:
    """The object and id of the record a problem is about, and our name for the field."""
    match = _LINE.fullmatch(field)
    lines = record.lines or ()
    if match is None or not 0 < int(match[1]) <= len(lines):
        return "Order", record.salesforce_id, field
    line = lines[int(match[1]) - 1]
    return "OrderItem", line.salesforce_id, f"lines.{match[2] or 'sku'}"


def paths_of(mapping: SourceMapping, field: str) -> tuple[str, ...]:
    """The Salesforce fields that fill ours; of a whole address, those of its parts."""
    return tuple(
        dict.fromkeys(
            one.path
            for one in mapping.fields
            if one.field == field or one.field.startswith(f"{field}.")
        )
    )


def instance_of(organization: Organization) -> str:
    return organization.instance_url or organization.credential.token_base_url
