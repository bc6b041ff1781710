"""Each kind of MODEL becomes a graph that answers what the model itself does."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray

from convert.errors import ConversionError
from convert.foreign.graph.declared import Declared
from convert.foreign.graph.load import Source, kind_of, load
from convert.foreign.graph.onnx_scores import lengths, scores, session
from convert.foreign.samples import find_pictures, read_pictures
from edge_digits.errors import ConfigError, ModelError
from edge_digits.runtime.preprocessing import Preprocessing, network_input
from train.temperature_scaling import softmax

pytestmark = pytest.mark.slow

MODULE = '''
from torch import nn


class Line(nn.Module):
    """Time steps first, the blank as the first class."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(1, 4, (16, 3), padding=(0, 1))
        self.columns = nn.LSTM(4, 5, bidirectional=True)
        self.last = nn.Linear(10, 11)

    def forward(self, x):
        return self.last(self.columns(self.first(x).squeeze(2).permute(2, 0, 1))[0]).log_softmax(2)


def line():
    return Line()


def nothing():
    return 5


def wrong():
    raise RuntimeError("no weights")
'''


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Six of noise."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number, picture in enumerate(np.random.default_rng(0).integers(0, 256, (6, 16, 16)).astype(np.uint8)):
        cv2.imwrite(str(folder / f"{number}.png"), picture)
    return folder


def _loaded(model: str, pictures: Path, declared: Declared | None = None) -> tuple[Source, NDArray[np.floating]]:
    """The source, and its graph's scores for the pictures, behind the softmax that was left out."""
    declared = declared or Declared()
    paths, folder = find_pictures(pictures), pictures.parent
    source = load(model, declared, paths, folder)
    is_line = len(lengths(source.graph.graph.output[0])) == 3
    pixels = read_pictures(paths, (16, 16), declared.preprocessing.colour, is_line)
    given = scores(session(source.graph), network_input(pixels, declared.preprocessing))
    if not source.changes.softmax:
        return source, given
    chances = softmax(given.reshape(-1, given.shape[-1])).reshape(given.shape)
    return source, np.log(chances) if source.answers.max() <= 0 else chances


def test_onnx(pictures: Path, graph: onnx.ModelProto) -> None:
    onnx.save(graph, pictures.parent / "model.onnx")
    source, given = _loaded(str(pictures.parent / "model.onnx"), pictures)
    assert given == pytest.approx(source.answers, rel=1e-4, abs=1e-5)
    assert source.changes.softmax


def test_an_exported_program(pictures: Path, network: torch.nn.Module) -> None:
    program = torch.export.export(network, (torch.zeros(1, 1, 16, 16),))
    torch.export.save(program, pictures.parent / "model.pt2")
    source, given = _loaded(str(pictures.parent / "model.pt2"), pictures)
    assert given == pytest.approx(source.answers, rel=1e-4, abs=1e-5)


def test_a_module_that_reads_lines(pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (pictures.parent / "mine.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.chdir(pictures.parent)
    source, given = _loaded("mine:line", pictures, Declared(size=(16, 16), blank_first=True))
    assert given.shape == (6, 16, 11)
    assert (source.changes.steps_first, source.changes.blank_first) == (True, True)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("mine:nothing", r"mine:nothing: returned int: expected a torch\.nn\.Module"),
        ("mine:wrong", "mine:wrong: RuntimeError: no weights"),
        ("mine:gone", "mine:gone: AttributeError: "),
        ("mine:line", "mine:line: a module does not say how large its pictures are: --size says it"),
    ],
)
def test_a_module_that_is_none_is_one_line(
    pictures: Path, monkeypatch: pytest.MonkeyPatch, model: str, message: str
) -> None:
    (pictures.parent / "mine.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.chdir(pictures.parent)
    with pytest.raises(ConversionError, match=message):
        _loaded(model, pictures)


@pytest.fixture
def keras_network() -> object:
    """Channels last, colour, a softmax, an LSTM's like in plain layers."""
    pytest.importorskip("tf2onnx", reason="Keras files need tf2onnx: pip install -e '.[convert]'")
    keras = pytest.importorskip("keras", reason="Keras files need tensorflow: pip install -e '.[convert]'")
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            layers.Conv2D(4, 3, strides=2, padding="same", activation="swish"),
            layers.DepthwiseConv2D(3, padding="same"),
            layers.BatchNormalization(),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )


def test_a_keras_file(pictures: Path, keras_network: object) -> None:
    keras_network.save(pictures.parent / "model.keras")  # pyright: ignore[reportAttributeAccessIssue]
    source, given = _loaded(str(pictures.parent / "model.keras"), pictures, Declared(Preprocessing("rgb")))
    assert given == pytest.approx(source.answers, rel=1e-4, abs=1e-5)
    assert (source.changes.layout, source.changes.softmax) == ("NHWC", True)


def test_a_saved_model(pictures: Path, keras_network: object) -> None:
    keras_network.export(pictures.parent / "saved")  # pyright: ignore[reportAttributeAccessIssue]
    source, given = _loaded(str(pictures.parent / "saved"), pictures, Declared(Preprocessing("rgb")))
    assert source.kind == "saved-model"
    assert given == pytest.approx(source.answers, rel=1e-4, abs=1e-5)


@pytest.mark.parametrize(
    ("model", "error", "message"),
    [
        ("gone.pt2", ModelError, "gone.pt2: no such model file"),
        (".", ModelError, "is a folder without a saved_model.pb"),
        ("weights.bin", ConfigError, "weights.bin: unknown kind of model"),
        ("a b:c", ConfigError, "a b:c: unknown kind of model"),
    ],
)
def test_what_is_no_model_is_named(model: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        kind_of(model)
