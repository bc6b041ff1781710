"""``python -m device.web``: the server's process. Started by ``device.web.feed``, never by hand: its arguments are file
descriptors of the channel's socket, the shared memory and the listening socket; its settings come on standard input,
whose end is its own."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import sys

import cv2
import uvicorn

from device.web.app import Settings, make_app
from device.web.channel import ServerEnd
from device.web.connections import HARD_LIMIT, PATIENCE, PatientProtocol
from device.web.live import Live
from device.web.uploads.pool import Pool
from edge_digits.system.terminal import log_to_stderr

NICENESS = 5
"""The camera's reader goes first."""

HEADER_BYTES = 16 * 1024


def main(arguments: list[str]) -> int:
    """Serve until standard input ends."""
    channel, memory, listening = map(int, arguments)
    log_to_stderr(logging.WARNING, "%(levelname)s: web: %(message)s")
    settings = Settings(**json.loads(sys.stdin.buffer.readline()))
    os.nice(NICENESS)
    cv2.setNumThreads(1)
    end = ServerEnd(socket.socket(fileno=channel), memory)
    app = make_app(settings, Live(end, settings.frame_rate, settings.timeout, settings.patience), Pool())
    config = uvicorn.Config(
        app,
        http=PatientProtocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=HARD_LIMIT,
        h11_max_incomplete_event_size=HEADER_BYTES,
        timeout_keep_alive=int(PATIENCE),
        timeout_graceful_shutdown=1,
    )
    # It logs each stream that a viewer leaves open at the end, and what the application has logged already.
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
    asyncio.run(_serve(uvicorn.Server(config), socket.socket(fileno=listening)))
    return 0


async def _serve(server: uvicorn.Server, listener: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    listener.setblocking(False)

    def ended() -> None:
        if not os.read(sys.stdin.fileno(), 1024):
            loop.remove_reader(sys.stdin.fileno())
            server.should_exit = True

    loop.add_reader(sys.stdin.fileno(), ended)
    await server.serve(sockets=[listener])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
