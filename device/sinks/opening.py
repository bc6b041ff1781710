"""Sinks, opened: those that a name stands for (``device.config.sinks.SINKS``), and those that tables of the
configuration ask for, which deliver what the record holds."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from device.config.settings import Config, RecordConfig
from device.config.sinks import FILES, check_sink
from device.guard.memory import GuardStore, MemoriesOfOneRun
from device.scene.status import DriftStatus
from device.sinks.sink import Sink
from edge_digits.errors import ConfigError, EdgeDigitsError


def open_sink(name: str) -> Sink:
    """The sink that ``name`` stands for (see ``device.config.sinks.SINKS``).

    Raises ConfigError as ``check_sink`` does, EdgeDigitsError if it cannot be opened.
    """
    check_sink(name)
    kind, _, rest = name.partition(":")
    if name == "console":
        from device.sinks.console import ConsoleSink

        return ConsoleSink()
    if kind == "jsonl":
        from device.sinks.jsonl import JsonLinesOutput, JsonLinesSink

        if rest != "-":
            return JsonLinesSink(Path(rest).expanduser())
        # None where the program was started with it closed (`>&-`); readings must not be lost unsaid.
        if sys.stdout is None:
            raise EdgeDigitsError(f"{name}: standard output is closed")
        return JsonLinesOutput()
    if kind == "sqlite":
        from device.sinks.record.sqlite import Record

        return Record(RecordConfig(Path(rest)))
    raise AssertionError(f"{name}: of a known kind that is opened nowhere")


def guard_store(sinks: Sequence[Sink], path: Path | None) -> GuardStore:
    """Where the guards remember: the record among ``sinks`` whose file is ``path``, or for one run alone."""
    if path is not None:
        from device.sinks.record.sqlite import Record

        for sink in sinks:
            if isinstance(sink, Record) and sink.path == path:
                return sink
    return MemoriesOfOneRun()


def check_files(config: Config) -> None:
    """Raises ConfigError for a file that two sinks of ``config`` would write: every reading would be in it twice."""
    named = [Path(rest) for kind, _, rest in (name.partition(":") for name in config.sinks) if kind in FILES]
    named += [] if config.record is None else [config.record.path]
    seen: set[str] = set()
    for path in named:
        resolved = os.path.realpath(path.expanduser())
        # "-" is standard output, which is no file.
        if resolved in seen and path != Path("-"):
            raise ConfigError(f"sinks: {path}: is written twice; expected each file once, in sinks or as record.path")
        seen.add(resolved)


def open_sinks(
    config: Config,
    scene: Callable[[], DriftStatus] = DriftStatus,
    ask: Callable[[], None] | None = None,
) -> list[Sink]:
    """The sinks of ``config``, in the order in which they take a reading: those named in ``sinks``, then the record,
    then MQTT, webhook and InfluxDB, which deliver from it, then the log of refusals, where no console shows them.

    scene: where the regions are, and what keeps them from being read. ask: has the numbers read now; None is a reader
    that cannot be asked. Both may be called in any thread. Raises as ``check_files`` and ``open_sink`` do; none stays
    open then.
    """
    check_files(config)
    sinks: list[Sink] = []
    try:
        for name in config.sinks:
            sinks.append(open_sink(name))  # noqa: PERF401 (what was opened before an error is closed)
        if config.record is not None:
            from device.sinks.record.sqlite import Record

            takers = {"mqtt": config.mqtt, "webhook": config.webhook, "influx": config.influx}
            record = Record(config.record, delivers_to=[name for name, table in takers.items() if table is not None])
            sinks.append(record)
            if config.mqtt is not None:
                from device.sinks.mqtt import MqttSink

                silence = config.camera.longest_silence
                sinks.append(MqttSink(config.mqtt, record, config.region, silence=silence, ask=ask, scene=scene))
            if config.webhook is not None:
                from device.sinks.http.webhook import open_webhook

                sinks.append(open_webhook(config.webhook, record))
            if config.influx is not None:
                from device.sinks.http.influx import open_influx

                sinks.append(open_influx(config.influx, record))
        if "console" not in config.sinks:
            from device.sinks.refusals import RefusalLog

            sinks.append(RefusalLog())
    except BaseException:
        for sink in sinks:
            sink.close()
        raise
    return sinks
