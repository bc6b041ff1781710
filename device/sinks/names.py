"""What names a sink: ``console``, ``jsonl:PATH``, ``sqlite:PATH``."""

from __future__ import annotations

from device.config.fields import as_path
from edge_digits.errors import ConfigError

SINKS = "console, jsonl:PATH, jsonl:- (standard output) or sqlite:PATH"

FILES = ("jsonl", "sqlite")
"""Kinds of sinks that name a file."""


def check_sink(name: str) -> None:
    """Raises ConfigError, as ``open_sink`` would, if ``name`` is of no known kind or holds what can be no path."""
    kind, _, rest = name.partition(":")
    if name != "console" and not (kind in ("jsonl", "sqlite") and rest):
        raise ConfigError(f"unknown sink '{name}': expected {SINKS}")
    if rest and as_path(rest) is None:
        raise ConfigError(f"sink {name!r}: expected a path without zero bytes, and not in the home of an unknown user")
