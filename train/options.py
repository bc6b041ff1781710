"""Options that several commands of ``python -m train`` have; torch is imported late."""

from __future__ import annotations

import argparse

from edge_digits.errors import ConfigError


def add_device(parser: argparse.ArgumentParser) -> None:
    """``--device``: a name that ``train.fit.pick_device`` takes."""
    said = "auto, cpu or cuda (auto: cuda where there is a GPU)"
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", metavar="NAME", help=said)


def add_threads(parser: argparse.ArgumentParser) -> None:
    """``--threads``, to be handed to ``set_threads``."""
    parser.add_argument("--threads", type=int, default=0, metavar="N", help="CPU threads (all)")


def set_threads(threads: int) -> None:
    """Let torch use so many CPU threads, 0 as many as it takes by itself. Raises ConfigError."""
    if threads < 0:
        raise ConfigError(f"--threads is {threads}, expected 1 or more (0: all)")
    import torch

    if threads:
        torch.set_num_threads(threads)


def add_part(parser: argparse.ArgumentParser) -> None:
    """``--part`` of the photographs."""
    said = "photographs of this part only, such as tune while there is work to do (all)"
    parser.add_argument("--part", metavar="NAME", help=said)
