"""``python -m train cnn | cnn-small | crnn… | judge… | evaluate | sweep | adapt | confidence | fetch | tiles``."""

from __future__ import annotations

import argparse
import dataclasses
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edge_digits.errors import ConfigError
from edge_digits.io import mnist
from edge_digits.system.exit_status import INTERRUPTED, exit_status
from edge_digits.system.extras import require
from train.data import command as data
from train.options import NEEDED, add_device, add_part, add_shared, add_threads, formatter, run_moved, set_threads
from train.recipes import RECIPES, PageRecipe

PROGRAM = "python -m train"

_MEASURING = ("evaluate", "sweep", "confidence", "adapt")
"""Commands that have nothing to go on from when they are interrupted."""

_MOVED = {
    "lines": "docs.results.lines",
    "robustness": "docs.results.robustness",
    "published": "train.published",
    "report": "docs.results.published",
}
"""Commands that are programs of their own now."""

_ALIASES = {"cnn": ["digits"]}
"""Other names of networks: what they read."""

_EXAMPLE = "example: python -m train {name} --epochs 5 --out runs/try"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Train a digit network, evaluate model files, or fit what their confidence means.",
        epilog=_EXAMPLE.format(name="cnn"),
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, recipe in RECIPES.items():
        one = commands.add_parser(
            name,
            aliases=_ALIASES.get(name, []),
            help=f"train {name}",
            description=f"Train {name}; writes {name}.safetensors, its spec, log and pictures.",
            epilog=_EXAMPLE.format(name=name),
            usage=f"python -m train {name} [options]",
            formatter_class=formatter,
        )
        for option in dataclasses.fields(recipe):
            default, alone = getattr(recipe, option.name), option.metadata["alone"]
            one.add_argument(
                f"--{option.name.replace('_', '-')}",
                type=type(default),
                **({} if alone is None else {"nargs": "?", "const": alone}),
                default=default,
                metavar={int: "N", float: "X"}.get(type(default), "NAME"),
                help=f"{option.metadata['help']} ({default})",
            )
        one.add_argument("--resume", action="store_true", help="go on where an interrupted run in --out stopped")
        add_device(one)
        add_threads(one)
        add_shared(one, f"runs/{name}")
    test = commands.add_parser(
        "evaluate",
        help="score model files on the test sets and photographs",
        description="Score model files on the test sets, and whole pictures, photographs and single digits in the data "
        "folder: tables and pictures of mistakes. Of the part check there are figures and nothing else.",
        epilog="example: python -m train evaluate --models edge_digits/models/cnn-int8.tflite",
        formatter_class=formatter,
    )
    test.add_argument(
        "--models", nargs="+", type=Path, metavar="FILE", help=".tflite, .onnx, .safetensors (shipped ones)"
    )
    add_part(test)
    test.add_argument("--mnist", type=int, default=600, metavar="N", help="MNIST test digits read as files (600)")
    add_shared(test, "runs/evaluate")
    moved = commands.add_parser(
        "sweep",
        help="move each number that decides what is read",
        description="Read the photographs of the part tune with other values of each number that decides what is read, "
        "one number after the other: a table, and a plot of what each does to the error rate.",
        epilog="example: python -m train sweep --out runs/sweep",
        formatter_class=formatter,
    )
    add_shared(moved, "runs/sweep")
    _add_page(commands)
    every = commands.add_parser(
        "all",
        help="train judge, CNN and CRNN within some minutes",
        description="Make tiles, then train the judge's two stages, the CNN and the CRNN one after another within so "
        "many minutes: what a machine with a large GPU and many cores can do. For model files convert each checkpoint.",
        epilog="example: python -m train all --minutes 10 --device cuda",
        formatter_class=formatter,
    )
    every.add_argument("--minutes", type=float, default=10.0, metavar="X", help="of all together (10)")
    every.add_argument("--tiles", type=int, default=60_000, metavar="N", help="synthesized tiles (60000)")
    every.add_argument("--limit", type=int, default=0, metavar="N", help="at most so many of each kind (0: all)")
    add_device(every)
    add_threads(every)
    add_shared(every, "runs/all")
    adapt = commands.add_parser(
        "adapt",
        help="teach many hands, and say what it comes to",
        description="Teach drawn hands, the fetched handwriting fonts and the sources of photographs in the data "
        "folder as edge-digits teach does: errors before and after 5, 20 and 100 labels, on the hand's other pages "
        "and on everybody else's digits.",
        epilog="example: python -m train adapt --hands 20",
        formatter_class=formatter,
    )
    adapt.add_argument("--hands", type=int, default=100, metavar="N", help="drawn hands (100)")
    add_threads(adapt)
    add_shared(adapt, "runs/adapt")
    fit = commands.add_parser(
        "confidence",
        help="fit thresholds for --max-error into model specs",
        description="Let model files read synthesized pages, checkpoints that read lines validation lines, and write "
        "into their specs which confidence keeps which share of wrong digits (edge-digits read --max-error).",
        epilog="example: python -m train confidence --models runs/cnn/cnn.safetensors",
        formatter_class=formatter,
    )
    fit.add_argument(
        "--models", nargs="+", type=Path, metavar="FILE", help=".tflite, .onnx, .safetensors (shipped ones)"
    )
    add_shared(fit)
    data.add(commands, formatter, add_shared)
    return parser


