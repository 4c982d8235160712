"""The whole examination, in the order in which things stand on each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import Error as StorageError

from connectors.doctor import house, remote
from connectors.doctor.findings import Finding, Status, failed
from connectors.doctor.house_rules import MIGRATIONS


def examine(clock: Callable[[], datetime]) -> list[Finding]:
    """Everything the doctor finds. Raises nothing for a system that is away."""
    findings: list[Finding] = []
    try:
        findings.extend(house.ground(clock))
        if lacks_tables(findings):
            return findings
        findings.extend(house.look(clock))
        findings.extend(remote.look(clock))
    except StorageError as error:
        findings.append(
            failed(
                "database.answers",
                f"The database does not answer as it should: {type(error).__name__}.",
                "Check DATABASE_URL and the database server, then `manage.py migrate`.",
            )
        )
    return findings


def lacks_tables(findings: Iterable[Finding]) -> bool:
    """Whether the rest cannot be looked at before the migrations are applied."""
    return any(
        finding.check == MIGRATIONS and finding.status is Status.FAILED
        for finding in findings
    )
