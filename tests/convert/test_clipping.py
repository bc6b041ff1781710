"""Ranges made narrower for int8."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from convert.clipping import KEPT, clipped
from convert.errors import ConversionError
from train.models import NETWORKS
from train.tensors import to_input

SAMPLES = np.random.default_rng(0).integers(0, 256, (24, 32, 64), dtype=np.uint8)


def _network(name: str) -> nn.Sequential:
    torch.manual_seed(3)
    return NETWORKS[name]().eval()


@pytest.mark.parametrize("name", ["crnn-gru", "crnn-elman", "crnn-lstm", "crnn-none"])
def test_what_is_not_cut_off_comes_out_as_before(name: str) -> None:
    network = _network(name)
    made = clipped(network, SAMPLES)
    quiet = to_input(torch.from_numpy(SAMPLES // 3))
    with torch.inference_mode():
        before, after = network(quiet), made(quiet)
    assert torch.allclose(before, after, atol=1e-5)


def test_no_activation_behind_a_convolution_is_above_six_and_hardly_one_was_cut() -> None:
    made = clipped(_network("crnn-gru"), SAMPLES)
    x = to_input(torch.from_numpy(SAMPLES))
    seen = 0
    with torch.inference_mode():
        for layer in made:
            before, x = x, layer(x)
            if isinstance(layer, nn.ReLU6):
                seen += 1
                assert float((before > 6).sum() / (before > 0).sum()) == pytest.approx(1 - KEPT, abs=3e-4)
                assert float(before.max()) > 5
    assert seen == 7 and not any(type(layer) is nn.ReLU for layer in made)


def test_the_network_itself_is_left_as_it_is() -> None:
    network = _network("crnn-elman")
    kept = {name: value.clone() for name, value in network.state_dict().items()}
    clipped(network, SAMPLES)
    assert all(torch.equal(value, kept[name]) for name, value in network.state_dict().items())


def test_a_layer_that_a_factor_does_not_go_through_is_named() -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Sigmoid(), nn.Conv2d(2, 2, 3)).eval()
    with pytest.raises(ConversionError, match=r"layer 2 \(Sigmoid\)"):
        clipped(network, SAMPLES)
