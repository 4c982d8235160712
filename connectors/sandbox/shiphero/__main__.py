"""The sandbox as a process: `python -m connectors.sandbox.shiphero --port P --db F`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from connectors.sandbox.faults import FaultPlan
from connectors.sandbox.shiphero.ids import FIRST_NUMBERS
from connectors.sandbox.shiphero.server import ShipHeroSandbox
from connectors.sandbox.shiphero.world import (
    PASSWORD,
    REFRESH_TOKEN,
    USERNAME,
    ShipHeroWorld,
)
from connectors.sandbox.wire import LoopbackServer
from connectors.sandbox.world import SandboxClock

TICK = 0.05
SENDERS = 4


def main() -> int:
    options = _options()
    world = ShipHeroWorld(
        path=options.db,
        clock=SandboxClock(options.scale),
        faults=FaultPlan(seed=options.seed, rate=options.fault_rate),
        account_number=options.account,
    )
    world.posts_itself = False
    world.tokens.set_login(options.username, options.password, options.refresh_token)
    server = LoopbackServer(ShipHeroSandbox(world).app, options.port)
    world.public_url = server.url
    server.start()
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    workers = _workers(world, stop)
    sys.stdout.write(f"listening {server.url}\n")
    sys.stdout.flush()
    stop.wait()
    server.stop()
    for worker in workers:
        worker.join(timeout=2)
    world.close()
    return 0


def _workers(world: ShipHeroWorld, stop: threading.Event) -> list[threading.Thread]:
    """One thread for the agenda, some for webhooks: a slow receiver stops no clock."""
    jobs: list[Callable[[], int]] = [
        world.run_due,
        *[world.postman.send_waiting] * SENDERS,
    ]
    workers = [
        threading.Thread(target=_repeat, args=(job, stop), daemon=True) for job in jobs
    ]
    for worker in workers:
        worker.start()
    return workers


def _repeat(job: Callable[[], int], stop: threading.Event) -> None:
    try:
        while not stop.wait(TICK):
            job()
    finally:
        stop.set()  # a world whose clock stands still must not look alive


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m connectors.sandbox.shiphero")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--db", type=Path, default=None, help="no file: in memory")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--account", type=int, default=FIRST_NUMBERS["Account"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--fault-rate", type=float, default=0.0)
    for name, default in (
        ("username", USERNAME),
        ("password", PASSWORD),
        ("refresh-token", REFRESH_TOKEN),
    ):
        variable = f"SANDBOX_SHIPHERO_{name.upper().replace('-', '_')}"
        parser.add_argument(f"--{name}", default=os.environ.get(variable, default))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
