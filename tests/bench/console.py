"""The bench of the console; what it does is in `console_pages`."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any

import django

ABOUT = "every list, search and the home page at a million rows of the sync log"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--scale", type=float, default=1.0, help="1 is the full size (default)"
    )
    parser.add_argument(
        "--rounds", type=int, default=15, help="visits of each page at each size"
    )


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Measure on a database of its own, which is dropped afterwards."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    # Imported here: all of it needs the settings.
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import (  # noqa: PLC0415
        setup_test_environment,
        teardown_test_environment,
    )

    from tests.bench import console_pages  # noqa: PLC0415

    setup_test_environment()
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        return console_pages.run(say=_say, scale=options.scale, rounds=options.rounds)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
        teardown_test_environment()


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
