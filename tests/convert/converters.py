"""Converters without a process of their own each, for tests whose subject is what comes before or after them."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest


def run_here(module: str, arguments: list[str | Path], log: Path) -> None:
    """A converter in this process, which needs to import TensorFlow but once. For ``convert.child.run``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [module, *map(str, arguments)])
        importlib.import_module(module).main()


def copy_from(folder: Path) -> Callable[[str, list[str | Path], Path], None]:
    """A stand-in for ``convert.child.run`` that takes the files from ``folder``, where they were converted before."""

    def run(module: str, arguments: list[str | Path], log: Path) -> None:
        [out] = [argument for argument in arguments[1:] if isinstance(argument, Path) and argument.suffix != ".npy"]
        shutil.copyfile(folder / out.name, out)

    return run
