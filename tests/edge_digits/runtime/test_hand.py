"""What was learned of a hand, as a file, and models that read by it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from edge_digits.errors import ModelError
from edge_digits.judge_classes import CLASSES
from edge_digits.runtime.hand import Hand, HandFile, load_hand, save_hand
from edge_digits.runtime.last_layer import LastLayer, TaughtModel

PIXELS = np.zeros((2, 28, 28), np.uint8)


@dataclass
class Model:
    """Gives scores of -1 and features of 1."""

    classes: int
    spec: Any

    def scores(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.full((len(pixels), self.classes), -1, np.float32)

    def features(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.ones((len(pixels), 3), np.float32)


def models() -> tuple[TaughtModel, TaughtModel]:
    judge, cnn = (
        TaughtModel(Model(classes, SimpleNamespace(sha256=name)))
        for name, classes in (("judge's", CLASSES), ("cnn's", 11))
    )
    return judge, cnn


def hand(value: float = 1.0, judge: str = "judge's") -> Hand:
    layers = [LastLayer(np.full((3, n), value, np.float32), np.zeros(n, np.float32)) for n in (CLASSES, 11)]
    return Hand(layers[0], layers[1], {"judge": judge, "cnn": "cnn's"}, {"labels": 20})


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "hand.npz"
    save_hand(path, hand(2.5))
    loaded = load_hand(path)
    assert (loaded.judge.weights == 2.5).all()
    assert loaded.cnn.bias.shape == (11,)
    assert (loaded.parents, loaded.origin) == ({"judge": "judge's", "cnn": "cnn's"}, {"labels": 20})
    assert [file.name for file in tmp_path.iterdir()] == ["hand.npz"]


def test_models_read_by_the_file_that_is_there_when_it_comes_changes_and_goes(tmp_path: Path) -> None:
    path = tmp_path / "hand.npz"
    judge, cnn = models()
    file = HandFile(path, judge, cnn)
    assert judge.scores(PIXELS)[0, 0] == cnn.scores(PIXELS)[0, 0] == -1
    for value in (1.0, 2.0):
        save_hand(path, hand(value))
        file.refresh()
        assert judge.scores(PIXELS)[0, 0] == cnn.scores(PIXELS)[0, 0] == 3 * value
    path.unlink()
    file.refresh()
    assert judge.scores(PIXELS)[0, 0] == cnn.scores(PIXELS)[0, 0] == -1


def test_a_hand_of_other_model_files_is_said_and_not_taken(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "hand.npz"
    save_hand(path, hand(judge="another"))
    judge, cnn = models()
    with caplog.at_level(logging.WARNING):
        file = HandFile(path, judge, cnn)
        file.refresh()
    assert judge.layer is cnn.layer is None
    assert len(caplog.records) == 1
    assert f"{path}: learned with another file of the judge" in caplog.text
    assert "teach again" in caplog.text


@pytest.mark.parametrize("keep", [0, 10, 200, 0.5, 0.99])
def test_a_damaged_file_is_said_and_read_past(tmp_path: Path, keep: float, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "hand.npz"
    save_hand(path, hand())
    content = path.read_bytes()
    path.write_bytes(content[: int(keep if keep >= 1 else keep * len(content))])
    with pytest.raises(ModelError, match="damaged"):
        load_hand(path)
    judge, cnn = models()
    HandFile(path, judge, cnn)
    assert judge.scores(PIXELS)[0, 0] == -1
    assert str(path) in caplog.text


def test_weights_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "hand.npz"
    wrong = Hand(hand().cnn, hand().cnn, hand().parents, {})
    save_hand(path, wrong)
    with pytest.raises(ModelError, match="judge has weights"):
        load_hand(path)
    save_hand(path, hand(float("nan")))
    with pytest.raises(ModelError, match="no numbers"):
        load_hand(path)


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.npz: no such file"):
        load_hand(tmp_path / "none.npz")
