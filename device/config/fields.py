"""Frozen dataclasses from the tables of a TOML file, with an error for everything that does not fit."""

from __future__ import annotations

import dataclasses
import difflib
import functools
import math
import operator
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from device.config.toml_lines import Key
from edge_digits.errors import ConfigError
from edge_digits.types import Box

T = TypeVar("T")

EXPECTED = {
    bool: "true or false",
    str: "text",
    int: "a whole number",
    float: "a number",
    Path: "a path",
    Box: "[x, y, width, height] in pixels",
    tuple[float, float]: "[least, most]",
    tuple[str, ...]: "a list of text",
    int | str: "a whole number or text",
}
"""Types that a field may have besides dataclasses and tuples of them, in words."""


MOST_SHOWN = 80
"""Characters of a wrong value."""


class FieldError(ConfigError):
    """A value does not fit. key: the way to it. The message names it and what was expected; file and line are named by
    ``device.config.load.naming_file``."""

    def __init__(self, key: Key, message: str) -> None:
        super().__init__(f"{_dotted(key)}: {message}")
        self.key = key


def from_table(kind: type[T], table: dict[str, Any], key: Key = ()) -> T:
    """A ``kind`` from a table of the file; key: the way to the table. Raises FieldError."""
    hints = typing.get_type_hints(kind)
    fields = {f.name: f for f in dataclasses.fields(kind)}  # pyright: ignore[reportArgumentType]
    for name in table:
        if name not in fields:
            near = difflib.get_close_matches(name, fields, 1)
            meant = f"; did you mean {near[0]}?" if near else f"; expected one of {', '.join(fields)}"
            raise FieldError((*key, name), f"unknown key{meant}")
    for name, f in fields.items():
        if name not in table and f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING:
            raise FieldError(key, f"{name} is missing; expected {EXPECTED[_without_none(hints[name])]}")
    values = {name: _field(hints[name], value, (*key, name), fields[name].metadata) for name, value in table.items()}
    return kind(**values)


def field_value(kind: type, name: str, value: Any) -> Any:
    """``value`` as the field ``name`` of ``kind`` holds it. Raises FieldError."""
    [metadata] = [f.metadata for f in dataclasses.fields(kind) if f.name == name]
    return _field(typing.get_type_hints(kind)[name], value, (name,), metadata)


def _field(hint: Any, value: Any, key: Key, limits: Mapping[str, float]) -> Any:
    hint = _without_none(hint)
    if hint in EXPECTED:
        return _value(hint, value, key, limits)
    if typing.get_origin(hint) is typing.Literal:
        return _one_of(typing.get_args(hint), value, key)
    if dataclasses.is_dataclass(hint):
        if not isinstance(value, dict):
            raise FieldError(key, f"expected a table, [{_dotted(key)}], not {shown(value)}")
        return from_table(typing.cast(type, hint), value, key)
    kind = typing.get_args(hint)[0]
    if not isinstance(value, list) or not all(isinstance(part, dict) for part in value):
        raise FieldError(key, f"expected tables, [[{_dotted(key)}]], not {shown(value)}")
    return tuple(from_table(kind, part, (*key, place)) for place, part in enumerate(value))


def _one_of(allowed: tuple[Any, ...], value: Any, key: Key) -> Any:
    # An exact comparison, because True and 1.0 equal 1.
    if not any(type(value) is type(one) and value == one for one in allowed):
        listed = f"{', '.join(map(repr, allowed[:-1]))} or {allowed[-1]!r}"
        raise FieldError(key, f"expected {listed}, not {shown(value)}")
    return value


def _without_none(hint: Any) -> Any:
    """``T`` for ``T | None``."""
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        parts = [part for part in typing.get_args(hint) if part is not types.NoneType]
        return functools.reduce(operator.or_, parts)
    return hint


def _value(hint: Any, value: Any, key: Key, limits: Mapping[str, float]) -> Any:
    converted = _convert(hint, value)
    if converted is None:
        expected = "a finite number" if hint is float and isinstance(value, float) else EXPECTED[hint]
        raise FieldError(key, f"expected {expected}, not {shown(value)}")
    least, most = limits.get("least", -math.inf), limits.get("most", math.inf)
    if limits and not least <= converted <= most:
        between = f"at least {least:.15g}" if most == math.inf else f"{least:.15g} to {most:.15g}"
        raise FieldError(key, f"expected {between}, not {shown(value)}")
    return converted


def _convert(hint: Any, value: Any) -> Any:
    """``value`` as ``hint``, None if it is of another type."""
    if hint is float and type(value) in (int, float):
        return _float(value)
    if hint is Path and isinstance(value, str | Path):
        return as_path(str(value))
    if isinstance(value, list):
        if hint == tuple[str, ...] and all(type(part) is str for part in value):
            return tuple(value)
        if hint == tuple[float, float] and len(value) == 2:
            ends = [_end(part, open_end) for part, open_end in zip(value, (-math.inf, math.inf), strict=True)]
            return None if None in ends else tuple(ends)
        if hint is Box and len(value) == 4 and all(type(part) is int and abs(part) <= 1_000_000 for part in value):
            return Box(*value)
    # An exact comparison, because True is an int too.
    kinds = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    return value if type(value) in kinds else None


def as_path(text: str) -> Path | None:
    """The path, with ``~`` replaced; None for what can be none: nothing, a zero byte, the home of an unknown user."""
    if not text or "\0" in text:
        return None
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return None


def is_host(text: str) -> bool:
    """Whether a socket can ask for the address of ``text``: no part of a name is empty or longer than 63 characters."""
    try:
        text.encode("idna")
    except UnicodeError:
        return False
    return bool(text) and "\0" not in text


def shown(value: Any) -> str:
    """``value`` in an error, in one line of a length to read."""
    try:
        text = repr(str(value) if isinstance(value, Path) else value)
    except ValueError:
        # Python writes no whole number of more than 4300 digits, but TOML may hold one in another base.
        return "a number of thousands of digits"
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"


def _float(value: float) -> float | None:
    """A finite number; None is none."""
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _end(value: Any, open_end: float) -> float | None:
    """An end of a range: a finite number, or ``open_end``; None is neither."""
    if type(value) is float and value == open_end:
        return value
    return _float(value) if type(value) in (int, float) else None


def _dotted(key: Key) -> str:
    """``region[1].box``, counted from 1 as people do."""
    parts = [f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in key]
    return "".join(parts).removeprefix(".")
