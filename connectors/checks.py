"""What is missing or contradictory in the settings, as system checks with ids."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cryptography.fernet import Fernet
from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured

Finding = Iterator[CheckMessage]


@register(Tags.security)
def check_settings(
    app_configs: Sequence[AppConfig] | None = None, **_kwargs: Any
) -> list[CheckMessage]:
    """All findings of this file. Each id has one meaning for ever."""
    return [finding for check in _CHECKS for finding in check()]


@register(Tags.staticfiles, deploy=True)
def check_static_files(
    app_configs: Sequence[AppConfig] | None = None, **_kwargs: Any
) -> list[CheckMessage]:
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if not settings.PRODUCTION or manifest.exists():
        return []
    return [
        Error(
            "The static files were not collected: every page would fail.",
            hint="Run `manage.py collectstatic --noinput`.",
            id="shipsync.E014",
        )
    ]


def _environment() -> Finding:
    if settings.SHIPSYNC_ENV not in {"development", "production"}:
        yield Error(
            f"SHIPSYNC_ENV is {settings.SHIPSYNC_ENV!r}.",
            hint="Set it to development or production.",
            id="shipsync.E001",
        )
    if settings.PRODUCTION and settings.DEBUG:
        yield Error(
            "DEBUG is on in production: error pages would show customers' data.",
            hint="Remove DEBUG from the environment.",
            id="shipsync.E002",
        )


def _secret_key() -> Finding:
    try:
        key = settings.SECRET_KEY
    except ImproperlyConfigured:
        key = ""
    if not key:
        yield Error(
            "Production has no SECRET_KEY.",
            hint="Set SECRET_KEY to 50 or more random characters; keep it stable, "
            "or everybody is signed out and queued bells are lost.",
            id="shipsync.E003",
        )


def _encryption_keys() -> Finding:
    if not settings.SHIPSYNC_ENCRYPTION_KEYS:
        yield Error(
            "There is no key to encrypt credentials with.",
            hint="Set SHIPSYNC_ENCRYPTION_KEYS; make a key with `python -c 'from "
            "cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'`"
            " and keep a copy: without it the stored credentials are lost.",
            id="shipsync.E004",
        )
    for place, key in enumerate(settings.SHIPSYNC_ENCRYPTION_KEYS, start=1):
        if not _is_fernet_key(key):
            yield Error(
                f"Key {place} of SHIPSYNC_ENCRYPTION_KEYS is not a Fernet key.",
                hint="A key is 44 characters of URL-safe base64.",
                id="shipsync.E005",
            )


def _is_fernet_key(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True


def _time_zone() -> Finding:
    name = settings.SHIPSYNC_SHIPHERO_TIME_ZONE
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield Error(
            f"SHIPSYNC_SHIPHERO_TIME_ZONE is {name!r}, which is no time zone.",
            hint="Set it to a name like UTC or America/New_York.",
            id="shipsync.E016",
        )


def _time_scale() -> Finding:
    scale = settings.SHIPSYNC_TIME_SCALE
    if not scale >= 1:
        yield Error(
            "SHIPSYNC_TIME_SCALE is less than 1.",
            hint="Remove it, or set 1 or more.",
            id="shipsync.E006",
        )
    elif scale != 1 and not settings.SHIPSYNC_SANDBOX:
        yield Error(
            "SHIPSYNC_TIME_SCALE shortens every wait, but the remote systems are real.",
            hint="Remove it, or set SHIPSYNC_SANDBOX=1 if they are the sandbox.",
            id="shipsync.E007",
        )


def _sandbox() -> Finding:
    if not settings.SHIPSYNC_SANDBOX:
        return
    if settings.PRODUCTION:
        yield Error(
            "SHIPSYNC_SANDBOX is on in production.",
            hint="Remove it, or set SHIPSYNC_ENV=development.",
            id="shipsync.E008",
        )
    strangers = [host for host in settings.ALLOWED_HOSTS if not _is_loopback(host)]
    if strangers and not settings.DEBUG:
        yield Error(
            f"The sandbox is on, and the site answers to {', '.join(strangers)}.",
            hint="Leave only loopback names in ALLOWED_HOSTS.",
            id="shipsync.E009",
        )


def _is_loopback(host: str) -> bool:
    if host in {"localhost", ".localhost", "testserver"}:
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _base_url() -> Finding:
    url: str = settings.SHIPSYNC_BASE_URL
    if url and not url.startswith(("http://", "https://")):
        yield Error(
            "SHIPSYNC_BASE_URL is not an address.",
            hint="Write it as https://shipsync.example.com.",
            id="shipsync.E010",
        )
    elif settings.PRODUCTION and not url.startswith("https://"):
        yield Error(
            "Production has no https address for webhooks to come in.",
            hint="Set SHIPSYNC_BASE_URL, such as https://shipsync.example.com.",
            id="shipsync.E011",
        )


def _queue() -> Finding:
    cluster = settings.Q_CLUSTER
    if cluster["retry"] <= cluster["timeout"]:
        yield Error(
            "Q_CLUSTER's retry is not longer than its timeout: tasks run twice.",
            hint="Make retry at least four times timeout.",
            id="shipsync.E012",
        )
    if settings.SHIPSYNC_WORKERS < 1:
        yield Error(
            "SHIPSYNC_WORKERS is less than 1: nothing would be synced.",
            hint="Set it to the number of cores.",
            id="shipsync.E013",
        )


def _webhook_limit() -> Finding:
    if settings.SHIPSYNC_MAX_WEBHOOK_BYTES < 64 * 1024:
        yield Error(
            "SHIPSYNC_MAX_WEBHOOK_BYTES would refuse ordinary deliveries.",
            hint="Set 65536 or more; 2097152 is the default.",
            id="shipsync.E015",
        )


def _database() -> Finding:
    is_sqlite = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
    if settings.PRODUCTION and is_sqlite:
        yield Warning(
            "Production runs on SQLite: one host only, and no promise of latency.",
            hint="Set DATABASE_URL to PostgreSQL, or silence shipsync.W001.",
            id="shipsync.W001",
        )


def _alerts() -> Finding:
    if settings.PRODUCTION and not settings.SHIPSYNC_ALERT_EMAILS:
        yield Warning(
            "Nobody is told when a worker stops or a login is refused.",
            hint="Set SHIPSYNC_ALERT_EMAILS and EMAIL_URL.",
            id="shipsync.W002",
        )


_CHECKS: list[Callable[[], Finding]] = [
    _environment,
    _secret_key,
    _encryption_keys,
    _time_scale,
    _time_zone,
    _sandbox,
    _base_url,
    _queue,
    _webhook_limit,
    _database,
    _alerts,
]
