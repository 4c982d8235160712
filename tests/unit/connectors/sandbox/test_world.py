"""What both worlds rest on."""

from __future__ import annotations

import threading

import pytest

from connectors.sandbox.world import FairLock


@pytest.mark.timeout(30)
def test_who_asks_for_the_world_gets_it_before_who_asks_again():
    lock, order = FairLock(), []

    def visit() -> None:
        with lock:
            order.append("visitor")

    visitor = threading.Thread(target=visit)
    with lock:
        visitor.start()
        while lock.asked < 2:
            pass
        order.append("first")
    with lock:
        order.append("again")
    visitor.join()

    assert order == ["first", "visitor", "again"]


@pytest.mark.timeout(30)
def test_who_holds_the_world_may_ask_for_it_once_more():
    lock = FairLock()
    with lock, lock:
        assert lock.is_mine()
    assert not lock.is_mine()
    assert not lock.asked
