"""`manage.py demo`: the whole product on this machine, with both remote systems."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from connectors.demo.children import free_port
from connectors.demo.stage import Demonstration, Wishes

WEB_PORT = 8000
MARKER = ".shipsync-demo"


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
        if options["orders"] is not None and options["orders"] < 0:
            raise CommandError("--orders must be 0 or more.")
        if not options["scale"] >= 1:
            raise CommandError("--scale must be 1 or more.")
        if options["inside"] is None:
            _enter(options)
        Demonstration(self, _wishes(options)).run()


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


def _enter(options: dict[str, Any]) -> None:
    """Begin again with the demonstration's own settings: one process, other world."""
    folder = Path(options["folder"] or settings.SHIPSYNC_DATA_DIR / "demo").absolute()
    _claim(folder, afresh=options["reset"] or options["exit"])
    port = free_port(options["port"])
    env = {
        **os.environ,
        "SHIPSYNC_READ_DOT_ENV": "0",
        "SHIPSYNC_ENV": "development",
        "SHIPSYNC_DATA_DIR": str(folder),
        "DATABASE_URL": options["database_url"] or f"sqlite:///{folder}/demo.sqlite3",
        "SHIPSYNC_SANDBOX": "1",
        "SHIPSYNC_TIME_SCALE": str(options["scale"]),
        "SHIPSYNC_BASE_URL": f"http://127.0.0.1:{port}",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "PYTHONUNBUFFERED": "1",
    }
    arguments = [sys.executable, *sys.argv, "--inside", str(port)]
    os.execve(sys.executable, arguments, env)  # noqa: S606 - ourselves


def _claim(folder: Path, *, afresh: bool) -> None:
    """Make the folder ours. Raises CommandError for one that holds other things."""
    marker = folder / MARKER
    if folder.exists() and any(folder.iterdir()) and not marker.exists():
        raise CommandError(f"{folder} holds other files. Choose an empty folder.")
    if afresh and folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    marker.touch()
