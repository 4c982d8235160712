"""Outbound messages: what a record-triggered flow sends, repeated until acknowledged.

The messages and their fields are those of the package. Salesforce reads the record
when it sends, not when it changed; it repeats with longer and longer rests and gives
up after a day (help.salesforce.com, "Considerations for Outbound Messages").
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import requests
from defusedxml import ElementTree  # type: ignore[import-untyped]

from connectors.sandbox.faults import HOOK_FAULTS, Fault
from connectors.sandbox.salesforce.ids import make_id
from connectors.sandbox.salesforce.moments import parse_stamp
from connectors.sandbox.salesforce.package import NAMESPACE
from connectors.sandbox.world import Document, Sender

if TYPE_CHECKING:
    from connectors.sandbox.salesforce.world import SalesforceWorld

CALL = "salesforce.outbound_message"
MOST_AT_ONCE = 100
LONGEST_REST = 2 * 3600.0
GIVEN_UP_AFTER = 24 * 3600.0
TIMEOUT = 10.0
ACKNOWLEDGED = b"<Ack>true</Ack>"


@dataclass(frozen=True, slots=True)
class Message:
    """One outbound message of the package, sent by the flow of the same name."""

    sobject: str
    name: str
    fields: tuple[str, ...]
    on_update: bool


@cache
def messages(source: Path) -> dict[str, Message]:
    """The package's messages by their object."""
    found = {}
    main = source / "main" / "default"
    for path in sorted((main / "workflows").glob("*.workflow-meta.xml")):
        sobject = path.name.removesuffix(".workflow-meta.xml")
        node = ElementTree.parse(path).getroot().find(f"{NAMESPACE}outboundMessages")
        name = node.findtext(f"{NAMESPACE}fullName")
        flow = ElementTree.parse(main / "flows" / f"{name}.flow-meta.xml").getroot()
        trigger = flow.findtext(f"{NAMESPACE}start/{NAMESPACE}recordTriggerType")
        fields = tuple(str(one.text) for one in node.findall(f"{NAMESPACE}fields"))
        found[sobject] = Message(sobject, name, fields, "Update" in trigger)
    return found


def post(url: str, headers: dict[str, str], body: bytes) -> int:
    """200 when it was acknowledged, else the status, 0 when nobody answered."""
    try:
        answer = requests.post(
            url, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False
        )
    except requests.RequestException:
        return 0
    if answer.status_code == 200 and ACKNOWLEDGED not in answer.content:
        return -1
    return answer.status_code


