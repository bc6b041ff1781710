"""Golden vectors are made the same twice, and hold what the models say."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from convert import options
from convert.__main__ import main
from convert.check import golden
from convert.files import model_files

pytest.importorskip("tensorflow", reason="tensorflow is not installed: pip install -e '.[convert]'")


@pytest.fixture(scope="module")
def shipped() -> list[Path]:
    return [path for path in model_files(options.MODELS) if path.name.startswith("cnn-")]


def test_golden_vectors_are_made_the_same_twice_and_hold_what_the_models_say(
    shipped: list[Path], tmp_path: Path
) -> None:
    for folder in ("a", "b"):
        golden.write(shipped, tmp_path / folder)
    for name in (golden.PICTURE, golden.SCORES):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    written = json.loads((tmp_path / "a" / golden.SCORES).read_text())["models"]
    assert set(written) == {path.name for path in shipped}
    assert np.array(written["cnn-int8.tflite"]["scores"]).shape == (64, 11)


def test_a_folder_without_models_is_status_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert main(["golden", "--models", str(tmp_path), "--out", str(out)]) == 1
    assert capsys.readouterr().err == f"python -m convert: error: {tmp_path}: no model files in it\n"
    assert main(["golden", "--models", str(tmp_path / "nowhere"), "--out", str(out)]) == 1
    assert "nowhere: no such folder" in capsys.readouterr().err
    assert not out.exists()
