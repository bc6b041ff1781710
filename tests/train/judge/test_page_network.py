"""The set network: what PyTorch trains is what NumPy computes, and it learns what only neighbours tell."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from edge_digits.errors import ModelError
from edge_digits.selection.page_context import EDGE_FEATURES, NEIGHBOURS, NODE_FEATURES
from edge_digits.selection.set_network import load_set_network
from train.judge import page_network
from train.judge.page_network import PageExamples, PageNetwork, fit


def _examples(count: int) -> PageExamples:
    """Hypotheses that look alike; those whose first neighbour is likely are digits."""
    random = np.random.default_rng(0)
    nodes = random.normal(0, 0.3, (count, NODE_FEATURES)).astype(np.float32)
    edges = random.normal(0, 0.3, (count, NEIGHBOURS, EDGE_FEATURES)).astype(np.float32)
    edges[:, :, -1] = 1
    is_digit = (random.random(count) < 0.5).astype(np.float32)
    edges[:, 0, 4] = 2 * is_digit - 1
    edges[:, 1:, 4] = 0
    return PageExamples(nodes, edges, is_digit, np.arange(count) // 20)


def test_numpy_computes_what_torch_does(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = PageNetwork()
    torch.nn.init.normal_(network.node3.weight)
    with (tmp_path / "net.npz").open("wb") as file:
        np.savez(file, calibration=np.ones(3), **network.arrays())
    examples = _examples(50)
    with torch.inference_mode():
        expected = network(torch.from_numpy(examples.nodes), torch.from_numpy(examples.edges)).numpy()
    found = load_set_network(tmp_path / "net.npz")(examples.nodes, examples.edges)
    assert np.abs(found - expected).max() < 1e-4


@pytest.mark.slow
def test_it_learns_what_only_neighbours_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_network, "BATCH", 192)
    _, figures = fit(_examples(1500), seed=0)
    assert figures["missed before"] > 0.3 > 0.1 > figures["missed"]
    assert figures["false"] < 0.1


def test_an_untrained_network_says_what_the_judge_says() -> None:
    examples = _examples(20)
    with torch.inference_mode():
        said = PageNetwork()(torch.from_numpy(examples.nodes), torch.from_numpy(examples.edges)).numpy()
    assert said == pytest.approx(4 * examples.nodes[:, 0], abs=1e-5)


def test_a_file_that_is_no_network_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "net.npz").write_bytes(b"nothing")
    with pytest.raises(ModelError, match=r"net\.npz"):
        load_set_network(tmp_path / "net.npz")
    np.savez(tmp_path / "other.npz", edge1=np.zeros(3))
    with pytest.raises(ModelError, match=r"other\.npz"):
        load_set_network(tmp_path / "other.npz")
    with pytest.raises(ModelError, match=r"missing\.npz: no such model file"):
        load_set_network(tmp_path / "missing.npz")
