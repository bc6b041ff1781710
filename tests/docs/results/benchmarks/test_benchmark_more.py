"""``python -m docs.results.benchmarks``: what our own pages tell beside the benchmark; no times are judged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from device.benchmark.results import SCHEMA, load_results
from docs.results.benchmarks import __main__ as command
from docs.results.benchmarks import macs, tables, turns
from docs.results.prose import benchmarks as prose
from edge_digits.io import mnist
from edge_digits.lines.line_reader import LineReader
from edge_digits.reader import MODELS
from edge_digits.runtime.load import load_model
from tests.device.benchmark.benchmark_files import digits, write_line_network
from tests.device.benchmark.line_models import Sevens, digit_file


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A quick run over two files for digits and one for lines, with OpenCV's runtime; a script counts."""
    pytest.importorskip("onnxruntime", reason="the extra onnx is not installed")
    folder = tmp_path_factory.mktemp("more")
    write_line_network(folder / "crnn-int8.onnx")
    counting = folder / "counting"
    counting.write_text(
        '#!/bin/sh\ninput=$(cat)\ncount=${input##*\\"count\\": }\n"$@" <<EOF\n$input\nEOF\n'
        'echo "instructions $((1000 * ${count%%[!0-9]*}))" >&2\n'
    )
    counting.chmod(0o755)
    models = [str(MODELS / "cnn-int8.onnx"), str(MODELS / "cnn-int8.tflite"), str(folder / "crnn-int8.onnx")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mnist, "FILES", digits(folder / "data" / "MNIST" / "raw"))
        patch.setenv("PATH", "/usr/bin:/bin")
        given = ["--quick", "--seconds", "0.1", "--threads", "1", "--data-dir", str(folder / "data"), "--debug"]
        given += ["--opencv", "--count-instructions", str(counting), "--out", str(folder / "out.json")]
        assert command.main([*given, "--models", *models]) == 0
    return folder / "out.json"


def test_results_keep_to_the_schema(results: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.validate(load_results(results), json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_what_the_wrapper_costs_is_measured_of_tflite_files_for_digits(results: Path) -> None:
    found = load_results(results)["overhead"]
    assert {entry["model"] for entry in found} == {"cnn-int8.tflite"}
    assert all(ratio > 0 for entry in found for window in entry["windows"] for ratio in window["ratios"].values())


def test_a_network_for_lines_is_measured_beside_the_one_for_digits(results: Path) -> None:
    [ten] = load_results(results)["ten_digits"]
    assert (ten["model"], ten["beside"]) == ("crnn-int8.onnx", "cnn-int8.onnx")
    assert all(window["line"] > 0 and window["digits"] > 0 and window["strips"] > 1 for window in ten["windows"])


def test_opencv_runs_our_onnx_files_and_what_it_cannot_is_named(results: Path) -> None:
    found = load_results(results)
    assert "opencv-dnn" in {entry["runtime"] for entry in found["infer"]}
    left_out = {item["what"] for item in found["left_out"]}
    assert "crnn-int8.onnx, opencv-dnn" in left_out


def test_instructions_are_counted_with_one_thread(results: Path) -> None:
    found = load_results(results)["instructions"]
    assert {entry["model"] for entry in found} == {"cnn-int8.onnx", "cnn-int8.tflite", "crnn-int8.onnx"}
    assert {entry["per_inference"] for entry in found} == {1000}


def test_arithmetic_of_an_onnx_file_is_counted_with_its_recurrent_nodes(results: Path) -> None:
    pytest.importorskip("onnx", reason="onnx is not installed: pip install -e '.[benchmark]'")
    onnx, tflite, lines = load_results(results)["models"]
    assert (onnx["weights"], onnx["macs"]) == (tflite["weights"], tflite["macs"]) == (89_811, 5_099_456)
    steps = 128 // 4
    assert lines["macs"] == steps * (12 * 32 * 4 + 2 * 18 * 12 + 2 * 18 * 6)
    assert lines["weight_bytes"] == 4 * lines["weights"] == 4 * (12 * 32 * 4 + 2 * 18 * 12 + 2 * 18 * 6)


def test_the_page_is_written_whole_with_its_plots(results: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the extra benchmark is not installed")
    out = tmp_path / "benchmarks.md"
    assert command.main(["page", str(results), "--out", str(out)]) == 0
    text = out.read_text()
    assert text.startswith(prose.HEAD)
    for title in ("Inference", "A line of ten digits", "What the wrapper costs", "Models", "Whole pictures: pages"):
        assert f"### {title}" in text
    assert str(results.parent) not in text
    pictures = sorted((tmp_path / "benchmarks").glob("*.png"))
    assert len(pictures) == 3
    assert all(f"(benchmarks/{picture.name})" in text for picture in pictures)


def test_times_of_a_void_run_are_not_in_the_tables(results: Path) -> None:
    found = load_results(results)
    found["validity"] |= {"void": True, "reasons": ["emulated: its times mean nothing"]}
    said = tables.markdown(found)
    assert "This run is void: emulated" in said and "### Models" in said
    assert "### Inference" not in said and "### What the wrapper costs" not in said


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ('"', '--count-instructions ": no closing quotation'),
        ("", "there is no such program"),
        ("missing --count", "--count-instructions missing --count: there is no such"),
    ],
)
def test_a_program_that_cannot_count_is_said_at_once(
    given: str, complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["--count-instructions", given]) == 2
    assert complaint in capsys.readouterr().err


def test_under_emulation_pictures_are_read_once_and_no_times_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "emulated.json"
    data = tmp_path / "data"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mnist, "FILES", digits(data / "MNIST" / "raw"))
        given = ["--emulated", "--quick", "--models", str(MODELS / "cnn-int8.tflite"), "--data-dir", str(data)]
        assert command.main([*given, "--threads", "1", "--out", str(out)]) == 0
    found: dict[str, Any] = load_results(out)
    assert found["validity"]["void"] and not found["infer"] and not found["road"]
    assert all(len(entry["windows"]) == 1 for entry in found["reading"])
    assert "| ms |" not in capsys.readouterr().out


