"""The command line of ``python -m train published``; torch is imported late."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from edge_digits import mnist
from edge_digits.errors import ConfigError

RUNS = "runs/published"


def add(commands: Any, formatter: Callable[[str], argparse.HelpFormatter], shared: Callable[..., None]) -> None:
    """Add the command to argparse's ``commands``. shared: adds the options that all commands have."""
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
    said = "auto, cpu or cuda (auto: cuda where there is a GPU)"
    one.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", metavar="NAME", help=said)
    one.add_argument("--threads", type=int, default=0, metavar="N", help="CPU threads (all)")
    shared(one, RUNS)


def _published(options: argparse.Namespace) -> None:
    folder = mnist.data_dir(options.data_dir)
    from train import loop
    from train.published import command

    names = tuple(options.names)
    job = command.Job(names, options.dataset, options.epochs_scale, options.seed, options.imagenet, options.anew)
    _set_threads(options.threads)
    command.run(job, folder, options.out, loop.pick_device(options.device))


def _set_threads(threads: int) -> None:
    import torch

    if threads < 0:
        raise ConfigError(f"--threads is {threads}, expected 1 or more (0: all)")
    if threads:
        torch.set_num_threads(threads)


COMMANDS = {"published": _published}
