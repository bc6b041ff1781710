"""``python -m train.published NAME…``: train published systems to compare with; torch is imported late."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence

from edge_digits.io import mnist
from edge_digits.system.exit_status import INTERRUPTED, exit_status
from edge_digits.system.extras import require
from train.options import NEEDED, add_device, add_shared, add_threads, formatter, set_threads
from train.published.recipes import RECIPES

PROGRAM = "python -m train.published"
RUNS = "runs/published"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description=f"Train systems that others published, on the same data and measure: {', '.join(RECIPES)}, or all. "
        "What is finished is left as it is; what was interrupted goes on.",
        epilog="example: python -m train.published mlp cnn-lenet --epochs-scale 0.1",
        usage="python -m train.published NAME… [options]",
        formatter_class=formatter,
    )
    parser.add_argument("names", nargs="+", metavar="NAME", help="of these systems, or all")
    meaning = "run this share of the epochs (svm, knn: of the training set), marked wherever it is shown (1)"
    parser.add_argument("--epochs-scale", type=float, default=1.0, metavar="X", help=meaning)
    meaning = (
        "mnist, usps, or through torchvision emnist-digits, emnist-letters, emnist-balanced, fashion, kmnist (mnist)"
    )
    parser.add_argument("--dataset", default="mnist", metavar="NAME", help=meaning)
    parser.add_argument("--seed", type=int, metavar="N", help="of weights, order and augmentation (the recipe's: 1)")
    parser.add_argument("--imagenet", action="store_true", help="start alexnet or resnet from torchvision's weights")
    parser.add_argument("--anew", action="store_true", help="forget what is finished or interrupted")
    add_device(parser)
    add_threads(parser)
    add_shared(parser, RUNS)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line. Returns the exit status: 0 done, 1 the work failed, 2 the command line is wrong."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    return exit_status(PROGRAM, lambda: _run(_parser().parse_args(given)), "--debug" in given)


def _run(options: argparse.Namespace) -> int:
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    require("train.published", "train", NEEDED)
    folder = mnist.data_dir(options.data_dir)
    from train import fit
    from train.published import command

    names = tuple(options.names)
    job = command.Job(names, options.dataset, options.epochs_scale, options.seed, options.imagenet, options.anew)
    set_threads(options.threads)
    try:
        command.run(job, folder, options.out, fit.pick_device(options.device))
    except KeyboardInterrupt:
        if options.debug:
            raise
        print("interrupted; the same command goes on from the last whole epoch", file=sys.stderr)
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
