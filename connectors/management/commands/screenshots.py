"""`manage.py screenshots`: pictures of the console, of a demonstration it runs for that."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from connectors.demo import pictures
from connectors.demo.children import Child

ORDERS = 40
START_LIMIT = 180.0  # seconds until the console must answer
STOP_LIMIT = 30.0
LOOK_EVERY = 0.2
ADDRESS = re.compile(r"The console: (http://\S+?)/admin/")
MISSING = (
    "This needs a browser and its driver, which the product itself does not: "
    "`pip install -c constraints.txt -e '.[test]'`, then Debian's `chromium` package or "
    "`python -m playwright install chromium`."
)


class Command(BaseCommand):
    help = "Takes pictures of the main pages, light and dark, wide and phone."

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("into", help="the folder the pictures go to")
        add("--folder", help="of a demonstration that ran; without it a new one runs")
        add(
            "--address",
            help="of a console that runs already, like http://127.0.0.1:8000",
        )
        add("--orders", type=int, default=ORDERS, help="of the new demonstration")
        add("--pages", default="", help="only these, with commas: home,failures")

    def handle(self, *args: Any, **options: Any) -> None:
        only = frozenset(name for name in options["pages"].split(",") if name)
        unknown = sorted(only - {shot.name for shot in pictures.SHOTS})
        if unknown:
            names = ", ".join(shot.name for shot in pictures.SHOTS)
            raise CommandError(f"No page {', '.join(unknown)}. There are: {names}.")
        if options["address"]:
            self._take(options["address"], Path(options["into"]), only)
            return
        with tempfile.TemporaryDirectory(prefix="shipsync-screenshots-") as scratch:
            folder = Path(options["folder"] or f"{scratch}/demo")
            if not options["folder"]:
                self._live_through(folder, options["orders"], Path(scratch))
            demo = self._demo(folder, Path(scratch), [])
            try:
                self._take(self._address_of(demo), Path(options["into"]), only)
            finally:
                demo.stop()
                demo.await_end(time.monotonic() + STOP_LIMIT)

    def _take(self, address: str, into: Path, only: frozenset[str]) -> None:
        count = 0
        try:
            for file in pictures.take(address, into, only=only):
                count += 1
                self.stdout.write(str(file))
        except (ImportError, FileNotFoundError) as missing:
            raise CommandError(MISSING) from missing
        except ConnectionError as silent:
            raise CommandError(str(silent)) from silent
        self.stdout.write(f"{count} pictures.")

    def _live_through(self, folder: Path, orders: int, scratch: Path) -> None:
        """Orders from their activation to their end."""
        self.stderr.write(f"{orders} orders live through a demonstration …")
        wishes = ["--exit", "--orders", str(orders), "--port", "0"]
        demo = self._demo(folder, scratch, wishes)
        if demo.process is None or demo.process.wait() not in (0, 1):
            raise CommandError(f"The demonstration ended badly:\n{_end_of(demo.log)}")

    def _demo(self, folder: Path, scratch: Path, wishes: list[str]) -> Child:
        command = [sys.executable, "manage.py", "demo", "--folder", str(folder)]
        demo = Child(
            name="demo",
            command=[*command, *(wishes or ["--port", "0"])],
            env=os.environ,
            cwd=settings.BASE_DIR,
            log=scratch / ("life.log" if wishes else "console.log"),
        )
        demo.start()
        return demo

    def _address_of(self, demo: Child) -> str:
        until = time.monotonic() + START_LIMIT
        while time.monotonic() < until and demo.is_alive:
            found = ADDRESS.search(demo.log.read_text())
            if found:
                return found[1]
            if demo.process is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    demo.process.wait(LOOK_EVERY)
        raise CommandError(f"The console did not start:\n{_end_of(demo.log)}")


def _end_of(log: Path) -> str:
    return "\n".join(log.read_text().splitlines()[-12:])
