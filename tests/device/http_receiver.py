"""A web server on a free loopback port that takes POSTs, and answers as it is told."""

from __future__ import annotations

import contextlib
import json
import ssl
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from broker import free_port


@dataclass(frozen=True)
class Request:
    """One that was answered with ``status``."""

    path: str
    headers: dict[str, str]
    body: str
    status: int


Answer = int | tuple[int, dict[str, str], str] | Callable[[Request], int]
"""A status; or with headers and a text; or found out from the request."""


class Receiver:
    """answers: to the next requests, one each; then all get ``usual``. requests: that came, in their order."""

    def __init__(self, port: int | None = None, usual: Answer = 204, context: ssl.SSLContext | None = None) -> None:
        self.port = free_port() if port is None else port
        self.answers: deque[Answer] = deque()
        self.usual = usual
        self.requests: list[Request] = []
        self.connections = 0
        self._context = context
        self._server: ThreadingHTTPServer | None = None

    @property
    def taken(self) -> list[Request]:
        """Requests that were answered with success."""
        return [request for request in self.requests if 200 <= request.status < 300]

    @property
    def ids(self) -> list[str]:
        """Of the readings that were taken, as a webhook sends them."""
        return [json.loads(request.body)["id"] for request in self.taken]

    def start(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 60

            def setup(self) -> None:
                receiver.connections += 1
                super().setup()

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                sent = self.rfile.read(length)
                if len(sent) < length:
                    # Whoever sent it was killed meanwhile.
                    self.close_connection = True
                    return
                body = sent.decode()
                request = Request(self.path, {key.lower(): value for key, value in self.headers.items()}, body, 0)
                answer: Any = receiver.answers.popleft() if receiver.answers else receiver.usual
                given: Any = answer(request) if callable(answer) else answer
                status, headers, text = (given, {}, "") if isinstance(given, int) else given
                receiver.requests.append(Request(request.path, request.headers, body, status))
                if status == 0:
                    # Hang up without an answer.
                    self.close_connection = True
                    return
                self.send_response(status)
                for key, value in headers.items():
                    self.send_header(key, value)
                if status not in (204, 304):
                    self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, format: str, *arguments: Any) -> None:
                """Nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler, bind_and_activate=False)
        server.allow_reuse_address = True
        server.daemon_threads = True
        server.server_bind()
        server.server_activate()
        if self._context is not None:
            server.socket = self._context.wrap_socket(server.socket, server_side=True)
        self._server = server
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


@contextlib.contextmanager
def receiving(**options: Any) -> Iterator[Receiver]:
    receiver = Receiver(**options)
    receiver.start()
    try:
        yield receiver
    finally:
        receiver.stop()
