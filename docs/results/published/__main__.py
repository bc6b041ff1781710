"""``python -m docs.results.published``: measure all published systems that were trained, and write their page."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from docs.results.page import RESULTS
from docs.results.program import result_parser, run_program
from edge_digits.io import mnist
from train.options import add_shared, add_threads, set_threads

PROGRAM = "python -m docs.results.published"
PAGE = RESULTS / "published.md"
RUNS = "runs/published"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    about = "Measure every published system that was trained, and our own: a page with tables and pictures."
    parser = result_parser(PROGRAM, about, "--out runs/report/published.md")
    meaning = f"where python -m train.published put its runs ({RUNS})"
    parser.add_argument("--runs", type=Path, default=Path(RUNS), metavar="DIR", help=meaning)
    meaning = "the page; its pictures go into a folder beside it (docs/results/published.md)"
    parser.add_argument("--out", type=Path, default=PAGE, metavar="FILE", help=meaning)
    add_threads(parser)
    add_shared(parser)
    return run_program(parser, _measure, arguments)


def _measure(options: argparse.Namespace) -> None:
    folder = mnist.data_dir(options.data_dir)
    # Imported late: torch takes seconds, and a wrong command line should not wait for it.
    from docs.results.published import document

    set_threads(options.threads)
    document.write(options.runs, folder, options.out)
    print(options.out)


if __name__ == "__main__":
    sys.exit(main())
