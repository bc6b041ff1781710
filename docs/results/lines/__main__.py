"""``python -m docs.results.lines``: lines of test digits, read with the shipped models."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from docs.results.program import result_parser, run_program
from edge_digits.errors import ConfigError
from edge_digits.io import mnist
from train.options import add_part, add_shared

PROGRAM = "python -m docs.results.lines"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    about = "Read MNIST's test digits, alone and side by side, and the photographs, with the shipped models."
    parser = result_parser(PROGRAM, about, "--count 500")
    parser.add_argument("--count", type=int, default=10_000, metavar="N", help="lines of each kind (10000)")
    parser.add_argument("--ship", action="store_true", help="write docs/results/lines.md")
    add_part(parser)
    add_shared(parser)
    return run_program(parser, _measure, arguments)


def _measure(options: argparse.Namespace) -> None:
    if options.count < 1:
        raise ConfigError(f"--count is {options.count}, expected 1 or more")
    if options.ship and options.part is not None:
        raise ConfigError("--ship: is for all photographs, and takes no --part")
    folder = mnist.data_dir(options.data_dir)
    # Imported late: torch takes seconds, and a wrong command line should not wait for it.
    from docs.results.lines import document

    document.run(folder, options.count, options.ship, options.part)


if __name__ == "__main__":
    sys.exit(main())
