"""``edge-digits-camera snapshot``: aim a camera without a screen, by a picture with coordinates and a focus score."""

from __future__ import annotations

import argparse
import logging
import math
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from device.cameras.focus import describe
from device.cameras.framed import FramedCamera
from device.cameras.opening import find_source, open_camera
from device.capture import Capture
from device.config.load import load_config, naming_file, override
from device.config.regions import RegionRule
from device.config.settings import Config
from device.config.sources import SOURCES
from device.guard.values import with_value
from device.model_choice import Reader, open_chosen
from device.system.lamp import open_lamp
from device.system.stopping import stop_on_signals
from device.tracking.views import look_once
from edge_digits.errors import CameraError, ConfigError, EdgeDigitsError
from edge_digits.io.draw import overlay
from edge_digits.page import Page
from edge_digits.system.atomic_write import atomic_write
from edge_digits.system.terminal import ArgumentParser
from edge_digits.types import Box, Frame, Image, Reading, Refusal

EXAMPLE = """\
examples:
  edge-digits-camera snapshot aim.png --grid --source picamera:0
  edge-digits-camera snapshot aim.png --config camera.toml --watch
With --watch the picture is replaced every second: turn the lens until the focus score is as high as it gets."""

SETTLE_SECONDS = 2.0
"""What a camera's exposure has at first; one that tells when it has settled may take twice as long."""

KINDS = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp")
"""Endings of the pictures that are written, all of them in colour."""

logger = logging.getLogger(__name__)

COLOUR = (220, 120, 20)
GOOD, BAD = (60, 160, 40), (50, 50, 220)


