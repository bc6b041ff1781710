"""``python -m docs.results.peers``: other readers beside ours, in one run, on the same pictures."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from docs.results.peers.opening import OURS, READERS
from edge_digits.errors import ConfigError
from edge_digits.io import mnist
from edge_digits.system.exit_status import exit_status

PROGRAM = "python -m docs.results.peers"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write the page; returns the exit status."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Let other readers and ours read the same pictures in turns, and write docs/results/peers.md.",
        epilog=f"example: {PROGRAM} --demo-cnn demo/cnn-421k-float32.tflite",
    )
    parser.add_argument("--demo-cnn", type=Path, metavar="FILE", help="network of the reader 'demo-cnn'")
    parser.add_argument("--readers", default=",".join(READERS), metavar="NAMES", help="%(default)s")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="data sets ($EDGE_DIGITS_DATA, else the cache)")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    options = parser.parse_args(given)
    return exit_status(PROGRAM, lambda: _run(options), options.debug)


def _run(options: argparse.Namespace) -> int:
    names = options.readers.split(",")
    unknown = [name for name in names if name not in READERS]
    if unknown:
        raise ConfigError(f"--readers: no reader is called '{unknown[0]}': expected some of {', '.join(READERS)}")
    if OURS not in names:
        raise ConfigError(f"--readers: {OURS} is what the others stand beside, and must be among them")
    from device.benchmark.machine import describe
    from docs.results.peers.compare import compare
    from docs.results.peers.document import write

    result = compare(mnist.data_dir(options.data_dir), options.demo_cnn, names)
    write(result, describe())
    return 0


if __name__ == "__main__":
    sys.exit(main())
