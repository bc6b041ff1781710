"""``python -m convert cnn``: a trained checkpoint becomes TFLite and ONNX files that passed the gates."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from pathlib import Path

from convert import file_options, options
from convert.files import model_files, network_of
from edge_digits.errors import ConfigError, ModelError
from edge_digits.io import mnist
from edge_digits.system.exit_status import INTERRUPTED, exit_status
from edge_digits.system.extras import require
from train.options import run_moved


def _convert(arguments: argparse.Namespace) -> None:
    path: Path = arguments.checkpoint
    name = network_of(path)
    if name != arguments.command:
        raise ConfigError(f"{path}: holds the network '{name}', not '{arguments.command}'")
    # Imported after the command line is understood: torch takes seconds.
    from convert import pipeline, summary
    from convert.check import gates
    from convert.check.judge_gates import first_files
    from convert.check.judges import judges_of, reports_of
    from convert.quantize import calibration

    pipeline.check_tools(arguments.format)
    if arguments.ship and name == "judge" and not all(first_files(arguments.out, f) for f in arguments.format):
        raise ModelError(
            f"{arguments.out}: its first stage is missing: python -m convert judge-first --ship goes first"
        )
    data_dir = mnist.data_dir(arguments.data_dir)
    if arguments.ship:
        # A newcomer's files may do without MNIST; what ships is judged on it, and says how well it reads it.
        for file in mnist.FILES:
            mnist.find(file, data_dir)
    calibration_set = None
    if "int8" in arguments.precision:
        calibration_set = calibration.load(arguments.calibration)
        samples = f"{len(calibration_set.pixels)} samples, sha256 {calibration_set.sha256[:12]}…"
        print(f"calibration: {arguments.calibration}, {samples}", file=sys.stderr)
    share = options.QUICK if arguments.quick else 1
    judges, reports = judges_of(name, data_dir, share), reports_of(name, data_dir, share)
    lead = 0.0 if arguments.ship else gates.LEAST_LEAD
    job = pipeline.Job(
        path,
        arguments.format,
        arguments.precision,
        calibration_set,
        arguments.out,
        judges,
        reports,
        lead,
        arguments.ship,
    )
    try:
        results = pipeline.convert(job)
    except pipeline.PartlyFailed as error:
        print(summary.table(error.written))
        raise
    print(summary.table(results))
    if arguments.ship:
        from convert.check import golden

        golden.write(model_files(options.MODELS), options.GOLDEN)
        print(f"\nmade anew: {options.GOLDEN / golden.SCORES}")
        print(f"the pages about them: {options.REPORTS} report, {options.REPORTS} study --checkpoint {path}")
        return
    if name in options.JUDGE:
        print("\nit finds digits for the CNN once it is in the package: --ship puts it there")
        return
    smallest = min(results, key=lambda result: (result.format != "tflite", result.bytes)).path
    if name in options.PUBLISHED:
        print(f"\nrun it beside others: python -m docs.results.peers --demo-cnn {smallest}")
    else:
        print(f"\nread a picture with it: edge-digits read --model {smallest} PICTURE")


def _calibrate(arguments: argparse.Namespace) -> None:
    from convert.quantize import calibration, calibration_sheets

    calibration_sheets.make(arguments.out, mnist.data_dir(arguments.data_dir))
    calibration_set = calibration.load(arguments.out)
    calibration.check_variety(arguments.out, calibration_set)
    print(f"{arguments.out}: {len(calibration_set.pixels)} samples, sha256 {calibration_set.sha256}")


def _golden(arguments: argparse.Namespace) -> None:
    files = model_files(arguments.models)
    from convert.check import golden

    golden.write(files, arguments.out)
    print(f"{arguments.out / golden.SCORES}: {len(files)} model files, for the inputs in {golden.PICTURE}")


def _judge_page(arguments: argparse.Namespace) -> None:
    from convert import set_network

    print(set_network.ship(arguments.checkpoint, arguments.models))


def _replay(arguments: argparse.Namespace) -> None:
    from convert.replay.make import make

    path = make(mnist.data_dir(arguments.data_dir))
    print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


def _foreign(arguments: argparse.Namespace) -> None:
    from convert.foreign import command

    command.run(arguments, options.chosen, options.QUICK)


def _accuracy(arguments: argparse.Namespace) -> None:
    from convert.accuracy.make import make

    path = make(mnist.data_dir(arguments.data_dir))
    print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


_COMMANDS = {
    file_options.NAME: _foreign,
    "accuracy": _accuracy,
    "calibrate": _calibrate,
    "golden": _golden,
    "judge-page": _judge_page,
    "replay": _replay,
}

_MOVED = {name: f"docs.results.conversion {name}" for name in ("report", "study", "ablation")}
"""Commands that are programs of their own now."""


def _stop(number: int, _: object) -> None:
    """SIGTERM clears up like Ctrl-C does."""
    sys.exit(128 + number)


def main(argv: list[str] | None = None) -> int:
    """The command line. Returns the exit status: 0 done, 1 the work failed, 2 the command line is wrong."""
    given = sys.argv[1:] if argv is None else argv
    if given[:1] and given[0] in _MOVED:
        run_moved(options.PROGRAM, given[0], _MOVED[given[0]], given[1:])
    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING)
    signal.signal(signal.SIGTERM, _stop)
    return exit_status(options.PROGRAM, lambda: _run(options.parse(given)), "--debug" in given)


def _run(arguments: argparse.Namespace) -> int:
    # Converters of formats that are not asked for may be missing.
    require(arguments.command, "convert", options.EVERYWHERE)
    try:
        _COMMANDS.get(arguments.command, _convert)(arguments)
    except KeyboardInterrupt:
        print("interrupted; nothing was written", file=sys.stderr)
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
