"""Connections that stall are closed, and keep nobody out meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
from web_client import Running

pytest.importorskip("uvicorn", reason="needs the extra web")

import uvicorn
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from device.web.connections import PatientProtocol
from device.web.live import MOST_VIEWERS

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
STALLS: dict[str, tuple[bytes, bytes]] = {
    "nothing": (b"", b""),
    "a first request": (b"", b"GET /healthz HTT"),
    "nothing after an answer": (HEALTH, b""),
    "a second request": (HEALTH, b"GET /hea"),
    "a body after its answer": (
        b"POST /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000000\r\n\r\n",
        b"x",
    ),
    "a body before its answer": (
        b"",
        b"POST /api/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{",
    ),
}
"""By what stalls: what is sent and answered, and what is sent then."""

LONG = 60.0
"""Seconds in which a closed connection is seen to be closed, on the busiest machine."""


async def _endless() -> AsyncIterator[bytes]:
    while True:
        yield bytes(100_000)
        await asyncio.sleep(0.0)


async def _trickle() -> AsyncIterator[bytes]:
    while True:
        yield b"x"
        await asyncio.sleep(0.01)


ENDLESS = {"/endless": _endless, "/trickle": _trickle}
"""Answers without an end: one that is more than anybody takes at once, and one that never waits to be taken."""


async def _app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers without reading the body, but for ``/api/login``."""
    if scope["path"] == "/api/login":
        await Request(scope, receive).body()
    parts = ENDLESS.get(scope["path"])
    response = Response(b"hello") if parts is None else StreamingResponse(parts())
    await response(scope, receive, send)


