"""The organisation as a web application: HTTP in, faults, HTTP out."""

from __future__ import annotations

import base64
import json
import random
from urllib.parse import parse_qsl

from connectors.sandbox.faults import Fault
from connectors.sandbox.salesforce import bulk_rows, oauth, rest
from connectors.sandbox.salesforce.call import Answer, Call, refusal_answer
from connectors.sandbox.salesforce.control import answer_control
from connectors.sandbox.salesforce.cursors import Cursors
from connectors.sandbox.salesforce.refusals import (
    RefusedError,
    concurrent_limit,
    daily_limit,
)
from connectors.sandbox.salesforce.soap import login_fault
from connectors.sandbox.salesforce.targets import (
    WRITES,
    Target,
    parsed_body,
    rows_in,
    target_of,
)
from connectors.sandbox.salesforce.transaction import Transaction
from connectors.sandbox.salesforce.world import SalesforceWorld
from connectors.sandbox.wire import CutConnectionError, RefuseError, Request, Response
from connectors.sandbox.world import Document

JSON = "application/json;charset=UTF-8"
CSV = "text/csv"
DEFAULT_INSTANCE = "https://shipsync-sandbox.my.salesforce.com"

GATEWAY_PAGE = (
    b"<html><head><title>%d</title></head><body><h1>We are down for maintenance."
    b"</h1><p>Sorry for the inconvenience.</p></body></html>"
)


