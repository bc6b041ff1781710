"""What the camera sees and how its reader does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from device.cameras.exposure import WHITE, brightness
from device.cameras.focus import TOO_DARK, describe, focus
from device.web.api.parameters import RequestError, check_names
from device.web.guard import JSON
from device.web.live import Live
from edge_digits.types import Image


async def _status(request: Request) -> Response:
    check_names(request, set())
    state = request.app.state
    live: Live = state.live
    summary = live.summary or {}
    return JSON(
        {
            "healthy": live.is_healthy,
            "source": state.settings.source,
            "model": state.model_in_use or "own model",
            "regions": [region["name"] for region in state.regions],
            "has_record": state.settings.record is not None,
            "can_save": state.settings.config is not None,
            "collects": state.settings.teach is not None,
            "counts": summary.get("counts"),
            "frame_rate": summary.get("frame_rate"),
            "latency_ms": summary.get("latency_ms"),
            "stages_ms": summary.get("stages_ms"),
            "temperature": summary.get("temperature"),
            "drift": summary.get("drift"),
            "last_values": summary.get("last_values"),
            "viewers": live.viewers,
            "pictures_encoded": live.encoded,
        }
    )


async def _health(request: Request) -> Response:
    live: Live = request.app.state.live
    if not live.is_healthy:
        return JSON({"status": "no frames"}, 503)
    # No reason to start anything anew: that would not help.
    warning = live.drift.get("problem")
    return JSON({"status": "ok"} | ({"warning": warning} if warning else {}))


async def _metrics(request: Request) -> Response:
    return Response(request.app.state.metrics.text(), media_type="text/plain; version=0.0.4")


async def _events(request: Request) -> Response:
    check_names(request, set())
    return _Stream(request.app.state.live.listening(), "text/event-stream")


async def _pictures(request: Request) -> Response:
    check_names(request, set())
    return _Stream(request.app.state.live.viewing(), "multipart/x-mixed-replace; boundary=frame")


class _Stream(StreamingResponse):
    """An endless answer that has a viewer's place for as long as it lasts. The place is taken before the answer begins,
    since its status can be changed no more afterwards."""

    def __init__(self, place: AbstractContextManager[AsyncIterator[bytes]], kind: str) -> None:
        super().__init__(iter(()), media_type=kind, headers={"X-Accel-Buffering": "no"})
        self._place = place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application. Raises TooManyViewersError."""
        with self._place as parts:
            # Nobody waits for the body of an answer to HEAD, which would never end.
            if scope["method"] != "HEAD":
                self.body_iterator = parts
            await super().__call__(scope, receive, send)


async def _frame(request: Request) -> Response:
    check_names(request, set())
    live: Live = request.app.state.live
    message, picture = await fresh_picture(live)
    data = await live.jpeg(message, picture)
    return Response(data, media_type="image/jpeg", headers={"X-Frame": str(message["number"])})


async def _aim(request: Request) -> Response:
    check_names(request, set())
    live: Live = request.app.state.live
    message, picture = await fresh_picture(live)
    return JSON(await asyncio.to_thread(_aimed, picture, message))


async def fresh_picture(live: Live) -> tuple[dict[str, Any], Image]:
    """A picture that is taken now. Raises RequestError if the camera gives none."""
    picture = await live.next_picture(live.pictures, live.patience)
    if picture is None:
        raise RequestError(503, "the camera gives no picture")
    return picture


def _aimed(picture: Image, message: dict[str, Any]) -> dict[str, Any]:
    score, level = focus(picture), float(brightness(picture))
    return {
        "width": message["width"],
        "height": message["height"],
        "focus": None if score is None else round(score, 1),
        "brightness": round(level, 1),
        "light": "too dark" if level < TOO_DARK else "too bright" if level >= WHITE else "good",
        "said": describe(picture),
    }


ROUTES = [
    Route("/healthz", _health),
    Route("/metrics", _metrics),
    Route("/api/status", _status),
    Route("/api/events", _events),
    Route("/api/live.mjpeg", _pictures),
    Route("/api/frame.jpg", _frame),
    Route("/api/aim", _aim),
]
