"""`manage.py demo`: the whole product on this machine, with both remote systems."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import threading
import time
from argparse import BooleanOptionalAction
from collections import Counter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from connectors.demo import scene
from connectors.demo.children import Child, free_port, stop_all
from connectors.demo.plan import plan_orders
from connectors.demo.verdict import Verdict, judge
from connectors.demo.worlds import Worlds
from connectors.models import FailedPayload
from orders.models import Export, Order

INSIDE = "SHIPSYNC_DEMO_PORT"
FAULT_RATE = 0.2
WEB_PORT = 8000
LOOK_EVERY = 0.5
SETTLED_FOR = 180.0  # seconds of the worlds' time without a change for the worse


class Command(BaseCommand):
    help = "Runs ShipSync with a sandbox of Salesforce and ShipHero on this machine."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--orders", type=int, help="how many orders sales people make"
        )
        parser.add_argument("--exit", action="store_true", help="end when they rest")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument(
            "--faults", choices=["all"], help="let a fifth of calls fail"
        )
        parser.add_argument("--seed", type=int, default=1, help="of orders and faults")
        parser.add_argument("--scale", type=float, default=20.0, help="time scale")
        parser.add_argument(
            "--limit", type=float, default=600.0, help="seconds for --exit"
        )
        parser.add_argument("--port", type=int, default=WEB_PORT, help="of the console")
        parser.add_argument("--reset", action="store_true", help="forget earlier runs")
        parser.add_argument("--folder", help="where the demonstration keeps its files")
        parser.add_argument(
            "--resume", action=BooleanOptionalAction, default=True, help="go on"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["orders"] is not None and options["orders"] < 0:
            raise CommandError("--orders must be 0 or more.")
        if not options["scale"] >= 1:
            raise CommandError("--scale must be 1 or more.")
        if INSIDE not in os.environ:
            _enter(options)
        Demonstration(self, options).run()


def _enter(options: dict[str, Any]) -> None:
    """Begin again with the demonstration's own settings: one process, other world."""
    folder = Path(options["folder"] or settings.SHIPSYNC_DATA_DIR / "demo").absolute()
    if (options["reset"] or options["exit"]) and folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    port = free_port(options["port"])
    url = os.environ.get(
        "SHIPSYNC_DEMO_DATABASE_URL", f"sqlite:///{folder}/demo.sqlite3"
    )
    env = {
        **os.environ,
        INSIDE: str(port),
        "SHIPSYNC_READ_DOT_ENV": "0",
        "SHIPSYNC_ENV": "development",
        "SHIPSYNC_DATA_DIR": str(folder),
        "DATABASE_URL": url,
        "SHIPSYNC_SANDBOX": "1",
        "SHIPSYNC_TIME_SCALE": str(options["scale"]),
        "SHIPSYNC_BASE_URL": f"http://127.0.0.1:{port}",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "PYTHONUNBUFFERED": "1",
    }
    os.execve(sys.executable, [sys.executable, *sys.argv], env)  # noqa: S606


