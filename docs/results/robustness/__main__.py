"""``python -m docs.results.robustness``: the photographs, altered and read again with the shipped models."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from docs.results.program import result_parser, run_program
from edge_digits.errors import ConfigError
from edge_digits.io import mnist
from train.options import add_part, add_shared

PROGRAM = "python -m docs.results.robustness"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    about = "Read the photographs in the data folder after they were altered as cameras, light and paper alter them, "
    parser = result_parser(PROGRAM, f"{about}with the shipped models.", "--part tune")
    parser.add_argument("--ship", action="store_true", help="write docs/results/robustness.md")
    add_part(parser)
    add_shared(parser)
    return run_program(parser, _measure, arguments)


def _measure(options: argparse.Namespace) -> None:
    if options.ship and options.part is not None:
        raise ConfigError("--ship: is for all photographs, and takes no --part")
    folder = mnist.data_dir(options.data_dir)
    # Imported late: torch takes seconds, and a wrong command line should not wait for it.
    from docs.results.robustness import document

    document.run(folder, options.ship, options.part)


if __name__ == "__main__":
    sys.exit(main())
