"""What tests of a running page share: a small HTTP client, and what a camera would hand on."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from device.guard.memory import MemoriesOfOneRun
from device.guard.values import number_of
from device.scene.drift import Drift
from device.web.feed import Feed
from edge_digits.types import Box, Reading, Refusal

WIDTH, HEIGHT = 640, 480
"""Of the camera's frames, in pixels."""

STUB_TEACH = Path(__file__).parent / "stub_teach"
"""Stands in for learning in processes that have it in PYTHONPATH."""

PATIENCE = 180.0
"""Seconds for an answer, of which fifty may be asked for at once on a busy machine."""


def eventually(holds: Callable[[], bool], seconds: float = 60.0) -> bool:
    """Whether ``holds()`` becomes true; asked again and again for ``seconds``, which a busy machine may need."""
    deadline = time.monotonic() + seconds
    while not (found := holds()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


@dataclass(frozen=True)
class Answer:
    """status, headers (names in small letters) and body."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> str:
        return self.json()["error"]


@dataclass(frozen=True)
class Client:
    """Asks ``host:port``, over a connection of its own for each request."""

    host: str
    port: int

    @property
    def base(self) -> str:
        return f"http://{self.host}:{self.port}"

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, None, **headers)

    def post(self, path: str, body: bytes, kind: str = "image/png", **headers: str) -> Answer:
        return self.ask("POST", path, body, **{"Content-Type": kind, **headers})

    def send(self, method: str, path: str, content: Any, **headers: str) -> Answer:
        return self.ask(method, path, json.dumps(content).encode(), **{"Content-Type": "application/json", **headers})

    def ask(self, method: str, path: str, body: bytes | None, **headers: str) -> Answer:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def raw(self, data: bytes, seconds: float = 5.0) -> bytes:
        """What is answered to these very bytes, up to the end of the connection or ``seconds`` of silence."""
        with socket.create_connection((self.host, self.port), timeout=60) as connection:
            answer = b""
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(data)
            connection.settimeout(seconds)
            try:
                while part := connection.recv(65536):
                    answer += part
            except (TimeoutError, ConnectionResetError):
                return answer
            return answer

    def beginning(self, path: str, enough: int, **headers: str) -> bytes:
        """The first ``enough`` bytes of an endless answer."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=20)
        try:
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            assert response.status == 200
            return response.read(enough)
        finally:
            connection.close()

    def until(self, path: str, wanted: bytes, seconds: float = 60.0) -> bytes:
        """An endless answer up to ``wanted``, or what came of it in ``seconds``."""
        deadline = time.monotonic() + seconds
        connection = http.client.HTTPConnection(self.host, self.port, timeout=seconds)
        answer = b""
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            while wanted not in answer and time.monotonic() < deadline and (part := response.read1(65536)):
                answer += part
            return answer
        finally:
            connection.close()

    def wait(self, seconds: float = 60.0) -> None:
        """Until the server answers that frames are being read."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                if self.get("/healthz").status == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise TimeoutError("the server does not answer")


@dataclass(frozen=True)
class Running:
    """A server. token: None where it asks for none. drift: where its regions are. memories: what their guards
    remember."""

    feed: Feed
    config: Path
    client: Client
    token: str | None
    drift: Drift
    memories: MemoriesOfOneRun


def reading(text: str, at: float, region: str | None = "score", decimals: int | None = None) -> Reading:
    """As a camera's loop publishes it. at: seconds since the epoch."""
    return Reading(text, 0.97, Box(60, 50, 200, 70), at, 5, region, value=number_of(text, decimals))


def refusal(text: str, at: float) -> Refusal:
    """Of a number that has too few digits."""
    box = Box(60, 50, 200, 70)
    return Refusal("score", text, 0.8, at, "3 digits, expected 4", box, value=number_of(text))
