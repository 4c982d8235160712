"""HTTP in and out of a world: over a loopback socket, or in-process for tests."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.client import RemoteDisconnected
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.connection import HTTPConnection
from urllib3.exceptions import NewConnectionError, ProtocolError
from urllib3.response import HTTPResponse


@dataclass(frozen=True, slots=True)
class Request:
    """`path` is without the query; header names are lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    def param(self, name: str) -> str | None:
        values = parse_qs(self.query, keep_blank_values=True).get(name)
        return values[0] if values else None


@dataclass(slots=True)
class Response:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class CutConnectionError(Exception):
    """Close the connection after `sent` bytes of the answer's body (none: no answer)."""

    def __init__(self, sent: Response | None = None) -> None:
        super().__init__("connection cut")
        self.sent = sent


class HangError(Exception):
    """Answer nothing for `seconds` of real time, then close."""

    def __init__(self, seconds: float) -> None:
        super().__init__("no answer")
        self.seconds = seconds


class RefuseError(Exception):
    """Nobody listens: in-process this is a refused connection, on a socket a cut."""


App = Callable[[Request], Response]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    app: App

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=parts.path,
            query=parts.query,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self._body(),
        )
        try:
            self._answer(type(self).app(request))
        except (CutConnectionError, RefuseError):
            self.close_connection = True
        except HangError as hang:
            time.sleep(hang.seconds)  # noqa: TID251 - a server that hangs
            self.close_connection = True

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return b"".join(self._chunks())
        length = int(self.headers.get("Content-Length") or 0)
        return self.rfile.read(length) if length else b""

    def _chunks(self) -> Iterator[bytes]:
        """Each piece is its size in hexadecimal, a line end, the bytes, a line end."""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass  # trailers

    def _answer(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = do_HEAD = _serve

    def log_message(self, format: str, *args: Any) -> None:
        """The ledger is the record; access lines would only hide it."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed in mid-sentence is no error of this world."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class LoopbackServer:
    """Serves one world on 127.0.0.1; port 0 picks a free one."""

    def __init__(self, app: App, port: int = 0) -> None:
        handler = type("Handler", (_Handler,), {"app": staticmethod(app)})
        self._server = _Server(("127.0.0.1", port), handler)
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        self._thread = threading.Thread(target=self.serve_forever, daemon=True)
        self._thread.start()

    def serve_forever(self) -> None:
        self._server.serve_forever(poll_interval=0.1)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class InProcessAdapter(BaseAdapter):
    """A `requests` adapter that calls a world without a socket."""

    def __init__(self, app: App) -> None:
        super().__init__()
        self._app = app

    def send(  # type: ignore[override]
        self, request: requests.PreparedRequest, **kwargs: Any
    ) -> requests.Response:
        try:
            response = self._app(_to_request(request))
        except RefuseError as error:
            connection = HTTPConnection("127.0.0.1")
            raise requests.ConnectionError(
                NewConnectionError(connection, "Connection refused"), request=request
            ) from error
        except CutConnectionError as error:
            cause = RemoteDisconnected("Remote end closed connection without response")
            raise requests.ConnectionError(
                ProtocolError("Connection aborted.", cause), request=request
            ) from error
        except HangError as error:
            raise requests.ReadTimeout("Read timed out.", request=request) from error
        return _to_answer(request, response)

    def close(self) -> None:
        """Nothing is held open."""


def _to_request(request: requests.PreparedRequest) -> Request:
    parts = urlsplit(request.url or "")
    body = request.body or b""
    return Request(
        method=request.method or "GET",
        path=parts.path,
        query=parts.query,
        headers={name.lower(): str(value) for name, value in request.headers.items()},
        body=body.encode() if isinstance(body, str) else bytes(body),
    )


def _to_answer(
    request: requests.PreparedRequest, response: Response
) -> requests.Response:
    answer = requests.Response()
    answer.status_code = response.status
    answer.headers = CaseInsensitiveDict(response.headers)
    answer.url = request.url or ""
    answer.request = request
    answer.encoding = "utf-8"
    answer.raw = HTTPResponse(
        body=BytesIO(response.body),
        headers=response.headers,
        status=response.status,
        preload_content=False,
    )
    return answer
