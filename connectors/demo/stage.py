"""One run of the demonstration: what is started, shown, watched and judged."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from connectors.demo import scene
from connectors.demo.children import Child, free_port, stop_all
from connectors.demo.plan import plan_orders
from connectors.demo.verdict import Verdict, judge
from connectors.demo.worlds import Worlds
from connectors.models import FailedPayload
from connectors.sync import listeners
from orders.models import Export, Order

FAULT_RATE = 0.2
LOOK_EVERY = 0.5
SETTLED_FOR = 180.0  # seconds of the worlds' time without a change for the worse
FIRST_ORDERS = 20


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person asked for on the command line; see the command's help."""

    port: int
    orders: int | None
    ends: bool
    as_json: bool
    faults: bool
    seed: int
    scale: float
    limit: float


class Demonstration:
    """One run: worlds, web server and workers as children, and a look at them all."""

    def __init__(self, command: BaseCommand, wishes: Wishes) -> None:
        self.command = command
        self.wishes = wishes
        self.folder = Path(settings.SHIPSYNC_DATA_DIR)
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
            self.say("Ending …")
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
        account = scene.connect(
            salesforce_url=self.worlds.salesforce_url,
            shiphero_url=self.worlds.shiphero_url,
            now=timezone.now(),
        )
        listener = listeners.listener_of(account.organization, now=timezone.now())
        self.worlds.install_package(listeners.address_of(listener))
        self._start_product()
        self._say_welcome(people)
        if self.wishes.faults:
            self.worlds.set_faults(seed=self.wishes.seed, rate=FAULT_RATE)
        self._place_orders()

    def _start_worlds(self) -> None:
        addresses = []
        for name in ("salesforce", "shiphero"):
            port = free_port()
            command = ["-m", f"connectors.sandbox.{name}", "--port", str(port)]
            command += ["--db", str(self.folder / f"{name}.sqlite3")]
            command += ["--scale", str(self.wishes.scale)]
            self._start(f"sandbox-{name}", command)
            addresses.append(f"http://127.0.0.1:{port}")
        self.worlds = Worlds(*addresses)
        self.worlds.await_start()

    def _start_product(self) -> None:
        web = ["-m", "gunicorn", "shipsync_site.wsgi", "--workers", "2"]
        web += ["--bind", f"127.0.0.1:{self.wishes.port}", "--log-level", "warning"]
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
        self.say(f"The console: http://127.0.0.1:{self.wishes.port}/admin/")
        for name, password in people.items():
            self.say(f"    {name} / {password}")
        self.say(f"Files and logs: {self.folder}")

    def _place_orders(self) -> None:
        """Sales people make their orders; a resumed demonstration keeps its own."""
        count = self.wishes.orders
        if count is None:
            count = 0 if self.worlds.records("Order") else FIRST_ORDERS
        for planned in plan_orders(count, seed=self.wishes.seed):
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
            if self.wishes.ends:
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
        if time.monotonic() - self.started > self.wishes.limit:
            return True
        if quiet_since is None:
            return False
        calm = SETTLED_FOR if self.wishes.faults else 0.0
        return bool(time.monotonic() - quiet_since >= calm / self.wishes.scale)

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
        if self.wishes.as_json:
            self.command.stdout.write(json.dumps(verdict.as_json()))
        else:
            self.command.stdout.write(json.dumps(verdict.as_json(), indent=2))
        if verdict.mismatches:
            sys.exit(1)

    def say(self, words: str) -> None:
        stream = self.command.stderr if self.wishes.as_json else self.command.stdout
        stream.write(words)
