"""A wrong preprocessing is found by comparing accuracies, and said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from convert.foreign.graph.declared import Declared
from convert.foreign.graph.float_graph import float_graph
from convert.foreign.graph.onnx_scores import scores, session
from convert.foreign.mistakes import check
from convert.foreign.samples import Samples
from edge_digits.runtime.preprocessing import Preprocessing

Score = Callable[[NDArray[np.float32]], NDArray[np.float32]]


@pytest.fixture(scope="module")
def score(graph: onnx.ModelProto) -> Score:
    """The network, which was trained on light ink in 0..1."""
    running = session(float_graph(graph, Declared(), "model")[0])
    return lambda values: scores(running, values)


def test_nothing_is_said_of_a_right_one(samples: Samples, score: Score) -> None:
    checked = check(samples, Preprocessing(), score)
    assert checked is not None
    assert checked.warning == ""
    assert checked.accuracy > 0.8


def test_without_labels_nothing_can_be_compared(samples: Samples, score: Score) -> None:
    assert check(Samples(samples.pixels, None, np.zeros(len(samples), bool)), Preprocessing(), score) is None


@pytest.mark.parametrize(
    ("declared", "warning"),
    [
        (Preprocessing(invert=True), "if its ink is inverted: turn --invert over"),
        (Preprocessing(scale=1.0, mean=(127.0,)), "if it was trained on 0..1, not -127..128: --scale 1/255"),
        (Preprocessing(scale=1.0, invert=True), "0..1, not 0..255, and its ink is inverted: --scale 1/255, and turn"),
    ],
)
def test_the_mistake_is_named_with_its_remedy(
    samples: Samples, score: Score, declared: Preprocessing, warning: str
) -> None:
    checked = check(samples, declared, score)
    assert checked is not None
    assert warning in checked.warning


def test_a_network_of_0_to_255_that_is_fed_0_to_1_is_said(samples: Samples, score: Score) -> None:
    """A bias makes ranges differ."""
    checked = check(
        samples, Preprocessing(), lambda values: score(values * np.float32(1 / 255 if values.max() > 2 else 0))
    )
    assert checked is not None
    assert "if it was trained on 0..255, not 0..1: --scale 1" in checked.warning


def test_turned_pictures_are_said(samples: Samples, score: Score) -> None:
    turned = replace(samples, pixels=np.ascontiguousarray(samples.pixels.transpose(0, 2, 1)))
    checked = check(turned, Preprocessing(), score)
    assert checked is not None
    assert "if rows and columns change places" in checked.warning


def test_channels_last_that_are_fed_first_are_said(samples: Samples, score: Score) -> None:
    """A network that takes each picture's bytes as channels last."""
    colours = replace(samples, pixels=np.repeat(samples.pixels[:, None], 3, axis=1))

    def last(values: NDArray[np.float32]) -> NDArray[np.float32]:
        return score(np.ascontiguousarray(values.reshape(len(values), 16, 16, 3).transpose(0, 3, 1, 2)[:, :1]))

    checked = check(colours, Preprocessing("rgb"), last)
    assert checked is not None
    assert "if it was trained on NHWC and is fed NCHW: --layout NHWC" in checked.warning
