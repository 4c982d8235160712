"""Run the organisation as its own process: `python -m connectors.sandbox.salesforce`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from connectors.sandbox.faults import FaultPlan
from connectors.sandbox.salesforce.oauth import (
    DEMO_CONSUMER_KEY,
    DEMO_CONSUMER_SECRET,
    ClientApp,
)
from connectors.sandbox.salesforce.server import SalesforceApp
from connectors.sandbox.salesforce.world import SalesforceWorld
from connectors.sandbox.wire import LoopbackServer
from connectors.sandbox.world import SandboxClock

TICK = 0.05  # seconds between looks at the agenda
AT_ONCE = 50  # things done between looks at the signal to stop


def main(argv: list[str] | None = None) -> int:
    """Serve on 127.0.0.1 until SIGTERM or SIGINT; answers the exit code."""
    options = _parser().parse_args(argv)
    world = SalesforceWorld(
        path=Path(options.db) if options.db else None,
        clock=SandboxClock(options.scale),
        faults=FaultPlan(seed=options.seed, rate=options.fault_rate),
    )
    app = SalesforceApp(world, _client(options))
    server = LoopbackServer(app, options.port)
    app.instance_url = server.url.replace("http://", "https://", 1)
    stopping = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    server.start()
    sys.stdout.write(f"listening {server.url}\n")
    sys.stdout.flush()
    while not stopping.wait(TICK):
        world.run_due(AT_ONCE)
    server.stop()
    world.close()
    return 0


def _client(options: argparse.Namespace) -> ClientApp:
    key_file = options.jwt_public_key_file
    return ClientApp(
        key=options.consumer_key,
        secret=options.consumer_secret,
        public_key=Path(key_file).read_text() if key_file else "",
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="connectors.sandbox.salesforce")
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    parser.add_argument("--db", default="", help="file that keeps the state")
    parser.add_argument("--scale", type=_positive, default=1.0, help="time scale")
    parser.add_argument("--seed", type=int, default=0, help="of the fault plan")
    parser.add_argument("--fault-rate", type=_share, default=0.0, help="0 to 1")
    parser.add_argument(
        "--consumer-key",
        default=os.environ.get("SANDBOX_SALESFORCE_CONSUMER_KEY", DEMO_CONSUMER_KEY),
    )
    parser.add_argument(
        "--consumer-secret",
        default=os.environ.get(
            "SANDBOX_SALESFORCE_CONSUMER_SECRET", DEMO_CONSUMER_SECRET
        ),
    )
    parser.add_argument(
        "--jwt-public-key-file",
        default=os.environ.get("SANDBOX_SALESFORCE_JWT_PUBLIC_KEY_FILE", ""),
        help="PEM that assertions are verified with; without it only client credentials are accepted",
    )
    return parser


def _positive(text: str) -> float:
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError("must be more than 0")
    return value


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError("must be from 0 to 1")
    return value


if __name__ == "__main__":
    sys.exit(main())
