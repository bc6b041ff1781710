"""Readings on demand."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from device.web.api.parameters import RequestError, check_names
from device.web.guard import JSON
from device.web.live import Live

ANSWER_SECONDS = 60.0
"""In which the camera's process must have read: a lamp has to give its light, and some frames to agree."""


async def _read_now(request: Request) -> Response:
    """Has the numbers read, and waits for them."""
    check_names(request, set())
    live: Live = request.app.state.live
    answer = await live.ask({"type": "read-now"}, ANSWER_SECONDS) if live.is_healthy else None
    if answer is None:
        raise RequestError(503, "the camera gives no picture, or the reader does not answer")
    return JSON({"events": answer["events"]})


ROUTES = [Route("/api/read-now", _read_now, methods=["POST"])]
