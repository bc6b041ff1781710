"""``python -m docs.results.zoo``: train small networks of others' design, and measure what int8 costs them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from docs.results.program import result_parser, run_program
from edge_digits.system.extras import require
from train.options import add_shared

PROGRAM = "python -m docs.results.zoo"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page; returns the exit status."""
    about = "Train small networks by their published layers, quantize them, and write docs/results/zoo.md."
    parser = result_parser(PROGRAM, about)
    parser.add_argument("--classifier", type=Path, metavar="FILE", help="RapidOCR's, a cls_*.onnx")
    add_shared(parser, "runs/zoo")
    parser.description = f"{about} Networks that --out holds from an earlier run are not trained again."
    return run_program(parser, _write, arguments)


def _write(options: argparse.Namespace) -> None:
    require(PROGRAM, "convert")
    # Imported late: what training needs takes seconds, and a wrong command line should not wait for it.
    from docs.results.zoo import command

    command.run(options.data_dir, options.out, options.classifier)


if __name__ == "__main__":
    sys.exit(main())
