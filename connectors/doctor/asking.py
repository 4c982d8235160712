"""Looking at a remote system: whatever goes wrong there is a finding."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from connectors import catalogue
from connectors.doctor.findings import Finding, Status, failed, unknown
from connectors.errors import ConnectorError, Kind

Look = Callable[[], Iterator[Finding]]


def examined(check: str, subject: str, look: Look) -> list[Finding]:
    """What a look finds; its failure is a finding under the name of the check."""
    found: list[Finding] = []
    try:
        found.extend(look())
    except ConnectorError as error:
        found.append(_from_error(check, subject, error))
    except Exception as error:  # noqa: BLE001 - a finding, never a traceback
        words = f"ShipSync could not look: {type(error).__name__}."
        found.append(failed(check, words, "Pass this to the engineers.", subject))
    return found


def _from_error(check: str, subject: str, error: ConnectorError) -> Finding:
    entry = catalogue.find(error.code, kind=error.kind.value)
    fix = entry.fix if entry else "Check the login and its rights."
    if error.kind is Kind.THROTTLED:
        return unknown(check, error.reason, "Ask again in a minute.", subject)
    return failed(check, error.reason, fix, subject)


def then(
    first: list[Finding], subject: str, more: dict[str, Look]
) -> Iterator[Finding]:
    """The other looks, if the first one got through; else their names, as unknown."""
    yield from first
    reached = not any(f.status in {Status.FAILED, Status.UNKNOWN} for f in first)
    for check, look in more.items():
        if reached:
            yield from examined(check, subject, look)
        else:
            yield unknown(check, "Not looked at: see the login above.", "", subject)
