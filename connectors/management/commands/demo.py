"""`manage.py demo`: the whole product on this machine, with both remote systems."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import Any

import requests
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from connectors.demo.children import free_port
from connectors.demo.folder import FolderError, claim
from connectors.demo.stage import Demonstration, Wishes

WEB_PORT = 8000
LAST_PORT = 65535
MOST_ORDERS = 10_000
FASTEST = 1000.0


class Command(BaseCommand):
    help = "Runs ShipSync with a sandbox of Salesforce and ShipHero on this machine."

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("--orders", type=int, help="how many orders sales people make")
        add("--exit", action="store_true", help="begin afresh, end when all rests")
        add("--json", action="store_true", help="print one JSON object at the end")
        add("--faults", choices=["all"], help="let a fifth of the remote calls fail")
        add("--seed", type=int, default=1, help="of the orders and the faults")
        add("--scale", type=float, default=20.0, help="how much faster time passes")
        add("--limit", type=float, default=600.0, help="most seconds with --exit")
        add("--port", type=int, default=WEB_PORT, help="of the console; 0: any")
        add("--reset", action="store_true", help="forget earlier runs")
        add("--folder", help="where the demonstration keeps its files")
        add("--database-url", help="another database than SQLite in that folder")
        add("--inside", type=int, help="for its own use: the console's port")

    def handle(self, *args: Any, **options: Any) -> None:
        _insist_on_sense(options)
        if options["inside"] is None:
            self._enter(options)
        # The workers' parent and the web server write these to their own logs.
        logging.getLogger("django-q").setLevel(logging.WARNING)
        try:
            Demonstration(self, _wishes(options)).run()
        except DatabaseError as error:
            raise CommandError(
                f"The database cannot be used: {error}".strip()
            ) from error
        except requests.RequestException as error:
            raise CommandError(
                "A sandbox does not answer. Its log stands in "
                f"{settings.SHIPSYNC_DATA_DIR}."
            ) from error

    def _enter(self, options: dict[str, Any]) -> None:
        """Begin again with the demonstration's own settings: one process, other world."""
        folder = Path(
            options["folder"] or settings.SHIPSYNC_DATA_DIR / "demo"
        ).absolute()
        try:
            claim(folder, afresh=options["reset"] or options["exit"])
        except FolderError as error:
            raise CommandError(str(error)) from error
        port = free_port(options["port"])
        if port != options["port"] != 0:
            self.stderr.write(
                f"Port {options['port']} is not to be had; another is used."
            )
        env = {
            **os.environ,
            "SHIPSYNC_READ_DOT_ENV": "0",
            "SHIPSYNC_ENV": "development",
            "SHIPSYNC_DATA_DIR": str(folder),
            "DATABASE_URL": options["database_url"]
            or f"sqlite:///{folder}/demo.sqlite3",
            "SHIPSYNC_SANDBOX": "1",
            "SHIPSYNC_TIME_SCALE": str(options["scale"]),
            "SHIPSYNC_BASE_URL": f"http://127.0.0.1:{port}",
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "PYTHONUNBUFFERED": "1",
        }
        arguments = [sys.executable, *sys.argv, "--inside", str(port)]
        os.execve(sys.executable, arguments, env)  # noqa: S606 - ourselves


def _insist_on_sense(options: dict[str, Any]) -> None:
    """Raises CommandError for a number that makes no demonstration."""
    if not 0 <= (options["orders"] or 0) <= MOST_ORDERS:
        raise CommandError(f"--orders must be between 0 and {MOST_ORDERS}.")
    if not 1 <= options["scale"] <= FASTEST:
        raise CommandError(f"--scale must be between 1 and {FASTEST}.")
    if not options["limit"] > 0:
        raise CommandError("--limit must be more than 0 seconds.")
    if not 0 <= options["port"] <= LAST_PORT:
        raise CommandError(f"--port must be between 0 and {LAST_PORT}.")


def _wishes(options: dict[str, Any]) -> Wishes:
    return Wishes(
        port=options["inside"],
        orders=options["orders"],
        ends=options["exit"],
        as_json=options["json"],
        faults=bool(options["faults"]),
        seed=options["seed"],
        scale=options["scale"],
        limit=options["limit"],
    )
