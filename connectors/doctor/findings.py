"""What the doctor says: one finding for each thing looked at."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


class Status(enum.StrEnum):
    """`unknown` is what could not be looked at; only `failed` ends with exit code 1."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """`check` is a stable name for machines, `says` and `fix` are for people."""

    check: str
    status: Status
    says: str
    fix: str = ""
    subject: str = ""


def ok(check: str, says: str, subject: str = "") -> Finding:
    return Finding(check, Status.OK, says, subject=subject)


def warning(check: str, says: str, fix: str, subject: str = "") -> Finding:
    return Finding(check, Status.WARNING, says, fix, subject)


def failed(check: str, says: str, fix: str, subject: str = "") -> Finding:
    return Finding(check, Status.FAILED, says, fix, subject)


def unknown(check: str, says: str, fix: str = "", subject: str = "") -> Finding:
    return Finding(check, Status.UNKNOWN, says, fix, subject)


def has_failed(findings: Iterable[Finding]) -> bool:
    return any(finding.status is Status.FAILED for finding in findings)


def counted(findings: Iterable[Finding]) -> dict[str, int]:
    """How many findings there are of each status, in its own word."""
    found = Counter(finding.status for finding in findings)
    return {status.value: found[status] for status in Status}


def as_json(findings: Iterable[Finding], *, at: datetime) -> dict[str, Any]:
    """The report for machines: `ok` is false when something failed."""
    listed = list(findings)
    return {
        "at": at.isoformat(),
        "ok": not has_failed(listed),
        "counts": counted(listed),
        "findings": [
            {**asdict(finding), "status": finding.status.value} for finding in listed
        ],
    }


def as_text(findings: Iterable[Finding]) -> str:
    """The report for people: what needs a hand stands first, the sum last."""
    rank = [Status.FAILED, Status.WARNING, Status.UNKNOWN, Status.OK]
    listed = sorted(findings, key=lambda finding: rank.index(finding.status))
    lines: list[str] = []
    for finding in listed:
        about = f"{finding.subject}: " if finding.subject else ""
        lines.append(
            f"{finding.status.value:8} {finding.check:26} {about}{finding.says}"
        )
        if finding.fix:
            lines.append(f"{'':8} {'':26} → {finding.fix}")
    sums = [f"{n} {status}" for status, n in reversed(counted(listed).items()) if n]
    return "\n".join([*lines, "", ", ".join(sums)])
