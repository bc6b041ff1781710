"""``python -m docs.results.adapt``: what teaching a hand comes to, from what ``python -m train adapt`` has left."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from docs.results.program import result_parser, run_program

PROGRAM = "python -m docs.results.adapt"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page; returns the exit status."""
    parser = result_parser(
        PROGRAM, "Write docs/results/adapt.md and its plot from what python -m train adapt has left."
    )
    default = Path("runs") / "adapt" / "adapt.json"
    parser.add_argument("--outcomes", type=Path, default=default, metavar="FILE", help=f"its file ({default})")
    return run_program(parser, _write, arguments)


def _write(options: argparse.Namespace) -> None:
    # Imported late: what training needs takes seconds, and a wrong command line should not wait for it.
    from docs.results.adapt import document

    document.write(options.outcomes)


if __name__ == "__main__":
    sys.exit(main())
