"""Strips with their truth, and what a network learns from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from edge_digits.charset import BLANK, REJECT
from edge_digits.errors import DataError
from edge_digits.lines import ctc
from train import fit
from train.lines import augmentation, labelled_lines
from train.lines.labelled_lines import MOST_DIGITS, Lines
from train.lines.task import LineTask, collapsed, ctc_loss, predict
from train.networks import NETWORKS, parameter_count
from train.recipes import RECIPES, LineRecipe

CPU = torch.device("cpu")
TINY = LineRecipe(epochs=12, batch=8, learning_rate=0.01, average=0.5, precision="float32")


def _lines(count: int = 24) -> Lines:
    """Bars for ones, wide blocks for zeros."""
    random = np.random.default_rng(0)
    strips = []
    for _ in range(count):
        labels = random.integers(0, 2, int(random.integers(1, 4))).tolist()
        strip = np.zeros((32, 8 + 24 * len(labels)), np.uint8)
        for place, label in enumerate(labels):
            x = 4 + 24 * place
            strip[4:28, x + 8 : x + 12 if label else x + 18] = 255
        strips.append((strip, labels))
    return labelled_lines.from_strips("bars", strips)


@pytest.mark.parametrize("name", ["crnn", "crnn-lstm", "crnn-gru", "crnn-elman", "crnn-none"])
def test_line_networks_keep_within_their_budget_and_read_any_width(name: str) -> None:
    network = NETWORKS[name]().eval()
    assert parameter_count(network) <= 200_000 and name in RECIPES
    for width in (64, 100, 256):
        assert network(torch.zeros(2, 1, 32, width)).shape == (2, width // 4, BLANK + 1)


def test_lines_come_back_from_disk_as_they_were(tmp_path: Path) -> None:
    written = _lines()
    labelled_lines.save(tmp_path / "lines.npz", written)
    read = labelled_lines.load(tmp_path / "lines.npz")
    assert np.array_equal(read.pixels, written.pixels) and np.array_equal(read.ends, written.ends)
    assert [read.text(i) for i in range(len(read))] == [written.text(i) for i in range(len(written))]


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "lines.npz").write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(DataError, match=r"lines\.npz"):
        labelled_lines.load(tmp_path / "lines.npz")


def test_joined_lines_keep_their_strips() -> None:
    one, other = _lines(3), _lines(5)
    both = labelled_lines.join("both", [one, other])
    assert len(both) == 8
    assert np.array_equal(both.strip(4), other.strip(1)) and both.text(4) == other.text(1)


def test_padding_leaves_the_line_where_it_is() -> None:
    written = _lines()
    padded = written.padded(np.array([2]), 128)[0]
    width = written.strip(2).shape[1]
    assert np.array_equal(padded[:, :width], written.strip(2)) and not padded[:, width:].any()


@given(st.lists(st.integers(0, BLANK), min_size=1, max_size=16))
def test_training_collapses_as_the_device_decodes(path: list[int]) -> None:
    chances = np.eye(BLANK + 1, dtype=np.float32)[path]
    read = [symbol.value for symbol in ctc.greedy(chances, 4.0)]
    found = collapsed(torch.tensor([path]))[0].tolist()
    if len(read) <= MOST_DIGITS:
        assert [v for v in found if v <= REJECT] == read
    else:
        assert found[-1] > BLANK


def test_the_loss_is_zero_for_the_one_path_that_is_certain() -> None:
    path = torch.tensor([BLANK, 3, BLANK, 3, 7])
    logits = 50.0 * torch.eye(BLANK + 1)[path][None]
    truth = torch.full((1, MOST_DIGITS), 255, dtype=torch.uint8)
    truth[0, :3] = torch.tensor([3, 3, 7])
    assert float(ctc_loss(logits, truth)) == pytest.approx(0.0, abs=1e-4)
    truth[0, 2] = 8
    assert float(ctc_loss(logits, truth)) > 10


def test_augmented_lines_stay_in_their_strips() -> None:
    written = _lines()
    chosen = np.arange(len(written))
    strips, widths = torch.from_numpy(written.padded(chosen, 128)), torch.from_numpy(written.widths[chosen])
    out = augmentation.augment(strips, widths, torch.Generator().manual_seed(0))
    assert out.shape == (len(written), 1, 32, 128) and float(out.min()) >= 0 and float(out.max()) <= 1
    ink = out.sum(dim=(1, 2, 3)) / (strips.float() / 255).sum(dim=(1, 2))
    assert float(ink.min()) > 0.4 and float(ink.max()) < 2.5


@pytest.mark.slow
def test_a_network_learns_to_read_lines(tmp_path: Path) -> None:
    written = _lines(64)
    outcome = fit.fit("crnn-none", TINY, LineTask(TINY, written, written, CPU), tmp_path, CPU)
    assert outcome.log[-1].train_loss < 0.5 * outcome.log[0].train_loss
    seen = sum(len(chosen) for chosen, _ in predict(outcome.network, written))
    assert seen == len(written)
