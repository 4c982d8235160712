"""Measures the product: `python -m tests.bench <name> --json`.

Each bench is a module that names its options, runs, and tells its numbers with the
limits they must stay within. The exit code is 1 when one of them does not.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

# Name to module; a module has `ABOUT`, `add_arguments(parser)` and `run(options)`.
BENCHES = {
    "day": "tests.bench.day",
    "console": "tests.bench.console",
    "fulfilment": "tests.bench.fulfilment",
    "inventory": "tests.bench.inventory",
    "whatif": "tests.bench.whatif",
}

Numbers = dict[str, Any]


@dataclass(frozen=True)
class Bench:
    about: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], Numbers]


def load(name: str) -> Bench:
    module = import_module(BENCHES[name])
    return Bench(module.ABOUT, module.add_arguments, module.run)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tests.bench", description=__doc__)
    subparsers = parser.add_subparsers(dest="bench", required=True)
    for name in BENCHES:
        bench = load(name)
        sub = subparsers.add_parser(name, help=bench.about, description=bench.about)
        sub.add_argument("--json", action="store_true", help="print nothing else")
        bench.add_arguments(sub)
    options = parser.parse_args(argv)
    numbers = load(options.bench).run(options)
    sys.stdout.write(_told(numbers, as_json=options.json) + "\n")
    return 0 if numbers["ok"] else 1


def _told(numbers: Numbers, *, as_json: bool) -> str:
    if as_json:
        return json.dumps(numbers, indent=2)
    return "\n".join(f"{name:32} {value}" for name, value in numbers.items())


if __name__ == "__main__":
    sys.exit(main())
