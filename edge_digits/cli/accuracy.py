"""``edge-digits accuracy``: float against int8 on this device, in one table."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

_EXAMPLES = """examples:
  edge-digits accuracy
  edge-digits accuracy --model my-int8.tflite       beside my-float32.tflite, if that is there
  edge-digits accuracy --model a.tflite --model b.onnx --format json
Single digits are MNIST's; lines and tiles are drawn by what also drew training data: they say what
int8 costs, not how other people's photographs are read."""


def add_parser(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the command to the parser's ``commands``."""
    accuracy = commands.add_parser(
        "accuracy",
        parents=[common],
        help="compare float32 and int8 on this device",
        description="Read a set that ships with float32 and with int8 files: accuracy, time and size in one table.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    help_text = "a model file of one's own, or two of them (default: those that ship)"
    accuracy.add_argument("--model", action="append", type=Path, metavar="FILE", help=help_text)
    accuracy.add_argument("--format", choices=["text", "json"], default="text", help="json: one object")
    accuracy.set_defaults(run=_accuracy)


def _accuracy(options: argparse.Namespace) -> int:
    import json

    from edge_digits.accuracy import compare, sample_set, sides, table
    from edge_digits.errors import ConfigError

    if options.model is not None and len(options.model) > 2:
        raise ConfigError("--model: two files are compared, not more")
    if options.model is None:
        both = [sides.shipped(precision) for precision in (sides.FLOAT, sides.INT8)]
    else:
        both = sides.own_sides(options.model)
    outcomes = compare.compare(both, sample_set.load_samples())
    print(json.dumps(table.as_json(outcomes)) if options.format == "json" else table.as_text(outcomes))
    return 0