def test_multiply_accumulates_are_those_of_the_layers() -> None:
    # Convolutions: output pixels * output channels * filter pixels * input channels; then one matrix product.
    by_hand = 784 * 16 * 9 + 196 * (24 * 9 * 16 + 32 * 9 * 24) + 49 * (48 * 9 * 32 + 64 * 9 * 48) + 25 * 64 * 9 * 64
    counted = [macs.count(MODELS / f"cnn-{precision}.tflite") for precision in ("float32", "int8")]
    assert [count and count["macs"] for count in counted] == [by_hand + 64 * 11] * 2
    assert [count and count["weights"] for count in counted] == [89_811] * 2


def test_ten_digits_are_timed_as_one_line_and_one_by_one(tmp_path: Path) -> None:
    wide, narrow = Sevens(256), Sevens(128)
    found = turns.times_of_ten(
        load_model(MODELS / "cnn-int8.tflite"), LineReader([narrow, wide]), digit_file(tmp_path, 25), 0.02
    )
    assert found["strips"] == 1 and wide.asked > 0 and narrow.asked == 0
    assert found["line"] > 0 and found["digits"] > 0


def test_lines_of_ten_hold_all_ten_digits_apart(tmp_path: Path) -> None:
    with np.load(digit_file(tmp_path, 25)) as held:
        made = turns.lines_of_ten(held["images"])
    assert len(made) == 2, "what is left of the digits makes no line"
    strip, pixels = made[0]
    inked = np.diff(np.concatenate([[0], (strip > 127).any(axis=0).astype(int), [0]]))
    assert (inked == 1).sum() == 10
    assert pixels.shape == (10, 28, 28)


def test_a_line_that_is_too_wide_counts_with_all_its_strips(tmp_path: Path) -> None:
    found = turns.times_of_ten(
        load_model(MODELS / "cnn-int8.tflite"), LineReader([Sevens(128)]), digit_file(tmp_path, 10), 0.02
    )
    assert found["strips"] == 2
