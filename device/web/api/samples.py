"""Samples that were collected: what they are, their pictures and labels; and a line of the live picture labelled."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from device.sinks.sink import iso_time
from device.web.api.parameters import RequestError, check_names, json_object
from device.web.guard import JSON
from device.web.live import Live
from edge_digits.errors import LabelError
from edge_digits.teach.keep import remove_all
from edge_digits.teach.labels import LABELS, SampleRow, add_label, read_labels, read_samples

TYPED = re.compile("[ .,?]*[0-9][0-9 .,?]*")
"""What somebody may say that a line is: digits, and what stands between them, of which nothing is labelled."""

MOST_TYPED, MOST_TEXT = 100, 300
"""Characters."""

TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
"""Of pictures, by the end of their name; what is collected is PNG."""

MOST_PICTURE = 2**20
"""Bytes of a picture that are handed on; people may put pictures of their own in the folder."""

ANSWER_SECONDS = 10.0
"""In which the camera's process must have answered; it writes some files first."""


async def _samples(request: Request) -> Response:
    check_names(request, set())
    folder = folder_of(request)
    if request.method == "DELETE":
        if request.app.state.teaching.state == "running":
            raise RequestError(409, "the reader is being taught from them; wait until it is done")
        return JSON({"deleted": await _on_disk(remove_all, folder) if folder.is_dir() else 0})
    return JSON({"samples": await _on_disk(_rows, folder)})


async def _picture(request: Request) -> Response:
    check_names(request, set())
    data = await _on_disk(_bytes_of, folder_of(request), request.path_params["file"])
    if data is None:
        raise HTTPException(404, "no such sample")
    # A name is never used twice while its picture is there.
    kind = TYPES[Path(request.path_params["file"]).suffix]
    return Response(data, media_type=kind, headers={"Cache-Control": "private, max-age=3600"})


async def _label(request: Request) -> Response:
    """Takes what somebody says of a sample."""
    check_names(request, set())
    given, file = await json_object(request), request.path_params["file"]
    label, folder = given.get("label"), folder_of(request)
    if set(given) != {"label"} or not isinstance(label, str) or label not in ("", *LABELS):
        raise RequestError(400, f"label: expected one of {', '.join(LABELS)}, or nothing to take back what was said")
    if file not in _names(folder):
        raise RequestError(404, "no such sample")
    await _on_disk(add_label, folder, file, label)
    return JSON({"file": file, "label": label or None})


async def _line(request: Request) -> Response:
    """Takes what somebody says of a line in the live picture; the camera's process knows what it has seen there."""
    check_names(request, set())
    folder_of(request)
    given = await json_object(request)
    text, box, typed = (given.get(key) for key in ("text", "box", "digits"))
    if set(given) != {"text", "box", "digits"} or not isinstance(text, str) or len(text) > MOST_TEXT:
        raise RequestError(400, "expected text, box and digits")
    if not isinstance(box, list) or len(box) != 4 or not all(type(v) is int and abs(v) < 10**6 for v in box):
        raise RequestError(400, "box: expected [x, y, width, height] in pixels")
    if not isinstance(typed, str) or len(typed) > MOST_TYPED or not TYPED.fullmatch(typed):
        raise RequestError(400, "digits: expected what is written there, such as 2980")
    live: Live = request.app.state.live
    question = {"type": "label", "text": text, "box": box, "digits": re.sub("[^0-9]", "", typed)}
    answer = await live.ask(question, ANSWER_SECONDS)
    if answer is None:
        raise RequestError(503, "the reader does not answer; try again in a moment")
    return JSON({"labelled": answer["labelled"], "why": answer["why"]})


def folder_of(request: Request) -> Path:
    """Where samples are collected. Raises RequestError if they are not."""
    folder = request.app.state.settings.teach
    if folder is None:
        raise RequestError(503, "no digits are collected; see [teach] in the configuration")
    return Path(folder)


async def _on_disk(work: Any, *arguments: Any) -> Any:
    """What ``work`` returns, done in a thread. Raises LabelError, also for a disk that cannot be written."""
    try:
        return await asyncio.to_thread(work, *arguments)
    except OSError as error:
        raise LabelError(f"the samples cannot be changed: {error.strerror}") from error


def _rows(folder: Path) -> list[dict[str, Any]]:
    if not folder.is_dir():
        return []
    labels = read_labels(folder)
    return [_row(row, labels.get(row.file)) for row in read_samples(folder)]


def _row(row: SampleRow, label: str | None) -> dict[str, Any]:
    return {
        "file": row.file,
        "read": row.read,
        "confidence": round(row.confidence, 4),
        "why": row.why,
        "region": row.region or None,
        "time": iso_time(row.time),
        "box": row.box.as_list(),
        "label": label,
    }


def _names(folder: Path) -> set[str]:
    """Pictures of the folder, among which one is found by the name that somebody asks for."""
    if not folder.is_dir():
        return set()
    return {path.name for path in folder.iterdir() if path.suffix in TYPES and not path.name.endswith(".input.png")}


def _bytes_of(folder: Path, file: str) -> bytes | None:
    if file not in _names(folder):
        return None
    with os.fdopen(os.open(folder / file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as opened:
        return opened.read(MOST_PICTURE)


ROUTES = [
    Route("/api/samples", _samples, methods=["GET", "DELETE"]),
    Route("/api/samples/line", _line, methods=["POST"]),
    Route("/api/samples/{file}/picture", _picture),
    Route("/api/samples/{file}/label", _label, methods=["PUT"]),
]
