"""``python -m docs.results.cases``: the cases that owners met, from ``cases.tsv``, and the tests that hold each."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Sequence
from pathlib import Path

from docs.results.page import RESULTS, write_page
from edge_digits.system.exit_status import exit_status

PROGRAM = "python -m docs.results.cases"
PAGE = RESULTS / "cases.md"

HEAD = """\
# Cases

Made by `python -m docs.results.cases` from `docs/results/cases.tsv`; do not edit.

Thirty-four faults that were found in one go, what happens now, and the tests that hold it. A test stands for the
fault's whole kind, not for the one input; "files" are cases that came as files, which the tests draw or script
themselves.
"""


def table(cases: Path) -> str:
    """The cases in the file ``cases`` as Markdown: a row for each, with a number."""
    rows = ["| | case | now | tests |", "|---:|---|---|---|"]
    with cases.open(encoding="utf-8", newline="") as file:
        for number, case in enumerate(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE), 1):
            tests = "<br>".join(f"`{test}`" for test in case["tests"].split()) or "–"
            rows.append(f"| {number} | {case['case']} | {case['now']} | {tests} |")
    return "\n".join(rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page; returns the exit status."""
    parser = argparse.ArgumentParser(prog=PROGRAM, description="Write docs/results/cases.md from cases.tsv beside it.")
    parser.add_argument("--out", type=Path, default=PAGE, metavar="FILE", help="the page")
    options = parser.parse_args(arguments)
    return exit_status(PROGRAM, lambda: _write(options.out))


def _write(out: Path) -> int:
    write_page(out, HEAD, table(PAGE.with_suffix(".tsv")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
