"""What the API tells of the picture's geometry, and takes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from device.cameras.geometry import Geometry, Size
from device.config import fields
from device.config.camera import CameraSettings
from device.config.load import parse_config
from device.web import regions_file
from device.web.api.camera import fresh_picture
from device.web.api.parameters import RequestError, check_names, json_object
from device.web.geometry.file import moved, only_geometry, with_geometry
from device.web.geometry.present import where_they_are
from device.web.guard import JSON
from device.web.regions_file import ChangedError
from edge_digits.errors import ConfigError, EdgeDigitsError
from edge_digits.types import Box

KEYS = {"rotate", "flip", "crop"}


async def _geometry(request: Request) -> Response:
    check_names(request, set())
    if request.method == "PUT":
        return await _save(request)
    path = _path(request)
    if path is None:
        return JSON({**request.app.state.settings.geometry, "version": None, "file": None})
    text = await asyncio.to_thread(regions_file.read_text, path)
    row = Geometry.of(parse_config(text, path).camera).as_row()
    return JSON({**row, "version": regions_file.version_of(text), "file": path.name})


async def _save(request: Request) -> Response:
    """Writes the file, if there is one that can be written, with the regions moved along; the camera is seen so from
    then on."""
    given = await json_object(request)
    geometry = _checked(given)
    path, state = _path(request), request.app.state
    message, _ = await fresh_picture(state.live)
    size = tuple(message["source_size"])
    _check_crop(geometry, size)
    if path is None:
        why = "the camera was started without --config FILE"
        return JSON({"saved": False, "why": why, "text": only_geometry(geometry)})
    version = given.get("version")
    if version is None:
        raise ChangedError

    def change(text: str) -> str:
        return _with_regions_moved(text, geometry, size, path, state.live.drift)

    try:
        changed = await asyncio.to_thread(regions_file.save_changed, path, change, version)
    except ConfigError as error:
        raise RequestError(400, str(error).removeprefix(f"{path}: ")) from error
    except EdgeDigitsError as error:
        return JSON({"saved": False, "why": str(error), "text": only_geometry(geometry)})
    state.regions = regions_file.as_rows(changed, path)
    state.live.tell({"type": "regions"})
    return JSON({"saved": True, "version": regions_file.version_of(changed), "text": only_geometry(geometry)})


def _checked(given: dict[str, Any]) -> Geometry:
    """The geometry of a request. Raises RequestError."""
    if not KEYS <= set(given) <= KEYS | {"version", "file"} or not isinstance(given.get("version"), str | None):
        raise RequestError(400, "expected rotate, flip, crop and the version that they were read with")
    table = {key: given[key] for key in KEYS if given[key] is not None or key != "crop"}
    try:
        geometry = Geometry.of(fields.from_table(CameraSettings, table, ("camera",)))
        parse_config(only_geometry(geometry), Path("camera"))
    except (fields.FieldError, ConfigError) as error:
        raise RequestError(400, str(error).rpartition("camera.")[2]) from error
    return geometry


def _check_crop(geometry: Geometry, size: Size) -> None:
    """Raises RequestError for a crop that leaves the picture."""
    width, height = geometry.turned(size)
    crop = geometry.crop
    if crop is not None and (crop.right > width or crop.bottom > height):
        raise RequestError(400, f"crop: {crop.as_list()} leaves the picture of {width}x{height}")


def _with_regions_moved(text: str, geometry: Geometry, size: Size, path: Path, drift: dict[str, Any]) -> str:
    before = Geometry.of(parse_config(text, path).camera)
    rows = where_they_are(regions_file.as_rows(text, path), drift)
    for row in rows:
        box = moved(Box(*row["box"]), before, geometry, size)
        if box is None:
            raise ConfigError(f"{path}: region {row['name']} would leave the picture; change or remove it first")
        row["box"] = box.as_list()
    changed = with_geometry(text, geometry, path)
    return regions_file.with_regions(changed, rows, path) if rows else changed


def _path(request: Request) -> Path | None:
    path = request.app.state.settings.config
    return None if path is None else Path(path)


ROUTES = [Route("/api/geometry", _geometry, methods=["GET", "PUT"])]
