"""The last value of a region, set by hand: from the page, over MQTT, or with ``edge-digits-camera set-value``."""

from __future__ import annotations

import argparse
import contextlib
import logging
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from device.config.load import load_config
from device.config.regions import RegionRule
from device.guard.memory import GuardStore
from device.guard.rows import write_value
from device.guard.values import in_words
from device.sinks.record.database import connect
from edge_digits.errors import ConfigError, EdgeDigitsError
from edge_digits.system.terminal import ArgumentParser

EXAMPLE = """\
example: edge-digits-camera set-value water 1234.5 --config camera.toml
The next numbers are compared with this one. A reader that runs takes it within a second, another when it starts."""

MOST_CHARACTERS = 40
"""Of a value that is typed."""

logger = logging.getLogger(__name__)


def set_value(store: GuardStore, regions: Sequence[RegionRule], name: str, text: str) -> float:
    """Have the reader take the number ``text`` for the last value of the region ``name``; may be called from any
    thread. Returns the value. Raises ConfigError, in one line, as ``checked_value`` does."""
    value = checked_value(regions, name, text)
    store.set_value(name, value)
    return value


def checked_value(regions: Sequence[RegionRule], name: str, text: str) -> float:
    """The value that ``text`` is for the region ``name``. Raises ConfigError, in one line, for an unknown region, for
    what is no number, and for a number that the region can never show."""
    rule = next((region for region in regions if region.name == name), None)
    if rule is None:
        known = ", ".join(region.name for region in regions)
        raise ConfigError(f"{name[:64]!r}: no such region; expected {f'one of {known}' if known else 'a [[region]]'}")
    plain = text.strip()
    digits = plain.replace(".", "", 1)
    if not (digits.isascii() and digits.isdigit()) or len(plain) > MOST_CHARACTERS:
        raise ConfigError(f"{name}: expected a number such as 1234.5, not {text[:MOST_CHARACTERS]!r}")
    value = float(plain)
    reason = why_never(rule, value)
    if reason is not None:
        raise ConfigError(f"{name}: {reason}")
    return value


def why_never(rule: RegionRule, value: float) -> str | None:
    """Why a region can never show ``value``, in words; None if it can."""
    if rule.range is not None and not rule.range[0] <= value <= rule.range[1]:
        return f"{in_words(value)} is outside its range, {rule.range[0]:g} to {rule.range[1]:g}"
    if rule.rollover is not None and value >= 10.0 ** (rule.rollover - _decimals(rule)):
        return f"{in_words(value)} has more digits than it rolls over at, {rule.rollover}"
    return None


def main(arguments: Sequence[str]) -> int:
    """``edge-digits-camera set-value``; returns 0. Raises ConfigError and EdgeDigitsError for what is wrong."""
    options = _parser().parse_args(arguments)
    config = load_config(options.config)
    value = checked_value(config.region, options.region, options.value)
    path = config.record_path
    if path is None:
        raise ConfigError(f"{options.config}: expected a table [record]: without one a reader forgets when it ends")
    # Not made here: a relative path begins where the reader is started, for the service in /var/lib.
    if not path.is_file():
        raise EdgeDigitsError(f"{path}: there is no record; start this where the reader is started, or start that once")
    try:
        with contextlib.closing(connect(path)) as connection:
            write_value(connection, options.region, value)
    except sqlite3.Error as error:
        raise EdgeDigitsError(f"{path}: cannot be written: {error}") from error
    print(f"{options.region}: the last value is {in_words(value)}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = ArgumentParser(
        prog="edge-digits-camera set-value",
        description="Set the last value of a region, with which its next numbers are compared.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("region", metavar="REGION", help="its name in the configuration")
    parser.add_argument("value", metavar="VALUE", help="as 1234.5")
    parser.add_argument("--config", metavar="FILE", type=Path, required=True, help="settings as TOML")
    parser.add_argument("--debug", action="store_true", help="show where an error comes from")
    return parser


def _decimals(rule: RegionRule) -> int:
    return rule.decimals if isinstance(rule.decimals, int) else 0
