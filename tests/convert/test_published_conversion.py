"""Published networks take the same road to a device, as far as there is room for them."""

from __future__ import annotations

from pathlib import Path

import pytest
from converters import run_here

from convert import __main__ as command
from convert import child, options
from convert.check import validation
from edge_digits.runtime.load import load_model
from train import checkpoint
from train.baselines import BASELINES
from train.digits.crops import Crops
from train.networks import parameter_count

pytest.importorskip("tensorflow", reason="tensorflow is not installed: pip install -e '.[convert]'")


@pytest.mark.parametrize("name", options.PUBLISHED)
def test_there_is_room_for_it(name: str) -> None:
    assert 4 * parameter_count(BASELINES[name](10)) < 5_000_000


def test_its_checkpoint_stands_where_it_was_trained() -> None:
    assert options.default_checkpoint("cnn-421k") == Path("runs/published/cnn-421k/cnn-421k.safetensors")


@pytest.mark.parametrize("name", ["crnn-published"])
def test_it_becomes_files_that_give_ten_scores(
    name: str, crops: Crops, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(child, "run", run_here)
    digits = validation.digits_alone(crops)
    assert 0 < len(digits) < len(crops) and digits.labels.max() == 9
    path = tmp_path / f"{name}.safetensors"
    checkpoint.save(path, BASELINES[name](10), name=name, reject=False)
    monkeypatch.setattr("convert.check.nodes.crops", lambda *_: crops)
    monkeypatch.setattr(validation, "reports", lambda _: {"mnist-test": digits})
    words = [name, "--checkpoint", str(path), "--precision", "float32", "--data-dir", str(tmp_path)]
    assert command.main(words) == 0
    for format in options.FORMATS:
        model = load_model(tmp_path / f"{name}-float32.{format}")
        assert model.scores(crops.images[:3]).shape == (3, 10)
    assert "--demo-cnn" in capsys.readouterr().out


def test_what_reads_no_digits_is_refused_and_none_ships(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mlp.safetensors"
    checkpoint.save(path, BASELINES["mlp"](10), name="mlp", reject=False, charset="おきすつなはまやれを")
    assert command.main(["mlp", "--checkpoint", str(path)]) == 2
    assert "what calibrates and judges here is digits" in capsys.readouterr().err
    assert command.main(["mlp", "--checkpoint", str(path), "--ship"]) == 2
    assert "does not ship" in capsys.readouterr().err
