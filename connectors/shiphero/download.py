"""Fetching a snapshot's file: its URL is the only secret, and it is not logged."""

from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import urlsplit

import requests

from connectors.errors import RejectedError, System, TransientError
from connectors.http import AnswerTooLargeError, Exchange
from connectors.shiphero.calls import Caller

CALL = "shiphero.snapshot_file"
GONE = frozenset({400, 401, 403, 404, 410})


def save(caller: Caller, url: str, target: Path, *, most: int) -> int:
    """Save what stands behind the URL; answers how many bytes came.

    Raises RejectedError (`stock.url_expired`, `stock.file_too_large`, `stock.bad_url`)
    and TransientError. What was written of a file that did not come whole is no file.
    """
    _check(url, caller.base_url)
    started_at, clock = caller.clock(), time.perf_counter()
    status: int | None = None
    try:
        with target.open("wb") as file:
            status = caller.session.save(url, file, name=CALL, most=most)
    except AnswerTooLargeError as error:
        raise _refused(
            "The snapshot is larger than we accept.", "file_too_large"
        ) from error
    except requests.RequestException as error:
        raise _away(type(error).__name__) from error
    finally:
        caller.exchanges.append(
            Exchange(
                operation=CALL,
                request={"host": urlsplit(url).hostname or ""},
                response=None,
                status=status,
                request_id="",
                cost=None,
                started_at=started_at,
                duration_seconds=time.perf_counter() - clock,
            )
        )
    if status in GONE:
        raise _refused("The snapshot's file can no longer be read.", "url_expired")
    if status != 200:
        raise _away(f"status {status}")
    return target.stat().st_size


def _check(url: str, base_url: str) -> None:
    """Over https, or from where the API itself is (a sandbox on this machine)."""
    there, home = urlsplit(url), urlsplit(base_url)
    if there.scheme != "https" and (there.scheme, there.netloc) != (
        home.scheme,
        home.netloc,
    ):
        raise _refused("The snapshot's address is not a secure one.", "bad_url")


def _refused(reason: str, code: str) -> RejectedError:
    return RejectedError(reason, system=System.SHIPHERO, code=f"stock.{code}")


def _away(detail: str) -> TransientError:
    return TransientError(
        "The snapshot's file could not be fetched.",
        system=System.SHIPHERO,
        code="stock.file_away",
        detail=detail,
    )
