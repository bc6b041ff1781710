"""What the camera's process says, as the page's server takes it in."""

from __future__ import annotations

import asyncio
import os
import socket

from device.web.channel import CameraEnd, ServerEnd, open_memory
from device.web.live import Live

TIMEOUT = 0.2


def test_the_answer_that_a_camera_delivers_nothing_is_no_sign_that_it_is_healthy() -> None:
    memory = open_memory()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    camera, server = CameraEnd(ours, memory), ServerEnd(theirs, memory)

    async def ask() -> None:
        live = Live(server, 2.0, TIMEOUT)
        live.attach()
        waiting = asyncio.ensure_future(live.ask({"type": "read-now"}, 60.0))
        await asyncio.sleep(TIMEOUT)
        [asked] = camera.received()
        camera.send({"type": "answer", "number": asked["number"], "events": []})
        answer = await waiting
        assert answer is not None
        assert answer["events"] == []
        assert not live.is_healthy

    try:
        asyncio.run(ask())
    finally:
        camera.close()
        server.close()
        os.close(memory)
