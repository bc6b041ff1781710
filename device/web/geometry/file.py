"""``rotate``, ``flip`` and ``crop`` in the TOML file, with its comments kept, and the regions moved along."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import tomlkit
import tomlkit.exceptions

from device.cameras.geometry import Geometry, Size
from device.config.load import parse_config
from device.web.toml_blocks import blocks
from edge_digits.errors import ConfigError
from edge_digits.types import Box

TABLE = "camera"


def only_geometry(geometry: Geometry) -> str:
    """The settings alone, as TOML, to be copied by hand."""
    table = tomlkit.table()
    for key, value in geometry.as_row().items():
        if value is not None:
            table[key] = value
    return tomlkit.dumps(tomlkit.document().add(TABLE, table))


def with_geometry(text: str, geometry: Geometry, path: Path) -> str:
    """``text`` with its camera's geometry replaced; all else stays.

    Raises ConfigError, as ``device.config.load.load_config`` does, for what would not be a valid configuration.
    """
    parse_config(text, path)
    try:
        changed = _replaced(text, geometry)
    except (tomlkit.exceptions.TOMLKitError, RecursionError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    if Geometry.of(parse_config(changed, path).camera) != geometry:
        raise ConfigError(f"{path}: [{TABLE}] is written in a way that cannot be changed from here")
    return changed


def _replaced(text: str, geometry: Geometry) -> str:
    parts = blocks(text)
    for block in parts:
        if TABLE in tomllib.loads(block.text):
            document = tomlkit.parse(block.text)
            _change(document[TABLE], geometry)
            texts = [other.above + (tomlkit.dumps(document) if other is block else other.text) for other in parts]
            return "".join(texts)
    ends = "\r\n" if "\r\n" in text else "\n"
    separator = "" if not text else ends if text.endswith("\n") else 2 * ends
    return text + separator + re.sub(r"\r?\n", ends, _without_defaults(geometry))


def _without_defaults(geometry: Geometry) -> str:
    document = tomlkit.document()
    document.add(TABLE, tomlkit.table())
    _change(document[TABLE], geometry)
    return tomlkit.dumps(document)


def _change(table: Any, geometry: Geometry) -> None:
    """What is as it is without the key needs no key, but one that is there keeps its comment."""
    defaults = Geometry().as_row()
    for key, value in geometry.as_row().items():
        if value is None:
            table.pop(key, None)
        elif key in table or value != defaults[key]:
            table[key] = value


def moved(box: Box, before: Geometry, after: Geometry, size: Size) -> Box | None:
    """Where a box of the picture as it was seen is, once it is seen otherwise; None if not all of it is. size: of the
    camera's picture."""
    seen = after.from_source(before.to_source(box, size), size)
    width, height = after.seen(size)
    inside = seen.x >= 0 and seen.y >= 0 and seen.right <= width and seen.bottom <= height
    return seen if inside else None
