"""Uploads that are damaged, dishonest or too many: each gets an answer, nothing grows, and the server stays.

EDGE_DIGITS_UPLOADS is how many malformed ones are sent; ``.ci/extended web`` sends 2,000.
"""

from __future__ import annotations

import json
import os
import random
import struct
import time
import zlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
from web_client import Client, Running

from edge_digits.types import Image

COUNT = int(os.environ.get("EDGE_DIGITS_UPLOADS", "40"))
AT_ONCE = 50
MOST_GROWTH = 80e6
"""Bytes that the server may grow by; a picture of 16 MB may be on its way in four times."""

MOST_WORKER = 1.2e9
"""Bytes of a process that reads pictures: what it needs at rest, and 512 MB."""

TYPES = (
    "image/png",
    "image/jpeg",
    "application/octet-stream",
    "image/x-icon",
    "image/",
    "text/html",
    "IMAGE/PNG; a=b",
    "",
)


def malformed(rng: random.Random, whole: list[bytes]) -> tuple[bytes, str]:
    """A body and its type."""
    data = bytearray(rng.choice(whole))
    way = rng.randrange(6)
    if way == 0:
        data = data[: rng.randrange(len(data))]
    elif way == 1:
        for _ in range(rng.choice((1, 10, 200))):
            data[rng.randrange(len(data))] = rng.randrange(256)
    elif way == 2:
        begin = rng.randrange(len(data))
        data[begin : begin + rng.randrange(2000)] = rng.randbytes(rng.randrange(2000))
    elif way == 3:
        data = bytearray(rng.randbytes(rng.choice((0, 1, 12, 5000, 400_000))))
    elif way == 4:
        data = bytearray(bomb(rng.randrange(1, 70_000), rng.randrange(1, 70_000), rng.choice((0, 2, 6))))
    else:
        data[:64] = data[:8] + rng.randbytes(56)
    return bytes(data), rng.choice(TYPES)


def bomb(width: int, height: int, colour: int) -> bytes:
    """A small PNG that says it is large; its rows, as many as 2 MB hold, are all black."""
    rows = zlib.compress(bytes(2_000_000), 1)
    parts = {b"IHDR": struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0), b"IDAT": rows, b"IEND": b""}
    chunks = [struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts.items()]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def pictures(picture: Image) -> list[bytes]:
    small = cv2.resize(picture, (160, 120))
    colour = np.dstack([small] * 3)
    kinds = [cv2.imencode(kind, colour)[1].tobytes() for kind in (".png", ".jpg", ".bmp", ".tiff", ".webp")]
    return [*kinds, cv2.imencode(".png", small)[1].tobytes()]


def send(client: Client, body: bytes, kind: str) -> int:
    answer = client.post("/api/read", body, kind)
    content = json.loads(answer.body)
    assert (set(content) == {"error"}) == (answer.status != 200)
    return answer.status


def resident(process: int) -> float:
    """Bytes of memory that a process has."""
    pages = Path(f"/proc/{process}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def peak_memory(process: int) -> float:
    """The most bytes of memory that a process ever had; 0 if it has ended."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0.0
    return next((1024.0 * int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0.0)


def workers(server: int) -> list[int]:
    """The processes that read pictures."""
    return [int(p) for p in Path(f"/proc/{server}/task/{server}/children").read_text().split()]


def test_malformed_uploads_are_each_answered_and_nothing_grows(server: Running, picture: Image, png: bytes) -> None:
    process = server.feed._server._process.pid
    assert send(server.client, png, "image/png") == 200
    before, peak = resident(process), 0.0
    rng = random.Random(4711)
    whole = pictures(picture)
    statuses: Counter[int] = Counter()
    with ThreadPoolExecutor(8) as threads:
        for begin in range(0, COUNT, 40):
            batch = [malformed(rng, whole) for _ in range(min(40, COUNT - begin))]
            statuses.update(threads.map(lambda one: send(server.client, *one), batch))
            peak = max([peak, *map(peak_memory, workers(process))])
    assert set(statuses) <= {200, 413, 415, 422}, statuses
    assert sum(statuses.values()) == COUNT
    grown = resident(process) - before
    print(
        f"{COUNT} malformed uploads: {dict(sorted(statuses.items()))}; the server grew by {grown / 1e6:.1f} MB, ",
        end="",
    )
    print(f"a process that reads had {peak / 1e6:.0f} MB at most")
    assert grown < MOST_GROWTH
    assert peak < MOST_WORKER
    assert server.feed._server._process.pid == process
    assert send(server.client, png, "image/png") == 200


def test_fifty_at_once_are_read_or_sent_away(server: Running, number_png: bytes) -> None:
    process = server.feed._server._process.pid
    before = resident(process)
    large = number_png + bytes(1_000_000)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        statuses = Counter(threads.map(lambda _: send(server.client, large, "image/png"), range(AT_ONCE)))
    print(f"{AT_ONCE} at once: {dict(statuses)}")
    assert set(statuses) <= {200, 503}
    assert statuses[200] >= 10
    assert resident(process) - before < MOST_GROWTH
    assert server.client.get("/healthz").status == 200


def test_dishonest_requests_end_with_their_connection(server: Running) -> None:
    head = b"POST /api/read HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
    requests = [
        head + b"Content-Length: -5\r\n\r\nabc",
        head + b"Content-Length: 5\r\nContent-Length: 50\r\n\r\nabcde",
        head + b"Content-Length: 99999999999999999999\r\n\r\nabc",
        head + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
        head + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        b"POST /api/read HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
        bytes(10_000),
    ]
    for request in requests:
        answer = server.client.raw(request, 0.5)
        assert answer == b"" or answer.startswith(b"HTTP/1.1 4"), answer[:200]
    assert server.client.get("/healthz").status == 200


def test_connections_that_are_left_open_keep_nobody_out(server: Running) -> None:
    import socket

    address = (server.client.host, server.client.port)
    idle = [socket.create_connection(address) for _ in range(60)]
    try:
        began = time.monotonic()
        assert server.client.get("/healthz").status == 200
        assert time.monotonic() - began < 5.0
    finally:
        for connection in idle:
            connection.close()
