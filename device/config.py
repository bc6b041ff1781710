"""One frozen Config, from a TOML file and the command line.

Every table of the file is a frozen dataclass, every key one of its fields; what a field accepts is its type, and the
least and most of its metadata.
"""

from __future__ import annotations

import dataclasses
import math
import tomllib
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from device.cameras import CameraSettings
from device.tracking import TrackingRule
from edge_digits.errors import ConfigError


@dataclass(frozen=True)
class Config:
    """All that a run of the camera reader depends on.

    source: see ``device.cameras.SOURCES``. model: the name of a shipped model or the path of a model file. sinks: see
    ``device.sinks.SINKS``. duration: seconds to read for; None is until the source ends. draw: a folder for the frames
    with what was read drawn in; None is no frames.
    """

    source: str = "auto"
    model: str = "auto"
    sinks: tuple[str, ...] = ("console",)
    duration: float | None = field(default=None, metadata={"least": 0.0})
    draw: Path | None = None
    camera: CameraSettings = field(default_factory=CameraSettings)
    tracking: TrackingRule = field(default_factory=TrackingRule)


T = TypeVar("T")

EXPECTED = {
    str: "text",
    int: "a whole number",
    float: "a number",
    Path: "a path",
    tuple[str, ...]: "a list of text",
}
"""Types that a field may have, in words."""


def load_config(path: Path) -> Config:
    """Read the TOML file ``path``.

    Raises ConfigError, naming file and key, if it is missing or no TOML, for unknown keys, wrong types, and numbers
    out of range.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    return _table(Config, table, f"{path}: ", "")


def override(config: Config, options: dict[str, Any]) -> Config:
    """``config`` with the options of the command line, by field name, that were given (not None).

    Raises ConfigError, naming the option, as ``load_config`` does.
    """
    given = {key: value for key, value in options.items() if value is not None}
    hints = typing.get_type_hints(Config)
    fields = {f.name: f for f in dataclasses.fields(Config)}
    values = {key: _value(hints[key], value, f"--{key}", fields[key].metadata) for key, value in given.items()}
    return dataclasses.replace(config, **values)


def _table(kind: type[T], table: dict[str, Any], where: str, prefix: str) -> T:
    """A dataclass from a table of the file; where: the file, prefix: the names of the tables around it."""
    hints = typing.get_type_hints(kind)
    fields = {f.name: f for f in dataclasses.fields(kind)}  # pyright: ignore[reportArgumentType]
    values: dict[str, Any] = {}
    for key, value in table.items():
        name = f"{where}{prefix}{key}"
        if key not in fields:
            raise ConfigError(f"{name}: unknown key; expected one of {', '.join(fields)}")
        if not dataclasses.is_dataclass(hints[key]):
            values[key] = _value(hints[key], value, name, fields[key].metadata)
        elif isinstance(value, dict):
            values[key] = _table(hints[key], value, where, f"{prefix}{key}.")
        else:
            raise ConfigError(f"{name}: expected a table, [{prefix}{key}], not {value!r}")
    return kind(**values)


def _value(hint: Any, value: Any, name: str, limits: Mapping[str, float]) -> Any:
    """``value`` as a field of type ``hint`` holds it. Raises ConfigError if it does not fit, or leaves the limits."""
    if isinstance(hint, types.UnionType):
        [hint] = [part for part in typing.get_args(hint) if part is not types.NoneType]
    converted = _convert(hint, value)
    if converted is None:
        raise ConfigError(f"{name}: expected {EXPECTED[hint]}, not {value!r}")
    least, most = limits.get("least", -math.inf), limits.get("most", math.inf)
    if limits and not least <= converted <= most:
        between = f"at least {least:g}" if most == math.inf else f"{least:g} to {most:g}"
        raise ConfigError(f"{name}: expected {between}, not {value!r}")
    return converted


def _convert(hint: Any, value: Any) -> Any:
    """``value`` as ``hint``, None if it is of another type."""
    if hint is float and type(value) in (int, float):
        return float(value)
    if hint is Path and isinstance(value, str | Path) and str(value):
        return Path(value).expanduser()
    if hint == tuple[str, ...] and isinstance(value, list) and value and all(type(part) is str for part in value):
        return tuple(value)
    # An exact comparison, because True is an int too.
    return value if type(value) is hint else None
