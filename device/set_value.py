"""``edge-digits-camera set-value``: the last value of a region, set by hand."""

from __future__ import annotations

import argparse
import contextlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from device.config.load import load_config
from device.guard.by_hand import checked_value
from device.guard.rows import write_value
from device.guard.values import in_words
from device.sinks.record.database import connect
from edge_digits.errors import ConfigError, EdgeDigitsError
from edge_digits.system.terminal import ArgumentParser

EXAMPLE = """\
example: edge-digits-camera set-value water 1234.5 --config camera.toml
The next numbers are compared with this one. A reader that runs takes it within a second, another when it starts."""


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
