"""Tests share two cores with others: torch takes one. Without torch, the whole folder is skipped, visibly."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

torch = pytest.importorskip("torch", reason="training needs torch: pip install -e '.[train]'")
torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """Whatever a training that was tested before has set."""
    torch.set_num_threads(1)
