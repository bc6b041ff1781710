"""Networks that read lines in a benchmark: which files read together, what they are timed and judged on.

The line models here are made up: they read one 7 in the middle of each strip's ink.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from line_models import Sevens, digit_file
from numpy.typing import NDArray

from device import stopwatch
from device.benchmark import child, plan, samples, stages
from device.benchmark.plan import AUTO, on_the_road, readers
from device.benchmark.results import unpack
from device.stopwatch import Stopwatch
from edge_digits.model_input import normalize
from edge_digits.reader import MODELS, DigitReader
from edge_digits.runtime.load import load_model
from edge_digits.runtime.model import Model
from edge_digits.runtime.spec import ModelSpec, read_spec, sha256_of, write_spec
from edge_digits.synthesis.page import make_page

LITERT = "ai-edge-litert"
CNN = [MODELS / f"cnn-{precision}.{ending}" for precision in ("int8", "float32") for ending in ("tflite", "onnx")]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Files of a line network as they ship, empty but for their specs, beside the digits' own."""
    folder = tmp_path_factory.mktemp("models")
    made = []
    for precision in ("int8", "float32"):
        for name, width in (("128-", 128), ("256-", 256), ("", 256)):
            path = folder / f"crnn-{name}{precision}.{'tflite' if name else 'onnx'}"
            path.touch()
            shape = (normalize.LINE_PARAMETERS.height, width)
            write_spec(path, ModelSpec("crnn", path.suffix[1:], precision, sha256_of(path), shape, blank=True))
            made.append(path)
    return [*made, *CNN]


def in_runtimes(paths: list[Path]) -> list[tuple[Path, str]]:
    return [(path, LITERT if path.suffix == ".tflite" else "onnxruntime") for path in paths]


def test_files_of_a_line_network_are_one_reader_and_auto_has_both_networks(files: list[Path]) -> None:
    found = {reader.name: reader for reader in readers(in_runtimes(files))}
    assert set(found) == {
        *(path.name for path in CNN),
        *(f"crnn-{precision}.{ending}" for precision in ("int8", "float32") for ending in ("tflite", "onnx")),
        AUTO,
    }
    widths = [read_spec(path).input_shape[1] for path in found["crnn-int8.tflite"].strips]
    assert widths == [128, 256]
    assert found["crnn-int8.tflite"].digits is None
    assert found[AUTO].digits == MODELS / "cnn-int8.tflite"
    assert found[AUTO].strips == found["crnn-int8.tflite"].strips


def test_without_line_models_there_is_one_reader_for_each_file() -> None:
    found = readers(in_runtimes(CNN))
    assert [(reader.name, reader.digits, reader.strips) for reader in found] == [(p.name, p, ()) for p in CNN]


def test_camera_frames_are_timed_with_what_people_use(files: list[Path]) -> None:
    names = [reader.name for reader in on_the_road(readers(in_runtimes(files)))]
    assert names == ["cnn-int8.tflite", "crnn-int8.tflite", AUTO]
    others = [path for path in files if path.suffix == ".onnx"]
    assert len(on_the_road(readers(in_runtimes(others)))) == len(others), "where there is nothing else, with that"


def test_one_file_of_each_format_shows_what_threads_bring_a_line_network(files: list[Path]) -> None:
    one_thread = plan.with_one_thread(files)
    variants, left_out = plan.plan_variants(files, [1, 2], 2, {"tflite-runtime": "not installed"}, one_thread)
    assert sorted(v.model for v in variants if v.threads == 2) == sorted(
        ["crnn-256-int8.tflite", "crnn-int8.onnx", *(path.name for path in CNN)]
    )
    assert {v.model for v in variants if v.threads == 1} == {path.name for path in files}
    assert left_out[-1].what.endswith("with 2 threads")
    assert all(path.name in left_out[-1].what for path in one_thread)


def test_nothing_is_said_of_threads_where_there_is_one(files: list[Path]) -> None:
    assert plan.plan_variants(files, [1], 2, {}, plan.with_one_thread(files))[1] == []


