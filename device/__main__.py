"""``python -m device`` and ``edge-digits-camera``: read numbers from a camera until told to stop."""

from __future__ import annotations

import argparse
import contextlib
import logging
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from device.cameras.camera import Camera
from device.cameras.demo import DemoCamera
from device.cameras.framed import FramedCamera
from device.cameras.geometry import Framing, Geometry
from device.cameras.network.unreachable import UnreachableCamera, UnreachableError
from device.cameras.opening import find_source, open_camera
from device.collect.collector import open_collector
from device.collect.questions import answers
from device.config.camera import CameraSettings
from device.config.listen import parse_address
from device.config.load import load_config, naming_file, override
from device.config.reading import ReadConfig
from device.config.regions import RegionRule
from device.config.settings import Config, WebConfig
from device.config.sinks import SINKS
from device.config.sources import SOURCES, without_password
from device.drawing import FrameWriter
from device.loop import run
from device.model_choice import open_chosen
from device.scene.drift import open_drift
from device.scene.status import DriftStatus
from device.sinks.console import ConsoleSink
from device.sinks.memory import ReadingsInMemory
from device.sinks.mqtt import MqttSink
from device.sinks.opening import guard_store, open_sinks
from device.summary import describe_drift, describe_pages, describe_run, score_page
from device.system.lamp import open_lamp
from device.system.service import notify
from device.system.stopping import call_on_signal, stop_on_signals
from device.timing.demand import Demand
from device.timing.turns import Turns
from device.tracking.orientation import OrientationNotice
from edge_digits.errors import ConfigError, EdgeDigitsError
from edge_digits.page import Page
from edge_digits.reader import DigitReader, open_reader
from edge_digits.system.exit_status import INTERRUPTED, exit_status
from edge_digits.system.terminal import ArgumentParser, log_to_stderr
from edge_digits.teach.private import HAND_FILE
from edge_digits.types import Frame

PROGRAM = "edge-digits-camera"
EXAMPLE = """\
examples:
  edge-digits-camera --source demo --duration 12
  edge-digits-camera snapshot aim.png --grid --source picamera:0
  sudo edge-digits-camera install-service
Ctrl-C ends it. Exit status: 0 done, 1 something failed, 2 wrong options."""

BEAT = 1.0
"""Seconds between two signs of life to systemd."""

