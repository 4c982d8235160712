"""`manage.py doctor`: what is not as it should be, and what helps."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from connectors.doctor.examination import examine
from connectors.doctor.findings import as_json, as_text, has_failed


class Command(BaseCommand):
    help = (
        "Looks at logins, rights, fields, webhooks, limits, clock, database and "
        "workers. Ends with 1 when something failed."
    )
    # It reports what the checks find instead of stopping at them.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = examine(timezone.now)
        if options["json"]:
            report = as_json(findings, at=timezone.now())
            self.stdout.write(json.dumps(report, indent=2))
        else:
            self.stdout.write(as_text(findings))
        if has_failed(findings):
            sys.exit(1)
