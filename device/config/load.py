"""A TOML file and the command line -> one frozen Config, with an error for everything that does not fit."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from device.config import fields, rules
from device.config.settings import Config
from device.config.sinks import check_sink
from device.config.toml_lines import line_of
from edge_digits.errors import ConfigError


def load_config(path: Path) -> Config:
    """Read the TOML file ``path``.

    Raises ConfigError, naming file, line and key and what was expected, if it is missing or no TOML, for unknown and
    missing keys, wrong types, and values that are out of range.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    return parse_config(text, path)


def parse_config(text: str, path: Path) -> Config:
    """The configuration that ``text`` is. Raises ConfigError as ``load_config`` does; ``path`` stands in it."""
    try:
        table = tomllib.loads(text, parse_float=_float)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    except ValueError as error:
        # The one that tomllib lets pass: int() takes no more digits.
        digits = re.search(f"[0-9](_?[0-9]){{{sys.get_int_max_str_digits()}}}", text)
        line = "" if digits is None else f":{text[: digits.start()].count(chr(10)) + 1}"
        raise ConfigError(f"{path}{line}: not valid TOML: a whole number has too many digits") from error
    except RecursionError as error:
        raise ConfigError(f"{path}: not valid TOML: tables or lists are nested too deeply") from error
    try:
        config = fields.from_table(Config, table)
        rules.check(config, table)
        return config
    except fields.FieldError as error:
        raise ConfigError(f"{path}:{line_of(text, error.key)}: {error}") from error


class _TooLarge(float):
    """A number beyond all floats, such as 1e309, which is not the infinity that "inf" is. text: as the file has it."""

    text: str

    def __new__(cls, text: str) -> _TooLarge:
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __repr__(self) -> str:
        return self.text


def _float(text: str) -> float:
    number = float(text)
    return _TooLarge(text) if math.isinf(number) and "inf" not in text else number


@contextlib.contextmanager
def naming_file(path: Path | None) -> Iterator[None]:
    """While the block runs, a FieldError, for a value that only its use shows to be wrong, becomes a ConfigError that
    names file, line and key. path: of the file that was read; None, where there is none, lets it pass."""
    try:
        yield
    except fields.FieldError as error:
        if path is None:
            raise
        try:
            line = line_of(path.read_text(encoding="utf-8"), error.key)
        except (OSError, UnicodeDecodeError):
            # It was changed since; the key tells enough.
            raise ConfigError(f"{path}: {error}") from error
        raise ConfigError(f"{path}:{line}: {error}") from error


def override(config: Config, options: dict[str, Any]) -> Config:
    """``config`` with the options of the command line, by field name, that were given (not None).

    Raises ConfigError, naming the option, as ``load_config`` does.
    """
    given = {key: value for key, value in options.items() if value is not None}
    try:
        values = {key: fields.field_value(Config, key, value) for key, value in given.items()}
    except fields.FieldError as error:
        raise ConfigError(f"--{error}") from error
    for name in values.get("sinks", ()):
        try:
            check_sink(name)
        except ConfigError as error:
            raise ConfigError(f"--sink: {error}") from error
    return dataclasses.replace(config, **values)
