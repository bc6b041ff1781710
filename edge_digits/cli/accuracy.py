"""``edge-digits accuracy``: float32 against int8 on this device, on data that ships."""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import Any

from edge_digits.system.terminal import escaped

_EXAMPLES = """examples:
  edge-digits accuracy
  edge-digits accuracy --model cnn-int8.onnx
  edge-digits accuracy --model cnn-int8.tflite runs/mine/cnn-int8.tflite
Without --model all that ships is compared. One model is compared with its float32 or
int8 file in the same folder, two with each other."""


def add_parser(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the command to the parser's ``commands``."""
    accuracy = commands.add_parser(
        "accuracy",
        parents=[common],
        help="compare float32 and int8 on this device",
        description="Read the digits, lines and pages that ship with float32 and int8 files:\n"
        "what is right, how fast, how large. Needs no network, and about a minute on a Pi.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    help_text = "one or two model files, or names of shipped models"
    accuracy.add_argument("--model", nargs="+", metavar="FILE", help=help_text)
    accuracy.add_argument("--format", choices=["text", "json"], default="text", help="json: one object")
    accuracy.set_defaults(run=_accuracy)


def _accuracy(options: argparse.Namespace) -> int:
    # Read when NumPy is imported: one thread is what is measured.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    import cv2

    from edge_digits.accuracy.dataset import load_dataset
    from edge_digits.accuracy.measure import measure
    from edge_digits.accuracy.pairs import shipped_sides, sides_of
    from edge_digits.accuracy.table import as_json, as_table

    cv2.setNumThreads(1)
    sides = sides_of(options.model) if options.model else shipped_sides()
    if len(sides) == 1:
        only = sides[0].files[0]
        message = f"{only}: no float32 or int8 file of the same network beside it: measured alone"
        print(f"edge-digits: {escaped(message)}", file=sys.stderr)
    measured = measure(sides, load_dataset(), _show_progress)
    if options.format == "json":
        print(json.dumps(as_json(sides, measured)))
    else:
        print(_escaped_lines(as_table(sides, measured)))
    return 0


def _escaped_lines(text: str) -> str:
    """Each line of ``text`` escaped: names of files stand in it."""
    return "\n".join(escaped(line) for line in text.split("\n"))


def _show_progress(done: int, of: int) -> None:
    if sys.stderr.isatty():
        width = 30 * done // of
        bar = f"\r\x1b[K[{'#' * width}{'.' * (30 - width)}] {done:,} of {of:,}"
        print("\r\x1b[K" if done == of else bar, end="", file=sys.stderr, flush=True)
