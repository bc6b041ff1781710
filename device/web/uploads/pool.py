"""The processes that read pictures from outside: how many, how long, and what happens when one dies."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import time
from collections.abc import AsyncIterator
from typing import Any

from device.web.process import module_command, module_environment
from device.web.uploads.worker import LENGTHS

MOST_SECONDS = 20.0
"""For one picture, from decoding to the answer; the start of a process comes on top."""

START_SECONDS = 40.0
"""For a process to be ready, on a slow computer."""

MOST_RECEIVED = 4
"""Pictures that are in memory at once, on their way in or waiting for a process."""

MOST_WAITING = 60
"""Requests beyond these whose pictures are not received yet; further ones are sent away."""

IDLE_SECONDS = 60.0
"""After which a process that nobody needs ends."""

logger = logging.getLogger(__name__)


class BusyError(Exception):
    """Too many pictures at once."""


class WorkerError(Exception):
    """The process died of a picture, or took too long. status: of the answer. The message says which."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Pool:
    """At most ``size`` processes, started when they are needed; for one event loop."""

    def __init__(self, size: int | None = None, most_seconds: float = MOST_SECONDS) -> None:
        self._size = size or (2 if (os.cpu_count() or 1) >= 4 else 1)
        self._most_seconds = most_seconds
        self._processes = asyncio.Semaphore(self._size)
        self._places = asyncio.Semaphore(MOST_RECEIVED)
        self._idle: list[tuple[float, asyncio.subprocess.Process]] = []
        self._waiting = 0
        self.died = 0
        self._reaper: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place among those whose picture is in memory. Raises BusyError if too many wait for one."""
        if self._waiting >= MOST_WAITING:
            raise BusyError
        self._waiting += 1
        try:
            await self._places.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._places.release()

    async def ask(self, head: dict[str, Any], body: bytes) -> dict[str, Any]:
        """What a process answers; to be called from a ``place``. Raises WorkerError."""
        async with self._processes:
            return await self._ask(head, body)

    async def _ask(self, head: dict[str, Any], body: bytes) -> dict[str, Any]:
        process = self._idle.pop()[1] if self._idle else await self._start()
        try:
            async with asyncio.timeout(self._most_seconds):
                answer = await _exchange(process, head, body)
        except TimeoutError:
            await self._discard(process)
            raise WorkerError(f"reading the picture took more than {self._most_seconds:g} s", 413) from None
        except (OSError, asyncio.IncompleteReadError):
            await self._discard(process)
            raise WorkerError("the picture broke the process that read it", 422) from None
        except BaseException:
            await self._discard(process)
            raise
        self._idle.append((time.monotonic(), process))
        if self._reaper is None or self._reaper.done():
            self._reaper = asyncio.ensure_future(self._reap())
        return answer

    async def close(self) -> None:
        """End all processes."""
        if self._reaper is not None:
            self._reaper.cancel()
        for _, process in self._idle:
            await _end(process)
        self._idle.clear()

    async def _start(self) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *module_command("device.web.uploads.worker"), stdin=pipe, stdout=pipe, limit=2**20, env=module_environment()
        )
        try:
            # The answer to a first empty picture says that it is ready.
            async with asyncio.timeout(START_SECONDS):
                await _exchange(process, {"model": "auto", "name": "", "detail": False, "shape": [1, 1]}, b"\xff")
        except (TimeoutError, OSError, asyncio.IncompleteReadError):
            await self._discard(process)
            raise WorkerError("the process that reads pictures does not start", 503) from None
        except BaseException:
            await self._discard(process)
            raise
        return process

    async def _discard(self, process: asyncio.subprocess.Process) -> None:
        self.died += 1
        await _end(process)

    async def _reap(self) -> None:
        """End what has been idle for long."""
        while self._idle:
            await asyncio.sleep(IDLE_SECONDS / 4)
            while self._idle and time.monotonic() - self._idle[0][0] > IDLE_SECONDS:
                await _end(self._idle.pop(0)[1])


async def _exchange(process: asyncio.subprocess.Process, head: dict[str, Any], body: bytes) -> dict[str, Any]:
    assert process.stdin is not None
    assert process.stdout is not None
    encoded = json.dumps(head).encode()
    process.stdin.write(LENGTHS.pack(len(encoded), len(body)) + encoded)
    process.stdin.write(body)
    await process.stdin.drain()
    first, second = LENGTHS.unpack(await process.stdout.readexactly(LENGTHS.size))
    answer = json.loads(await process.stdout.readexactly(first))
    await process.stdout.readexactly(second)
    return answer


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()