class Demonstration:
    """One run: worlds, web server and workers as children, and a look at them all."""

    def __init__(self, command: BaseCommand, options: dict[str, Any]) -> None:
        self.command = command
        self.options = options
        self.folder = Path(settings.SHIPSYNC_DATA_DIR)
        self.port = int(os.environ[INSIDE])
        self.children: list[Child] = []
        self.worlds = Worlds("", "")
        self.expected: dict[str, str] = {}
        self.started = time.monotonic()
        self._stop = threading.Event()

    def run(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask_to_stop)
        verdict: Verdict | None = None
        try:
            self._raise_curtain()
            verdict = self._watch()
        finally:
            stop_all(self.children)
        if verdict is not None:
            self._report(verdict)

    def _ask_to_stop(self, number: int, frame: object) -> None:
        self._stop.set()

    # -- start -----------------------------------------------------------------

    def _raise_curtain(self) -> None:
        self.say("Preparing the database …")
        call_command("migrate", verbosity=0, interactive=False)
        people = scene.make_people()
        self._start_worlds()
        self.worlds.seed_products()
        scene.connect(
            salesforce_url=self.worlds.salesforce_url,
            shiphero_url=self.worlds.shiphero_url,
            now=timezone.now(),
        )
        self._start_product()
        self._say_welcome(people)
        if self.options["faults"]:
            self.worlds.set_faults(seed=self.options["seed"], rate=FAULT_RATE)
        self._place_orders()

    def _start_worlds(self) -> None:
        addresses = []
        for name in ("salesforce", "shiphero"):
            port = free_port()
            command = ["-m", f"connectors.sandbox.{name}", "--port", str(port)]
            command += ["--db", str(self.folder / f"{name}.sqlite3")]
            command += ["--scale", str(self.options["scale"])]
            self._start(f"sandbox-{name}", command)
            addresses.append(f"http://127.0.0.1:{port}")
        self.worlds = Worlds(*addresses)
        self.worlds.await_start()

    def _start_product(self) -> None:
        web = ["-m", "gunicorn", "shipsync_site.wsgi", "--workers", "2"]
        web += ["--bind", f"127.0.0.1:{self.port}", "--log-level", "warning"]
        web += ["--no-control-socket"]
        self._start("web", web)
        self._start("work", ["manage.py", "work"])

    def _start(self, name: str, arguments: list[str]) -> None:
        child = Child(
            name=name,
            command=[sys.executable, *arguments],
            env=os.environ,
            cwd=settings.BASE_DIR,
            log=self.folder / f"{name}.log",
        )
        child.start()
        self.children.append(child)

    def _say_welcome(self, people: dict[str, str]) -> None:
        self.say(f"The console: http://127.0.0.1:{self.port}/admin/")
        for name, password in people.items():
            self.say(f"    {name} / {password}")
        self.say(f"Files and logs: {self.folder}")

    def _place_orders(self) -> None:
        """Sales people make their orders; a resumed demonstration keeps its own."""
        count = self.options["orders"]
        if count is None:
            count = 0 if self.worlds.records("Order") else 20
        for planned in plan_orders(count, seed=self.options["seed"]):
            self.expected[self.worlds.place(planned)] = planned.expected
        self.say(f"{count} orders were activated in Salesforce.")

    # -- look ------------------------------------------------------------------

    def _watch(self) -> Verdict | None:
        """Until Ctrl-C; with --exit until everything has come to rest."""
        quiet_since: float | None = None
        shown = ""
        while not self._stop.is_set():
            self._mend()
            line = self._progress()
            if line != shown:
                self.say(line)
                shown = line
            if self.options["exit"]:
                verdict = self._judge()
                if verdict.mismatches or not self._is_quiet():
                    quiet_since = None
                elif quiet_since is None:
                    quiet_since = time.monotonic()
                if self._is_over(quiet_since):
                    return verdict
            self._stop.wait(LOOK_EVERY)
        return None

    def _mend(self) -> None:
        for child in self.children:
            if child.keep_alive():
                self.say(f"{child.name} had ended and was started again.")

    def _is_over(self, quiet_since: float | None) -> bool:
        if time.monotonic() - self.started > self.options["limit"]:
            return True
        if quiet_since is None:
            return False
        calm = SETTLED_FOR if self.options["faults"] else 0.0
        return bool(time.monotonic() - quiet_since >= calm / self.options["scale"])

    def _is_quiet(self) -> bool:
        """No create is in doubt and none is kept back by us."""
        open_ones = Export.objects.exclude(intent_at=None).count()
        return not open_ones and not any(
            export.is_held_by_us
            for export in Export.objects.filter(released_at=None).exclude(held_at=None)
        )

    def _progress(self) -> str:
        labels = dict(Order._meta.get_field("state").flatchoices)
        states = Order.objects.values_list("state", flat=True)
        counts = Counter(str(labels[state]) for state in states)
        parts = [f"{count} {name.lower()}" for name, count in sorted(counts.items())]
        return ", ".join(parts) or "No orders read yet."

    def _judge(self) -> Verdict:
        verdict = judge(
            self.expected,
            warehouse=self.worlds.warehouse(),
            salesforce={row["Id"]: row for row in self.worlds.records("Order")},
            parked=dict(
                FailedPayload.objects.filter(
                    closed_at=None, order__isnull=False
                ).values_list("order__salesforce_id", "code")
            ),
        )
        verdict.seconds = round(time.monotonic() - self.started, 1)
        return verdict

    def _report(self, verdict: Verdict) -> None:
        if self.options["json"]:
            self.command.stdout.write(json.dumps(verdict.as_json()))
        else:
            self.command.stdout.write(json.dumps(verdict.as_json(), indent=2))
        if verdict.mismatches:
            sys.exit(1)

    def say(self, words: str) -> None:
        stream = self.command.stderr if self.options["json"] else self.command.stdout
        stream.write(words)
