"""The reader is taught what was labelled, and forgets it again."""

from __future__ import annotations

import asyncio
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from device.web.api.parameters import RequestError, check_names
from device.web.api.samples import folder_of
from device.web.guard import JSON
from device.web.live import Live
from device.web.teaching.job import Job
from edge_digits.errors import LabelError
from edge_digits.teach.keep import undo
from edge_digits.teach.private import HAND_FILE


async def _teach(request: Request) -> Response:
    check_names(request, set())
    folder, job = folder_of(request), request.app.state.teaching
    if request.method == "POST":
        job.start()
    if request.method == "DELETE":
        return await _undo(request, folder, job)
    return JSON({**job.as_row(), "is_taught": (folder / HAND_FILE).is_file()})


async def _undo(request: Request, folder: Path, job: Job) -> Response:
    """Has the reader read as it ships."""
    if job.state == "running":
        raise RequestError(409, "the reader is being taught; wait until it is done")
    try:
        undone = await asyncio.to_thread(_forget, folder)
    except OSError as error:
        raise LabelError(f"what was learned cannot be removed: {error.strerror}") from error
    if undone:
        await look_again(request.app.state.live)
    return JSON({"undone": undone})


def _forget(folder: Path) -> bool:
    return folder.is_dir() and undo(folder)


async def look_again(live: Live) -> None:
    """Have the camera read what stands still, which it would not read again."""
    await live.ask({"type": "taught"}, 5.0)


ROUTES = [Route("/api/teach", _teach, methods=["GET", "POST", "DELETE"])]
