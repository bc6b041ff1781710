"""One teaching at a time: started, watched and ended."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Literal

from device.web.process import module_command, module_environment

MOST_SECONDS = 3600.0
"""For one teaching, on a slow computer with many labels."""

State = Literal["idle", "running", "done", "failed"]


class Job:
    """For one event loop. folder: of the labels, None where nothing is collected. changed: is awaited when the reader
    reads otherwise than before."""

    def __init__(self, folder: Path | None, changed: Callable[[], Awaitable[object]]) -> None:
        self._folder, self._changed = folder, changed
        self._task: asyncio.Task[None] | None = None
        self._began = 0.0
        self._seconds: float | None = None
        self.state: State = "idle"
        self._summary: str | None = None
        self._taken: bool | None = None

    def start(self) -> None:
        """Begin, unless one is going on."""
        if self.state != "running" and self._folder is not None:
            self.state, self._summary, self._taken = "running", None, None
            self._began = time.monotonic()
            self._task = asyncio.ensure_future(self._run(self._folder))

    def as_row(self) -> dict[str, Any]:
        """How it goes, for JSON."""
        seconds = time.monotonic() - self._began if self.state == "running" else self._seconds
        return {
            "state": self.state,
            "seconds": None if seconds is None else round(seconds, 1),
            "taken": self._taken,
            "summary": self._summary,
        }

    async def close(self) -> None:
        """End it."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self, folder: Path) -> None:
        answer = await _answer_of(folder)
        self._seconds = time.monotonic() - self._began
        self._summary = answer.get("error") or answer["summary"]
        self._taken = answer.get("taken", False)
        self.state = "failed" if "error" in answer else "done"
        if self._taken:
            await self._changed()


async def _answer_of(folder: Path) -> dict[str, Any]:
    """What the process says; an error in words where it says nothing."""
    process = await asyncio.create_subprocess_exec(
        *module_command("device.web.teaching.worker", str(folder)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        # Its matrices are small: more threads would only keep the reader from its own.
        env=module_environment() | {"OPENBLAS_NUM_THREADS": "1"},
    )
    try:
        async with asyncio.timeout(MOST_SECONDS):
            output, _ = await process.communicate()
        return json.loads(output.splitlines()[-1])
    except TimeoutError:
        return {"error": f"teaching took more than {MOST_SECONDS / 60:g} minutes and was ended"}
    except (ValueError, IndexError):
        return {"error": "teaching ended without an answer; the log says why"}
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
