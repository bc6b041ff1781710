"""``python -m docs.results.benchmarks``: the benchmark with everything that our own pages tell, and these pages."""

from __future__ import annotations

import argparse
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from device.benchmark.__main__ import run_parser, save, wanted_of
from device.benchmark.results import load_results
from device.benchmark.table import command
from docs.results.benchmarks import plots, tables
from docs.results.benchmarks.run import More, measure
from docs.results.page import RESULTS, write_page
from docs.results.prose import benchmarks, published_benchmark
from edge_digits.errors import ConfigError
from edge_digits.system.exit_status import exit_status

PROGRAM = "python -m docs.results.benchmarks"
EXAMPLE = """\
examples:
  python -m docs.results.benchmarks --opencv --out full.json
  python -m docs.results.benchmarks page full.json
Options beside the last four are those of python -m device.benchmark."""
PAGES = {"page": ("benchmarks.md", benchmarks.HEAD), "published": ("published-benchmark.md", published_benchmark.HEAD)}
"""By command the page that it writes, and what stands before its figures."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, or write a page; returns the exit status."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    name, rest = (given[0], given[1:]) if given[:1] and given[0] in PAGES else ("", given)
    return exit_status(PROGRAM, lambda: _page(name, rest) if name else _run(rest), "--debug" in given)


def _run(given: Sequence[str]) -> int:
    parser = run_parser(PROGRAM, "[page RESULTS | published RESULTS] ", EXAMPLE)
    parser.add_argument("--opencv", action="store_true", help="run our ONNX files in OpenCV's DNN module, too")
    parser.add_argument("--count-instructions", metavar="COMMAND", help="put in front of Python, says how many it ran")
    parser.add_argument("--emulated", action="store_true", help="on an emulated processor: readings, no times")
    options = parser.parse_args(given)
    more = More(options.opencv, counting(options.count_instructions), options.emulated)
    results = {"command": f"{PROGRAM} {shlex.join(given)}", **measure(wanted_of(options), more)}
    save(results, options.out, tables.markdown(results))
    return 1 if results["validity"]["void"] and not more.emulated else 0


def counting(text: str | None) -> tuple[str, ...]:
    """The words of a command that counts instructions, none without one. Raises ConfigError if it cannot be run."""
    if text is None:
        return ()
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        raise ConfigError(f"--count-instructions {text}: {str(error).lower()}") from error
    if not words or shutil.which(words[0]) is None:
        raise ConfigError(f"--count-instructions {text}: there is no such program")
    return words


def _page(name: str, given: Sequence[str]) -> int:
    file, head = PAGES[name]
    parser = argparse.ArgumentParser(
        prog=f"{PROGRAM} {name}", description=f"Write docs/results/{file} from results (needs matplotlib)."
    )
    parser.add_argument("results", type=Path, metavar="RESULTS.json")
    parser.add_argument("--emulated", type=Path, metavar="FILE", help="results of a run with --emulated")
    parser.add_argument("--out", type=Path, default=RESULTS / file, metavar="FILE", help="the page")
    parser.add_argument("--debug", action="store_true", help="show where an error comes from")
    options = parser.parse_args(given)
    results = load_results(options.results)
    emulated = "" if options.emulated is None else tables.emulation(results, load_results(options.emulated))
    folder = options.out.with_suffix("")
    folder.mkdir(parents=True, exist_ok=True)
    pictures = [f"![{title}]({folder.name}/{path.name})" for path, title in plots.draw(results, folder)]
    write_page(options.out, head, f"`{command(results)}`", tables.markdown(results), *pictures, emulated)
    return 0


if __name__ == "__main__":
    sys.exit(main())
