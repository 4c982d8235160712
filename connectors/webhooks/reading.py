"""Reading a request's raw bytes, never more than allowed."""

from __future__ import annotations

from typing import IO, cast

from django.http import HttpRequest


class UnreadableBodyError(Exception):
    """The body was not read; `status` is the HTTP status that says why."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


def read_body(request: HttpRequest, *, limit: int) -> bytes:
    """The body, byte for byte.

    Raises UnreadableBodyError: 413 for one over the limit, before reading it if it says
    so; 411 when nothing tells its end; 400 when the length is no number or the sender
    hung up.
    """
    stream = _stream(request, limit)
    try:
        return _read(stream, limit)
    except OSError as error:
        raise UnreadableBodyError(400, "The body ended early.") from error


def _stream(request: HttpRequest, limit: int) -> IO[bytes]:
    length = request.META.get("CONTENT_LENGTH") or ""
    chunked = "HTTP_TRANSFER_ENCODING" in request.META
    if length and not (length.isascii() and length.isdigit()):
        raise UnreadableBodyError(400, "The Content-Length is not a number.")
    if length or not chunked:
        if len(length) > 18 or int(length or 0) > limit:
            raise _too_large(limit)
        return cast("IO[bytes]", request)
    if request.META.get("wsgi.input_terminated"):
        # Django reads nothing without a length, but the server knows the end.
        return cast("IO[bytes]", request.META["wsgi.input"])
    raise UnreadableBodyError(411, "Send a Content-Length.")


def _read(stream: IO[bytes], limit: int) -> bytes:
    parts: list[bytes] = []
    left = limit + 1
    while left and (part := stream.read(min(left, 65536))):
        parts.append(part)
        left -= len(part)
    if not left:
        raise _too_large(limit)
    return b"".join(parts)


def _too_large(limit: int) -> UnreadableBodyError:
    return UnreadableBodyError(413, f"The body is larger than {limit} bytes.")
