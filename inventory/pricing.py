"""What a large write will cost the Salesforce organization, before it is made."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

# Salesforce counts two kilobytes of storage for nearly every record.
RECORD_KB = 2
# Create, upload, close, about three looks, and the list of what was refused.
CALLS_PER_JOB = 7


@dataclass(frozen=True, slots=True)
class Price:
    """`rows` start every flow that the organization has on the object, once each."""

    rows: int
    new_rows: int
    calls: int
    storage_kb: int


def price_of(rows: int, new_rows: int, *, rows_per_job: int) -> Price:
    """The price of writing this many rows through the Bulk API."""
    return Price(
        rows=rows,
        new_rows=new_rows,
        calls=ceil(rows / max(rows_per_job, 1)) * CALLS_PER_JOB,
        storage_kb=new_rows * RECORD_KB,
    )
