"""Nothing that a Raspberry Pi runs imports a training framework: shown in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = ("torch", "torchvision", "tensorflow", "matplotlib")


def imported_by(code: str) -> set[str]:
    """Names of the top-level modules that are loaded after ``code`` has run in a new interpreter."""
    script = f"{code}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("module", ["edge_digits.cli.main", "edge_digits.reader", "device.__main__"])
def test_what_a_pi_runs_imports_no_training_framework(module: str) -> None:
    loaded = imported_by(f"import {module}")
    assert module.partition(".")[0] in loaded
    assert loaded.isdisjoint(HEAVY)


def test_every_module_of_the_wheel_imports_no_training_framework() -> None:
    walk = "import importlib, pkgutil, edge_digits, device\n"
    walk += "for package in (edge_digits, device):\n"
    walk += "    for found in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
    walk += "        importlib.import_module(found.name)"
    assert imported_by(walk).isdisjoint(HEAVY)


def test_the_command_line_answers_without_numpy_or_opencv() -> None:
    assert imported_by("import edge_digits.cli.main").isdisjoint({"numpy", "cv2", "ai_edge_litert"})
