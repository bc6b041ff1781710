"""A checkpoint becomes files that work, or nothing is written: whatever fails on the way."""

from __future__ import annotations

import contextlib
import json
import re
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from converters import copy_from, run_here
from torch import nn

from convert import child, pipeline
from convert.atomic_place import place, staging
from convert.check import gates
from convert.errors import ConversionError
from convert.pipeline import Job, PartlyFailed
from convert.quantize import calibration
from convert.quantize.calibration import CalibrationSet
from edge_digits.errors import ModelError, RuntimeMissingError
from edge_digits.runtime.load import load_model
from edge_digits.runtime.spec import read_spec
from train import checkpoint, networks
from train.digits.crops import Crops

pytest.importorskip("tensorflow", reason="tensorflow is not installed: pip install -e '.[convert]'")

ROOT = Path(__file__).resolve().parents[2]
FILES = [f"cnn-small-{precision}.{format}" for format in ("tflite", "onnx") for precision in ("float32", "int8")]


@pytest.fixture(scope="module")
def samples() -> CalibrationSet:
    return calibration.load(ROOT / "calibration_data")


def job(checkpoint_path: Path, crops: Crops, samples: CalibrationSet | None, out: Path, **changes: Any) -> Job:
    reports = {"mnist-test": Crops("mnist-test", crops.images[:200], crops.labels[:200])}
    values = {"formats": ("tflite", "onnx"), "precisions": ("float32", "int8"), "judges": crops} | changes
    return Job(checkpoint_path, calibration=samples, out=out, reports=reports, **values)


