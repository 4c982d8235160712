"""Each way a call can fail, and what the ledger then says was really done."""

from __future__ import annotations

import pytest
import requests

from connectors.http import surely_not_sent
from connectors.sandbox.faults import Fault
from connectors.sandbox.shiphero import judge
from connectors.sandbox.shiphero.world import REFRESH_TOKEN, ShipHeroWorld
from tests.unit.connectors.sandbox.shiphero.conftest import (
    CREATE,
    Remote,
    order_input,
)

CALL = "shiphero.order_create"


def created(world: ShipHeroWorld) -> int:
    return len(world.snapshot("order"))


def test_a_refused_call_surely_was_not_sent(
    remote: Remote, world: ShipHeroWorld
) -> None:
    world.faults.script(CALL, Fault.REFUSED)
    with pytest.raises(requests.ConnectionError) as caught:
        remote.create()
    assert surely_not_sent(caught.value)
    assert created(world) == 0


def test_a_lost_request_is_never_done(remote: Remote, world: ShipHeroWorld) -> None:
    world.faults.script(CALL, Fault.LOST_REQUEST)
    with pytest.raises(requests.ConnectionError) as caught:
        remote.create()
    assert not surely_not_sent(caught.value)
    remote.wait(100, step=10)
    assert created(world) == 0
    assert world.ledger(call=CALL)[-1].outcome == "lost"


def test_a_lost_request_may_hang_instead(remote: Remote, world: ShipHeroWorld) -> None:
    world.set_switches({"lost_hangs_seconds": 30.0})
    world.faults.script(CALL, Fault.LOST_REQUEST)
    with pytest.raises(requests.ReadTimeout):
        remote.create()


def test_a_lost_answer_was_done(remote: Remote, world: ShipHeroWorld) -> None:
    world.faults.script(CALL, Fault.LOST_ANSWER)
    with pytest.raises(requests.ConnectionError):
        remote.create()
    assert created(world) == 1
    assert world.ledger(call=CALL)[-1].outcome == "applied"


def test_a_late_landing_is_done_when_nobody_waits(
    remote: Remote, world: ShipHeroWorld
) -> None:
    world.faults.script(CALL, Fault.LATE_LANDING)
    with pytest.raises(requests.ConnectionError):
        remote.create()
    assert created(world) == 0
    remote.create()
    remote.wait(61)
    assert created(world) == 2
    assert list(judge.pickable_duplicates(world)) == ["A-1"]


def test_a_throttled_call_is_code_30_and_not_done(
    remote: Remote, world: ShipHeroWorld
) -> None:
    world.faults.script(CALL, Fault.THROTTLED)
    body = remote.ask(CREATE, data=order_input("A-1"))
    assert body["errors"][0]["code"] == 30
    assert body["errors"][0]["time_remaining"].endswith(" seconds")
    assert body["data"] == {"order_create": None}
    assert created(world) == 0
    assert world.ledger(call=CALL)[-1].outcome == "refused"


@pytest.mark.parametrize(("applies", "orders"), [(False, 0), (True, 1)])
def test_a_server_error_is_html_and_may_come_after_the_work(
    remote: Remote, world: ShipHeroWorld, applies: bool, orders: int
) -> None:
    world.set_switches({"server_error_applies": applies})
    world.faults.script(CALL, Fault.SERVER_ERROR)
    answer = remote.raw(CREATE, data=order_input("A-1"))
    assert answer.status_code in (500, 502, 503)
    assert answer.text.startswith("<html>")
    assert created(world) == orders


def test_an_expired_token_is_401_until_refreshed(
    remote: Remote, world: ShipHeroWorld
) -> None:
    world.faults.script(CALL, Fault.EXPIRED_TOKEN)
    assert remote.raw(CREATE, data=order_input("A-1")).status_code == 401
    assert remote.raw(CREATE, data=order_input("A-1")).status_code == 401
    remote.log_in()
    assert remote.create()
    assert created(world) == 1


def test_refreshing_can_fail_in_every_way(remote: Remote, world: ShipHeroWorld) -> None:
    body = {"refresh_token": REFRESH_TOKEN}
    world.faults.script("shiphero.auth_refresh", Fault.REFUSED, Fault.LOST_ANSWER)
    for _ in range(2):
        with pytest.raises(requests.ConnectionError):
            remote.post("/auth/refresh", body)
    world.faults.script("shiphero.auth_refresh", Fault.SERVER_ERROR, Fault.THROTTLED)
    assert remote.post("/auth/refresh", body).status_code in (500, 502, 503)
    assert remote.post("/auth/refresh", body).status_code == 429
    assert remote.post("/auth/refresh", body).status_code == 200


def test_the_first_root_field_names_the_call(
    remote: Remote, world: ShipHeroWorld
) -> None:
    world.faults.script("shiphero.account", Fault.THROTTLED)
    body = remote.ask(
        "query Both { mine: account { request_id } user_quota { max_available } }"
    )
    assert body["data"] == {"mine": None, "user_quota": None}
    assert body["errors"][0]["operation"] == "account"


def test_the_same_seed_gives_the_same_faults(world: ShipHeroWorld) -> None:
    def outcomes() -> list[str]:
        remote = Remote(world)
        world.faults.__init__(seed=7, rate=0.5)
        seen = []
        for _ in range(20):
            try:
                seen.append(str(remote.raw("{ account { request_id } }").status_code))
            except requests.RequestException as error:
                seen.append(type(error).__name__)
        return seen

    first = outcomes()
    assert first == outcomes()
    assert len(set(first)) > 1