class SalesforceApp:
    """Serves one world; give it to a LoopbackServer or an InProcessAdapter.

    `instance_url` is what token answers name. Clients insist on https there, so a
    client of the loopback server maps that origin back to http.
    """

    def __init__(
        self,
        world: SalesforceWorld,
        client: oauth.ClientApp,
        instance_url: str = DEFAULT_INSTANCE,
    ) -> None:
        self.world = world
        self.client = client
        self.instance_url = instance_url
        self.cursors = Cursors(world.clock)
        world.performers |= {"land": self._land, "bulk": self._work_off}

    def __call__(self, request: Request) -> Response:
        with self.world.turn():
            if request.path.startswith("/_sandbox/"):
                return _response(request, answer_control(self.world, request))
            target = target_of(request)
            return self._with_fault(request, target)

    # -- faults --------------------------------------------------------------

    def _with_fault(self, request: Request, target: Target) -> Response:
        fault = self.world.faults.draw(target.call, target.faults)
        if fault == Fault.REFUSED:
            raise RefuseError
        if fault in {Fault.LOST_REQUEST, Fault.LATE_LANDING}:
            self._lose(request, target, late=fault == Fault.LATE_LANDING)
            raise CutConnectionError
        if fault == Fault.LOST_ANSWER:
            self._serve(request, target)
            raise CutConnectionError
        if fault == Fault.SERVER_ERROR:
            return self._server_error(request, target)
        if fault == Fault.THROTTLED:
            return self._throttle(request, target)
        if fault == Fault.EXPIRED_TOKEN:
            oauth.revoke(self.world, request)
        return self._serve(request, target, locked=fault == Fault.ROW_LOCK)

    def _lose(self, request: Request, target: Target, *, late: bool) -> None:
        self.world.record(target.call, "", "lost", late=late)
        if not late or target.name not in WRITES:
            return
        try:
            user_id = oauth.user_of(self.world, request)
        except RefusedError:
            return
        self.world.later(
            self.world.switches["late_landing"],
            "land",
            method=request.method,
            path=request.path,
            query=request.query,
            headers={
                name: value
                for name, value in request.headers.items()
                if name != "authorization"
            },
            body=base64.b64encode(request.body).decode(),
            user_id=user_id,
        )

    def _land(self, args: Document) -> None:
        """Apply a request whose sender has long given up waiting."""
        request = Request(
            args["method"],
            args["path"],
            args["query"],
            args["headers"],
            base64.b64decode(args["body"]),
        )
        self._run(request, target_of(request), str(args["user_id"]), locked=False)

    def _work_off(self, args: Document) -> None:
        bulk_rows.work(self.world, str(args["job"]))

    def _server_error(self, request: Request, target: Target) -> Response:
        """500 and 503 come before anything is done; 502 hides an applied call."""
        number = self.world.next_number("server_error")
        chance = random.Random(f"{self.world.faults.seed}:{number}")  # noqa: S311
        status = chance.choice((500, 502, 503))
        if status == 502:
            self._serve(request, target)
        else:
            self.world.record(target.call, "", "lost", status=status)
        headers = {"Content-Type": "text/html; charset=UTF-8"}
        return Response(status, GATEWAY_PAGE % status, headers)

    def _throttle(self, request: Request, target: Target) -> Response:
        self.world.record(target.call, "", "refused", code="REQUEST_LIMIT_EXCEEDED")
        if target.name == "oauth_token":
            error = oauth.OAuthError("invalid_grant", "login rate exceeded")
            return _response(request, Answer(error.status, error.as_body()))
        return _response(request, refusal_answer(concurrent_limit()))

    # -- answers -------------------------------------------------------------

    def _serve(
        self, request: Request, target: Target, *, locked: bool = False
    ) -> Response:
        if target.name == "soap_login":
            return login_fault(request)
        if target.name == "oauth_token":
            return self._token(request)
        if target.name == "versions":
            return _response(request, Answer(200, rest.versions()))
        try:
            user_id = self._admitted(request)
        except RefusedError as error:
            self.world.record(target.call, "", "refused", code=error.code)
            return _response(request, refusal_answer(error))
        if target.name == "userinfo":
            body = oauth.userinfo(self.world, user_id, self.instance_url)
            self.world.record(target.call, user_id, "read", sobject="User", rows=1)
            return _response(request, Answer(200, body))
        response = _response(
            request, self._run(request, target, user_id, locked=locked)
        )
        used, most = self.world.calls_used, self.world.switches["daily_limit"]
        response.headers["Sforce-Limit-Info"] = f"api-usage={used}/{most}"
        return response

    def _admitted(self, request: Request) -> str:
        if self.world.switches["maintenance"]:
            raise RefusedError(
                "SERVER_UNAVAILABLE", "Server temporarily unavailable", status=503
            )
        user_id = oauth.user_of(self.world, request)
        if self.world.count_call() > self.world.switches["daily_limit"]:
            raise daily_limit()
        return user_id

    def _token(self, request: Request) -> Response:
        try:
            if request.method != "POST":
                raise oauth.OAuthError("invalid_request", "must use HTTP POST")
            body = oauth.issue_token(
                self.world, self.client, request, self.instance_url
            )
            self.world.record("salesforce.oauth_token", "", "applied")
            return _response(request, Answer(200, body))
        except oauth.OAuthError as error:
            self.world.record("salesforce.oauth_token", "", "refused", code=error.error)
            return _response(request, Answer(error.status, error.as_body()))

    def _run(
        self, request: Request, target: Target, user_id: str, *, locked: bool
    ) -> Answer:
        transaction = Transaction(self.world, user_id, target.call)
        try:
            body = parsed_body(request)
            if locked:
                transaction.lock_row = rows_in(body) // 2
            return rest.dispatch(
                Call(
                    method=request.method,
                    path=target.path,
                    version=target.version,
                    transaction=transaction,
                    cursors=self.cursors,
                    dispatch=rest.dispatch,
                    params=dict(parse_qsl(request.query, keep_blank_values=True)),
                    headers=request.headers,
                    body=body,
                )
            )
        except RefusedError as error:
            if not transaction.is_noted:
                transaction.refused(error)
            return refusal_answer(error)
        finally:
            transaction.commit()


def _response(request: Request, answer: Answer) -> Response:
    if answer.body is None:
        return Response(answer.status, b"", dict(answer.headers))
    if isinstance(answer.body, str):
        headers = {**answer.headers, "Content-Type": CSV}
        return Response(answer.status, answer.body.encode(), headers)
    indent = 2 if request.headers.get("x-prettyprint", "") in {"1", "true"} else None
    body = json.dumps(answer.body, indent=indent, ensure_ascii=False).encode()
    return Response(answer.status, body, {**answer.headers, "Content-Type": JSON})
