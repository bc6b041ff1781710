"""The zoo's page: figures with intervals, what helped, what did not; its networks are those of the papers."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the zoo needs torch: pip install -e '.[convert]'")
pytest.importorskip("onnxruntime", reason="the zoo needs onnxruntime: pip install -e '.[convert]'")
pytest.importorskip("tensorflow", reason="the zoo needs tensorflow: pip install -e '.[convert]'")

import numpy as np
import onnx
import torch

from convert.quantize.figures import Figures
from convert.quantize.remedies.accuracy_control import MIXED, PER_CHANNEL, PLAIN, Settings, Step
from docs.results.zoo import data, document
from docs.results.zoo.measure import Row
from docs.results.zoo.networks import NETWORKS, spread_channels
from docs.results.zoo.training import read


def _step(remedy: str, agreement: float, kept: bool, passed: bool) -> Step:
    figures = Figures(agreement, agreement - 0.01, agreement + 0.01, 20.0, 0.9, 0.012, 0.003)
    return Step(remedy, "two layers", figures, kept, passed, onnx.ModelProto(), Settings(100))


def _row() -> Row:
    tried = (_step(PLAIN, 0.90, True, False), _step(PER_CHANNEL, 0.999, True, True), _step(MIXED, 0.5, False, False))
    return Row("MobileNetV2", "onnx", 1_234, 0.98, tried, 1, tried[0].figures, tried[1].figures)


def test_a_row_says_what_is_lost_and_by_which_remedy_it_was_won_back() -> None:
    line = document.losses([_row()]).splitlines()[-1]
    assert line.startswith("| MobileNetV2 | 1,234 | onnx | 98.00 | 90.00 (89.00 to 91.00) | +1.20 ± 0.30 | 99.90")
    assert line.endswith(f"| {PER_CHANNEL} |")


def test_what_did_not_help_is_marked() -> None:
    line = document.remedies([_row()]).splitlines()[-1]
    assert "99.90, 20 dB |" in line and "50.00, 20 dB —" in line
    assert document.kept_layers([_row()]) == f"- MobileNetV2, onnx, {MIXED}: two layers."


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_gives_a_score_for_each_class(name: str) -> None:
    torch.manual_seed(0)
    size = data.LINE_SIZE if name == "CRNN" else (28, 28)
    with torch.inference_mode():
        scores = NETWORKS[name]().eval()(torch.rand(2, 1, *size))
    assert scores.shape == ((2, size[1] // 4, 11) if name == "CRNN" else (2, 10))


def test_spread_channels_compute_nearly_the_same() -> None:
    torch.manual_seed(0)
    network, x = NETWORKS["MobileNetV2"]().eval(), torch.rand(4, 1, 28, 28)
    with torch.inference_mode():
        before = network(x)
        assert torch.allclose(spread_channels(network)(x), before, atol=1e-3)


def test_a_line_is_read_by_its_best_path() -> None:
    scores = np.eye(11, dtype=np.float32)[[[3, 3, 10, 3, 7]]]
    assert read(scores).tolist() == [[3, 3, 7, -1, -1]]


def test_the_page_stands_where_it_is_listed() -> None:
    assert Path(document.__file__).parents[1] / "zoo.md" == document.PAGE
