"""The whole examination, in the order in which things stand on each other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import Error as StorageError

from connectors.doctor import house, remote
from connectors.doctor.findings import Finding, failed


def examine(clock: Callable[[], datetime]) -> list[Finding]:
    """Everything the doctor finds. Raises nothing for a system that is away."""
    findings: list[Finding] = []
    try:
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
