"""Regions in the TOML file: read for the page, and written back with the comments of the file kept."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import sys
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import tomlkit
import tomlkit.exceptions
from tomlkit.items import AoT, Table

from device.config.load import parse_config
from device.config.regions import RegionRule, as_row, from_row
from device.web.toml_blocks import Block, blocks
from edge_digits.errors import ConfigError, EdgeDigitsError
from edge_digits.system.atomic_write import atomic_path

MOST_BYTES = 1_000_000
"""Of a configuration that the page changes; a larger one is left alone."""


class ChangedError(Exception):
    """The file is not what it was when the page read it."""


def version_of(text: str) -> str:
    """Tells two texts of the file apart."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_text(path: Path) -> str:
    """The whole file. Raises ConfigError for one that cannot be read, or is larger than ``MOST_BYTES``."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        _check_size(len(data), path)
        return data.decode()
    except OSError as error:
        raise ConfigError(f"{path.name}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path.name}: cannot be read: it is not text") from error


def as_rows(text: str, path: Path) -> list[dict[str, Any]]:
    """The regions of a configuration, for JSON. Raises ConfigError."""
    return [as_row(region) for region in parse_config(text, path).region]


def with_regions(text: str, rows: Sequence[dict[str, Any]], path: Path) -> str:
    """``text`` with its regions replaced by ``rows``; a region that keeps its name keeps its comments and its place,
    and all that stands outside of the regions stays.

    rows: fields of ``device.config.regions.RegionRule``; None is left out. Raises ConfigError, as
    ``device.config.load.load_config`` does, for what would not be a valid configuration.
    """
    try:
        parts = blocks(_without_inline_regions(text))
        ends = "\r\n" if "\r\n" in text else "\n"
        changed = _joined(_arranged(parts, rows, ends), ends)
    except (tomllib.TOMLDecodeError, tomlkit.exceptions.ParseError, RecursionError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    parse_config(changed, path)
    return changed


def only_regions(rows: Sequence[dict[str, Any]]) -> str:
    """The regions alone, as TOML, to be copied by hand."""
    return _as_text([_written(row, None) for row in rows])


def save(path: Path, rows: Sequence[dict[str, Any]], version: str) -> str:
    """Write ``rows`` into the file; returns its new text. Raises as ``save_changed`` does."""
    return save_changed(path, lambda text: with_regions(text, rows, path), version)


def save_changed(path: Path, change: Callable[[str], str], version: str) -> str:
    """Write what ``change`` makes of the file's text into it; returns that.

    It is replaced whole, so that a power cut leaves the one or the other. Raises ChangedError if it is not what
    ``version`` says, what ``change`` raises, EdgeDigitsError if it cannot be written.
    """
    text = read_text(path)
    if version_of(text) != version:
        raise ChangedError
    changed = change(text)
    # It could not be read again.
    _check_size(len(changed.encode()), path)
    try:
        target = path.resolve()
        state = target.stat()
        with atomic_path(target, 0o600) as part:
            with part.open("w", encoding="utf-8", newline="") as file:
                file.write(changed)
                file.flush()
                os.fsync(file.fileno())
            part.chmod(state.st_mode & 0o777)
            with contextlib.suppress(OSError):
                os.chown(part, state.st_uid, state.st_gid)
    except OSError as error:
        raise EdgeDigitsError(f"{path.name}: cannot be written: {error.strerror}") from error
    return changed


def _check_size(size: int, path: Path) -> None:
    if size > MOST_BYTES:
        raise ConfigError(f"{path.name}: more than {MOST_BYTES // 1000} kB, which the page does not change")


def _without_inline_regions(text: str) -> str:
    """``text`` without ``region = [{…}]``, which is no table that could be changed in its place."""
    if "region" not in tomllib.loads(text) or isinstance(tomlkit.parse(text).get("region"), AoT):
        return text
    document = tomlkit.parse(text)
    document.pop("region")
    return tomlkit.dumps(document)


def _arranged(parts: Sequence[Block], rows: Sequence[dict[str, Any]], ends: str) -> list[tuple[Block, bool]]:
    """The blocks of the new file, and whether each stands where none was. ends: of lines."""
    before = {str(_table(block.text).get("name")): place for place, block in enumerate(parts) if block.is_region}
    arranged = {(place, 0, 0): (block, False) for place, block in enumerate(parts) if not block.is_region}
    for place, block in enumerate(parts):
        if block.is_region:
            # Should no row take its place, the comments above it stay.
            arranged[place, 0, 0] = (Block(block.above if block.above.strip() else "", ""), False)
    names = [str(row.get("name")) for row in rows]
    for number, (name, (place, side)) in enumerate(zip(names, _places(before, names), strict=True)):
        table = _written(rows[number], _table(parts[before[name]].text) if name in before else None)
        text = re.sub(r"\r?\n", ends, _as_text([table]))
        above = "" if side else parts[place].above
        arranged[place, side, number if side else 0] = (Block(above, text), side != 0)
    return [arranged[key] for key in sorted(arranged)]


def _places(before: dict[str, int], names: Sequence[str]) -> list[tuple[int, int]]:
    """For each name the block whose place it takes, and 0; or a block that it stands beside, and 1 below it, -1 above.

    before: names and their blocks. A name that is among them keeps its place, unless the order is another; one that is
    not takes the place of one that is gone, since it may be the same region under another name.
    """
    gone = sorted(place for name, place in before.items() if name not in names)
    kept: list[int | None] = []
    last = -1
    for name in names:
        place = before.get(name, -1)
        kept.append(place if place > last else None)
        last = max(last, place)
    places: list[tuple[int, int]] = []
    last = -1
    for number, place in enumerate(kept):
        following = next((other for other in kept[number:] if other is not None), sys.maxsize)
        if place is None:
            place = next((other for other in gone if last < other < following), None)
        if place is not None:
            places.append((place, 0))
            last = place
        else:
            places.append((following, -1) if last < 0 else (last, 1))
    return places


def _joined(arranged: Sequence[tuple[Block, bool]], ends: str) -> str:
    """The text of the blocks, with a blank line on both sides of one that is new. ends: of lines."""
    text, after_new = "", False
    for block, is_new in arranged:
        piece = block.above + block.text
        if not piece:
            continue
        if text and not text.endswith("\n"):
            text += ends
        blank = text.endswith(2 * ends) or piece.startswith(ends)
        if text and (is_new or after_new) and not blank:
            text += ends
        text, after_new = text + piece, is_new
    return text


def _table(text: str) -> Table:
    """The one region in ``text``."""
    return cast(AoT, tomlkit.parse(text if text.endswith("\n") else text + "\n")["region"])[0]


def _as_text(tables: Sequence[Table]) -> str:
    document, regions = tomlkit.document(), tomlkit.aot()
    for table in tables:
        regions.append(table)
    document.append("region", regions)
    return tomlkit.dumps(document)


def _written(row: dict[str, Any], table: Table | None) -> Table:
    """``row`` as a table; ``table``, changed only where its values differ, if there is one."""
    table = tomlkit.table() if table is None else table
    given = {key: _plain(value) for key, value in from_row(row).items()}
    for key, default in (("accept_after", RegionRule.accept_after), ("counter", RegionRule.counter)):
        if given.get(key) == default and key not in table:
            del given[key]
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
