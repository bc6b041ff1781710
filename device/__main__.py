"""``python -m device`` and ``edge-digits-camera``: read numbers from a camera until told to stop."""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from device.cameras import SOURCES, find_source, open_camera
from device.cameras.demo import DemoCamera
from device.config import Config, load_config, override
from device.drawing import FrameWriter
from device.loop import run
from device.sinks import SINKS, open_sink
from device.sinks.console import ConsoleSink
from device.sinks.memory import ReadingsInMemory
from device.summary import describe_pages, describe_run, score_page
from edge_digits.errors import ConfigError, EdgeDigitsError
from edge_digits.reader import open_reader
from edge_digits.types import Frame, Page

PROGRAM = "edge-digits-camera"
EXAMPLE = """\
examples:
  edge-digits-camera --source demo --duration 12
  edge-digits-camera --source picamera:0 --sink jsonl:readings.jsonl
Ctrl-C ends it. Exit status: 0 done, 1 something failed, 2 wrong options."""

logger = logging.getLogger("device")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the camera reader; returns the exit status. arguments: the command line (None: the process's own)."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.DEBUG if options.debug else logging.WARNING, format="%(levelname)s: %(message)s")
    try:
        return _run(_config(options))
    except BrokenPipeError:
        # Whoever read our output has gone; Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 0
    except Exception as error:
        if options.debug:
            raise
        known = isinstance(error, EdgeDigitsError)
        message = str(error) if known else f"{type(error).__name__}: {error} (--debug shows where)"
        print(f"{PROGRAM}: error: {message}", file=sys.stderr)
        return 2 if isinstance(error, ConfigError) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Read handwritten numbers from a camera.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--source", metavar="SOURCE", help=SOURCES)
    parser.add_argument("--model", metavar="MODEL", help="auto, cnn, or the path of a model file")
    parser.add_argument("--config", metavar="FILE", type=Path, help="settings as TOML; options given here win")
    parser.add_argument("--sink", metavar="SINK", action="append", dest="sinks", help=f"{SINKS}; repeatable")
    parser.add_argument("--duration", metavar="SECONDS", type=float, help="end after this time")
    parser.add_argument("--draw", metavar="DIR", type=Path, help="write each frame there with what was read drawn in")
    parser.add_argument("--debug", action="store_true", help="say more, and show where an error comes from")
    return parser


def _config(options: argparse.Namespace) -> Config:
    """The settings of this run: defaults, then the file, then the command line."""
    config = Config() if options.config is None else load_config(options.config)
    given = {name: getattr(options, name) for name in ("source", "model", "sinks", "duration", "draw")}
    return override(config, given)


def _run(config: Config) -> int:
    """Open everything, read until the end, say what it came to. Raises EdgeDigitsError for what fails."""
    source = config.source
    if source == "auto":
        source = find_source()
        if source == "demo":
            logger.warning("no camera was found: this is the demo camera (--source chooses another)")
    reader = open_reader(config.model)
    with contextlib.ExitStack() as stack:
        camera = stack.enter_context(open_camera(source, config.camera))
        sinks = [open_sink(name) for name in config.sinks]
        for sink in sinks:
            stack.callback(sink.close)
        watchers: list[Callable[[Frame, Page], None]] = [s.watch for s in sinks if isinstance(s, ConsoleSink)]
        if config.draw is not None:
            watchers.append(FrameWriter(config.draw).watch)
        memory = ReadingsInMemory()
        if isinstance(camera, DemoCamera):
            sinks.append(memory)
        with _stop_on_signals() as stop:
            outcome = run(camera, reader.read, config.tracking, sinks, watchers, stop=stop, duration=config.duration)
    # Programs read standard output where a sink writes records to it; people read it otherwise.
    report = sys.stderr if "jsonl:-" in config.sinks else sys.stdout
    if isinstance(camera, DemoCamera):
        scores = [score_page(page, memory.readings) for page in camera.shown()]
        print(describe_pages(scores), file=report)
    print(describe_run(outcome), file=report, flush=True)
    if outcome.failure is not None:
        raise outcome.failure
    return 0


@contextlib.contextmanager
def _stop_on_signals() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set, the first time; the second time they end the process at once."""
    stop = threading.Event()
    signals = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in signals}

    def handle(number: int, _: object) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    for number in signals:
        signal.signal(number, handle)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


if __name__ == "__main__":
    sys.exit(main())