@pytest.fixture(scope="module")
def converted(
    checkpoint_path: Path, crops: Crops, samples: CalibrationSet, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of one whole conversion."""
    out = tmp_path_factory.mktemp("models")
    pipeline.convert(job(checkpoint_path, crops, samples, out), progress=False)
    return out


def is_empty(folder: Path) -> bool:
    return not folder.exists() or not list(folder.iterdir())


def test_writes_the_files_and_their_specs_and_nothing_else(converted: Path) -> None:
    assert sorted(p.name for p in converted.iterdir()) == sorted([*FILES, *(f"{name}.json" for name in FILES)])


def test_every_file_reads_through_the_runtime_that_ships(converted: Path, crops: Crops) -> None:
    for name in FILES:
        read = load_model(converted / name).scores(crops.images[:1000]).argmax(axis=1)
        assert (read == crops.labels[:1000]).mean() > 0.9, name


def test_every_file_gives_features_too(converted: Path, crops: Crops) -> None:
    expected = load_model(converted / "cnn-small-float32.tflite").features(crops.images[:20])
    for name in FILES:
        found = load_model(converted / name).features(crops.images[:20])
        assert found.shape == expected.shape and expected.shape[1] > 1, name
        # Behind a rectifier; rounded in int8.
        assert found == pytest.approx(expected, abs=0.05 * float(expected.max())), name


def test_the_spec_says_where_the_file_comes_from(
    converted: Path, checkpoint_path: Path, samples: CalibrationSet
) -> None:
    source = read_spec(checkpoint_path)
    for name in FILES:
        spec = read_spec(converted / name)
        assert f"{spec.name}-{spec.precision}.{spec.format}" == name
        assert (spec.temperature, spec.ink, spec.normalization) == (
            source.temperature,
            source.ink,
            source.normalization,
        )
        assert spec.origin["recipe"] == "test"
        assert spec.origin["checkpoint_sha256"] == source.sha256
        assert spec.calibration == (samples.sha256 if spec.precision == "int8" else None)
        assert set(spec.scores) == {"synthesized", "mnist-test"}
        assert spec.origin["checkpoint_scores"] == {"camera-validation": 0.97}
        conversion = spec.origin["conversion"]
        assert (
            conversion["command"] == f"python -m convert cnn-small --format {spec.format} --precision {spec.precision}"
        )
        assert conversion["commit"] and conversion["python"]
        assert {"torch", "numpy", "ai-edge-litert" if spec.format == "tflite" else "onnxruntime"} <= {
            *conversion["tools"]
        }
        assert conversion["input"]["layout"] == {"tflite": "NHWC", "onnx": "NCHW"}[spec.format]
        assert conversion["input"]["type"] == ("uint8" if name == "cnn-small-int8.tflite" else "float32")
        assert "unknown" not in conversion["tools"].values()


def test_the_same_conversion_twice_gives_the_same_bytes(
    converted: Path,
    checkpoint_path: Path,
    crops: Crops,
    samples: CalibrationSet,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Model and spec, other than for the commit, which somebody may make in between. And only what was asked for is
    written: float, which int8 is compared with, stays behind. (ONNX: see test_to_onnx.)"""
    real, ready = child.run, copy_from(converted)
    monkeypatch.setattr(child, "run", lambda m, a, log: (real if "int8" in a else ready)(m, a, log))
    asked = job(checkpoint_path, crops, samples, tmp_path, formats=("tflite",), precisions=("int8",))
    (result,) = pipeline.convert(asked, progress=False)
    name = "cnn-small-int8.tflite"
    assert result.path == tmp_path / name
    assert {path.name for path in tmp_path.iterdir()} == {name, f"{name}.json"}
    assert (tmp_path / name).read_bytes() == (converted / name).read_bytes()
    specs = [(folder / f"{name}.json").read_text().splitlines() for folder in (tmp_path, converted)]
    first, second = ([line for line in spec if '"commit"' not in line] for spec in specs)
    assert first == second


def test_a_folder_in_the_place_of_a_file_is_an_error_and_nothing_is_written(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "b.onnx").mkdir(parents=True)
    with pytest.raises(ConversionError, match=r"b\.onnx is a folder"), staging(out) as folder:
        for name in ("a.onnx", "b.onnx"):
            (folder / name).write_text("new")
        place(sorted(folder.iterdir()), out)
    assert [p.name for p in out.iterdir()] == ["b.onnx"]


def test_a_set_of_noise_fails_a_gate_and_leaves_what_was_there(
    checkpoint_path: Path,
    crops: Crops,
    noise: np.ndarray,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(child, "run", run_here)
    bad = CalibrationSet(noise, np.zeros(100, np.uint8), "0" * 64, frozenset(), frozenset())
    (tmp_path / "cnn-small-int8.onnx").write_bytes(b"of before")
    with pytest.raises(ConversionError, match=r"nothing was written, .*cnn-small-int8\.onnx: agrees with float"):
        pipeline.convert(
            job(checkpoint_path, crops, bad, tmp_path, formats=("onnx",), precisions=("int8",)), progress=False
        )
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [b"of before"]
    assert re.search(r"cnn-small-int8\.onnx: worst signal-to-quantization-noise ratios: layer \d", caplog.text)


@pytest.fixture
def failing_integers(converted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """int8 TFLite files fail a gate, whatever they are."""
    monkeypatch.setattr(child, "run", copy_from(converted))
    monkeypatch.setattr(gates, "integer_only", lambda _: gates.GateResult("integers only", False, "3 float tensors"))


@pytest.mark.usefixtures("failing_integers")
def test_a_format_that_fails_a_gate_leaves_the_others_and_is_said(
    checkpoint_path: Path, crops: Crops, samples: CalibrationSet, tmp_path: Path
) -> None:
    with pytest.raises(PartlyFailed, match=r"3 of 4 .*cnn-small-int8\.tflite: integers only: 3 float") as caught:
        pipeline.convert(job(checkpoint_path, crops, samples, tmp_path), progress=False)
    others = [name for name in FILES if name != "cnn-small-int8.tflite"]
    assert [result.path for result in caught.value.written] == [tmp_path / name for name in others]
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([*others, *(f"{name}.json" for name in others)])


@pytest.mark.usefixtures("failing_integers")
def test_what_ships_ships_whole_or_not_at_all(
    checkpoint_path: Path, crops: Crops, samples: CalibrationSet, tmp_path: Path
) -> None:
    asked = job(checkpoint_path, crops, samples, tmp_path, formats=("tflite",), all_or_none=True)
    with pytest.raises(ConversionError, match="nothing was written"):
        pipeline.convert(asked, progress=False)
    assert is_empty(tmp_path)


def test_a_killed_converter_is_an_error_and_nothing_is_written(
    checkpoint_path: Path, crops: Crops, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "killed.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    real = child.run
    monkeypatch.setattr(
        child, "run", lambda m, a, log: real("killed" if m == "convert.export.to_tflite" else m, a, log)
    )
    with pytest.raises(ConversionError, match="killed by SIGKILL"):
        pipeline.convert(job(checkpoint_path, crops, None, tmp_path / "out", precisions=("float32",)), progress=False)
    assert is_empty(tmp_path / "out")


@contextlib.contextmanager
def full_disk() -> Iterator[None]:
    """No file may grow past 20 kB, here and in child processes: what a full disk does to them. Only around the call:
    the log that the tests are printed to is a file too."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_a_full_disk_is_an_error_and_nothing_is_written(
    checkpoint_path: Path, crops: Crops, samples: CalibrationSet, tmp_path: Path, precision: str
) -> None:
    """In float32 the child meets it first, in int8 this process, which writes the samples."""
    full = job(checkpoint_path, crops, samples, tmp_path / "out", formats=("tflite",), precisions=(precision,))
    with pytest.raises(ConversionError, match="File too large") as caught, full_disk():
        pipeline.convert(full, progress=False)
    assert "\n" not in str(caught.value)
    assert is_empty(tmp_path / "out")


def test_a_folder_that_cannot_be_written_is_an_error(checkpoint_path: Path, crops: Crops, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConversionError, match="cannot be written"):
        pipeline.convert(job(checkpoint_path, crops, None, tmp_path / "file" / "out", precisions=("float32",)))


def test_a_damaged_checkpoint_is_refused(checkpoint_path: Path, crops: Crops, tmp_path: Path) -> None:
    damaged = tmp_path / checkpoint_path.name
    damaged.write_bytes(checkpoint_path.read_bytes()[:-1])
    spec = checkpoint_path.with_name(checkpoint_path.name + ".json")
    (tmp_path / spec.name).write_bytes(spec.read_bytes())
    with pytest.raises(ModelError, match="damaged"):
        pipeline.convert(job(damaged, crops, None, tmp_path / "out"))
    assert is_empty(tmp_path / "out")


def test_another_normalization_is_refused(network: nn.Sequential, crops: Crops, tmp_path: Path) -> None:
    path = tmp_path / "cnn-small.safetensors"
    spec = checkpoint.save(path, network, name="cnn-small")
    text = path.with_name(path.name + ".json")
    values = json.loads(text.read_text())
    values["normalization"]["version"] = spec.normalization["version"] + 1
    text.write_text(json.dumps(values))
    with pytest.raises(ModelError, match="normalization version"):
        pipeline.convert(job(path, crops, None, tmp_path / "out"))


def test_int8_without_a_calibration_set_is_refused(checkpoint_path: Path, crops: Crops, tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match="calibration set"):
        pipeline.convert(job(checkpoint_path, crops, None, tmp_path / "out"))
    assert is_empty(tmp_path / "out")


def test_a_missing_converter_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "tensorflow" else object())
    with pytest.raises(
        RuntimeMissingError, match=r"--format tflite: needs tensorflow: pip install -e \'\.\[convert\]\'"
    ):
        pipeline.check_tools(("tflite",))
    pipeline.check_tools(("onnx",))


@pytest.mark.parametrize(("int8", "warned"), [(2.0, True), (0.5, False)])
def test_slower_int8_is_said_in_plain_words(int8: float, warned: bool, caplog: pytest.LogCaptureFixture) -> None:
    pipeline.warn_if_slower({"cnn-float32.onnx": 1.0, "cnn-int8.onnx": int8, "cnn-float32.tflite": 0.1})
    said = "cnn-int8.onnx is slower than float on this machine: 2.000 ms against 1.000 ms"
    assert (said in caplog.text) == warned


def test_every_network_of_the_project_can_be_converted() -> None:
    from convert.options import NETWORKS

    assert set(NETWORKS) == set(networks.NETWORKS)
