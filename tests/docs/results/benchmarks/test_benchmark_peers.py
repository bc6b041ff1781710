"""Other readers in a benchmark: what can be tested without installing them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from device.benchmark.timing import read_pictures
from docs.results.benchmarks import tables
from docs.results.benchmarks.peers import demo, opening
from docs.results.benchmarks.peers.demo import DemoReader
from docs.results.benchmarks.peers.ocr import rows
from docs.results.benchmarks.peers.opencv_dnn import OpenCvModel
from docs.results.benchmarks.peers.readers import load_sight
from docs.results.benchmarks.run import FEW, MANY, instructions
from edge_digits.errors import ConfigError, ModelError, RuntimeMissingError
from edge_digits.reader import MODELS
from edge_digits.runtime.load import load_model
from edge_digits.synthesis.page import make_page


def corners(x: float, y: float, width: float = 50, height: float = 20) -> list[list[float]]:
    """A box as RapidOCR gives it."""
    return [[x, y], [x + width, y], [x + width, y + height], [x, y + height]]


def test_boxes_side_by_side_are_one_row_left_to_right() -> None:
    found = [(corners(100, 12), "45"), (corners(0, 60), "678"), (corners(0, 10), "123")]
    assert rows(found) == ["123 45", "678"]


def test_opencv_gives_the_scores_of_our_own_runtime() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (3, 28, 28), dtype=np.uint8)
    theirs = OpenCvModel(MODELS / "cnn-float32.onnx").scores(pixels)
    assert np.allclose(theirs, load_model(MODELS / "cnn-float32.tflite").scores(pixels), atol=1e-3)


def test_the_demo_reads_rows_from_left_to_right(tmp_path: Path) -> None:
    import cv2

    page = make_page(np.random.default_rng(3), texts=["12345", "678"], digit_height=50, kind="plain", others=False)
    cv2.imwrite(str(tmp_path / "page.png"), page.image)
    # Any network with a batch of one picture will do; ours has a class more, which is never the likeliest here.
    found = read_pictures(
        DemoReader(str(MODELS / "cnn-float32.tflite")).read, load_sight, [str(tmp_path / "page.png")], seed=0
    )
    assert found["lines"] == [["12345", "678"]]
    assert found["seconds"][0] > 0


def test_the_demo_needs_a_network(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such model file"):
        DemoReader(str(tmp_path / "missing.onnx"))
    (tmp_path / "broken.tflite").write_bytes(b"nothing")
    with pytest.raises(ModelError, match="cannot be run"):
        DemoReader(str(tmp_path / "broken.tflite"))


def test_a_peer_that_is_not_installed_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RuntimeMissingError, match="apt install tesseract-ocr"):
        opening.open_peer("tesseract", {})
    with pytest.raises(RuntimeMissingError, match="no peer is called 'other'"):
        opening.open_peer("other", {})


def test_readers_see_a_picture_in_colour_as_it_is_displayed(tmp_path: Path) -> None:
    import cv2

    cv2.imwrite(str(tmp_path / "a.png"), np.full((4, 6, 3), (10, 20, 200), np.uint8))
    sight = load_sight(str(tmp_path / "a.png"))
    assert sight.colour.shape == (*sight.grey.shape, 3)
    assert sight.colour[0, 0].tolist() == [10, 20, 200]


def test_contours_of_impossible_sizes_are_no_digits() -> None:
    ink = np.zeros((200, 200), np.uint8)
    ink[10:12, 10:12] = ink[50:90, 50:70] = ink[150:160, 5:195] = 255
    assert [box.as_list() for box in demo._boxes(ink)] == [[50, 50, 20, 40]]


def test_instructions_are_those_of_the_inferences_alone() -> None:
    def said(job: dict[str, object]) -> str:
        assert job["count"] in (FEW, MANY)
        return f"==7== I   refs:      {5_000_000 + 1_234 * int(str(job['count'])):,}\n"

    assert instructions({}, said) == 1_234
    with pytest.raises(ConfigError, match="says no count"):
        instructions({}, lambda job: "nothing")


def test_an_emulated_run_is_told_without_times() -> None:
    page = {"file": "plain-0.png", "lines": ["12"], "match": "lines", "category": "plain", "source": "plain"}
    own = {"reader": "edge-digits", "model": "cnn-int8.tflite", "runtime": "ai-edge-litert", "threads": 1}
    results = {
        "machine": {"architecture": "aarch64", "system": "Debian", "python": "3.11", "versions": {}, "processor": "x"},
        "sets": {"pages": [page, {**page, "file": "plain-1.png"}]},
        "reading": [{**own, "set": "pages", "lines": [["12"], ["7"]]}],
        "digits": [{**own, "count": 4, "right": "e0"}],
        "instructions": [{**own, "per_inference": 5_000_000}],
    }
    here = {**results, "reading": [{**own, "set": "pages", "lines": [["12"], ["8"]]}], "instructions": []}
    said = tables.emulation(here, results)
    assert "| cnn-int8.tflite, ai-edge-litert | 3 of 4 | 1 of 2 | 5,000,000 | – |" in said
    assert "ms" not in said
