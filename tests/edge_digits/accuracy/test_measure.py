"""What is measured of one model or two, and how it stands in the table."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge_digits.accuracy.dataset import Dataset, load_dataset
from edge_digits.accuracy.measure import Measured, measure
from edge_digits.accuracy.pairs import sides_of
from edge_digits.accuracy.table import as_json, as_table
from edge_digits.evaluation.intervals import Interval
from edge_digits.evaluation.statistics import Difference


@pytest.fixture(scope="module")
def few() -> Dataset:
    data = load_dataset()
    lines, texts = data.lines[:4], data.texts[:4]
    return Dataset(data.digits[:30], data.labels[:30], lines, texts, data.pages[:2], data.written[:2])


@pytest.mark.slow
def test_a_cnn_reads_digits_and_pages(few: Dataset) -> None:
    told: list[tuple[int, int]] = []
    digits, pages = measure(sides_of(["cnn"]), few, lambda done, of: told.append((done, of)))
    assert (digits.kind, digits.network, digits.count) == ("digits", "cnn", 30)
    assert min(digits.right) > 0.8 and len(digits.right) == 2
    assert digits.kilobytes[1] < digits.kilobytes[0]
    assert (pages.kind, pages.count, len(pages.error_rate)) == ("pages", 2, 2)
    assert told == [(n, 32) for n in range(1, 33)]


@pytest.mark.slow
def test_a_crnn_reads_lines_and_pages(few: Dataset) -> None:
    lines, pages = measure(sides_of(["crnn"]), few)
    assert (lines.kind, lines.count, pages.kind) == ("lines", 4, "pages")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["judge", "judge-first"])
def test_a_network_of_the_judge_reads_no_digits_by_itself_but_finds_those_of_pages(few: Dataset, name: str) -> None:
    [pages] = measure(sides_of([name]), few)
    assert (pages.kind, pages.network) == ("pages", name)


@pytest.mark.slow
def test_what_is_read_wrongly_counts(few: Dataset) -> None:
    sides = sides_of(["cnn-int8.tflite", "cnn-int8.tflite"])
    other = replace(few, labels=(few.labels + 1) % 10, written=[replace(page, lines=("",)) for page in few.written])
    digits, pages = measure(sides, other)
    assert max(digits.right) < 0.2
    assert digits.difference is not None and digits.difference.value == 0
    assert pages.right == (0, 0)


DIGITS = Measured("digits", "cnn", 1000, (0.99, 0.97), Difference(-0.02, -0.03, -0.01), (0.2, 0.1), (400.0, 100.0))
SAME = Difference(0.0, -0.0876, 0.0876)
PAGES = Measured(
    "pages", "cnn", 40, (0.5, 0.5), SAME, (90.0, 60.0), (400.0, 100.0), (0.1, 0.1), Interval(0, -0.01, 0.01)
)


def test_the_table_says_where_a_difference_is_shown() -> None:
    table = as_table(sides_of(["cnn"]), [DIGITS, PAGES]).splitlines()
    rows = {line[:28].strip(): " ".join(line[28:].split()) for line in table}
    assert rows["digits right (cnn)"] == "99.00 % 97.00 % -2.00 (-3.00 to -1.00)"
    assert rows["pages exact (cnn)"] == "50.00 % 50.00 % +0.00 (-8.76 to 8.76), no difference shown"
    assert rows["one digit (cnn)"] == "0.2 ms 0.1 ms 0.50 times"
    assert rows["files (cnn)"] == "400 kB 100 kB 0.25 times"
    assert sum("files" in line for line in table) == 1
    assert max(map(len, table[2:])) <= 100


def test_one_model_alone_has_the_interval_of_its_share() -> None:
    alone = replace(DIGITS, right=(0.99,), difference=None, milliseconds=(0.2,), kilobytes=(400.0,))
    table = as_table(sides_of(["cnn"])[:1], [alone])
    assert "99.00 %   98.17 to 99.46 %" in table and "less" not in table


def test_the_json_has_all_figures() -> None:
    fields = as_json(sides_of(["cnn"]), [DIGITS, PAGES])
    assert [model["title"] for model in fields["models"]] == ["float32", "int8"]
    digits, pages = fields["measured"]
    assert digits["right_difference"] == {"value": -0.02, "low": -0.03, "high": -0.01}
    assert (digits["milliseconds"], digits["kilobytes"]) == ([0.2, 0.1], [400.0, 100.0])
    assert pages["error_rate"] == [0.1, 0.1]
