"""The way out: an answer is bounded in time and size, however it comes."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
import requests

from connectors.http import AnswerTooLargeError, RemoteSession

PAUSE = 0.05


@contextmanager
def speaking(*parts: bytes, pause: float = 0.0) -> Iterator[str]:
    """The address of a server that says these parts to whoever calls, then hangs up."""
    ended = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        caller, _ = listener.accept()
        with caller:
            caller.recv(65536)
            for part in parts:
                try:
                    caller.sendall(part)
                except OSError:
                    return
                if ended.wait(pause):
                    return

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        ended.set()
        thread.join()
        listener.close()


def head(*lines: str) -> bytes:
    return "\r\n".join(["HTTP/1.1 200 OK", *lines, "", ""]).encode()


def session(read: float = 5.0, most: int = 1000) -> RemoteSession:
    return RemoteSession(
        name_call=lambda _: "remote.test", timeout=(5.0, read), max_bytes=most
    )


def chunks(*parts: bytes) -> Sequence[bytes]:
    return [b"%x\r\n%s\r\n" % (len(part), part) for part in (*parts, b"")]


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ([head("Content-Length: 5"), b"he", b"llo"], "hello"),
        ([head("Transfer-Encoding: chunked"), *chunks(b"he", b"llo")], "hello"),
        ([head("Connection: close"), b"he", b"llo"], "hello"),
        ([head("Content-Length: 0")], ""),
        (
            [
                head("Content-Encoding: gzip", "Connection: close"),
                gzip.compress(b"hello"),
            ],
            "hello",
        ),
    ],
    ids=["length", "chunked", "until it hangs up", "empty", "gzip"],
)
def test_an_answer_is_read_whole(parts: Sequence[bytes], text: str) -> None:
    with speaking(*parts, pause=0.01) as url:
        answer = session().get(url)

    assert answer.text == text
    assert answer.content == text.encode()


def test_an_answer_that_drips_is_given_up() -> None:
    """Each byte comes in time; all of them would take ten seconds."""
    drops = [b"x"] * 200
    began = time.monotonic()

    with (
        speaking(head("Content-Length: 200"), *drops, pause=PAUSE) as url,
        pytest.raises(requests.ReadTimeout, match="did not come to its end"),
    ):
        session(read=4 * PAUSE).get(url)

    assert time.monotonic() - began < 200 * PAUSE


@pytest.mark.parametrize(
    "parts",
    [
        [head("Content-Length: 2000"), b"x" * 2000],
        [
            head("Content-Encoding: gzip", "Connection: close"),
            gzip.compress(b"x" * 2000),
        ],
    ],
    ids=["plain", "packed"],
)
def test_an_answer_that_is_too_large_is_not_kept(parts: Sequence[bytes]) -> None:
    with speaking(*parts) as url, pytest.raises(AnswerTooLargeError):
        session(most=1000).get(url)


@pytest.mark.parametrize(
    "parts",
    [
        [head("Content-Length: 5"), b"hel"],
        [head("Transfer-Encoding: chunked"), b"5\r\nhel"],
        [head("Content-Encoding: gzip", "Connection: close"), b"this is not packed"],
    ],
    ids=["cut", "cut chunk", "not gzip"],
)
def test_an_answer_that_is_cut_or_garbled_is_a_failed_request(
    parts: Sequence[bytes],
) -> None:
    with speaking(*parts) as url, pytest.raises(requests.RequestException):
        session().get(url)
