"""``python -m convert cnn``: a trained checkpoint becomes TFLite and ONNX files that passed the gates."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from pathlib import Path

from edge_digits import mnist
from edge_digits.errors import ConfigError, EdgeDigitsError

ROOT = Path(__file__).resolve().parents[1]
CALIBRATION = ROOT / "calibration_data"
MODELS = ROOT / "edge_digits" / "models"
_FORMATS = ("tflite", "onnx")
_PRECISIONS = ("float32", "float16", "int8")
NETWORKS = ("cnn", "cnn-small")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m convert",
        description="Export a trained network, quantize it, and keep the files that pass every gate.",
        epilog="example: python -m convert cnn --precision float32,int8",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="MODEL|calibrate")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--data-dir", metavar="DIR", help="where MNIST is (default: $EDGE_DIGITS_DATA, else a cache)")
    shared.add_argument("--debug", action="store_true", help="show tracebacks")
    for name in NETWORKS:
        command = commands.add_parser(
            name,
            parents=[shared],
            help=f"convert the network {name}",
            description=f"Convert a checkpoint of the network {name}. If a gate fails, nothing is written.",
            epilog=f"example: python -m convert {name} --checkpoint runs/{name}/{name}.safetensors --out models",
        )
        command.add_argument("--checkpoint", type=Path, metavar="FILE", help=f"(runs/{name}/{name}.safetensors)")
        command.add_argument("--format", default="tflite,onnx", metavar="LIST", help="of tflite, onnx (both)")
        command.add_argument(
            "--precision", default="float32,int8", metavar="LIST", help="of float32, float16, int8 (float32,int8)"
        )
        command.add_argument("--calibration", type=Path, metavar="DIR", help="calibration set (calibration_data)")
        command.add_argument("--out", type=Path, default=MODELS, metavar="DIR", help="(edge_digits/models)")
    calibrate = commands.add_parser(
        "calibrate",
        parents=[shared],
        help="draw the calibration set anew",
        description="Draw the calibration set anew: photographed sheets of our own strokes, and digits of MNIST.",
        epilog="example: python -m convert calibrate --out calibration_data",
    )
    calibrate.add_argument("--out", type=Path, default=CALIBRATION, metavar="DIR", help="(calibration_data)")
    return parser


def _chosen(option: str, text: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """The values of a comma-separated list, in the order of ``known``."""
    values = [value.strip() for value in text.split(",") if value.strip()]
    unknown = [value for value in values if value not in known]
    if unknown or not values:
        raise ConfigError(f"{option} {text}: expected some of {', '.join(known)}")
    return tuple(name for name in known if name in values)


def _convert(arguments: argparse.Namespace) -> None:
    formats = _chosen("--format", arguments.format, _FORMATS)
    precisions = _chosen("--precision", arguments.precision, _PRECISIONS)
    # Imported after the command line is understood: torch takes seconds.
    from convert import calibration, pipeline, report, validation
    from train import checkpoint

    path = arguments.checkpoint or Path("runs") / arguments.command / f"{arguments.command}.safetensors"
    _, spec = checkpoint.load(path)
    if spec.name != arguments.command:
        raise ConfigError(f"{path}: holds the network '{spec.name}', not '{arguments.command}'")
    pipeline.check_tools(formats)
    data_dir = mnist.data_dir(arguments.data_dir)
    found = None
    if "int8" in precisions:
        folder = arguments.calibration or CALIBRATION
        found = calibration.load(folder)
        print(f"calibration: {folder}, {len(found.pixels)} samples, sha256 {found.sha256[:12]}…", file=sys.stderr)
    job = pipeline.Job(
        path, formats, precisions, found, arguments.out, validation.judges(data_dir), validation.reports(data_dir)
    )
    print(report.table(spec.name, pipeline.convert(job)))


def _calibrate(arguments: argparse.Namespace) -> None:
    from convert import calibration, calibration_sheets

    calibration_sheets.make(arguments.out, mnist.data_dir(arguments.data_dir))
    found = calibration.load(arguments.out)
    calibration.check_variety(arguments.out, found)
    print(f"{arguments.out}: {len(found.pixels)} samples, sha256 {found.sha256}")


def _stop(number: int, _: object) -> None:
    """SIGTERM clears up like Ctrl-C does."""
    sys.exit(128 + number)


def main(argv: list[str] | None = None) -> int:
    """The command line. Returns the exit status: 0 done, 1 the work failed, 2 the command line is wrong."""
    arguments = _parser().parse_args(argv)
    logging.basicConfig(format="%(levelname)s: %(message)s", level=logging.WARNING)
    signal.signal(signal.SIGTERM, _stop)
    try:
        (_calibrate if arguments.command == "calibrate" else _convert)(arguments)
    except KeyboardInterrupt:
        return 130
    except EdgeDigitsError as error:
        if arguments.debug:
            raise
        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, ConfigError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
