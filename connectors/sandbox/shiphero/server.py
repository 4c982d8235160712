"""ShipHero's HTTP surface: /graphql, /auth/token, /auth/refresh."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError

from connectors.sandbox.faults import Fault
from connectors.sandbox.shiphero import envelope, graph, snapshots
from connectors.sandbox.shiphero.control import Control
from connectors.sandbox.shiphero.credits import no_credits
from connectors.sandbox.shiphero.documents import Document
from connectors.sandbox.wire import (
    CutConnectionError,
    HangError,
    RefuseError,
    Request,
    Response,
)

if TYPE_CHECKING:
    from connectors.sandbox.shiphero.world import ShipHeroWorld

JSON = {"Content-Type": "application/json"}
HTML = {"Content-Type": "text/html"}
SERVER_ERRORS = {500: "Internal Server Error", 502: "Bad Gateway"} | {
    503: "Service Unavailable"
}
PROBED = ("webhook_create", "webhook_update_url")


@dataclass(slots=True)
class Call:
    """A GraphQL request as it was read; `errors` when it cannot run."""

    document: Document | None
    query: str
    variables: dict[str, Any]
    operation_name: str | None
    errors: list[GraphQLError]

    @property
    def name(self) -> str:
        return self.document.name if self.document else "unknown"


class ShipHeroSandbox:
    """`app` answers one request; give it to a LoopbackServer or InProcessAdapter."""

    def __init__(self, world: ShipHeroWorld) -> None:
        self.world = world
        self.control = Control(world)

    def app(self, request: Request) -> Response:
        path = request.path.rstrip("/")
        if path.startswith("/_sandbox"):
            return self.control.app(request)
        if path.startswith(snapshots.PATH) and request.method == "GET":
            return self._file(request)
        closed = self._closed(request)
        if closed is not None:
            return closed
        if path == "/graphql":
            return self._graphql(request)
        if path in ("/auth/token", "/auth/refresh"):
            return self._auth(request, path.removeprefix("/auth/"))
        return _json(404, {"error": "Not found"})

    def _closed(self, request: Request) -> Response | None:
        """What meets every request of an API that is down, or that shuts us out."""
        outage = self.world.switches["outage"]
        if outage == "refused":
            raise RefuseError
        if outage:
            return _page(int(outage))
        if self.world.switches["ip_blocked"]:
            return _json(403, {"message": "Forbidden"})
        if request.method != "POST":
            return _json(405, {"error": "Method not allowed"})
        return None

    def _file(self, request: Request) -> Response:
        """Snapshots lie elsewhere: no login, no credits, no outage of the API."""
        fault = self.world.faults.draw("shiphero.snapshot_file")
        self._fail_before("shiphero.snapshot_file", fault)
        if fault is Fault.SERVER_ERROR:
            return self._server_error()
        with self.world.turn():
            response = snapshots.serve(self.world, request.path, request.param("token"))
        if fault in (Fault.LOST_ANSWER, Fault.LATE_LANDING):
            raise CutConnectionError(response)
        return response

    # -- GraphQL ---------------------------------------------------------------

    def _graphql(self, request: Request) -> Response:
        call = read_call(request.body)
        fault = self.world.faults.draw(f"shiphero.{call.name}")
        self._fail_before(f"shiphero.{call.name}", fault)
        probed = self._probe(call)
        with self.world.turn():
            response = self._answer(call, request, fault, probed)
        if self.world.switches["hooks_before_answer"]:
            self.world.run_due()
            self.world.postman.send_waiting()
        if fault in (Fault.LOST_ANSWER, Fault.LATE_LANDING):
            raise CutConnectionError(response)
        return response

    def _answer(
        self, call: Call, request: Request, fault: Fault | None, probed: int | None
    ) -> Response:
        refused = self._gate(call, request.headers.get("authorization", ""), fault)
        if refused is not None:
            return refused
        if call.document is None:
            status = int(self.world.switches["invalid_status"])
            return _json(status, envelope.invalid(call.errors))
        if fault is Fault.LATE_LANDING:
            return self._postpone(call)
        if fault is Fault.THROTTLED:
            return self._throttle(call.document)
        if fault is Fault.SERVER_ERROR:
            return self._break_down(call, call.document, probed)
        return _json(*graph.run(self.world, call.document, call.variables, probed))

    def _gate(
        self, call: Call, authorization: str, fault: Fault | None
    ) -> Response | None:
        """The request cap, then the token."""
        world = self.world
        if not world.request_cap.allows():
            world.record(f"shiphero.{call.name}", "", "refused", reason="request_cap")
            status = int(world.switches["request_cap_status"])
            return _json(status, {"message": "Too many requests"})
        if fault is Fault.EXPIRED_TOKEN:
            world.tokens.expire(authorization)
        if not world.tokens.accepts(authorization):
            world.record(f"shiphero.{call.name}", "", "refused", status=401)
            return self._unauthorized()
        return None

    def _probe(self, call: Call) -> int | None:
        """Ask a webhook's URL with HEAD, outside the world's lock."""
        if call.document is None or call.name not in PROBED:
            return None
        if not self.world.switches["head_check"]:
            return None
        field = call.document.root_fields[0]
        data = call.document.argument(field, "data", call.variables)
        url = data.get("url") if isinstance(data, dict) else None
        return self.world.postman.probe(str(url or ""))

    def _postpone(self, call: Call) -> Response:
        """Nobody waits any more, yet it will be done."""
        nth = self.world.next_number("late")
        chance = random.Random(f"{self.world.faults.seed}:late:{nth}")  # noqa: S311
        wait = chance.uniform(1.0, float(self.world.switches["late_landing_max"]))
        self.world.later(
            wait,
            "land",
            query=call.query,
            variables=call.variables,
            operation_name=call.operation_name,
        )
        return Response(status=504)

    def _throttle(self, document: Document) -> Response:
        left = self.world.bucket.left()
        refusal = no_credits(left + 600, left, self.world.bucket.rate)
        return _json(200, envelope.refuse(self.world, document, refusal))

    # -- access ------------------------------------------------------------------

    def _auth(self, request: Request, name: str) -> Response:
        call = f"shiphero.auth_{name}"
        fault = self.world.faults.draw(call)
        self._fail_before(call, fault)
        if fault in (Fault.THROTTLED, Fault.EXPIRED_TOKEN):
            return _json(429, {"error": "too_many_requests"})
        try:
            body = json.loads(request.body)
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            return _json(400, {"error": "invalid_request"})
        with self.world.turn():
            tokens = self.world.tokens
            granted = (tokens.refresh if name == "refresh" else tokens.log_in)(body)
        if fault is Fault.SERVER_ERROR:
            return self._server_error()
        if fault in (Fault.LOST_ANSWER, Fault.LATE_LANDING):
            raise CutConnectionError
        if granted is None:
            return _json(
                int(self.world.switches["auth_refusal_status"]),
                {
                    "error": "invalid_grant",
                    "error_description": "Wrong email, password or refresh token.",
                },
            )
        return _json(200, granted)

    def _unauthorized(self) -> Response:
        form = self.world.switches["auth_failure_body"]
        if form == "json":
            return _json(401, {"message": "Unauthorized"})
        body = b"<html><h1>401 Unauthorized</h1></html>" if form == "html" else b""
        return Response(401, body, dict(HTML))

    # -- trouble -------------------------------------------------------------------

    def _fail_before(self, call: str, fault: Fault | None) -> None:
        """What goes wrong before anything was done."""
        lost = (Fault.REFUSED, Fault.LOST_REQUEST)
        if fault not in lost:
            return
        with self.world.turn():
            self.world.record(call, "", "lost", fault=str(fault))
        if fault is Fault.REFUSED:
            raise RefuseError
        hangs = float(self.world.switches["lost_hangs_seconds"])
        raise HangError(hangs) if hangs else CutConnectionError

    def _break_down(
        self, call: Call, document: Document, probed: int | None
    ) -> Response:
        """A 5xx: in one position of the switch the work was done all the same."""
        if self.world.switches["server_error_applies"]:
            graph.run(self.world, document, call.variables, probed)
        else:
            fault = str(Fault.SERVER_ERROR)
            self.world.record(f"shiphero.{call.name}", "", "lost", fault=fault)
        return self._server_error()

    def _server_error(self) -> Response:
        nth = self.world.next_number("server_error")
        chance = random.Random(f"{self.world.faults.seed}:5xx:{nth}")  # noqa: S311
        return _page(chance.choice(sorted(SERVER_ERRORS)))


def read_call(body: bytes) -> Call:
    """Never raises: what cannot run carries the errors to answer with."""
    try:
        content = json.loads(body)
        query = content["query"]
        variables = content.get("variables") or {}
        name = content.get("operationName")
        if not isinstance(query, str) or not isinstance(variables, dict):
            raise TypeError("query and variables have the wrong types")
    except (ValueError, TypeError, KeyError, RecursionError):
        errors = [GraphQLError("Must provide query string.")]
        return Call(None, "", {}, None, errors)
    try:
        return Call(graph.read(query, name), query, variables, name, [])
    except graph.InvalidDocumentError as error:
        return Call(None, query, variables, name, error.errors)


def _json(status: int, body: dict[str, Any]) -> Response:
    return Response(status, json.dumps(body).encode(), dict(JSON))


def _page(status: int) -> Response:
    text = f"<html><head><title>{status} {SERVER_ERRORS[status]}</title></head></html>"
    return Response(status, text.encode(), dict(HTML))
