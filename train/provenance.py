"""Where a trained network comes from, for its spec: enough to make it again."""

from __future__ import annotations

import dataclasses
import platform
import subprocess
from pathlib import Path
from typing import Any

import torch

from train import fit
from train.recipes import RECIPES, Recipe


def command(name: str, recipe: Recipe) -> str:
    """The command line that trains this recipe; folders are the user's own and left out."""
    words = ["python -m train", name]
    for option in dataclasses.fields(recipe):
        value = getattr(recipe, option.name)
        if value != getattr(RECIPES[name], option.name):
            words.append(f"--{option.name.replace('_', '-')} {value}")
    return " ".join(words)


def origin(
    name: str, recipe: Recipe, device: torch.device, data: dict[str, int], outcome: fit.Outcome
) -> dict[str, Any]:
    """The ``origin`` of a ModelSpec. data: crops or lines by kind; outcome: what training ``recipe`` came to."""
    return {
        "command": command(name, recipe),
        "recipe": dataclasses.asdict(recipe),
        "data": data,
        "commit": commit(),
        "hardware": hardware(device),
        "torch": torch.__version__,
        "python": platform.python_version(),
        "seconds": round(sum(epoch.seconds for epoch in outcome.log), 1),
        "epoch": outcome.epoch,
        "precision": str(fit.resolve_precision(recipe.precision, device)).removeprefix("torch."),
    }


def commit() -> str:
    """The checkout's commit, with ``+changes`` if files differ from it; ``unknown`` outside a checkout."""
    folder = Path(__file__).parent
    try:
        head = _git(folder, "rev-parse", "--short=12", "HEAD")
        return head + ("+changes" if _git(folder, "status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def hardware(device: torch.device) -> str:
    """What did the arithmetic: the GPU's name, or the processor's with the threads used."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{named[0] if named else platform.machine()}, {torch.get_num_threads()} threads"