def test_each_file_is_timed_on_strips_of_its_own_width() -> None:
    texts = ["481", "735290164"]
    page = make_page(np.random.default_rng(2), 640, 480, kind="plain", texts=texts, digit_height=40, others=False).image
    narrow, wide = samples.record_samples([Sevens(128), Sevens(256)], [page])
    assert {sample.shape for sample in narrow} == {(1, 32, 128)}
    assert {sample.shape for sample in wide} == {(1, 32, 256)}
    assert all(sample.any() for sample in narrow + wide)


def test_a_file_that_is_wider_than_all_rows_gets_them_padded() -> None:
    page = np.full((240, 320), 220, np.uint8)
    page[80:130, 100:108] = page[80:130, 140:148] = 20
    narrow, wide = samples.record_samples([Sevens(128), Sevens(256)], [page])
    assert np.array_equal(wide[0][:, :, :128], narrow[0])
    assert not wide[0][:, :, 128:].any()


def test_a_digit_is_a_line_of_one_and_must_be_read_alone(tmp_path: Path) -> None:
    right = samples.right_digits(Sevens(128), digit_file(tmp_path, 5))
    assert unpack(right, 5).tolist() == [False, True, True, True, True]


def open_fakes(path: str, runtime: str, threads: int) -> Model:
    return Sevens(int(path)) if path.isdigit() else load_model(path)


@pytest.mark.parametrize("digits", [str(MODELS / "cnn-int8.tflite"), None])
def test_a_child_opens_the_reader_that_the_job_names(digits: str | None) -> None:
    job: dict[str, Any] = {"digits": digits, "strips": ["128", "256"], "runtime": LITERT, "threads": 1}
    reader = child.open_job_reader(job, open_fakes)
    assert reader.model.spec.reads_lines == (digits is None)
    assert reader.lines is not None and [m.spec.input_shape[1] for m in reader.lines.models] == [128, 256]


class Clock:
    """Seconds that pass only where a test lets them."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def during(self, seconds: float, function: Callable[..., Any]) -> Callable[..., Any]:
        """``function``, which takes ``seconds``."""

        def call(*arguments: Any, **named: Any) -> Any:
            self.now += seconds
            return function(*arguments, **named)

        return call


def test_the_stages_of_a_row_that_is_read_at_once_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    for seconds, owners in zip((0.02, 0.03, 0.05, 0.0, 0.07, 0.0), stopwatch.STAGES.values(), strict=True):
        for owner, names in owners:
            for name in names:
                monkeypatch.setattr(owner, name, clock.during(seconds, getattr(owner, name)))
    monkeypatch.setattr(Sevens, "scores", clock.during(0.2, Sevens.scores))
    monkeypatch.setattr(stopwatch, "time", SimpleNamespace(perf_counter=clock))
    monkeypatch.setattr(stages, "time", SimpleNamespace(perf_counter=clock, time=clock))
    monkeypatch.setattr(stages, "run", partial(stages.run, clock=clock))
    timed = stages.time_frames(DigitReader(Sevens(256)), samples.demo_frames()[:2], seconds=0.5, warm_up=0.0)
    means = {stage: timed["stages"][stage]["mean"] for stage in stages.STAGES if stage != "publish"}
    assert means["classifier"] == pytest.approx(0.2 * round(means["classifier"] / 0.2)) and means["classifier"] > 0.1
    assert means["normalize"] > 0.04
    assert means["judge"] == 0
    assert means["lines"] == pytest.approx(0.0, abs=1e-9), "nothing is counted twice, nor left out"
    assert sum(means.values()) == pytest.approx(timed["mean"])


def test_a_model_that_reads_by_itself_is_timed_once() -> None:
    class Slow(Sevens):
        def scores(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
            time.sleep(0.02)
            return super().scores(pixels)

    model, watch = Slow(256), Stopwatch()
    reader = DigitReader(model)
    with watch.around(reader):
        began = time.perf_counter()
        model.scores(np.zeros((1, 32, 256), np.uint8))
        took = time.perf_counter() - began
    assert 0.02 <= watch.seconds["classifier"] <= took
