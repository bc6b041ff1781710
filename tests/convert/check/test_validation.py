"""What a conversion is judged on and reports where MNIST is not to be had."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from convert import __main__ as command
from convert.check import validation
from edge_digits.io import mnist
from train import checkpoint, networks


@pytest.fixture(autouse=True)
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a mirror nor a cache holds MNIST."""
    monkeypatch.setattr(mnist, "MIRRORS", ())
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def write_usps(folder: Path) -> None:
    """Ten digits as the USPS test set is written."""
    rows = np.hstack([np.arange(10.0)[:, None], np.random.default_rng(0).uniform(-1, 1, (10, 256))])
    text = "\n".join(" ".join(f"{value:.3f}" for value in row) for row in rows)
    (folder / "usps").mkdir()
    (folder / "usps" / "zip.test.gz").write_bytes(gzip.compress(text.encode("ascii")))


def test_the_sets_that_are_there_are_reported_on_and_a_warning_says_how_to_have_mnist(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_usps(tmp_path)
    assert set(validation.reports(tmp_path)) == {"usps-test"}
    assert "t10k-images" in caplog.text and "--data-dir" in caplog.text


def test_a_line_model_s_spec_goes_without_mnist(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert validation.line_reports(tmp_path) == {}
    assert "--data-dir" in caplog.text


def test_nothing_ships_without_mnist(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is made: the specs of what ships say how well it reads MNIST."""
    monkeypatch.setattr("convert.pipeline.convert", lambda _: pytest.fail("was begun"))
    path = tmp_path / "cnn-small.safetensors"
    checkpoint.save(path, networks.cnn_small(), name="cnn-small")
    arguments = ["cnn-small", "--checkpoint", str(path), "--ship", "--data-dir", str(tmp_path)]
    assert command.main(arguments) == 1
    (error,) = capsys.readouterr().err.splitlines()
    assert "train-images" in error and "--data-dir" in error
