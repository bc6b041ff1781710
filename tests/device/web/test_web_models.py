"""Models are found by their specs, and chosen by name."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from device.web.api.models import find_models, name_of
from edge_digits.reader import reading_models


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Trained models as ``python -m convert`` leaves them, one without its spec."""
    own = tmp_path / "runs" / "mine"
    own.mkdir(parents=True)
    [model] = [path for path in reading_models() if path.name == "cnn-int8.tflite"]
    for name in ("cnn-int8.tflite", "cnn-int8.tflite.json"):
        shutil.copy(model.with_name(name), own / name)
    shutil.copy(model, own / "bare.tflite")
    return tmp_path / "runs"


def test_all_that_ships_is_there_with_what_its_spec_says() -> None:
    models = find_models(None)
    assert {path.name for path in reading_models()} <= set(models)
    assert models["auto"].opens == "auto"
    row = models["cnn-int8.tflite"].as_row("cnn-int8.tflite", in_use=True)
    assert (row["network"], row["precision"], row["shipped"], row["runs"]) == ("cnn", "int8", True, True)
    assert row["scores"]["mnist-test"] > 0.98
    assert row["bytes"] > 10_000


def test_models_of_ones_own_stand_beside_them(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    models = find_models(folder)
    assert not models["mine/cnn-int8.tflite"].shipped
    assert models["cnn-int8.tflite"].shipped
    assert "mine/bare.tflite" not in models
    assert "its spec bare.tflite.json is missing" in caplog.text


def test_the_configured_model_is_recognized(folder: Path) -> None:
    models = find_models(folder)
    assert name_of("auto", models) == "auto"
    assert name_of("cnn", models) == "cnn-int8.tflite"
    assert name_of("cnn-float32.tflite", models) == "cnn-float32.tflite"
    assert name_of(str(folder / "mine" / "cnn-int8.tflite"), models) == "mine/cnn-int8.tflite"
    assert name_of("/somewhere/else.tflite", models) is None
