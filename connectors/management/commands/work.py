"""`manage.py work`: the workers of this host."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from connectors import queue
from connectors.parent import Parent


class Command(BaseCommand):
    help = "Runs the sync workers of this host, and restarts them when they hang."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--cluster",
            type=int,
            metavar="FD",
            help="For the parent's own use: be the cluster that hangs on this pipe.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["cluster"] is not None:
            queue.run_cluster(options["cluster"])
            return
        self.stdout.write("The workers start. Ctrl-C stops them.")
        Parent(timezone.now).run()
        self.stdout.write("The workers have stopped.")
