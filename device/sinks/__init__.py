"""Where readings go: one protocol, one module per kind of sink, ``open_sink`` to choose."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from edge_digits.errors import ConfigError
from edge_digits.types import Reading

SINKS = "console, jsonl:PATH or jsonl:- (standard output)"


class Sink(Protocol):
    """Takes settled readings."""

    def publish(self, reading: Reading) -> None:
        """Hand on one reading, completely: what comes after may be a power cut. Raises EdgeDigitsError if it cannot."""
        ...

    def close(self) -> None:
        """Let go of files and connections; does nothing the second time."""
        ...


def open_sink(name: str) -> Sink:
    """The sink that ``name`` stands for (see ``SINKS``).

    Raises ConfigError if it is of no known kind, EdgeDigitsError if it cannot be opened.
    """
    kind, _, rest = name.partition(":")
    if name == "console":
        from device.sinks.console import ConsoleSink

        return ConsoleSink()
    if kind == "jsonl" and rest:
        from device.sinks.jsonl import JsonLinesSink

        return JsonLinesSink(None if rest == "-" else Path(rest).expanduser())
    raise ConfigError(f"unknown sink '{name}': expected {SINKS}")


def iso_time(seconds: float) -> str:
    """Seconds since the epoch as ISO 8601 in the local zone, to the millisecond."""
    return datetime.fromtimestamp(seconds, UTC).astimezone().isoformat(timespec="milliseconds")