def _add_page(commands: Any) -> None:
    page = commands.add_parser(
        "judge-page",
        help="train the network that knows a page's hypotheses beside each other",
        description="Let model files of the judge look at synthesized pages, and train the set network on what they "
        "say; writes judge-page.npz.",
        epilog="example: python -m train judge-page --first runs/judge-first/judge-first-int8.tflite",
        formatter_class=formatter,
    )
    for option in dataclasses.fields(PageRecipe):
        page.add_argument(
            f"--{option.name}",
            type=type(option.default),
            default=option.default,
            metavar="N",
            help=f"{option.metadata['help']} ({option.default})",
        )
    for name, network in (("first", "the judge's first stage"), ("second", "its second"), ("classifier", "the CNN")):
        page.add_argument(f"--{name}", type=Path, metavar="FILE", help=f"model file of {network} (the shipped one)")
    page.add_argument(
        "--lines",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="model files of the CRNN, one for each width (the shipped)",
    )
    add_threads(page)
    add_shared(page, "runs/judge-page")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line. Returns the exit status: 0 done, 1 the work failed, 2 the command line is wrong."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given[:1] and given[0] in _MOVED:
        run_moved(PROGRAM, given[0], _MOVED[given[0]], given[1:])
    return exit_status(PROGRAM, lambda: _run(_parser().parse_args(given)), "--debug" in given)


def _run(options: argparse.Namespace) -> int:
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    # All at once: what is missing at the end of a training is missed too late.
    require(options.command, "train", data.NEEDED if options.command in data.COMMANDS else NEEDED)
    try:
        if options.command == "evaluate":
            _evaluate(options)
        elif options.command == "sweep":
            _sweep(options)
        elif options.command == "judge-page":
            _train_page(options)
        elif options.command == "all":
            _train_all(options)
        elif options.command == "adapt":
            _adapt(options)
        elif options.command == "confidence":
            _fit_confidence(options)
        elif options.command in data.COMMANDS:
            data.run(options)
        else:
            _train(options)
    except KeyboardInterrupt:
        if options.debug:
            raise
        trains = options.command not in (*_MEASURING, *data.COMMANDS)
        goes_on = "; the same command with --resume goes on from the last whole epoch" if trains else ""
        print(f"interrupted{goes_on}", file=sys.stderr)
        return INTERRUPTED
    return 0


def _train(options: argparse.Namespace) -> None:
    options.command = next((name for name, others in _ALIASES.items() if options.command in others), options.command)
    kind = type(RECIPES[options.command])
    recipe = kind(**{f.name: getattr(options, f.name) for f in dataclasses.fields(kind)})
    folder = mnist.data_dir(options.data_dir)
    # Imported late: torch takes seconds, and a wrong command line should not wait for it.
    from train import fit, parallel
    from train.all import command as all_networks

    processes = options.threads or parallel.default_processes()
    set_threads(processes)
    device = fit.pick_device(options.device)
    all_networks.train_one(options.command, recipe, folder, options.out, device, processes, options.resume)


def _train_all(options: argparse.Namespace) -> None:
    for name, low in (("minutes", 0.01), ("tiles", 1), ("limit", 0)):
        if getattr(options, name) < low:
            raise ConfigError(f"--{name} is {getattr(options, name)}, expected {low} or more")
    folder = mnist.data_dir(options.data_dir)
    from train import fit, parallel
    from train.all import command as all_networks

    processes = options.threads or parallel.default_processes()
    set_threads(processes)
    device = fit.pick_device(options.device)
    given = (options.minutes, options.tiles, options.limit, folder, options.out, device, processes)
    for path in all_networks.train_all(*given):
        print(path)


def _train_page(options: argparse.Namespace) -> None:
    recipe = PageRecipe(**{f.name: getattr(options, f.name) for f in dataclasses.fields(PageRecipe)})
    folder = mnist.data_dir(options.data_dir)
    from edge_digits.reader import MODELS, line_models
    from train import parallel
    from train.judge.page_training import Files, train

    shipped = {"first": "judge-first-int8.tflite", "second": "judge-int8.tflite", "classifier": "cnn-int8.tflite"}
    stages = {name: getattr(options, name) or MODELS / file for name, file in shipped.items()}
    files = Files(**stages, lines=tuple(options.lines or line_models()))
    options.out.mkdir(parents=True, exist_ok=True)
    train(recipe, files, folder, options.out, options.threads or parallel.default_processes())


def _adapt(options: argparse.Namespace) -> None:
    if options.hands < 1:
        raise ConfigError(f"--hands is {options.hands}, expected 1 or more")
    from train import parallel
    from train.adapt import command

    folder = mnist.data_dir(options.data_dir)
    command.run(options.hands, folder, options.out, options.threads or parallel.default_processes())


def _evaluate(options: argparse.Namespace) -> None:
    folder = mnist.data_dir(options.data_dir)
    if options.mnist < 1:
        raise ConfigError(f"--mnist is {options.mnist}, expected 1 or more")
    from train.evaluate import command

    readers = [str(path) for path in options.models or ()] or command.READERS
    models = options.models or command.shipped_models()
    command.run(models, readers, folder, options.out, options.part, options.mnist)


def _sweep(options: argparse.Namespace) -> None:
    folder = mnist.data_dir(options.data_dir)
    from functools import partial

    from edge_digits.errors import DataError
    from train.evaluate import photographs, sweep

    shots = photographs.load(folder, sweep.PART)
    if not shots:
        raise DataError(f"{folder / photographs.FOLDER}: no such folder; expected photographs with their labels")
    print(sweep.run(partial(sweep.read_with, shots), sweep.numbers(), options.out))


def _fit_confidence(options: argparse.Namespace) -> None:
    folder = mnist.data_dir(options.data_dir)
    from edge_digits.runtime.spec import read_spec
    from train.evaluate import command, confidence
    from train.lines import confidence as line_confidence

    models = options.models or command.shipped_models()
    of_lines = [path for path in models if read_spec(path).reads_lines]
    for path in of_lines:
        line_confidence.run(path, folder)
    if digits := [path for path in models if path not in of_lines]:
        confidence.run(digits, folder)


if __name__ == "__main__":
    sys.exit(main())
