"""``python -m docs.results.accuracy``: fit the confidence of what ships, and write the page on accuracy."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from docs.results.program import result_parser, run_program
from edge_digits.errors import ConfigError
from edge_digits.io import mnist
from train.options import add_shared

PROGRAM = "python -m docs.results.accuracy"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    about = "Fit what the shipped models' confidence means, score them on the test sets and photographs, and write "
    parser = result_parser(PROGRAM, f"{about}docs/results/accuracy.md and the figures of the README.")
    parser.add_argument("--mnist", type=int, default=600, metavar="N", help="MNIST test digits read as files (600)")
    add_shared(parser, "runs/evaluate")
    return run_program(parser, _measure, arguments)


def _measure(options: argparse.Namespace) -> None:
    if options.mnist < 1:
        raise ConfigError(f"--mnist is {options.mnist}, expected 1 or more")
    folder = mnist.data_dir(options.data_dir)
    # Imported late: torch takes seconds, and a wrong command line should not wait for it.
    from docs.results.accuracy import document

    document.ship(folder, options.out, options.mnist)


if __name__ == "__main__":
    sys.exit(main())
