"""Signed webhooks: emitted, delivered, retried, given up."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

import requests

from connectors.sandbox.faults import HOOK_FAULTS, Fault
from connectors.sandbox.world import Sender

if TYPE_CHECKING:
    from connectors.sandbox.shiphero.world import ShipHeroWorld
    from connectors.sandbox.world import Document

TIMEOUT = 10.0
Probe = Callable[[str], int]


def post(url: str, headers: dict[str, str], body: bytes) -> int:
    """Deliver over HTTP; 0 when nobody answered in time."""
    try:
        answer = requests.post(
            url, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False
        )
    except requests.RequestException:
        return 0
    return answer.status_code


def head(url: str) -> int:
    """Ask a URL with HEAD, as registration may; 0 when nobody answered."""
    try:
        return requests.head(url, timeout=TIMEOUT, allow_redirects=False).status_code
    except requests.RequestException:
        return 0


def signature(secret: str, body: bytes) -> str:
    """base64(HMAC-SHA256) over the raw bytes, keyed by the secret as text."""
    return base64.b64encode(
        hmac.new(secret.encode(), body, hashlib.sha256).digest()
    ).decode()


class Postman:
    """Brings each event to those who registered for it."""

    def __init__(self, world: ShipHeroWorld, *, send: Sender, probe: Probe) -> None:
        self.world = world
        self.send = send
        self.probe = probe
        self._sending: set[str] = set()

    # -- events ----------------------------------------------------------------

    def emit(
        self, name: str, account_id: str, make_body: Callable[[], Document]
    ) -> None:
        """Something happened; call inside a turn.

        Events are thrown away, not queued, where nobody is registered or the
        registration is off. The bytes are fixed now, so retries repeat them.
        """
        for webhook in self.world.every("webhook"):
            if webhook["name"] != name or webhook["account_id"] != account_id:
                continue
            if not webhook["enabled"]:
                self.world.record("webhook", name, "lost", reason="disabled")
                continue
            self._queue(webhook, json.dumps(make_body()))

    def _queue(self, webhook: Document, text: str) -> None:
        message_id = str(uuid.uuid4())
        lag = self.world.switches["hook_lag"]
        fault = self.world.faults.draw("webhook", HOOK_FAULTS)
        if fault is Fault.HOOK_DROPPED:
            self._record(webhook, message_id, "lost", reason="hook_dropped")
            return
        if fault is Fault.HOOK_DELAYED:
            lag += self._delay(message_id)
        copies = 2 if fault is Fault.HOOK_DOUBLED else 1
        for _ in range(copies):
            self._put_delivery(webhook, message_id, text, lag)

    def _put_delivery(
        self, webhook: Document, message_id: str, text: str, lag: float
    ) -> None:
        delivery_id = str(self.world.next_number("delivery"))
        self.world.put(
            "delivery",
            delivery_id,
            {
                "id": delivery_id,
                "webhook_id": webhook["id"],
                "message_id": message_id,
                "body": text,
                "attempts": 0,
                "waiting": False,
            },
        )
        self.world.later(lag, "deliver", delivery_id=delivery_id)

    def _delay(self, message_id: str) -> float:
        nth = self.world.next_number("delay")
        chance = random.Random(f"{self.world.faults.seed}:delay:{nth}")  # noqa: S311
        return chance.uniform(1.0, self.world.switches["hook_delay"])

    # -- delivery ----------------------------------------------------------------

    def come_due(self, delivery_id: str) -> None:
        """The agenda's part: mark it to be sent once the lock is free."""
        delivery = self.world.get("delivery", delivery_id)
        if delivery is not None:
            delivery["waiting"] = True
            self.world.put("delivery", delivery_id, delivery)

    def send_waiting(self) -> int:
        """Send what has come due, holding no lock while sending; answers how many."""
        done = 0
        while (claimed := self._claim()) is not None:
            delivery, url, headers = claimed
            status = self.send(url, headers, delivery["body"].encode())
            self._settle(delivery["id"], status)
            done += 1
        return done

    def _claim(self) -> tuple[Document, str, dict[str, str]] | None:
        with self.world.turn():
            for delivery in self.world.every("delivery"):
                if not delivery["waiting"] or delivery["id"] in self._sending:
                    continue
                webhook = self.world.get("webhook", delivery["webhook_id"])
                if webhook is None or not webhook["enabled"]:
                    self.world.remove("delivery", delivery["id"])
                    self.world.record(
                        "webhook", delivery["message_id"], "lost", reason="disabled"
                    )
                    continue
                self._sending.add(delivery["id"])
                return delivery, webhook["url"], self._headers(webhook, delivery)
        return None

    def _headers(self, webhook: Document, delivery: Document) -> dict[str, str]:
        retry = delivery["attempts"] > 0
        if retry and self.world.switches["message_id_on_retry"] == "new":
            delivery["message_id"] = str(uuid.uuid4())
        empty = self.world.switches["empty_signature"]
        signed = signature(webhook["secret"], delivery["body"].encode())
        return {
            "Content-Type": "application/json",
            "User-Agent": "ShipHero",
            "X-Shiphero-Hmac-Sha256": "" if empty else signed,
            "X-Shiphero-Message-ID": delivery["message_id"],
        }

    def _settle(self, delivery_id: str, status: int) -> None:
        with self.world.turn():
            self._sending.discard(delivery_id)
            delivery = self.world.get("delivery", delivery_id)
            if delivery is None:
                return
            delivery["attempts"] += 1
            delivery["waiting"] = False
            webhook = self.world.get("webhook", delivery["webhook_id"])
            good = 200 <= status < 300
            if webhook is not None:
                self._record(
                    webhook,
                    delivery["message_id"],
                    "sent",
                    status=status,
                    attempt=delivery["attempts"],
                )
                self._judge_health(webhook, good)
            self._retry_or_forget(delivery, good)

    def _retry_or_forget(self, delivery: Document, good: bool) -> None:
        waits = self.world.switches["hook_retries"]
        if good or delivery["attempts"] > len(waits):
            self.world.remove("delivery", delivery["id"])
            if not good:
                self.world.record(
                    "webhook", delivery["message_id"], "lost", reason="given_up"
                )
            return
        self.world.put("delivery", delivery["id"], delivery)
        wait = waits[delivery["attempts"] - 1]
        self.world.later(wait, "deliver", delivery_id=delivery["id"])

    def _judge_health(self, webhook: Document, good: bool) -> None:
        webhook["failures"] = 0 if good else webhook["failures"] + 1
        if good:
            webhook["health"] = "HEALTHY"
        elif webhook["failures"] >= self.world.switches["unhealthy_after"]:
            webhook |= {
                "health": "UNHEALTHY",
                "enabled": False,
                "last_enabled_change": self.world.stamp(),
            }
        elif webhook["failures"] >= self.world.switches["warning_after"]:
            webhook["health"] = "WARNING"
        self.world.put("webhook", webhook["id"], webhook)

    def _record(
        self, webhook: Document, message_id: str, outcome: str, **detail: object
    ) -> None:
        self.world.record(
            "webhook", message_id, outcome, name=webhook["name"], **detail
        )