def main(arguments: Sequence[str], open_reader: Callable[[str], Reader]) -> int:
    """``edge-digits-camera snapshot``; returns 0. Raises ConfigError and EdgeDigitsError for what is wrong."""
    options = _parser().parse_args(arguments)
    config = Config() if options.config is None else load_config(options.config)
    config = override(config, {"source": options.source, "model": options.model})
    if options.out.suffix.lower() not in KINDS:
        raise ConfigError(f"{options.out}: expected a name that ends in {', '.join(KINDS[:-1])} or {KINDS[-1]}")
    source = find_source() if config.source == "auto" else config.source
    with naming_file(options.config):
        reader = open_chosen(open_reader, config.model, options.model is not None)
    with (
        naming_file(options.config),
        open_lamp(config.lamp) as lamp,
        lamp.lit(),
        open_camera(source, config.camera) as camera,
        stop_on_signals() as stop,
    ):
        for line in camera.unsupported:
            logger.warning("%s", line)
        capture = Capture(camera, timeout=config.camera.longest_silence)
        try:
            _let_settle(camera, capture, config.camera.longest_silence, stop)
            while (frame := _newest(capture, config.camera.longest_silence, stop)) is not None:
                page, events = look_once(frame, reader.read, config.region)
                lines = [describe(frame.image, camera.describe()), *map(verdict, events)]
                picture = draw(frame.image, page, events, config.region, lines, options.grid)
                if stop.is_set():
                    break
                write(options.out, picture)
                print("\n".join(lines), flush=True)
                if options.watch is None or stop.wait(options.watch):
                    break
        finally:
            capture.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = ArgumentParser(
        prog="edge-digits-camera snapshot",
        description="Write what the camera sees to a picture, with what would be read in it.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("out", metavar="OUT.png", type=Path)
    parser.add_argument("--grid", action="store_true", help="draw coordinates, for the boxes of regions")
    parser.add_argument("--watch", metavar="SECONDS", type=_seconds, nargs="?", const=1.0, help="again and again")
    parser.add_argument("--source", metavar="SOURCE", help=SOURCES)
    parser.add_argument("--model", metavar="MODEL", help="auto, cnn, crnn, or the path of a model file")
    parser.add_argument("--config", metavar="FILE", type=Path, help="settings as TOML, with the regions")
    parser.add_argument("--debug", action="store_true", help="say more, and show where an error comes from")
    return parser


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0.0 < seconds < 86400.0:
        raise argparse.ArgumentTypeError(f"expected seconds, more than 0 and less than a day, not {text!r}")
    return seconds


def _let_settle(camera: FramedCamera, capture: Capture, timeout: float, stop: threading.Event) -> None:
    """Pass over a live camera's first frames, which are exposed for another light."""
    if camera.kind != "live":
        return
    _newest(capture, timeout, stop)
    began = time.monotonic()
    telling = bool(camera.describe())
    while not stop.is_set() and time.monotonic() - began < (2 if telling else 1) * SETTLE_SECONDS:
        capture.take(0.1)
        if capture.finished or (telling and not camera.describe().endswith("settling")):
            return


def _newest(capture: Capture, timeout: float, stop: threading.Event) -> Frame | None:
    """The next frame, None once ``stop`` is set. Raises CameraError if none comes."""
    began = time.monotonic()
    while not stop.is_set():
        frame = capture.take(0.1)
        if frame is not None:
            return frame
        if capture.finished:
            raise capture.failure or CameraError(f"{capture.name}: has no further frame")
        if time.monotonic() - began >= timeout:
            raise CameraError(f"{capture.name}: no frame for {timeout:g} s")
    return None


def verdict(event: Reading | Refusal) -> str:
    """What would be published or refused, in one line."""
    name = "" if event.region is None else f"{event.region}: "
    end = f"refused: {event.reason}" if isinstance(event, Refusal) else f"{event.confidence:.0%}"
    return f"  {name}{with_value(event.text, event.value)}  {end}  at {event.box.as_list()}"


def draw(
    image: Image,
    page: Page,
    events: Sequence[Reading | Refusal],
    regions: Sequence[RegionRule],
    lines: Sequence[str],
    grid: bool,
) -> NDArray[np.uint8]:
    """The frame, (H, W) uint8, with what was read and the regions drawn in, and lines of text below it; coordinates
    in the picture are those of the frame. Returns (H + h, W, 3) BGR uint8."""
    canvas = overlay(image, page.lines, page.rejected)
    if grid:
        _grid(canvas)
    by_name = {event.region: event for event in events}
    for region in regions:
        event = by_name.get(region.name)
        colour = COLOUR if event is None else BAD if isinstance(event, Refusal) else GOOD
        _frame(canvas, region.box, region.name, colour)
    size = max(0.4, min(image.shape[1] / 1200, 0.8))
    step = round(36 * size)
    foot = np.full((step * len(lines) + step // 2, image.shape[1], 3), 32, np.uint8)
    for number, line in enumerate(lines):
        _text(foot, line, (step // 3, step * (number + 1)), size, (240, 240, 240))
    return np.vstack([canvas, foot])


def _grid(canvas: NDArray[np.uint8]) -> None:
    """Lines with their coordinates, every 100 pixels, or closer in a small picture and wider in a large one."""
    height, width = canvas.shape[:2]
    step = next(step for step in (20, 50, 100, 200, 500, 1000) if width / step <= 16 or step == 1000)
    lines = canvas.copy()
    for x in range(0, width, step):
        cv2.line(lines, (x, 0), (x, height - 1), COLOUR, 1)
    for y in range(0, height, step):
        cv2.line(lines, (0, y), (width - 1, y), COLOUR, 1)
    cv2.addWeighted(lines, 0.5, canvas, 0.5, 0, dst=canvas)
    for x in range(step, width, step):
        _text(canvas, str(x), (x + 2, 11), 0.38, COLOUR)
    for y in range(step, height, step):
        _text(canvas, str(y), (2, y - 2), 0.38, COLOUR)


def _frame(canvas: NDArray[np.uint8], box: Box, name: str, colour: tuple[int, int, int]) -> None:
    cv2.rectangle(canvas, (box.x, box.y), (box.right - 1, box.bottom - 1), colour, 2)
    _text(canvas, name, (box.x + 3, max(box.y - 5, 12)), 0.5, colour)


def _text(
    canvas: NDArray[np.uint8], text: str, place: tuple[int, int], size: float, colour: tuple[int, int, int]
) -> None:
    cv2.putText(canvas, text, place, cv2.FONT_HERSHEY_SIMPLEX, size, colour, 1, cv2.LINE_AA)


def write(path: Path, picture: NDArray[np.uint8]) -> None:
    """Replace ``path``, whose ending says how, at once: a viewer never finds half a picture. Raises EdgeDigitsError."""
    try:
        done, encoded = cv2.imencode(path.suffix, picture)
    except cv2.error:
        done, encoded = False, np.empty(0, np.uint8)
    if not done:
        height, width = picture.shape[:2]
        raise EdgeDigitsError(f"{path}: a picture of {width}x{height} cannot be written as {path.suffix}")
    try:
        atomic_write(path, encoded.tobytes())
    except OSError as error:
        raise EdgeDigitsError(f"{path}: {error.strerror}") from error
