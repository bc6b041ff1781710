"""Labelled pictures in a benchmark: a set for each part, and of ``check`` no name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from device.benchmark import compare, reading_table, run, samples
from device.benchmark.plan import Wanted
from edge_digits.evaluation.ground_truth import LabelledPicture


def _label(source: int, part: str, written: str) -> dict[str, Any]:
    return {"lines": [written], "category": "plain", "repo": f"{part}-people/{source}", "part": part}


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Six pictures of ten digits in each part, all of other sources."""
    labels = {f"{part}-{n}.png": _label(n, part, "0123456789") for part in ("check", "tune") for n in range(6)}
    for name in labels:
        (tmp_path / name).touch()
    (tmp_path / "labels.json").write_text(json.dumps(labels))
    return tmp_path


def _results(sets: dict[str, list[LabelledPicture]], read: str) -> dict[str, Any]:
    """What a run says in which ``read`` was read in every picture."""
    reading = [
        {
            "reader": "edge-digits",
            "model": "cnn-int8.tflite",
            "runtime": "some",
            "threads": 1,
            "set": name,
            "lines": [[read] for _ in own],
            "windows": [{"seconds": [0.01] * len(own), "peak_memory": 5e7}] * 2,
        }
        for name, own in sets.items()
    ]
    told = {name: run._told(own, None) for name, own in sets.items()}  # pyright: ignore[reportPrivateUsage]
    model = {"file": "cnn-int8.tflite", "precision": "int8", "reads_lines": False}
    return {"sets": told, "reading": reading, "models": [model], "validity": {"void": False}, "digits": []}


def _sets(pictures: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[LabelledPicture]]:
    monkeypatch.setattr(samples, "write_pages", lambda folder, each: [])
    wanted = Wanted((), pictures=pictures)
    sets = samples.picture_sets(wanted, pictures)
    assert list(sets) == ["pages", "pictures, tune", "pictures, check"]
    return {name: own for name, own in sets.items() if own}


def test_of_check_neither_files_nor_sources_are_named(pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    results = _results(_sets(pictures, monkeypatch), "0123456789")
    assert "check-" not in json.dumps(results)
    assert results["sets"]["pictures, check"][1]["file"] == "check/2"
    assert results["sets"]["pictures, tune"][1]["file"] == "tune-1.png"
    assert len({picture["source"] for picture in results["sets"]["pictures, check"]}) == 6


def test_each_part_has_its_figures_with_intervals_and_kinds(pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = reading_table.markdown(_results(_sets(pictures, monkeypatch), "012345678"))
    assert "### Whole pictures: pictures, check, 6 with digits, 60 digits" in text
    rate = "10.00% (10.00% to 10.00%)"
    assert f"| cnn-int8.tflite, some | {rate} | {rate} | 0.0% (0.0% to 0.0%)" in text
    assert f"| plain | 6 | 6 | 60 | {rate} |" in text


def test_two_runs_are_compared_on_the_same_sources(pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sets = _sets(pictures, monkeypatch)
    a, b = _results(sets, "0123456789"), _results(sets, "012345678")
    said = [changed.text for changed in compare.accuracies(a, b)]
    assert any("pictures, check: macro CER 0.00% → 10.00%; B reads worse" in text for text in said)
    assert all(changed.worse for changed in compare.accuracies(a, b))
