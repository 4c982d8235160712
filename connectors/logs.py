"""Log lines: one JSON object each, masked, so that no value can forge a line."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from connectors.redaction import mask_text, redact

_STANDARD = set(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class LineFormatter(logging.Formatter):
    """Time, level, logger, message, what `extra` brought, and the traceback if any."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, object] = {
            "at": at.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": mask_text(record.getMessage()),
        }
        line.update(_extras(record))
        if record.exc_info:
            line["traceback"] = mask_text(self.formatException(record.exc_info))
        return json.dumps(line, default=_text)


def _extras(record: logging.LogRecord) -> dict[str, object]:
    extras = {
        name: value for name, value in vars(record).items() if name not in _STANDARD
    }
    return {name: redact(value) for name, value in redact(extras).items()}


def _text(value: object) -> str:
    return mask_text(str(value))
