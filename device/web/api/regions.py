"""Regions: what they are, what would be read in others, saving them, and setting their last values."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from device.config import fields
from device.config.load import parse_config
from device.config.regions import RegionRule, from_row
from device.guard.by_hand import MOST_CHARACTERS, why_never
from device.web import regions_file
from device.web.api.camera import fresh_picture
from device.web.api.parameters import RequestError, check_names, json_object
from device.web.geometry.present import where_they_are
from device.web.guard import JSON
from device.web.regions_file import ChangedError
from device.web.uploads.pool import Pool
from edge_digits.errors import ConfigError, EdgeDigitsError

MOST_REGIONS = 50


async def _regions(request: Request) -> Response:
    check_names(request, set())
    if request.method == "PUT":
        return await _save(request)
    path = _path(request)
    if path is None:
        return JSON({"regions": request.app.state.regions, "version": None, "file": None})
    text = await asyncio.to_thread(regions_file.read_text, path)
    rows = where_they_are(regions_file.as_rows(text, path), request.app.state.live.drift)
    return JSON({"regions": rows, "version": regions_file.version_of(text), "file": path.name})


async def _save(request: Request) -> Response:
    """Writes the file, if there is one that can be written; the camera reads the new regions from then on."""
    given = await json_object(request)
    rows = _checked(given)
    path = _path(request)
    text = regions_file.only_regions(rows)
    if path is None:
        return JSON({"saved": False, "why": "the camera was started without --config FILE", "text": text})
    version = given.get("version")
    if version is None:
        raise ChangedError
    try:
        changed = await asyncio.to_thread(regions_file.save, path, rows, version)
    except ConfigError as error:
        raise RequestError(400, _without_path(str(error), path)) from error
    except EdgeDigitsError as error:
        return JSON({"saved": False, "why": str(error), "text": text})
    request.app.state.regions = rows
    request.app.state.live.tell({"type": "regions"})
    return JSON({"saved": True, "version": regions_file.version_of(changed), "text": text})


async def _try(request: Request) -> Response:
    """What would be read in the regions now."""
    check_names(request, set())
    rows = _checked(await json_object(request))
    state = request.app.state
    pool: Pool = state.pool
    if state.model_in_use is None:
        raise RequestError(503, "the model that is in use is not at hand here")
    model = state.models[state.model_in_use].opens
    async with pool.place():
        message, picture = await fresh_picture(state.live)
        scale = message["width"] / picture.shape[1]
        scaled = [row | {"box": [round(side / scale) for side in row["box"]]} for row in rows]
        head = {"model": model, "shape": list(picture.shape), "regions": scaled}
        answer = await pool.ask(head, picture.tobytes())
    status = answer.pop("status", 200)
    return JSON({"regions": answer["regions"]} if status == 200 else answer, status)


async def _set_value(request: Request) -> Response:
    """Has the reader take a number for a region's last value, with which the next ones are compared."""
    check_names(request, set())
    given = await json_object(request)
    value: Any = given.get("value")
    # An exact comparison, because True is an int too.
    if set(given) != {"value"} or type(value) not in (int, float) or not 0 <= value < 10**MOST_CHARACTERS:
        raise RequestError(400, "value: expected a number such as 1234.5")
    state, name = request.app.state, request.path_params["name"]
    row = next((row for row in state.regions if row["name"] == name), None)
    if row is None:
        raise RequestError(404, "no such region; see /api/regions")
    reason = why_never(fields.from_table(RegionRule, from_row(row)), float(value))
    if reason is not None:
        raise RequestError(400, f"value: {reason}")
    if not state.live.tell({"type": "value", "region": name, "value": float(value)}):
        raise RequestError(503, "the camera does not take it now; try again in a moment")
    return JSON({"region": name, "value": value})


def _checked(given: dict[str, Any]) -> list[dict[str, Any]]:
    """The regions of a request. Raises RequestError."""
    unknown = set(given) - {"regions", "version"}
    rows = given.get("regions")
    if not isinstance(given.get("version"), str | None):
        raise RequestError(400, "version: expected the one that the regions were read with")
    if unknown or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RequestError(400, "regions: expected a list of objects")
    if len(rows) > MOST_REGIONS:
        raise RequestError(400, f"regions: expected {MOST_REGIONS} at most")
    rows = [{key: value for key, value in row.items() if value is not None} for row in rows]
    try:
        for place, row in enumerate(rows):
            fields.from_table(RegionRule, from_row(row), ("region", place))
        if rows:
            parse_config(regions_file.only_regions(rows), Path("regions"))
    except (fields.FieldError, ConfigError) as error:
        raise RequestError(400, _without_path(str(error), Path("regions"))) from error
    return rows


def _without_path(message: str, path: Path) -> str:
    """An error of the configuration, without the file and its line: people see neither in the page."""
    rest = message.removeprefix(f"{path}:")
    line, separator, text = rest.partition(": ")
    return text if separator and line.isdigit() else rest.strip()


def _path(request: Request) -> Path | None:
    path = request.app.state.settings.config
    return None if path is None else Path(path)


ROUTES = [
    Route("/api/regions", _regions, methods=["GET", "PUT"]),
    Route("/api/regions/try", _try, methods=["POST"]),
    Route("/api/regions/{name}/value", _set_value, methods=["PUT"]),
]
