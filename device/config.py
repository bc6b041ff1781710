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
class RecordConfig:
    """The record of readings and refusals, an SQLite file.

    path: of the file. keep_days: older entries are removed. max_megabytes: the oldest entries are removed when the
    file would grow larger. pictures: whether a refusal keeps a small picture of the line.
    """

    path: Path = Path("readings.sqlite")
    keep_days: float = field(default=365.0, metadata={"least": 0.01, "most": 36500})
    max_megabytes: float = field(default=200.0, metadata={"least": 1, "most": 1_000_000})
    pictures: bool = True


@dataclass(frozen=True)
class MqttConfig:
    """The MQTT broker that readings are delivered to, from the record.

    host, port: of the broker; no port is 8883 with TLS and 1883 without. username, password_file: the file holds the
    password alone. tls: whether to encrypt. ca_file: the certificate authority that signed the broker's certificate;
    None is the system's. base_topic: begins every topic. discovery: Home Assistant's discovery prefix, "" announces
    nothing. client_id: unique to this reader among the broker's clients, also part of its topics; None is
    made from the host's name.
    """

    host: str
    port: int | None = field(default=None, metadata={"least": 1, "most": 65535})
    username: str | None = None
    password_file: Path | None = None
    tls: bool = False
    ca_file: Path | None = None
    base_topic: str = "edge-digits"
    discovery: str = "homeassistant"
    client_id: str | None = None


@dataclass(frozen=True)
class Config:
    """All that a run of the camera reader depends on.

    source: see ``device.cameras.SOURCES``. model: the name of a shipped model or the path of a model file. sinks: see
    ``device.sinks.SINKS``. duration: seconds to read for; None is until the source ends. draw: a folder for the frames
    with what was read drawn in; None is no frames. record, mqtt: None is without.
    """

    source: str = "auto"
    model: str = "auto"
    sinks: tuple[str, ...] = ("console",)
    duration: float | None = field(default=None, metadata={"least": 0.0})
    draw: Path | None = None
    camera: CameraSettings = field(default_factory=CameraSettings)
    tracking: TrackingRule = field(default_factory=TrackingRule)
    record: RecordConfig | None = None
    mqtt: MqttConfig | None = None


T = TypeVar("T")

EXPECTED = {
    bool: "true or false",
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
    config = _table(Config, table, f"{path}: ", "")
    if config.mqtt is not None and config.record is None:
        raise ConfigError(f"{path}: mqtt: expected a table [record] too; MQTT delivers from the record")
    return config


def override(config: Config, options: dict[str, Any]) -> Config:
    """``config`` with the options of the command line, by field name, that were given (not None).

    Raises ConfigError, naming the option, as ``load_config`` does.
    """
    given = {key: value for key, value in options.items() if value is not None}
    hints = typing.get_type_hints(Config)
    fields = {f.name: f for f in dataclasses.fields(Config)}
    values = {
        key: _value(_without_none(hints[key]), value, f"--{key}", fields[key].metadata) for key, value in given.items()
    }
    return dataclasses.replace(config, **values)


def _table(kind: type[T], table: dict[str, Any], where: str, prefix: str) -> T:
    """A dataclass from a table of the file; where: the file, prefix: the names of the tables around it."""
    hints = {key: _without_none(hint) for key, hint in typing.get_type_hints(kind).items()}
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
    for key, f in fields.items():
        if key not in values and f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING:
            raise ConfigError(f"{where}{prefix}{key}: missing; expected {EXPECTED[hints[key]]}")
    return kind(**values)


def _without_none(hint: Any) -> Any:
    """``T`` for ``T | None``."""
    if isinstance(hint, types.UnionType):
        [hint] = [part for part in typing.get_args(hint) if part is not types.NoneType]
    return hint


def _value(hint: Any, value: Any, name: str, limits: Mapping[str, float]) -> Any:
    """``value`` as a field of type ``hint`` holds it. Raises ConfigError if it does not fit, or leaves the limits."""
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
