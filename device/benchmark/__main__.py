"""``python -m device.benchmark``: how fast and how right the models are on this device."""

from __future__ import annotations

import argparse
import json
import math
import os
import shlex
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from device.benchmark import compare, table
from device.benchmark.plan import QUICK, THREADS, Effort, Wanted
from device.benchmark.results import Results, load_results
from device.benchmark.run import run
from edge_digits.errors import ConfigError, EdgeDigitsError
from edge_digits.io import mnist
from edge_digits.reader import reading_models
from edge_digits.system.atomic_write import atomic_write
from edge_digits.system.exit_status import exit_status
from edge_digits.system.terminal import ArgumentParser

PROGRAM = "python -m device.benchmark"
EXAMPLE = """\
examples:
  python -m device.benchmark --quick
  python -m device.benchmark --out before.json --pictures photos/
  python -m device.benchmark compare before.json after.json
  python -m device.benchmark page before.json page.md
Leave the machine alone while it runs. Exit status: 0 done, 1 something failed or the run is void, 2 wrong options."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Benchmark, compare or write the page; returns the exit status."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    commands = {"compare": _compare, "page": _page}
    command, rest = (commands[given[0]], given[1:]) if given[:1] and given[0] in commands else (_run, given)
    return exit_status(PROGRAM, lambda: command(rest), "--debug" in given)


def _stop(number: int, _: object) -> None:
    """SIGTERM, and a terminal that goes away, clear up like Ctrl-C does."""
    sys.exit(128 + number)


def _run(given: Sequence[str]) -> int:
    parser = run_parser(PROGRAM, "[compare A B | page RESULTS FILE] ", EXAMPLE)
    options = parser.parse_args(given)
    wanted = wanted_of(options)
    results = {"command": f"{PROGRAM} {shlex.join(given)}", **run(wanted)}
    save(results, options.out, table.markdown(results))
    return 1 if results["validity"]["void"] else 0


def run_parser(program: str, commands: str, examples: str) -> ArgumentParser:
    """The options of a run. commands: what else the program can be asked for."""
    parser = ArgumentParser(
        prog=program,
        usage=f"%(prog)s {commands}[options]",
        description="Measure speed, memory and accuracy of every model in every runtime on this device.",
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="a trial in little time; its times mean nothing")
    parser.add_argument("--out", type=Path, default=Path("benchmark.json"), help="results (default: %(default)s)")
    parser.add_argument("--models", type=Path, nargs="+", metavar="FILE", help="model files (default: all that ship)")
    parser.add_argument("--threads", type=int, nargs="+", default=list(THREADS), metavar="N", help="default: 1 2 4")
    parser.add_argument("--windows", type=int, metavar="N", help="of each variant (default: 5)")
    parser.add_argument("--seconds", type=float, metavar="S", help="of each window (default: 10)")
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="labelled pictures to read too")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where MNIST is, if it need not be fetched")
    parser.add_argument("--seed", type=int, default=0, help="of the order")
    parser.add_argument("--debug", action="store_true", help="show where an error comes from")
    return parser


def wanted_of(options: argparse.Namespace) -> Wanted:
    """What the options of ``run_parser`` ask for. From then on SIGTERM and SIGHUP clear up. Raises ConfigError."""
    effort = QUICK if options.quick else Effort()
    values = {**vars(effort)}
    for name in ("windows", "seconds"):
        if getattr(options, name) is not None:
            values[name] = getattr(options, name)
    if values["windows"] < 2:
        raise ConfigError("--windows: at least 2, or nothing can be said about their spread")
    if not 0 < values["seconds"] < math.inf or any(count < 1 for count in options.threads):
        raise ConfigError("--seconds and --threads must be above 0")
    wanted = Wanted(
        models=tuple(options.models or reading_models()),
        threads=tuple(dict.fromkeys(options.threads)),
        effort=Effort(**values),
        seed=options.seed,
        pictures=options.pictures,
        data=mnist.data_dir(options.data_dir),
        debug=options.debug,
    )
    if not options.out.parent.is_dir():
        # Before a run of half an hour, not after it.
        raise ConfigError(f"--out {options.out}: there is no such folder")
    if options.out.is_dir() or not os.access(options.out if options.out.exists() else options.out.parent, os.W_OK):
        raise ConfigError(f"--out {options.out}: cannot be written")
    for number in (signal.SIGTERM, signal.SIGHUP):
        # As nohup leaves the second.
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _stop)
    return wanted


def save(results: Results, out: Path, text: str) -> None:
    """Print ``text``, the tables of ``results``, and write these to ``out``. Raises EdgeDigitsError."""
    print(text)
    try:
        _write(out, (json.dumps(results) + "\n").encode())
    except OSError as error:
        raise EdgeDigitsError(f"--out {out}: cannot be written: {error.strerror}") from error
    print(f"results in {out}")


def _write(path: Path, data: bytes) -> None:
    if path.exists() and not path.is_file():
        # A device or a pipe is written to, not replaced.
        path.write_bytes(data)
    else:
        atomic_write(path.resolve(), data)


def _compare(given: Sequence[str]) -> int:
    parser = ArgumentParser(prog=f"{PROGRAM} compare", description="Say what differs between two runs, B against A.")
    parser.add_argument("a", type=Path, metavar="A.json")
    parser.add_argument("b", type=Path, metavar="B.json")
    parser.add_argument("--debug", action="store_true", help="show where an error comes from")
    options = parser.parse_args(given)
    print(compare.report(load_results(options.a), load_results(options.b)))
    return 0


def _page(given: Sequence[str]) -> int:
    parser = ArgumentParser(
        prog=f"{PROGRAM} page",
        description="Put the tables of results into a Markdown page, between its markers; a missing page is made.",
    )
    parser.add_argument("results", type=Path, metavar="RESULTS.json")
    parser.add_argument("page", type=Path, metavar="PAGE.md")
    parser.add_argument("--debug", action="store_true", help="show where an error comes from")
    options = parser.parse_args(given)
    table.write_page(load_results(options.results), options.page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
