"""The command line of ``python -m convert``, and where things go if it does not say."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from convert import file_options
from edge_digits.errors import ConfigError
from edge_digits.io import mnist

PROGRAM = "python -m convert"
ROOT = Path(__file__).resolve().parents[1]
CALIBRATION = ROOT / "calibration_data"
MODELS = ROOT / "edge_digits" / "models"
GOLDEN = ROOT / "tests" / "data"
REPORTS = "python -m docs.results.conversion"
"""The program that compares the shipped files, for their pages."""

ABLATION = ("crnn-lstm", "crnn-gru", "crnn-elman", "crnn-none")
JUDGE = ("judge-first", "judge")
NETWORKS = ("cnn", "cnn-small", "crnn", *JUDGE, *ABLATION)
PUBLISHED = ("mlp", "cnn-lenet", "cnn-421k", "cnn-keras", "rnn", "crnn-published", "cnn-beside-crnn")
"""Of the networks that ``python -m train.published`` trains those that a device has room for (under 5 MB)."""
EVERYWHERE = ("torch", "safetensors", "matplotlib", "tqdm", "onnxruntime", "onnx")
"""Packages that every command needs, whatever the format."""
QUICK = 10
"""A quick try is judged on one in so many."""
FORMATS = ("tflite", "onnx")
PRECISIONS = ("float32", "float16", "int8")
_DEFAULT_PRECISIONS = "float32,int8"

_NOTHING, _NOT_THOSE = "If it fails, nothing is written.", "Files that fail a gate are not written."
_ABOUT = {
    "calibrate": "draw the calibration set anew: photographed sheets of our own strokes, and MNIST digits",
    "judge-page": "put the set network of a page into the package, and say which judge it goes with",
    "replay": "make the replay set that teaching a hand needs, for the int8 TFLite files in the package",
    "accuracy": "make the data set of edge-digits accuracy: MNIST test digits, drawn lines and pages",
    "golden": "write the scores of the shipped models for a few inputs, which tests compare with",
}


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The options of a command line (by default the process's own). Leaves with status 2 if they are wrong; raises
    ConfigError if values are."""
    options = _parser().parse_args(arguments)
    if options.command in (*NETWORKS, *PUBLISHED):
        options.format = chosen("--format", options.format, FORMATS)
        options.precision = chosen("--precision", options.precision, PRECISIONS)
        if options.ship and (
            options.out or options.format != FORMATS or not {"float32", "int8"} <= {*options.precision}
        ):
            raise ConfigError("--ship: needs both formats, float32 and int8, and takes no --out")
        if options.ship and options.quick:
            raise ConfigError("--ship: what ships is judged on all that there is, so not with --quick")
        if options.ship and options.command in PUBLISHED:
            raise ConfigError(f"--ship: {options.command} is to compare with, and does not ship")
        options.out = MODELS if options.ship else options.out or options.checkpoint.parent
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Export a trained network, quantize it, and keep the files that pass every gate. The "
        f"networks of the ablation, {', '.join(ABLATION)}, and the published ones, {', '.join(PUBLISHED)}, are "
        "converted likewise.",
        epilog="example: python -m convert cnn --checkpoint runs/cnn/cnn.safetensors",
        usage="python -m convert COMMAND [options]",
        formatter_class=_formatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND [options]")
    for name in (*NETWORKS, *PUBLISHED):
        about = f"convert a checkpoint of the network {name} to TFLite and ONNX"
        # What only the ablation is about would fill the screen.
        listed = name in NETWORKS and name not in ABLATION
        example = f"{name} --checkpoint {default_checkpoint(name)} --format tflite"
        one = _command(commands, name, about, example, listed, _NOT_THOSE)
        _checkpoint(one, name)
        one.add_argument("--format", default=",".join(FORMATS), metavar="LIST", help="of tflite, onnx (both)")
        meaning = f"of {', '.join(PRECISIONS)} ({_DEFAULT_PRECISIONS})"
        one.add_argument("--precision", default=_DEFAULT_PRECISIONS, metavar="LIST", help=meaning)
        _folder(one, "--calibration", CALIBRATION, "what int8 takes its ranges from")
        one.add_argument("--out", type=Path, metavar="DIR", help="where the files go (beside the checkpoint)")
        meaning = "put them into the package, and make golden vectors anew"
        one.add_argument("--quick", action="store_true", help=f"a try: judged on a {QUICK}th of the nodes or lines")
        one.add_argument("--ship", action="store_true", help=meaning)
    foreign = _command(commands, file_options.NAME, file_options.ABOUT, file_options.EXAMPLE, True, _NOT_THOSE)
    file_options.add_options(foreign)
    foreign.usage = "python -m convert file MODEL --samples FOLDER --out DIR [options]"
    commands_for = {name: _command(commands, name, about, name) for name, about in _ABOUT.items()}
    _folder(commands_for["calibrate"], "--out", CALIBRATION, "where the set goes")
    _checkpoint(commands_for["judge-page"], "judge-page", ".npz")
    _folder(commands_for["judge-page"], "--models", MODELS, "where it goes, beside the judge's files")
    _folder(commands_for["golden"], "--models", MODELS, "which model files")
    _folder(commands_for["golden"], "--out", GOLDEN, "where the results go")
    return parser


def _formatter(prog: str) -> argparse.HelpFormatter:
    """Every option on one line, so that the help fits a screen."""
    return argparse.HelpFormatter(prog, max_help_position=26, width=110)


def _command(
    commands: Any, name: str, about: str, example: str, listed: bool = True, failing: str = _NOTHING
) -> argparse.ArgumentParser:
    """A command that every command's options are added to; ``commands`` is argparse's own, unnamed type. listed:
    whether the general help names it. failing: what happens if the work fails."""
    made: argparse.ArgumentParser = commands.add_parser(
        name,
        **({"help": about} if listed else {}),
        description=f"{about[0].upper()}{about[1:]}. {failing}",
        epilog=f"example: python -m convert {example}",
        usage=f"python -m convert {name} [options]",
        formatter_class=_formatter,
    )
    made.add_argument("--debug", action="store_true", help="show the traceback of an error")
    if name not in ("golden", "judge-page", file_options.NAME):
        made.add_argument("--data-dir", metavar="DIR", help=f"data sets (${mnist.ENVIRONMENT}, else the cache)")
    return made


def reads_lines(network: str) -> bool:
    """Whether a network reads lines, not digits."""
    return network.startswith("crnn") and network not in PUBLISHED


def default_checkpoint(network: str, suffix: str = ".safetensors") -> Path:
    """Where ``python -m train`` puts a network if nothing else is said."""
    folder = Path("runs") / "published" if network in PUBLISHED else Path("runs")
    return folder / network / f"{network}{suffix}"


def _checkpoint(command: argparse.ArgumentParser, name: str, suffix: str = ".safetensors") -> None:
    default = default_checkpoint(name, suffix)
    about = f"what python -m train made ({default})"
    command.add_argument("--checkpoint", type=Path, default=default, metavar="FILE", help=about)


def _folder(command: argparse.ArgumentParser, option: str, default: Path, about: str) -> None:
    shown = default.relative_to(ROOT)
    command.add_argument(option, type=Path, default=default, metavar="DIR", help=f"{about} ({shown})")


def chosen(option: str, text: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """The values of a comma-separated list, in the order of ``known``."""
    values = [value.strip() for value in text.split(",") if value.strip()]
    if not values or not {*values} <= {*known}:
        raise ConfigError(f"{option} {text}: expected some of {', '.join(known)}, with commas between them")
    return tuple(name for name in known if name in values)
