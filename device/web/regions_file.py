"""Regions in the TOML file: read for the page, and written back with the comments of the file kept."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import tomlkit
import tomlkit.exceptions
from tomlkit.items import AoT, Table

from device.config import parse_config
from device.regions import RegionRule
from edge_digits.errors import ConfigError, EdgeDigitsError

MOST_BYTES = 1_000_000
"""Of a configuration."""


class ChangedError(Exception):
    """The file is not what it was when the page read it."""


def version_of(text: str) -> str:
    """Tells two texts of the file apart."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_text(path: Path) -> str:
    """The file. Raises ConfigError."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return file.read(MOST_BYTES)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name}: cannot be read: {error}") from error


def as_rows(text: str, path: Path) -> list[dict[str, Any]]:
    """The regions of a configuration, for JSON. Raises ConfigError."""
    return [region_row(region) for region in parse_config(text, path).region]


def region_row(region: RegionRule) -> dict[str, Any]:
    """A region for JSON."""
    least_and_most = None if region.range is None else list(region.range)
    return asdict(region) | {"box": region.box.as_list(), "range": least_and_most}


def with_regions(text: str, rows: Sequence[dict[str, Any]], path: Path) -> str:
    """``text`` with its regions replaced by ``rows``; a region that keeps its name keeps its comments and its place.

    rows: fields of ``device.regions.RegionRule``; None is left out. Raises ConfigError, as
    ``device.config.load_config`` does, for what would not be a valid configuration.
    """
    try:
        document = tomlkit.parse(text)
    except tomlkit.exceptions.ParseError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    tables = document.get("region")
    before = {table.get("name"): table for table in tables} if isinstance(tables, AoT) else {}
    kept = [before.get(row.get("name")) for row in rows]
    written = [_written(row, table) for row, table in zip(rows, kept, strict=True)]
    if isinstance(tables, AoT) and rows:
        while len(tables):
            tables.pop()
        for table in written:
            tables.append(table)
    else:
        document.pop("region", None)
        if rows:
            new = tomlkit.aot()
            for table in written:
                new.append(table)
            document.append("region", new)
    changed = tomlkit.dumps(document)
    parse_config(changed, path)
    return changed


def only_regions(rows: Sequence[dict[str, Any]]) -> str:
    """The regions alone, as TOML, to be copied by hand."""
    document = tomlkit.document()
    tables = tomlkit.aot()
    for row in rows:
        tables.append(_written(row, None))
    document.append("region", tables)
    return tomlkit.dumps(document)


def save(path: Path, rows: Sequence[dict[str, Any]], version: str) -> str:
    """Write ``rows`` into the file; returns its new text.

    It is replaced whole, so that a power cut leaves the one or the other. Raises ChangedError if it is not what
    ``version`` says, ConfigError as ``with_regions`` does, EdgeDigitsError if it cannot be written.
    """
    text = read_text(path)
    if version_of(text) != version:
        raise ChangedError
    changed = with_regions(text, rows, path)
    try:
        target = path.resolve()
        state = target.stat()
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
                file.write(changed)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(state.st_mode & 0o777)
            with contextlib.suppress(OSError):
                os.chown(name, state.st_uid, state.st_gid)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise EdgeDigitsError(f"{path.name}: cannot be written: {error.strerror}") from error
    return changed


def _written(row: dict[str, Any], table: Table | None) -> Table:
    """``row`` as a table; ``table``, changed only where its values differ, if there is one."""
    table = tomlkit.table() if table is None else table
    given = {key: _plain(value) for key, value in row.items() if value is not None}
    if given.get("accept_after") == RegionRule.accept_after and "accept_after" not in table:
        del given["accept_after"]
    for key in [key for key in table if key not in given]:
        table.remove(key)
    for key, value in given.items():
        if key not in table or table[key] != value:
            table[key] = value
    return table


def _plain(value: Any) -> Any:
    """Whole numbers without a point: people wrote them so."""
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value
