"""Webhooks: signed, retried, dropped, doubled, delayed, switched off."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from connectors.sandbox.faults import Fault
from connectors.sandbox.shiphero.world import ShipHeroWorld
from tests.unit.connectors.sandbox.shiphero.conftest import Receiver, Remote

NAME = "Order Canceled"
HOOKS = "{ webhooks { data { edges { node { id name enabled health url "
HOOKS += "shared_signature_secret } } } } }"


def cancel_one(remote: Remote, key: str = "A-1") -> None:
    order = remote.create(key)
    remote.change("order_cancel", "CancelOrderInput", order_id=order["id"])


def registered(remote: Remote) -> list[dict[str, object]]:
    edges = remote.ask(HOOKS)["data"]["webhooks"]["data"]["edges"]
    return [edge["node"] for edge in edges]


def manage(remote: Remote, mutation: str, input_type: str, **data: object) -> object:
    body = remote.ask(
        f"mutation ($data: {input_type}!) "
        f"{{ {mutation}(data: $data) {{ request_id }} }}",
        data=data,
    )
    return body.get("errors")


def test_the_signature_is_over_the_raw_bytes(
    remote: Remote, receiver: Receiver
) -> None:
    secret = remote.register(NAME)[NAME]
    cancel_one(remote)
    remote.wait(2)
    _, headers, body = receiver.taken[0]
    wanted = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest())
    assert headers["X-Shiphero-Hmac-Sha256"] == wanted.decode()
    assert headers["X-Shiphero-Message-ID"]


def test_the_signature_may_be_missing_its_value(
    remote: Remote, world: ShipHeroWorld, receiver: Receiver
) -> None:
    world.set_switches({"empty_signature": True})
    remote.register(NAME)
    cancel_one(remote)
    remote.wait(2)
    assert receiver.taken[0][1]["X-Shiphero-Hmac-Sha256"] == ""


def test_the_secret_is_told_once(remote: Remote) -> None:
    assert remote.register(NAME)[NAME]
    assert registered(remote)[0]["shared_signature_secret"] is None


@pytest.mark.parametrize(("policy", "same"), [("same", True), ("new", False)])
def test_a_refused_delivery_is_tried_again(
    remote: Remote, world: ShipHeroWorld, receiver: Receiver, policy: str, same: bool
) -> None:
    world.set_switches({"message_id_on_retry": policy})
    receiver.statuses = [500, 0]
    remote.register(NAME)
    cancel_one(remote)
    remote.wait(45)
    assert len(receiver.taken) == 3
    assert len({body for _, _, body in receiver.taken}) == 1
    ids = [headers["X-Shiphero-Message-ID"] for _, headers, _ in receiver.taken]
    assert (len(set(ids)) == 1) is same
    attempts = [e.detail for e in world.ledger(call="webhook") if e.outcome == "sent"]
    assert [a["status"] for a in attempts] == [500, 0, 200]


def test_after_five_retries_it_is_given_up(
    remote: Remote, world: ShipHeroWorld, receiver: Receiver
) -> None:
    receiver.statuses = [500] * 50
    remote.register(NAME)
    cancel_one(remote)
    remote.wait(2000, step=20)
    assert len(receiver.taken) == 6
    assert world.ledger(call="webhook")[-1].detail["reason"] == "given_up"
    assert world.snapshot("delivery") == []


def test_failures_in_a_row_switch_a_webhook_off(
    remote: Remote, world: ShipHeroWorld, receiver: Receiver
) -> None:
    world.set_switches({"warning_after": 2, "unhealthy_after": 4})
    receiver.statuses = [500] * 4
    remote.register(NAME)
    cancel_one(remote)
    remote.wait(15)
    assert registered(remote)[0]["health"] == "WARNING"
    remote.wait(120)
    hook = registered(remote)[0]
    assert (hook["health"], hook["enabled"]) == ("UNHEALTHY", False)
    cancel_one(remote, "B-1")
    remote.wait(600, step=20)
    assert len(receiver.taken) == 4
    assert not manage(
        remote, "webhook_enable", "EnableWebhookInput", webhook_id=hook["id"]
    )
    assert registered(remote)[0]["health"] == "HEALTHY"
    cancel_one(remote, "C-1")
    remote.wait(2)
    assert [body["partner_order_id"] for body in receiver.bodies[4:]] == ["C-1"]


def test_hook_faults_drop_double_and_delay(
    remote: Remote, world: ShipHeroWorld, receiver: Receiver
) -> None:
    remote.register(NAME)
    world.faults.script(
        "webhook", Fault.HOOK_DROPPED, Fault.HOOK_DOUBLED, Fault.HOOK_DELAYED
    )
    for key in ("A-1", "B-1", "C-1", "D-1"):
        cancel_one(remote, key)
    remote.wait(60)
    told = [body["partner_order_id"] for body in receiver.bodies]
    assert told == ["B-1", "B-1", "D-1", "C-1"]
    ids = [headers["X-Shiphero-Message-ID"] for _, headers, _ in receiver.taken]
    assert ids[0] == ids[1]
    assert world.ledger(call="webhook")[0].detail["reason"] == "hook_dropped"


def test_the_same_name_twice_is_refused_but_for_another_label(
    remote: Remote, world: ShipHeroWorld
) -> None:
    remote.register(NAME)
    hook = {"name": NAME, "url": "https://shop.example/x"}
    assert manage(remote, "webhook_create", "CreateWebhookInput", **hook)
    assert not manage(
        remote, "webhook_create", "CreateWebhookInput", shop_name="b", **hook
    )
    world.set_switches({"duplicate_webhook": "accept"})
    assert not manage(remote, "webhook_create", "CreateWebhookInput", **hook)
    assert len(registered(remote)) == 3


def test_webhooks_are_deleted_by_name_and_label(remote: Remote) -> None:
    remote.register(NAME)
    delete = ("webhook_delete", "DeleteWebhookInput")
    assert manage(remote, *delete, name=NAME, shop_name="other")
    assert not manage(remote, *delete, name=NAME)
    assert manage(remote, *delete, name=NAME)


def test_a_url_is_changed_and_a_webhook_disabled(
    remote: Remote, receiver: Receiver
) -> None:
    remote.register(NAME)
    hook_id = registered(remote)[0]["id"]
    new = "https://shop.example/new"
    change = ("webhook_update_url", "UpdateUrlWebhookInput")
    assert not manage(remote, *change, webhook_id=hook_id, url=new)
    cancel_one(remote)
    remote.wait(2)
    assert receiver.taken[0][0] == new
    off = ("webhook_disable", "DisableWebhookInput")
    assert not manage(remote, *off, webhook_id=hook_id)
    cancel_one(remote, "B-1")
    remote.wait(2)
    assert len(receiver.taken) == 1


def test_an_unknown_name_or_a_url_without_tls_is_refused(
    remote: Remote, world: ShipHeroWorld
) -> None:
    create = ("webhook_create", "CreateWebhookInput")
    assert manage(remote, *create, name="Order Created", url="https://shop.example")
    world.set_switches({"https_only": True})
    assert manage(remote, *create, name=NAME, url="http://shop.example")


def test_registration_may_ask_the_url_first(
    remote: Remote, world: ShipHeroWorld
) -> None:
    asked = []
    statuses = {"https://good.example": 200, "https://bad.example": 404}

    def probe(url: str) -> int:
        asked.append(url)
        return statuses[url]

    world.postman.probe = probe
    world.set_switches({"head_check": True})
    create = ("webhook_create", "CreateWebhookInput")
    assert manage(remote, *create, name=NAME, url="https://bad.example")
    assert not manage(remote, *create, name=NAME, url="https://good.example")
    assert asked == ["https://bad.example", "https://good.example"]


def test_a_webhook_is_sent_without_holding_the_worlds_lock(
    remote: Remote, world: ShipHeroWorld
) -> None:
    held: list[bool] = []

    def send(url: str, headers: dict[str, str], body: bytes) -> int:
        held.append(world.lock.is_mine())
        return 200

    world.postman.send = send
    remote.register(NAME)
    cancel_one(remote)
    remote.wait(2)
    assert held == [False]


def test_a_webhook_may_come_before_the_answer(
    remote: Remote, world: ShipHeroWorld, receiver: Receiver
) -> None:
    world.set_switches({"hooks_before_answer": True, "process_lag": 0, "hook_lag": 0})
    remote.register("Order Allocated")
    order = remote.create("A-1")
    assert receiver.of("Order Allocated")[0]["order_uuid"] == order["id"]


def test_a_customers_events_go_to_the_customers_webhooks(
    remote: Remote, world: ShipHeroWorld, receiver: Receiver
) -> None:
    brand = world.seed_customer("Brand")
    remote.register(NAME)
    order = remote.create("A-1", customer_account_id=brand["id"])
    remote.change("order_cancel", "CancelOrderInput", order_id=order["id"])
    remote.wait(5)
    assert receiver.taken == []
