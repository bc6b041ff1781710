"""``python -m docs.results``: the pages of results, and the command that writes each."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from docs.results.page import RESULTS
from edge_digits.errors import ConfigError
from edge_digits.system.exit_status import exit_status

PROGRAM = "python -m docs.results"
_BENCHMARKS = "python -m docs.results.benchmarks"

COMMANDS = {
    "accuracy.md": "python -m docs.results.accuracy",
    "adapt.md": "python -m train adapt && python -m docs.results.adapt",
    "benchmarks.md": f"{_BENCHMARKS} --out runs/benchmark.json && {_BENCHMARKS} page runs/benchmark.json",
    "cases.md": "python -m docs.results.cases",
    "conversion/ablation.md": "python -m docs.results.conversion ablation",
    "conversion/report.md": "python -m docs.results.conversion report",
    "conversion/study-lines.md": "python -m docs.results.conversion study --checkpoint runs/crnn/crnn.safetensors",
    "conversion/study.md": "python -m docs.results.conversion study",
    "extended.md": ".ci/extended",
    "frame-rate.md": ".ci/arm64_instructions",
    "house.md": "python -m docs.results.house",
    "lines.md": "python -m docs.results.lines --ship",
    "measurements.md": "python -m docs.results.measurements page --seconds 60",
    "peers.md": "python -m docs.results.peers --demo-cnn demo/cnn-421k-float32.tflite",
    "published-benchmark.md": f"{_BENCHMARKS} --models runs/published/*/*-int8.tflite --threads 1 "
    f"--out runs/published.json && {_BENCHMARKS} published runs/published.json",
    "published.md": "python -m docs.results.published",
    "robustness.md": "python -m docs.results.robustness --ship",
    "zoo.md": "python -m docs.results.zoo",
    "routes.md": "python -m docs.results.routes",
}
"""By page the line for a shell, run from the checkout."""


def main(arguments: Sequence[str] | None = None) -> int:
    """List the pages, or write some; returns the exit status, 1 if one could not be written."""
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="List the pages of results with the command that writes each, or write those that are named.",
        epilog=f"example: {PROGRAM} cases.md robustness.md",
    )
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="of docs/results, to be written anew")
    options = parser.parse_args(arguments)
    return exit_status(PROGRAM, lambda: _write(options.pages) if options.pages else _list())


def _list() -> int:
    width = max(map(len, COMMANDS))
    for page, command in COMMANDS.items():
        print(f"{page:{width}}  {command}")
    return 0


def _write(pages: Sequence[str]) -> int:
    unknown = [page for page in pages if page not in COMMANDS]
    if unknown:
        raise ConfigError(f"{unknown[0]}: no page of results: expected some of {', '.join(COMMANDS)}")
    # This interpreter is the ``python`` of the commands.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    failed = []
    for page in pages:
        print(f"{page}: {COMMANDS[page]}", file=sys.stderr, flush=True)
        done = subprocess.run(COMMANDS[page], shell=True, cwd=RESULTS.parents[1], env=os.environ | {"PATH": path})
        failed += [page] * bool(done.returncode)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