class Outbox:
    """Queues a notification for each change, and sends them in envelopes."""

    def __init__(self, world: SalesforceWorld, *, source: Path, send: Sender) -> None:
        self.world = world
        self.send = send
        self.messages = messages(source)
        self._sending: set[str] = set()
        world.performers["notify"] = self._come_due

    def changed(self, sobject: str, row_id: str, what: str, user_id: str) -> None:
        """A row was written; call inside a turn."""
        message = self.messages.get(sobject)
        if not self.world.switches["outbound_endpoint"] or message is None:
            return
        if what == "delete" or (what != "create" and not message.on_update):
            return
        if self._is_ours(user_id) and self.world.switches["flows_leave_us_out"]:
            return
        fault = self.world.faults.draw(CALL, HOOK_FAULTS)
        if fault is Fault.HOOK_DROPPED:
            self.world.record(CALL, row_id, "lost", reason="hook_dropped")
            return
        lag = float(self.world.switches["outbound_lag"])
        if fault is Fault.HOOK_DELAYED:
            lag += self._delay()
        key = make_id("04l", self.world.next_number("id:notification"))
        for copy in range(2 if fault is Fault.HOOK_DOUBLED else 1):
            self._queue(key, copy, sobject, row_id, lag)

    def _is_ours(self, user_id: str) -> bool:
        return user_id == self.world.integration_user_id

    def _delay(self) -> float:
        nth = self.world.next_number("outbound_delay")
        chance = random.Random(f"{self.world.faults.seed}:outbound:{nth}")  # noqa: S311
        return chance.uniform(1.0, float(self.world.switches["outbound_delay"]))

    def _queue(
        self, key: str, copy: int, sobject: str, row_id: str, lag: float
    ) -> None:
        queued = f"{key}:{copy}"
        document = {
            "id": queued,
            "key": key,
            "sobject": sobject,
            "row_id": row_id,
            "attempts": 0,
            "since": self.world.clock.now().isoformat(),
            "waiting": False,
        }
        self.world.put("notification", queued, document)
        self.world.later(lag, "notify", notification=queued)

    def _come_due(self, args: Document) -> None:
        """The agenda's part: mark it to be sent once the lock is free."""
        document = self.world.get("notification", str(args["notification"]))
        if document is not None:
            document["waiting"] = True
            self.world.put("notification", document["id"], document)

    # -- sending -------------------------------------------------------------

    def send_waiting(self) -> int:
        """Send what has come due, holding no lock while sending; answers how many."""
        done = 0
        while batch := self._claim():
            url = str(self.world.switches["outbound_endpoint"])
            headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}
            status = self.send(url, headers, self._envelope(batch))
            self._settle(batch, status)
            done += len(batch)
        return done

    def _claim(self) -> list[Document]:
        """The oldest that wait, all of one object, as many as one envelope takes."""
        with self.world.turn():
            waiting = [
                one
                for one in self.world.every("notification")
                if one["waiting"] and one["id"] not in self._sending
            ]
            batch = [one for one in waiting if one["sobject"] == waiting[0]["sobject"]]
            del batch[MOST_AT_ONCE:]
            self._sending.update(one["id"] for one in batch)
            return batch

    def _settle(self, batch: list[Document], status: int) -> None:
        with self.world.turn():
            for one in batch:
                self._sending.discard(one["id"])
                one["waiting"] = False
                one["attempts"] += 1
                self.world.record(
                    CALL,
                    one["row_id"],
                    "sent",
                    status=status,
                    attempt=one["attempts"],
                    notification=one["key"],
                )
                self._repeat_or_forget(one, is_taken=status == 200)

    def _repeat_or_forget(self, one: Document, *, is_taken: bool) -> None:
        rest = min(
            float(self.world.switches["outbound_retry"]) * 2 ** one["attempts"],
            LONGEST_REST,
        )
        spent = float(one.get("spent", 0)) + rest
        if is_taken or spent > GIVEN_UP_AFTER:
            self.world.remove("notification", one["id"])
            if not is_taken:
                self.world.record(CALL, one["row_id"], "lost", reason="given_up")
            return
        one["spent"] = spent
        self.world.put("notification", one["id"], one)
        self.world.later(rest, "notify", notification=one["id"])

    # -- the envelope --------------------------------------------------------

    def _envelope(self, batch: list[Document]) -> bytes:
        with self.world.turn():
            rows = "".join(self._notification(one) for one in batch)
            organization = self.world.organization_id
        message = self.messages[batch[0]["sobject"]]
        action = make_id("04k", sorted(self.messages).index(message.sobject) + 1)
        host = "https://shipsync-sandbox.my.salesforce.com/services/Soap"
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
            'xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
            'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n <soapenv:Body>\n'
            '  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">\n'
            f"   <OrganizationId>{organization}</OrganizationId>\n"
            f"   <ActionId>{action}</ActionId>\n"
            '   <SessionId xsi:nil="true"/>\n'
            f"   <EnterpriseUrl>{host}/c/66.0/{organization[:15]}</EnterpriseUrl>\n"
            f"   <PartnerUrl>{host}/u/66.0/{organization[:15]}</PartnerUrl>\n"
            f"{rows}  </notifications>\n </soapenv:Body>\n</soapenv:Envelope>\n"
        ).encode()

    def _notification(self, one: Document) -> str:
        row = self.world.get(one["sobject"], one["row_id"]) or {"Id": one["row_id"]}
        names = ["Id", *sorted(set(self.messages[one["sobject"]].fields) - {"Id"})]
        values = "".join(
            f"     <sf:{name}>{escape(_said(row[name]))}</sf:{name}>\n"
            for name in names
            if row.get(name) is not None
        )
        return (
            f"   <Notification>\n    <Id>{one['key']}</Id>\n"
            f'    <sObject xsi:type="sf:{one["sobject"]}" '
            'xmlns:sf="urn:sobject.enterprise.soap.sforce.com">\n'
            f"{values}    </sObject>\n   </Notification>\n"
        )


def _said(value: Any) -> str:
    """As outbound messages write it: times end in Z."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    try:
        return parse_stamp(text).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    except ValueError:
        return text
