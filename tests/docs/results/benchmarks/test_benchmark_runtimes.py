"""OpenCV's runtime, counted instructions and runs under emulation in a benchmark."""

from __future__ import annotations

import numpy as np
import pytest

from docs.results.benchmarks import tables
from docs.results.benchmarks.opencv_dnn import OpenCvModel
from docs.results.benchmarks.run import FEW, MANY, instructions
from edge_digits.errors import ConfigError
from edge_digits.reader import MODELS
from edge_digits.runtime.load import load_model


def test_opencv_gives_the_scores_of_our_own_runtime() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (3, 28, 28), dtype=np.uint8)
    theirs = OpenCvModel(MODELS / "cnn-float32.onnx").scores(pixels)
    assert np.allclose(theirs, load_model(MODELS / "cnn-float32.tflite").scores(pixels), atol=1e-3)


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
