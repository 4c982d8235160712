"""The control endpoints that demonstrations and tests use."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.sandbox.shiphero.world import ShipHeroWorld
from tests.unit.connectors.sandbox.shiphero.conftest import (
    CREATE,
    URL,
    Remote,
    order_input,
)


def control(remote: Remote, name: str, body: Any = None) -> tuple[int, Any]:
    method = "GET" if body is None else "POST"
    answer = remote.session.request(method, f"{URL}/_sandbox/{name}", json=body)
    return answer.status_code, answer.json()


def test_faults_are_planned_and_scripted(remote: Remote, world: ShipHeroWorld) -> None:
    script = {"shiphero.order_create": ["throttled"]}
    status, plan = control(remote, "faults", {"seed": 3, "rate": 0, "script": script})
    assert (status, plan) == (200, {"seed": 3, "rate": 0.0})
    body = remote.ask(CREATE, data=order_input("A-1"))
    assert body["errors"][0]["code"] == 30


def test_the_ledger_is_read_from_a_number_on(remote: Remote) -> None:
    remote.create("A-1")
    _, everything = control(remote, "ledger")
    _, newest = control(remote, f"ledger?after={everything[-2]['seq']}")
    assert newest == everything[-1:]
    assert newest[0]["call"] == "shiphero.order_create"


def test_staff_and_floor_act_when_told(remote: Remote) -> None:
    order_id = remote.create("A-1")["id"]
    for action in ("allocate", "pick", "pack", "ship"):
        assert control(remote, "floor", {"action": action, "order": order_id})[0] == 200
    reship = {"action": "reship", "order_id": order_id}
    assert control(remote, "floor", reship)[0] == 200
    _, state = control(remote, "state")
    assert state["by_status"] == {"pending": 1}
    assert state["shipments"] == 1


def test_tokens_are_ended_from_outside(remote: Remote) -> None:
    assert control(remote, "tokens", {"action": "expire"})[0] == 200
    assert remote.raw("{ user_quota { max_available } }").status_code == 401


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("floor", {"action": "dance"}),
        ("floor", {"action": "ship", "order": "nobody"}),
        ("floor", {"action": "cancel", "order_id": "nobody"}),
        ("floor", {"action": "ship", "wrong": 1}),
        ("switches", {"nonsense": 1}),
        ("switches", [1]),
        ("faults", {"script": {"x": ["nonsense"]}}),
        ("products", {}),
        ("tokens", {"action": "nonsense"}),
    ],
)
def test_what_cannot_be_done_says_why(remote: Remote, name: str, body: Any) -> None:
    status, answer = control(remote, name, body)
    assert status == 400
    assert answer["error"]


def test_an_unknown_endpoint_is_404(remote: Remote) -> None:
    assert control(remote, "nothing")[0] == 404
