"""A camera on the network, as tests want it to answer."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np

Answer = Callable[[BaseHTTPRequestHandler], None]

STREAM = "multipart/x-mixed-replace; boundary=frame"


def jpeg(level: int) -> bytes:
    """64×48 of one grey level."""
    return cv2.imencode(".jpg", np.full((48, 64), level, np.uint8))[1].tobytes()


def part(body: bytes, *headers: str) -> bytes:
    """One part of a stream. headers: instead of those that tell of a JPEG and its length."""
    lines = headers or ("Content-Type: image/jpeg", f"Content-Length: {len(body)}")
    return b"\r\n".join([b"--frame", *(line.encode() for line in lines), b"", body, b""])


def head(handler: BaseHTTPRequestHandler, status: int = 200, **headers: str) -> None:
    """Status and headers; _ in a name stands for -."""
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()


def stream(pieces: Iterable[bytes], kind: str = STREAM) -> Answer:
    """Answers with these pieces of a stream, then hangs up."""
    pieces = list(pieces)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        head(handler, Content_Type=kind)
        for piece in pieces:
            handler.wfile.write(piece)

    return answer


def picture(body: bytes, kind: str = "image/jpeg") -> Answer:
    """Answers with one picture."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        head(handler, Content_Type=kind, Content_Length=str(len(body)))
        handler.wfile.write(body)

    return answer


@contextlib.contextmanager
def http_camera(answer: Answer, port: int = 0) -> Iterator[str]:
    """A camera that gives ``answer`` to every GET, each in a thread; HOST:PORT."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with contextlib.suppress(OSError):
                answer(self)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
