"""Promises of edge_digits.confidence: a wished error rate becomes a threshold, or a clear refusal."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from edge_digits.confidence import threshold_for
from edge_digits.errors import ConfigError, ModelError
from edge_digits.reader import DigitReader, open_reader
from edge_digits.runtime.spec import ModelSpec
from edge_digits.synthesis.page import make_page

SPEC = ModelSpec("cnn", "tflite", "int8", "0", thresholds={"0.05": 0.6, "0.01": 0.9, "0.002": 0.99})


@pytest.mark.parametrize(("wish", "least"), [(0.05, 0.6), (0.5, 0.6), (0.03, 0.9), (0.01, 0.9), (0.002, 0.99)])
def test_the_threshold_keeps_at_least_what_was_wished(wish: float, least: float) -> None:
    assert threshold_for(SPEC, wish, "cnn") == least


@pytest.mark.parametrize("wish", [0.0, 1.0, -0.1, 2.0, float("nan")])
def test_what_is_no_share_is_refused(wish: float) -> None:
    with pytest.raises(ConfigError, match="expected a share between 0 and 1"):
        threshold_for(SPEC, wish, "cnn")


def test_a_wish_beyond_the_table_is_refused_with_its_least() -> None:
    with pytest.raises(ConfigError, match=r"0\.001, the least that cnn has a threshold for is 0\.002"):
        threshold_for(SPEC, 0.001, "cnn")


def test_a_model_without_thresholds_is_named_with_the_remedy() -> None:
    with pytest.raises(ModelError, match=r"my\.tflite: its spec has no thresholds.*train confidence --models my"):
        threshold_for(dataclasses.replace(SPEC, thresholds={}), 0.01, "my.tflite")


def test_damaged_thresholds_are_one_clear_error() -> None:
    damaged = dataclasses.replace(SPEC, thresholds={"0.01": "high"})  # pyright: ignore[reportArgumentType]
    with pytest.raises(ModelError, match="no table of numbers"):
        threshold_for(damaged, 0.01, "cnn")


def test_what_is_below_the_threshold_is_rejected_and_leaves_a_question_mark() -> None:
    model = open_reader("cnn").model
    image = make_page(np.random.default_rng(5), 960, 720, kind="plain", texts=["4810273569"], others=False).image
    (line,) = DigitReader(model).read(image).lines
    order = sorted(line.digits, key=lambda digit: digit.confidence)
    (strict,) = DigitReader(model, least_confidence=order[3].confidence).read(image).lines
    assert strict.digits == tuple(digit for digit in line.digits if digit not in order[:3])
    assert 1 <= strict.text.count("?") <= 3
    page = DigitReader(model, least_confidence=order[3].confidence).read(image)
    assert {digit.box for digit in order[:3]} <= {r.box for r in page.rejected if r.reason == "low-confidence"}


def test_a_line_is_as_sure_as_its_digits_to_the_power_of_the_spec() -> None:
    model = open_reader("cnn").model
    image = make_page(np.random.default_rng(5), 960, 720, kind="plain", texts=["4810273569"], others=False).image
    (line,) = DigitReader(model).read(image).lines
    product = float(np.prod([digit.confidence for digit in line.digits]))
    assert line.confidence == pytest.approx(product**model.spec.line_exponent)