logger = logging.getLogger("device")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the camera reader; returns the exit status. arguments: the command line (None: the process's own)."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    debug = "--debug" in given
    log_to_stderr(logging.DEBUG if debug else logging.WARNING, "%(levelname)s: %(message)s")
    return exit_status(PROGRAM, lambda: _command(given), debug, interrupted=0)


def _command(given: list[str]) -> int:
    """Do what the command line says; the commands besides reading are words in front of it."""
    if given[:1] == ["snapshot"]:
        from device.snapshot import main as snapshot

        return snapshot(given[1:], open_reader)
    if given[:1] == ["install-service"]:
        from device.system.service import main as install_service

        return install_service(given[1:])
    if given[:1] == ["set-value"]:
        from device.set_value import main as set_value

        return set_value(given[1:])
    options = _parser().parse_args(given)
    config = Config() if options.config is None else load_config(options.config)
    config = override(config, {name: getattr(options, name) for name in CHOICES})
    if options.web is not None:
        config = replace(config, web=_web_config(config.web or WebConfig(), options.web))
    if options.check:
        from device.check import check

        try:
            return check(config, open_reader)
        except KeyboardInterrupt:
            # Unlike a run, which is ended so, a check that was not finished has not gone well.
            return INTERRUPTED
    with naming_file(options.config):
        opens = open_reader
        if config.teach.folder is not None:
            opens = partial(open_reader, hand=config.teach.folder.expanduser() / HAND_FILE)
        return _run(config, options.config, open_chosen(opens, config.model, options.model is not None))


def _web_config(web: WebConfig, listen: str) -> WebConfig:
    """``web``, listening where the command line says, if it does. Raises ConfigError."""
    if not listen:
        return web
    try:
        parse_address(listen)
    except ConfigError as error:
        raise ConfigError(f"--web: {error}") from error
    return replace(web, listen=listen)


CHOICES = ("source", "model", "sinks", "duration", "draw")
"""Settings that the command line can override."""


def _parser() -> argparse.ArgumentParser:
    parser = ArgumentParser(
        prog=PROGRAM,
        usage="%(prog)s [snapshot | set-value | install-service] [options]",
        description="Read handwritten numbers from a camera.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--source", metavar="SOURCE", help=SOURCES)
    parser.add_argument("--model", metavar="MODEL", help="auto, cnn, crnn, or the path of a model file")
    parser.add_argument("--config", metavar="FILE", type=Path, help="settings as TOML; options given here win")
    parser.add_argument("--sink", metavar="SINK", action="append", dest="sinks", help=f"{SINKS}; repeatable")
    parser.add_argument("--duration", metavar="SECONDS", type=float, help="end after this time")
    parser.add_argument("--draw", metavar="DIR", help="write each frame there with what was read drawn in")
    parser.add_argument("--web", metavar="HOST:PORT", nargs="?", const="", help="serve a page, on 127.0.0.1:8080")
    parser.add_argument("--check", action="store_true", help="test camera, model, disk, sinks, page; say what to fix")
    parser.add_argument("--debug", action="store_true", help="say more, and show where an error comes from")
    return parser


def _run(config: Config, path: Path | None, reader: DigitReader) -> int:
    """Open everything, read until the end, say what it came to. path: of the configuration. Raises EdgeDigitsError for
    what fails."""
    source = config.source
    if source == "auto":
        source = find_source()
        if source == "demo":
            logger.warning("no camera was found: this is the demo camera (--source chooses another)")
    demand = Demand()
    with contextlib.ExitStack() as stack:
        stack.enter_context(call_on_signal(demand.ask))
        lamp = stack.enter_context(open_lamp(config.lamp))
        if not config.read.is_timed:
            # What is read all the time needs light all the time.
            stack.enter_context(lamp.lit())
        framing = Framing(Geometry.of(config.camera))
        camera = stack.enter_context(_open_camera(source, config.camera, framing))
        demo = camera.inner if isinstance(camera, FramedCamera) and isinstance(camera.inner, DemoCamera) else None
        # The demo lays another page under itself every few seconds.
        drift = open_drift(config, path, camera.kind) if demo is None else None
        sinks = open_sinks(config, lambda: DriftStatus() if drift is None else drift.status, demand.ask)
        for sink in sinks:
            stack.callback(sink.close)
        watching = (ConsoleSink, MqttSink)
        watchers: list[Callable[[Frame, Page], None]] = [s.watch for s in sinks if isinstance(s, watching)]
        if config.draw is not None:
            watchers.append(FrameWriter(config.draw).watch)
        memories = guard_store(sinks, config.record_path)
        memory = ReadingsInMemory()
        if demo is not None:
            sinks.append(memory)
        read, new_regions, beats = reader.read, _unchanged, [_heart()]
        collector = open_collector(config.teach)
        if config.web is not None:
            from device.web.feed import open_feed

            opened = open_feed(config, path, camera.name, reader, drift, framing, demand, memories)
            feed, read = stack.enter_context(opened)
            sinks.append(feed)
            watchers.append(feed.watch)
            new_regions = _telling(feed.new_regions, [s for s in sinks if isinstance(s, MqttSink)])
            beats.append(feed.beat)
            if collector is not None:
                feed.answers |= answers(collector)
        if collector is not None:
            sinks.append(collector)
            read = collector.reading(read)
        # Recordings and pictures in files are read whole.
        read_at = config.read if camera.kind == "live" else ReadConfig()
        light = lamp if read_at.is_timed else None
        turns = Turns(read_at, demand, lamp=light, timeout=config.camera.longest_silence)
        with stop_on_signals() as stop:
            notify("READY=1")
            outcome = run(
                camera,
                read,
                config.tracking,
                sinks,
                watchers,
                stop=stop,
                duration=config.duration,
                regions=config.region,
                reopen=lambda: open_camera(source, config.camera, framing),
                timeout=config.camera.longest_silence,
                beat=lambda: _call_all(beats),
                new_regions=new_regions,
                memories=memories,
                drift=drift,
                turns=turns,
                orientation=OrientationNotice(lambda: framing.geometry),
                looks=None if collector is None else collector.looked,
            )
            notify("STOPPING=1")
    # Programs read standard output where a sink writes records to it; people read it otherwise.
    report = sys.stderr if "jsonl:-" in config.sinks else sys.stdout
    # Its truth is told in the places of the whole picture.
    if demo is not None and not config.region and framing.geometry == Geometry():
        scores = [score_page(page, memory.readings) for page in demo.shown()]
        print(describe_pages(scores), file=report)
    moved = "" if drift is None else describe_drift(drift.status)
    print("\n".join(filter(None, [describe_run(outcome), moved])), file=report, flush=True)
    if outcome.failure is not None:
        raise outcome.failure
    if isinstance(camera, UnreachableCamera) and not outcome.frames and not stop.is_set():
        raise camera.error
    lost = outcome.lost + sum(sink.lost for sink in sinks)
    if lost:
        raise EdgeDigitsError(f"{lost} readings were lost: a sink did not take them")
    return 0


def _open_camera(source: str, settings: CameraSettings, framing: Framing) -> Camera:
    """The camera; one on the network that is off is waited for, and stood in for until then. Raises as ``open_camera``
    does for any other."""
    try:
        camera = open_camera(source, settings, framing)
    except UnreachableError as error:
        return UnreachableCamera(without_password(source), error)
    for line in camera.unsupported:
        logger.warning("%s", line)
    return camera


def _unchanged() -> None:
    """No regions but those that the run began with."""


def _telling(
    new_regions: Callable[[], Sequence[RegionRule] | None], sinks: Sequence[MqttSink]
) -> Callable[[], Sequence[RegionRule] | None]:
    """``new_regions``, with those that it returns handed on to ``sinks``."""

    def told() -> Sequence[RegionRule] | None:
        regions = new_regions()
        if regions is not None:
            for sink in sinks:
                sink.set_regions(regions)
        return regions

    return told


def _call_all(beats: Sequence[Callable[[], None]]) -> None:
    for beat in beats:
        beat()


def _heart() -> Callable[[], None]:
    """Tells systemd's watchdog that the loop goes round; costs a look at the clock when it was told just before."""
    told = -BEAT

    def beat() -> None:
        nonlocal told
        now = time.monotonic()
        if now - told >= BEAT:
            told = now
            notify("WATCHDOG=1")

    return beat


if __name__ == "__main__":
    sys.exit(main())
