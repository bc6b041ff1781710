"""The command lines of ``python -m train published`` and ``python -m train report``; torch is imported late."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edge_digits.io import mnist
from train.options import add_device, add_threads, set_threads

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "published.md"
RUNS = "runs/published"


def add(commands: Any, formatter: Callable[[str], argparse.HelpFormatter], shared: Callable[..., None]) -> None:
    """Add both commands to argparse's ``commands``. shared: adds the options that all commands have."""
    from train.published.recipes import RECIPES

    one = commands.add_parser(
        "published",
        help="train published systems to compare with",
        description=f"Train systems that others published, on the same data and measure: {', '.join(RECIPES)}, or all. "
        "What is finished is left as it is; what was interrupted goes on.",
        epilog="example: python -m train published mlp cnn-lenet --epochs-scale 0.1",
        usage="python -m train published NAME… [options]",
        formatter_class=formatter,
    )
    one.add_argument("names", nargs="+", metavar="NAME", help="of these systems, or all")
    said = "run this share of the epochs (svm, knn: of the training set), marked wherever it is shown (1)"
    one.add_argument("--epochs-scale", type=float, default=1.0, metavar="X", help=said)
    said = "mnist, usps, or through torchvision emnist-digits, emnist-letters, emnist-balanced, fashion, kmnist (mnist)"
    one.add_argument("--dataset", default="mnist", metavar="NAME", help=said)
    one.add_argument("--seed", type=int, metavar="N", help="of weights, order and augmentation (the recipe's: 1)")
    one.add_argument("--imagenet", action="store_true", help="start alexnet or resnet from torchvision's weights")
    one.add_argument("--anew", action="store_true", help="forget what is finished or interrupted")
    add_device(one)
    add_threads(one)
    shared(one, RUNS)
    report = commands.add_parser(
        "report",
        help="compare all published systems that were trained",
        description="Measure every trained published system and our own: a page with tables and pictures.",
        epilog="example: python -m train report --out runs/report/published.md",
        formatter_class=formatter,
    )
    said = f"where python -m train published put its runs ({RUNS})"
    report.add_argument("--runs", type=Path, default=Path(RUNS), metavar="DIR", help=said)
    said = f"the page; its pictures go into a folder beside it ({DOCUMENT.relative_to(ROOT)})"
    report.add_argument("--out", type=Path, default=DOCUMENT, metavar="FILE", help=said)
    add_threads(report)
    shared(report)


def _published(options: argparse.Namespace) -> None:
    folder = mnist.data_dir(options.data_dir)
    from train import fit
    from train.published import command

    names = tuple(options.names)
    job = command.Job(names, options.dataset, options.epochs_scale, options.seed, options.imagenet, options.anew)
    set_threads(options.threads)
    command.run(job, folder, options.out, fit.pick_device(options.device))


def _report(options: argparse.Namespace) -> None:
    folder = mnist.data_dir(options.data_dir)
    from train.published import document

    set_threads(options.threads)
    document.write(options.runs, folder, options.out)
    print(options.out)


COMMANDS = {"published": _published, "report": _report}
