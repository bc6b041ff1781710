"""Stands in for learning in the page's processes, which have this folder in PYTHONPATH: takes what it is given, or
refuses it, at once."""

from __future__ import annotations

import sys
import time
import types
from dataclasses import dataclass
from pathlib import Path

HAND = "hand.npz"


@dataclass(frozen=True)
class Taught:
    """As ``edge_digits.teach.teach`` has it."""

    taken: bool
    summary: str


def teach(folder: Path, threads: int = 1) -> Taught:
    """Takes it if there are labels; raises LabelError if there is no folder for them, and ends without a word where
    somebody has put a file "broken"."""
    from edge_digits.teach.labels import read_labels

    if (folder / "broken").exists():
        sys.exit(3)
    count = len(read_labels(folder))
    if (folder / "slow").exists():
        time.sleep(3)
    if not count:
        return Taught(False, "0 labels.\nNot taken: there is nothing to learn.")
    (folder / HAND).touch()
    return Taught(True, f"{count} labels.\nTaken: read so from the next picture on.")


module = types.ModuleType("edge_digits.teach.teach")
module.__dict__.update(teach=teach, Taught=Taught)
sys.modules[module.__name__] = module