@dataclass(frozen=True)
class Impatient:
    """A server in this process."""

    server: uvicorn.Server
    port: int


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[Impatient]:
    """It waits for nobody longer than 0.3 s."""
    monkeypatch.setattr("device.web.connections.PATIENCE", 0.3)
    # uvicorn's own patience is for idle connections alone, and longer here.
    config = uvicorn.Config(
        _app, http=PatientProtocol, ws="none", lifespan="off", log_config=None, timeout_keep_alive=600
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
        thread.start()
        try:
            yield Impatient(server, listener.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join()


def stalled(port: int, kind: str) -> socket.socket:
    whole, part = STALLS[kind]
    while True:
        connection = socket.create_connection(("127.0.0.1", port), LONG)
        # A busy machine's patience may end before it has answered.
        with contextlib.suppress(ConnectionError):
            connection.sendall(whole)
            if not whole or connection.recv(65536).startswith(b"HTTP/1.1 "):
                connection.sendall(part)
                return connection
        connection.close()


def is_closed(connection: socket.socket) -> bool:
    """Whether its end comes."""
    with contextlib.suppress(ConnectionResetError):
        while connection.recv(65536):
            pass
    return True


@pytest.mark.parametrize("kind", [kind for kind in STALLS if kind != "a body before its answer"])
def test_a_connection_that_stalls_is_closed(impatient: Impatient, kind: str) -> None:
    with stalled(impatient.port, kind) as connection:
        assert is_closed(connection), "recv raises TimeoutError if it is not"


def test_a_connection_that_goes_on_byte_by_byte_is_closed_as_well(impatient: Impatient) -> None:
    with stalled(impatient.port, "a second request") as connection:
        connection.settimeout(0.05)
        deadline = time.monotonic() + LONG
        with contextlib.suppress(OSError):
            while time.monotonic() < deadline:
                connection.sendall(b"l")
                with contextlib.suppress(TimeoutError):
                    if not connection.recv(65536):
                        return
        assert time.monotonic() < deadline


def test_an_answer_that_is_not_taken_is_given_up(impatient: Impatient) -> None:
    with socket.create_connection(("127.0.0.1", impatient.port), LONG) as connection:
        connection.sendall(b"GET /endless HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert connection.recv(12) == b"HTTP/1.1 200"
        deadline = time.monotonic() + LONG
        while impatient.server.server_state.connections and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not impatient.server.server_state.connections


@pytest.mark.slow
def test_an_answer_that_is_taken_goes_on(impatient: Impatient) -> None:
    with socket.create_connection(("127.0.0.1", impatient.port), LONG) as connection:
        connection.sendall(b"GET /endless HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        deadline = time.monotonic() + 1.0
        while time.monotonic() < deadline:
            assert connection.recv(65536)


@pytest.mark.parametrize("kind", STALLS)
def test_where_all_connections_are_taken_the_one_silent_longest_makes_room(
    impatient: Impatient, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr("device.web.connections.PATIENCE", 600.0)
    monkeypatch.setattr("device.web.connections.MOST_CONNECTIONS", 4)
    with contextlib.ExitStack() as stack:
        first, *others = [stack.enter_context(stalled(impatient.port, kind)) for _ in range(4)]
        answer = stack.enter_context(stalled(impatient.port, "nothing after an answer"))
        assert is_closed(first)
        for connection in (*others[1:], answer):
            connection.settimeout(0.0)
            with pytest.raises(BlockingIOError):
                while connection.recv(65536):
                    pass


def test_who_is_being_answered_makes_no_room(impatient: Impatient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("device.web.connections.MOST_CONNECTIONS", 2)
    with contextlib.ExitStack() as stack:
        viewer = stack.enter_context(socket.create_connection(("127.0.0.1", impatient.port), LONG))
        # One that does not take its answer at once owes something.
        viewer.sendall(b"GET /trickle HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert viewer.recv(65536)
        for _ in range(3):
            stack.enter_context(stalled(impatient.port, "nothing after an answer"))
            # More than is on the way.
            for _ in range(20):
                assert viewer.recv(65536)


@pytest.mark.parametrize("kind", ["a second request", "a body after its answer", "a body before its answer"])
def test_120_connections_that_stall_keep_nobody_out(server: Running, kind: str) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(130):
            stack.enter_context(stalled(server.client.port, kind))
        assert server.client.get("/healthz").status == 200


@pytest.mark.parametrize("path", ["/api/live.mjpeg", "/api/events"])
def test_the_thirteenth_viewer_is_sent_away(server: Running, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    with contextlib.ExitStack() as stack:
        connections = []
        for _ in range(MOST_VIEWERS + 1):
            connection = socket.create_connection((server.client.host, server.client.port), LONG)
            connections.append(stack.enter_context(connection))
        # All at once: none has begun to be answered when the last one asks.
        for connection in connections:
            connection.sendall(request)
        statuses = [connection.recv(12)[9:] for connection in connections]
        assert sorted(statuses) == [b"200"] * MOST_VIEWERS + [b"503"]
        refused, said = connections[statuses.index(b"503")], b""
        while b"}" not in said and (part := refused.recv(65536)):
            said += part
        assert said.endswith(b'{"error":"12 are watching, which is the most; try again in a moment"}')


def nobody_watches(server: Running) -> bool:
    """Whether the last viewer's place becomes free."""
    deadline = time.monotonic() + LONG
    while time.monotonic() < deadline:
        if not server.client.get("/api/status").json()["viewers"]:
            return True
        time.sleep(0.05)
    return False


def test_a_viewer_who_leaves_makes_room(server: Running) -> None:
    for _ in range(2):
        assert nobody_watches(server)
        with contextlib.ExitStack() as stack:
            for _ in range(MOST_VIEWERS):
                connection = socket.create_connection((server.client.host, server.client.port), LONG)
                stack.enter_context(connection).sendall(b"GET /api/live.mjpeg HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                assert connection.recv(12) == b"HTTP/1.1 200"


def test_head_of_a_stream_ends_and_takes_no_place(server: Running) -> None:
    assert nobody_watches(server)
    for _ in range(MOST_VIEWERS + 1):
        assert server.client.ask("HEAD", "/api/live.mjpeg", None).status == 200
