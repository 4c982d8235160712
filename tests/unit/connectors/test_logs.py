import json
import logging
import sys

from connectors.logs import LineFormatter


def line(message: str, *args: object, **record: object) -> str:
    made = logging.makeLogRecord(
        {"name": "shipsync.test", "levelname": "INFO", "msg": message, "args": args}
        | record
    )
    return LineFormatter().format(made)


class TestLineFormatter:
    def test_writes_one_object_on_one_line(self):
        written = line("first\nsecond %s", "{}")

        assert "\n" not in written
        assert json.loads(written)["message"] == "first\nsecond {}"

    def test_masks_message_extras_and_traceback(self):
        try:
            raise ValueError("ann@example.com has password=hunter2")
        except ValueError:
            trouble = sys.exc_info()

        written = line(
            "for %s", "ann@example.com", exc_info=trouble, payload={"token": "abc123"}
        )

        assert "ann@" not in written
        assert "hunter2" not in written
        assert "abc123" not in written
        assert "ValueError" in json.loads(written)["traceback"]
