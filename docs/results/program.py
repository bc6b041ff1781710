"""How the programs that measure with PyTorch run: their command line, and how they end."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Sequence

from edge_digits.system.exit_status import exit_status
from edge_digits.system.extras import require
from train.options import NEEDED, formatter


def result_parser(program: str, about: str, example: str = "") -> argparse.ArgumentParser:
    """The parser of ``program``. example: options that stand in its help."""
    epilog = f"example: {program} {example}".rstrip()
    return argparse.ArgumentParser(prog=program, description=about, epilog=epilog, formatter_class=formatter)


def run_program(
    parser: argparse.ArgumentParser, work: Callable[[argparse.Namespace], None], arguments: Sequence[str] | None
) -> int:
    """Do ``work`` with the options in ``arguments`` (None: the process's own). Returns the exit status: 0 done, 1 the
    work failed, 2 the command line is wrong."""
    given = sys.argv[1:] if arguments is None else list(arguments)

    def run() -> int:
        options = parser.parse_args(given)
        logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
        # All at once: what is missing at the end of a measurement is missed too late.
        require(parser.prog, "train", NEEDED)
        work(options)
        return 0

    return exit_status(parser.prog, run, "--debug" in given)
