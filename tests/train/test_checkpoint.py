"""A checkpoint that is damaged, or another network's, is refused in one line that names the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training needs torch: pip install -e '.[train]'")

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from edge_digits.errors import ModelError
from edge_digits.runtime.spec import ModelSpec, sha256_of, write_spec
from train import checkpoint, networks


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A whole checkpoint of the small CNN."""
    checkpoint.save(tmp_path / "some.safetensors", networks.cnn_small(), name="cnn-small")
    return tmp_path / "some.safetensors"


def refusal(path: Path) -> str:
    """Why a file is refused whose checksum is what its spec says: it was damaged before that was written."""
    write_spec(path, ModelSpec("cnn-small", "torch", "float32", sha256_of(path)))
    with pytest.raises(ModelError) as caught:
        checkpoint.load(path)
    said = str(caught.value)
    assert said.startswith(f"{path}: ") and "\n" not in said
    return said


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5])
def test_a_file_that_is_cut_short_is_refused(share: float, path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    assert "damaged or cut short" in refusal(path)


def test_a_file_of_another_kind_is_refused(path: Path) -> None:
    path.write_bytes(b"not weights at all, but long enough to have a header")
    assert "damaged or cut short" in refusal(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda weights: weights.pop("0.weight"), 'Missing key(s) in state_dict: "0.weight"'),
        (lambda weights: weights.update(more=torch.zeros(3)), 'Unexpected key(s) in state_dict: "more"'),
        (lambda weights: weights.update({"0.weight": torch.zeros(3)}), "size mismatch for 0.weight"),
    ],
)
def test_weights_of_another_network_are_refused(
    change: Callable[[dict[str, Tensor]], object], said: str, path: Path
) -> None:
    weights = load_file(path)
    change(weights)
    save_file(weights, path)
    assert f"do not fit the network 'cnn-small': {said}" in refusal(path)
