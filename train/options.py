"""Options that several commands of ``python -m train`` have; torch is imported late."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from edge_digits.errors import ConfigError
from edge_digits.io import mnist

NEEDED = ("torch", "safetensors", "matplotlib", "tqdm")
"""Packages that training and evaluation need, but for those of ``train.data``."""


def formatter(prog: str) -> argparse.HelpFormatter:
    """Every option on one line, so that the help fits a screen."""
    return argparse.HelpFormatter(prog, max_help_position=26, width=100)


def add_shared(parser: argparse.ArgumentParser, out: str | None = None) -> None:
    """What every command has. out: the folder for results; without one there is no ``--out``."""
    parser.add_argument(
        "--data-dir", type=Path, metavar="DIR", help=f"data sets (${mnist.ENVIRONMENT}, else the cache)"
    )
    if out:
        parser.add_argument("--out", type=Path, default=Path(out), metavar="DIR", help=f"where results go ({out})")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")


def add_device(parser: argparse.ArgumentParser) -> None:
    """``--device``: a name that ``train.fit.pick_device`` takes."""
    meaning = "auto, cpu or cuda (auto: cuda where there is a GPU)"
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", metavar="NAME", help=meaning)


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
    meaning = "photographs of this part only, such as tune while there is work to do (all)"
    parser.add_argument("--part", metavar="NAME", help=meaning)


def run_moved(program: str, command: str, module: str, arguments: Sequence[str]) -> NoReturn:
    """Of a command that is a program of its own now: say its new name, and become ``python -m module arguments``, which
    was ``program command arguments``."""
    print(f"{program} {command} is now python -m {module}", file=sys.stderr, flush=True)
    os.execv(sys.executable, [sys.executable, "-m", *module.split(), *arguments])
