"""The one way out: an HTTP session with timeouts, a size cap and no blind retries."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import ContentDecodingError
from urllib3.exceptions import DecodeError, HTTPError, NewConnectionError

from connectors.failpoints import failpoint

CONNECT_TIMEOUT = 5.0
READ_TIMEOUT = 25.0
# A whole answer may take this many times as long as one pause in it.
WHOLE = 1.5
MAX_ANSWER_BYTES = 64 * 1024 * 1024

NameCall = Callable[[requests.PreparedRequest], str]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call and its answer as the sync log keeps them, without their secrets.

    `response` is the parsed answer, or its text when it was no JSON, or None when
    none came; `cost` is in the remote's own credits, None where it has none.
    """

    operation: str
    request: Mapping[str, Any]
    response: Any
    status: int | None
    request_id: str
    cost: int | None
    started_at: datetime
    duration_seconds: float


class AnswerTooLargeError(requests.RequestException):
    """The answer passed the size cap and was not read to its end."""


class RemoteSession(requests.Session):
    """A session that brackets each call with failpoints and bounds its time and size.

    `name_call` turns a request into the operation's name (`shiphero.order_create`);
    `timeout` is (connect, read) in seconds, the latter between two bytes; a whole answer
    has half as much time again; `rewrite` maps an origin such as
    `https://acme.my.salesforce.com` to another, for clients that insist on https.
    """

    def __init__(
        self,
        *,
        name_call: NameCall,
        timeout: tuple[float, float] = (CONNECT_TIMEOUT, READ_TIMEOUT),
        rewrite: Mapping[str, str] | None = None,
        max_bytes: int = MAX_ANSWER_BYTES,
    ) -> None:
        super().__init__()
        self.trust_env = False
        self.max_redirects = 0
        self._name_call = name_call
        self._timeout = timeout
        self._rewrite = dict(rewrite or {})
        self._max_bytes = max_bytes
        adapter = HTTPAdapter(max_retries=0, pool_connections=4, pool_maxsize=8)
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def send(
        self, request: requests.PreparedRequest, **kwargs: Any
    ) -> requests.Response:
        name = self._name_call(request)
        self._redirect_origin(request)
        kwargs["timeout"] = kwargs.get("timeout") or self._timeout
        kwargs["allow_redirects"] = False
        kwargs["stream"] = True
        failpoint(f"before:{name}")
        answer = super().send(request, **kwargs)
        self._read_capped(answer)
        failpoint(f"after:{name}")
        return answer

    def save(self, url: str, file: BinaryIO, *, name: str, most: int) -> int:
        """GET a file without any login and write it as it came; answers its status.

        Only a 200's body is written. Raises AnswerTooLargeError beyond `most` bytes.
        """
        headers = {"Accept-Encoding": "gzip"}
        request = self.prepare_request(requests.Request("GET", url, headers=headers))
        self._redirect_origin(request)
        failpoint(f"before:{name}")
        answer = super().send(
            request, timeout=self._timeout, allow_redirects=False, stream=True
        )
        with answer:
            if answer.status_code == 200:
                self._write_capped(answer, file, most)
        failpoint(f"after:{name}")
        return answer.status_code

    @staticmethod
    def _write_capped(answer: requests.Response, file: BinaryIO, most: int) -> None:
        size = 0
        try:
            for chunk in answer.raw.stream(256 * 1024, decode_content=False):
                size += len(chunk)
                if size > most:
                    raise AnswerTooLargeError("The file is larger than we accept.")
                file.write(chunk)
        except HTTPError as error:
            raise requests.ConnectionError(error) from error

    def _redirect_origin(self, request: requests.PreparedRequest) -> None:
        parts = urlsplit(request.url or "")
        target = self._rewrite.get(f"{parts.scheme}://{parts.netloc}")
        if target is not None:
            there = urlsplit(target)
            request.url = parts._replace(
                scheme=there.scheme, netloc=there.netloc
            ).geturl()

    def _read_capped(self, answer: requests.Response) -> None:
        ends = time.monotonic() + self._timeout[1] * WHOLE
        chunks: list[bytes] = []
        size = 0
        try:
            while chunk := answer.raw.read1(64 * 1024, decode_content=True):
                size += len(chunk)
                if size > self._max_bytes:
                    raise AnswerTooLargeError("The answer is larger than we accept.")
                if time.monotonic() > ends:
                    raise requests.ReadTimeout("The answer did not come to its end.")
                chunks.append(chunk)
        except requests.RequestException:
            answer.close()
            raise
        except DecodeError as error:
            answer.close()
            raise ContentDecodingError(error) from error
        except (HTTPError, OSError) as error:
            answer.close()
            raise requests.ConnectionError(error) from error
        answer._content = b"".join(chunks)
        answer._content_consumed = True  # type: ignore[attr-defined] # as requests does


def surely_not_sent(error: BaseException) -> bool:
    """Whether a transport error happened before a byte of the request left.

    Only then may a write be repeated without asking first whether it was applied.
    """
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, NewConnectionError | requests.ConnectTimeout):
            return True
        causes = (getattr(seen, "reason", None), *seen.args)
        seen = next((one for one in causes if isinstance(one, BaseException)), None)
    return False
