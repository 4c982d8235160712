"""Over a socket, as its own process, and through the control endpoints."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests
from simple_salesforce import Salesforce

from connectors.http import RemoteSession
from connectors.sandbox.faults import Fault
from connectors.sandbox.salesforce.oauth import DEMO_CONSUMER_KEY, DEMO_CONSUMER_SECRET
from connectors.sandbox.wire import LoopbackServer

ROOT = Path(__file__).parents[5]


def log_in(url: str, key: str, secret: str) -> Any:
    """The real client, whose https addresses are mapped to the loopback server."""
    session = RemoteSession(
        name_call=lambda request: "salesforce.test",
        rewrite={
            "https://acme.my.salesforce.com": url,
            url.replace("http://", "https://"): url,
        },
    )
    return Salesforce(
        consumer_key=key,
        consumer_secret=secret,
        domain="acme.my",
        version="66.0",
        session=session,
    )


@pytest.fixture
def server(app):
    server = LoopbackServer(app)
    app.instance_url = server.url.replace("http://", "https://")
    server.start()
    yield server
    server.stop()


class TestLoopback:
    def test_serves_the_real_client(self, server, desk):
        order = desk.create_order(lines=[("A-1", 2)])
        client = log_in(server.url, "consumer", "consumer-secret")

        client.Order.update(order, {"ShipSync_Carrier__c": "UPS"})
        found = client.query(
            "SELECT ShipSync_Carrier__c, (SELECT Id FROM OrderItems) FROM Order"
        )

        assert found["records"][0]["ShipSync_Carrier__c"] == "UPS"
        assert found["records"][0]["OrderItems"]["totalSize"] == 1

    def test_a_lost_answer_is_a_cut_connection(self, server, world, desk):
        order = desk.create_order(lines=[("A-1", 2)])
        client = log_in(server.url, "consumer", "consumer-secret")
        world.faults.script("salesforce.record_update", Fault.LOST_ANSWER)

        with pytest.raises(requests.ConnectionError):
            client.Order.update(order, {"ShipSync_Carrier__c": "UPS"})

        assert client.Order.get(order)["ShipSync_Carrier__c"] == "UPS"


@pytest.fixture
def control(session):
    def ask(method, path, **options):
        url = f"https://acme.my.salesforce.com/_sandbox/{path}"
        return session.request(method, url, **options)

    return ask


class TestControl:
    def test_sales_people_can_be_driven(self, control, world, desk):
        made = control(
            "POST",
            "sales/create_order",
            json={"lines": [["A-1", 2]], "ship_to": {"city": "Austin"}},
        )

        (order,) = control("GET", "records/Order").json()["records"]
        assert made.json() == {"id": order["Id"]}
        assert order["ShippingCity"] == "Austin"
        assert order["StatusCode"] == "Activated"

    def test_the_ledger_is_read_in_parts(self, control, desk):
        everything = control("GET", "ledger").json()["entries"]
        rest = control("GET", f"ledger?after={everything[-2]['seq']}").json()["entries"]

        assert rest == everything[-1:]
        assert set(rest[0]) == {"seq", "at", "call", "subject", "outcome", "detail"}

    def test_state_counts_records(self, control, desk):
        state = control("GET", "state").json()

        assert state["records"]["Product2"] == 2
        assert state["switches"]["daily_limit"] == 100_000

    def test_switches_and_faults_are_set(self, control, world):
        control("POST", "switches", json={"daily_limit": 5})
        control(
            "POST",
            "faults",
            json={"seed": 3, "rate": 0.5, "script": {"salesforce.query": ["refused"]}},
        )

        assert world.switches["daily_limit"] == 5
        assert (world.faults.seed, world.faults.rate) == (3, 0.5)
        assert world.faults.draw("salesforce.query") == Fault.REFUSED

    def test_sessions_can_be_ended(self, control, client):
        assert control("POST", "expire_tokens").json() == {"expired": 1}

    @pytest.mark.parametrize(
        ("method", "path", "options", "status"),
        [
            ("GET", "nonsense", {}, 404),
            ("POST", "ledger", {}, 404),
            ("GET", "ledger?after=x", {}, 400),
            ("GET", "records/Nope", {}, 400),
            ("POST", "switches", {"json": {"nope": 1}}, 400),
            ("POST", "switches", {"json": {"daily_limit": "many"}}, 400),
            ("POST", "switches", {"json": {"maintenance": 1}}, 400),
            ("POST", "switches", {"data": "{"}, 400),
            ("POST", "switches", {"json": []}, 400),
            ("POST", "faults", {"json": {"rate": "x"}}, 400),
            ("POST", "faults", {"json": {"script": {"a": ["nonsense"]}}}, 400),
            ("POST", "sales/nonsense", {"json": {}}, 400),
            ("POST", "sales/create_order", {"json": {}}, 400),
            ("POST", "sales/create_order", {"json": {"lines": [["NOPE", 1]]}}, 400),
            ("POST", "sales/create_order", {"json": {"lines": [], "Nope": 1}}, 409),
        ],
    )
    def test_mistakes_meet_a_clear_error(self, control, method, path, options, status):
        answer = control(method, path, **options)

        assert answer.status_code == status
        assert answer.json()["error"]


class TestProcess:
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_serves_and_stops_cleanly_and_resumes(self, tmp_path, number):
        first = self.run_once(tmp_path, number, make=True)
        second = self.run_once(tmp_path, number, make=False)

        assert first == second == 1

    def run_once(self, folder: Path, number: int, *, make: bool) -> int:
        arguments = ["--db", str(folder / "world.sqlite3"), "--scale", "60"]
        with subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "connectors.sandbox.salesforce", *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                assert process.stdout is not None
                url = process.stdout.readline().removeprefix("listening ").strip()
                client = log_in(url, DEMO_CONSUMER_KEY, DEMO_CONSUMER_SECRET)
                if make:
                    client.Account.create({"Name": "Acme"})
                found = client.query("SELECT COUNT() FROM Account")["totalSize"]
                process.send_signal(number)
                assert process.wait(timeout=20) == 0
                assert process.communicate()[1] == ""
            finally:
                process.kill()
        return int(found)

    @pytest.mark.parametrize(
        "arguments", [["--scale", "0"], ["--fault-rate", "2"], ["--port", "x"]]
    )
    def test_wrong_arguments_are_refused(self, arguments):
        done = subprocess.run(  # noqa: S603 - our own module
            [sys.executable, "-m", "connectors.sandbox.salesforce", *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )

        assert done.returncode == 2
        assert arguments[0] in done.stderr


def test_takes_a_body_sent_in_pieces(server):
    """Clients on Node send none of their lengths."""
    pieces = iter([b"grant_type=client", b"_credentials", b"&client_id=nobody"])
    kind = {"Content-Type": "application/x-www-form-urlencoded"}

    answer = requests.post(
        f"{server.url}/services/oauth2/token", data=pieces, headers=kind, timeout=10
    )

    assert answer.json()["error"] != "unsupported_grant_type"
