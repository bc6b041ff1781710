"""The command line of programs that measure with the demo camera."""

from __future__ import annotations

import argparse

from device.config.camera import CameraSettings
from device.config.fields import FieldError, field_value
from edge_digits.errors import ConfigError
from edge_digits.system.terminal import ArgumentParser

FRAME_RATE = 15.0
"""Frames a second where a program has no option for it."""


def demo_parser(program: str, about: str, examples: str, frame_rate: float | None = None) -> argparse.ArgumentParser:
    """A parser with the options of the camera's frames, and ``--debug``.

    frame_rate: the default of ``--frame-rate``; None is without this option.
    """
    parser = ArgumentParser(
        prog=program,
        description=about,
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--width", type=int, default=640, metavar="PIXELS", help="of the frames (%(default)s)")
    parser.add_argument("--height", type=int, default=480, metavar="PIXELS", help="of the frames (%(default)s)")
    if frame_rate is None:
        parser.set_defaults(frame_rate=FRAME_RATE)
    else:
        parser.add_argument("--frame-rate", type=float, default=frame_rate, metavar="N", help="a second (%(default)s)")
    parser.add_argument("--debug", action="store_true", help="show where an error comes from")
    return parser


def demo_settings(options: argparse.Namespace) -> CameraSettings:
    """What the options ask the camera for. Raises ConfigError, naming the option, for what no camera does."""
    try:
        values = {name: field_value(CameraSettings, name, getattr(options, name)) for name in FRAMES}
    except FieldError as error:
        raise ConfigError(f"--{str(error).replace('_', '-')}") from error
    return CameraSettings(**values)


FRAMES = ("width", "height", "frame_rate")
"""Fields of CameraSettings that are options."""


def check_positive(options: argparse.Namespace, name: str) -> None:
    """Raises ConfigError if the option ``name`` is not above 0."""
    value = getattr(options, name)
    if not value > 0:
        raise ConfigError(f"--{name}: expected more than 0, not {value:g}")
