"""The sandbox as its own process: serves, works by itself, resumes, ends cleanly."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from connectors.sandbox.shiphero.world import REFRESH_TOKEN
from tests.unit.connectors.sandbox.shiphero.conftest import CREATE, order_input

ROOT = Path(__file__).parents[5]


class Process:
    def __init__(self, database: Path, *options: str) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter
            [
                *(sys.executable, "-m", "connectors.sandbox.shiphero"),
                *("--db", str(database), *options),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        word, self.url = self.process.stdout.readline().split()
        assert word == "listening"

    def control(self, name: str, body: Any = None) -> Any:
        method = "GET" if body is None else "POST"
        url = f"{self.url}/_sandbox/{name}"
        answer = requests.request(method, url, json=body, timeout=5)
        return answer.json()

    def create(self, key: str) -> None:
        token = requests.post(
            f"{self.url}/auth/refresh",
            json={"refresh_token": REFRESH_TOKEN},
            timeout=5,
        ).json()["access_token"]
        answer = requests.post(
            f"{self.url}/graphql",
            json={"query": CREATE, "variables": {"data": order_input(key)}},
            headers={"Authorization": f"Bearer {token}"},
            timeout=5,
        )
        assert "errors" not in answer.json(), answer.text

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=10)


@pytest.fixture
def processes() -> Iterator[list[Process]]:
    started: list[Process] = []
    yield started
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()
        if one.process.stdout is not None:
            one.process.stdout.close()


def test_a_restart_goes_on_where_it_stopped(
    tmp_path: Path, processes: list[Process]
) -> None:
    processes.append(Process(tmp_path / "world.sqlite3", "--scale", "1"))
    first = processes[0]
    stock = {"sku": "SKU-1", "on_hand": {"Primary": 5}}
    first.control("products", {"products": [stock]})
    first.control("switches", {"auto_floor": False})
    first.create("A-1")
    before = first.control("orders")
    assert first.stop() == 0
    processes.append(Process(tmp_path / "world.sqlite3"))
    second = processes[1]
    assert second.control("orders") == before
    assert second.control("switches")["auto_floor"] is False
    calls = [entry["call"] for entry in second.control("ledger?after=0")]
    assert calls == ["shiphero.auth_refresh", "shiphero.order_create"]
    order_id = before[0]["id"]
    second.control("floor", {"action": "allocate", "order": order_id})
    second.control("floor", {"action": "ship", "order": order_id})
    assert list(second.control("state")["shipped"]) == ["A-1"]
    wrong = second.control("floor", {"action": "ship", "order": order_id})
    assert wrong["error"].startswith("FloorError")
    assert second.stop() == 0
