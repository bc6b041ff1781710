"""``python -m convert cnn``: a trained checkpoint becomes TFLite and ONNX files that passed the gates."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from convert import options
from edge_digits.charset import DIGITS
from edge_digits.errors import ConfigError, ModelError
from edge_digits.io import mnist
from edge_digits.system.exit_status import INTERRUPTED, exit_status
from edge_digits.system.extras import require

if TYPE_CHECKING:
    from convert.check.inputs import Judges

EVERYWHERE = ("torch", "safetensors", "matplotlib", "tqdm", "onnxruntime", "onnx")
"""What every command needs, whatever the format."""


def _convert(arguments: argparse.Namespace) -> None:
    path: Path = arguments.checkpoint
    name = _network(path)
    if name != arguments.command:
        raise ConfigError(f"{path}: holds the network '{name}', not '{arguments.command}'")
    # Imported after the command line is understood: torch takes seconds.
    from convert import pipeline
    from convert.check import gates
    from convert.check.judge_gates import first_files
    from convert.quantize import calibration
    from convert.report import summary

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
    found = None
    if "int8" in arguments.precision:
        found = calibration.load(arguments.calibration)
        said = f"calibration: {arguments.calibration}, {len(found.pixels)} samples, sha256 {found.sha256[:12]}…"
        print(said, file=sys.stderr)
    share = options.QUICK if arguments.quick else 1
    judges, reports = _judges(name, data_dir, share), _reports(name, data_dir, share)
    lead = 0.0 if arguments.ship else gates.LEAST_LEAD
    job = pipeline.Job(
        path, arguments.format, arguments.precision, found, arguments.out, judges, reports, lead, arguments.ship
    )
    try:
        results = pipeline.convert(job)
    except pipeline.PartlyFailed as error:
        print(summary.table(error.written))
        raise
    print(summary.table(results))
    if arguments.ship and found is not None:
        from convert.check import golden
        from convert.report import document, study

        files = _model_files(options.MODELS)
        golden.write(files, options.GOLDEN)
        document.write(files, _all_judges(files, data_dir), options.REPORT)
        study.write(path, found, judges, options.REPORT)
        print(f"\nmade anew: {options.GOLDEN / golden.SCORES}, and what depends on it in {options.REPORT}")
        return
    if name in options.JUDGE:
        print("\nit finds digits for the CNN once it is in the package: --ship puts it there")
        return
    smallest = min(results, key=lambda result: (result.format != "tflite", result.bytes)).path
    if name in options.PUBLISHED:
        print(f"\nrun it beside others: python -m device.benchmark --peers --demo-cnn {smallest}")
    else:
        print(f"\nread a picture with it: edge-digits read --model {smallest} PICTURE")


def _judges(name: str, data_dir: Path, share: int = 1) -> Judges:
    """What judges files of a network, or one in ``share`` of that; published ones have no class for what is no digit,
    so digits alone."""
    from convert.check import nodes, validation
    from convert.check.inputs import thinned

    if options.reads_lines(name):
        return thinned(validation.line_judges(data_dir), share)
    count = nodes.COUNT // share
    if name in options.JUDGE:
        return nodes.judges(name, data_dir, count)
    found = nodes.crops(data_dir, count)
    return validation.digits_alone(found) if name in options.PUBLISHED else found


def _reports(name: str, data_dir: Path, share: int) -> Mapping[str, Judges]:
    from convert.check import validation
    from convert.check.inputs import thinned

    if name in options.JUDGE:
        return {}
    found = (validation.line_reports if options.reads_lines(name) else validation.reports)(data_dir)
    return {key: thinned(judges, share) for key, judges in found.items()}


def _all_judges(files: list[Path], data_dir: Path) -> list[Judges]:
    """What judges the networks of ``files``, digits first."""
    from convert.check import nodes, validation
    from edge_digits.runtime.spec import TASKS, read_spec

    tasks = {read_spec(path).task for path in files}
    makers: dict[str, Callable[[Path], Judges]] = {"digits": nodes.crops, "lines": validation.line_judges}
    makers |= {task: partial(nodes.judges, task) for task in options.JUDGE}
    return [makers[task](data_dir) for task in TASKS if task in tasks]


def _network(checkpoint: Path) -> str:
    """Which network a checkpoint holds. Raises ModelError or ConfigError if it is none, or does not fit."""
    from edge_digits.runtime.spec import check_spec, read_spec

    if not checkpoint.is_file():
        raise ModelError(f"{checkpoint}: no such checkpoint; python -m train makes one, --checkpoint names another")
    spec = read_spec(checkpoint)
    if spec.format != "torch":
        raise ConfigError(f"{checkpoint}: is converted already ({spec.format}); name the checkpoint it was made from")
    check_spec(checkpoint, spec)
    if spec.charset != DIGITS:
        raise ConfigError(f"{checkpoint}: reads '{spec.charset}', and what calibrates and judges here is digits")
    return spec.name


def _model_files(folder: Path) -> list[Path]:
    found = sorted(p for p in folder.glob("*") if p.suffix in (".tflite", ".onnx"))
    if not found:
        raise ModelError(f"{folder}: no model files in it" if folder.is_dir() else f"{folder}: no such folder")
    return found


def _calibrate(arguments: argparse.Namespace) -> None:
    from convert.quantize import calibration, calibration_sheets

    calibration_sheets.make(arguments.out, mnist.data_dir(arguments.data_dir))
    found = calibration.load(arguments.out)
    calibration.check_variety(arguments.out, found)
    print(f"{arguments.out}: {len(found.pixels)} samples, sha256 {found.sha256}")


def _report(arguments: argparse.Namespace) -> None:
    files = _model_files(arguments.models)
    from convert.report import document

    document.write(files, _all_judges(files, mnist.data_dir(arguments.data_dir)), arguments.out)
    print(f"{arguments.out / document.NAME}: {len(files)} model files, with pictures beside it")


def _study(arguments: argparse.Namespace) -> None:
    name = _network(arguments.checkpoint)
    from convert.quantize import calibration
    from convert.report import study

    found = calibration.load(arguments.calibration)
    judges = _judges(name, mnist.data_dir(arguments.data_dir))
    print(study.write(arguments.checkpoint, found, judges, arguments.out))


def _ablation(arguments: argparse.Namespace) -> None:
    made = map(options.default_checkpoint, options.ABLATION)
    paths = arguments.checkpoints or [path for path in made if path.is_file()]
    if not paths:
        names = ", ".join(options.ABLATION)
        raise ModelError(f"no checkpoint of {names}; python -m train makes one, --checkpoints names others")
    for path in paths:
        if not options.reads_lines(name := _network(path)):
            raise ConfigError(f"{path}: the network '{name}' reads digits, not lines")
    from convert.check import validation
    from convert.quantize import calibration
    from convert.report import ablation

    judges = validation.line_judges(mnist.data_dir(arguments.data_dir))
    ablation.write(paths, calibration.load(arguments.calibration), judges, options.MODELS, arguments.out)
    print(arguments.out / ablation.NAME)


def _golden(arguments: argparse.Namespace) -> None:
    files = _model_files(arguments.models)
    from convert.check import golden

    golden.write(files, arguments.out)
    print(f"{arguments.out / golden.SCORES}: {len(files)} model files, for the inputs in {golden.PICTURE}")


def _judge_page(arguments: argparse.Namespace) -> None:
    from convert import set_network

    print(set_network.ship(arguments.checkpoint, arguments.models))


_COMMANDS = {
    "calibrate": _calibrate,
    "report": _report,
    "study": _study,
    "ablation": _ablation,
    "golden": _golden,
    "judge-page": _judge_page,
}


def _stop(number: int, _: object) -> None:
    """SIGTERM clears up like Ctrl-C does."""
    sys.exit(128 + number)


def main(argv: list[str] | None = None) -> int:
    """The command line. Returns the exit status: 0 done, 1 the work failed, 2 the command line is wrong."""
    given = sys.argv[1:] if argv is None else argv
    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING)
    signal.signal(signal.SIGTERM, _stop)
    return exit_status(options.PROGRAM, lambda: _run(options.parse(given)), "--debug" in given)


def _run(arguments: argparse.Namespace) -> int:
    # Converters of formats that are not asked for may be missing.
    require(arguments.command, "convert", EVERYWHERE)
    try:
        _COMMANDS.get(arguments.command, _convert)(arguments)
    except KeyboardInterrupt:
        print("interrupted; nothing was written", file=sys.stderr)
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
