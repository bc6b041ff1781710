"""The replay set that ships, and what it is made of."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from convert.replay.last_layer import last_layer_of
from edge_digits.errors import ModelError
from edge_digits.judge_classes import NONE
from edge_digits.reader import CNN_FILE, JUDGE_FILE, MODELS
from edge_digits.runtime.load import load_model
from edge_digits.teach.examples import errors, logits_of
from edge_digits.teach.replay import LEVELS, PATH, coded, decoded, load_replay


@pytest.mark.parametrize("name", [JUDGE_FILE, CNN_FILE])
def test_features_times_the_last_layer_are_the_scores_up_to_their_rounding(name: str) -> None:
    model = load_model(MODELS / name)
    shape = (40, *((4, 32, 32) if name == JUDGE_FILE else (28, 28)))
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    layer = last_layer_of((MODELS / name).read_bytes())
    assert np.abs(layer(model.features(pixels)) - model.scores(pixels)).max() < 0.06


def test_features_are_kept_to_half_a_step() -> None:
    features = np.random.default_rng(1).random((30, 8)).astype(np.float32) * 3
    assert np.abs(decoded(coded(features, 3.0), 3.0) - features).max() <= 3.0 / (LEVELS - 1) / 2 + 1e-6


def test_the_set_that_ships_fits_the_files_that_ship_and_is_small() -> None:
    judge, cnn = (load_model(MODELS / name).spec for name in (JUDGE_FILE, CNN_FILE))
    replay = load_replay(judge, cnn)
    assert PATH.stat().st_size < 300_000
    for part in (replay.learned, replay.held_out):
        digits = part.take(part.labels != NONE)
        assert set(part.labels) == {*range(10), NONE}
        assert errors(logits_of(replay.shipped, digits), digits.labels) < 0.06 * len(digits)
    assert "Attribution-ShareAlike 3.0" in json.loads(PATH.with_suffix(".npz.json").read_text())["licence"]


def test_a_set_of_other_files_or_a_damaged_one_is_refused(tmp_path: Path) -> None:
    judge, cnn = (load_model(MODELS / name).spec for name in (JUDGE_FILE, CNN_FILE))
    with pytest.raises(ModelError, match="made for another file of the judge"):
        load_replay(cnn, cnn)
    copy = tmp_path / PATH.name
    copy.write_bytes(PATH.read_bytes()[:-10])
    (tmp_path / f"{PATH.name}.json").write_bytes(PATH.with_suffix(".npz.json").read_bytes())
    with pytest.raises(ModelError, match="damaged"):
        load_replay(judge, cnn, copy)
    with pytest.raises(ModelError, match="no such file"):
        load_replay(judge, cnn, tmp_path / "none.npz")
