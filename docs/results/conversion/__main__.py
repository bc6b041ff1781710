"""``python -m docs.results.conversion report | study | ablation``: what conversion costs, as pages beside this file."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from convert.files import model_files, network_of
from convert.options import ABLATION, CALIBRATION, EVERYWHERE, MODELS, default_checkpoint, reads_lines
from docs.results.page import RESULTS
from edge_digits.errors import ConfigError, ModelError
from edge_digits.io import mnist
from edge_digits.system.exit_status import exit_status
from edge_digits.system.extras import require
from train.options import add_shared, formatter

PROGRAM = "python -m docs.results.conversion"
PAGES = RESULTS / "conversion"
_ABOUT = {
    "report": "compare the model files of a folder: a table and pictures",
    "study": "measure how many calibration samples int8 needs, and what scales per channel bring",
    "ablation": "compare line networks with and without recurrence: size, time, accuracy, loss in int8",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line. Returns the exit status: 0 done, 1 the work failed, 2 the command line is wrong."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING)
    return exit_status(PROGRAM, lambda: _run(_parser().parse_args(given)), "--debug" in given)


def _parser() -> argparse.ArgumentParser:
    about = "Measure what quantization does to the model files."
    parser = argparse.ArgumentParser(prog=PROGRAM, description=about, epilog=f"example: {PROGRAM} report")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, meaning in _ABOUT.items():
        one = commands.add_parser(
            name, help=meaning, description=f"{meaning[0].upper()}{meaning[1:]}.", formatter_class=formatter
        )
        if name == "report":
            one.add_argument("--models", type=Path, default=MODELS, metavar="DIR", help="which (edge_digits/models)")
        else:
            meaning = "the set that samples are drawn from (calibration_data)"
            one.add_argument("--calibration", type=Path, default=CALIBRATION, metavar="DIR", help=meaning)
        if name == "study":
            path = default_checkpoint("cnn")
            meaning = f"what python -m train made ({path})"
            one.add_argument("--checkpoint", type=Path, default=path, metavar="FILE", help=meaning)
        if name == "ablation":
            meaning = "what python -m train made (of every line network in runs)"
            one.add_argument("--checkpoints", type=Path, nargs="+", metavar="FILE", help=meaning)
        meaning = "where the results go (docs/results/conversion)"
        one.add_argument("--out", type=Path, default=PAGES, metavar="DIR", help=meaning)
        add_shared(one)
    return parser


def _run(options: argparse.Namespace) -> int:
    require(options.command, "convert", EVERYWHERE)
    {"report": _report, "study": _study, "ablation": _ablation}[options.command](options)
    return 0


# Imported in each function: torch takes seconds, and a wrong command line should not wait for it.


def _report(options: argparse.Namespace) -> None:
    files = model_files(options.models)
    from convert.check.judges import all_judges
    from docs.results.conversion import report

    report.write(files, all_judges(files, mnist.data_dir(options.data_dir)), options.out)
    print(f"{options.out / report.NAME}: {len(files)} model files, with pictures beside it")


def _study(options: argparse.Namespace) -> None:
    name = network_of(options.checkpoint)
    from convert.check.judges import judges_of
    from convert.quantize import calibration
    from docs.results.conversion import study

    judges = judges_of(name, mnist.data_dir(options.data_dir))
    print(study.write(options.checkpoint, calibration.load(options.calibration), judges, options.out))


def _ablation(options: argparse.Namespace) -> None:
    made = map(default_checkpoint, ABLATION)
    paths = options.checkpoints or [path for path in made if path.is_file()]
    if not paths:
        names = ", ".join(ABLATION)
        raise ModelError(f"no checkpoint of {names}; python -m train makes one, --checkpoints names others")
    for path in paths:
        if not reads_lines(name := network_of(path)):
            raise ConfigError(f"{path}: the network '{name}' reads digits, not lines")
    from convert.check import validation
    from convert.quantize import calibration
    from docs.results.conversion import ablation

    judges = validation.line_judges(mnist.data_dir(options.data_dir))
    ablation.write(paths, calibration.load(options.calibration), judges, MODELS, options.out)
    print(options.out / ablation.NAME)


if __name__ == "__main__":
    sys.exit(main())
