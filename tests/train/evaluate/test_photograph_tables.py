"""Promises of train.evaluate.photograph_tables: by part, by kind and by source, and nothing of ``check`` is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge_digits.evaluation.ground_truth import LabelledPicture
from edge_digits.evaluation.intervals import Interval
from edge_digits.page import Page
from edge_digits.types import Box, Digit, Line
from train.evaluate import photograph_tables
from train.evaluate.photographs import Read
from train.evaluate.singles import Singles
from train.evaluate.whole_pictures import Reading

BOX = Box(0, 0, 1, 1)


def _read(written: str, read: str, source: str, part: str, kind: str = "plain") -> Read:
    digits = tuple(Digit(int(c), 0.9, BOX) for c in read)
    lines = (Line(read, 0.9, BOX, digits),) if read else ()
    truth = (written,) if written else ()
    return Read(LabelledPicture(Path(f"{source}.png"), truth, "lines", kind, source, part), Page(lines, ()))


def _reading(name: str, worse: bool = False) -> Reading:
    """Two readers of the same pictures: the worse one misses a digit in every one of ``check``."""
    hidden = [
        _read("0123456789", "123456789" if worse else "0123456789", f"hidden/{n}", "check", "form" if n else "plain")
        for n in range(6)
    ]
    shown = [_read("12", "13", "known/one", "tune"), _read("", "77", "known/none", "tune")]
    return Reading(name, [*shown, *hidden], [Singles("pen digits", 4, right=2, missed=1, several=0)])


def test_check_leads_and_each_part_has_strict_and_all() -> None:
    rows = photograph_tables.by_part([_reading("a", worse=True)]).splitlines()[2:]
    assert [row.split(" | ")[:6] for row in rows] == [
        ["| check", "strict", "a", "1", "1", "10"],
        ["| check", "all", "a", "6", "6", "60"],
        ["| tune", "strict", "a", "1", "1", "2"],
        ["| tune", "all", "a", "1", "1", "2"],
    ]
    assert "| 10.00 (10.00 to 10.00) | 10.00 (10.00 to 10.00) | 0.00 (0.00 to 0.00) | 0.00 |" in rows[1]


def test_nothing_of_check_is_named() -> None:
    text = "\n".join(photograph_tables.all_tables([_reading("a"), _reading("b", worse=True)]))
    assert "hidden" not in text and ".png" not in text
    assert "| known/one | plain | 1 | 2 | 50.00 | 50.00 |" in text
    assert "CER (%) of the 6 sources of check, a, in order of size: 0.0, 0.0, 0.0, 0.0, 0.0, 0.0." in text


def test_digits_where_there_are_none_are_counted_by_part() -> None:
    assert "| a | – | 2 in 1 of 1 |" in photograph_tables.without_digits([_reading("a")])


def test_each_kind_has_its_figures_in_each_part() -> None:
    rows = photograph_tables.by_kind(_reading("a", worse=True)).splitlines()
    assert rows[2].startswith("| form | 5 | 5 | 10.00 (10.00 to 10.00) |") and "| 0 | 0 | – | – | – |" in rows[2]
    assert rows[3] == "| plain | 1 | 1 | 10.00 | 10.00 | 0.00 | 1 | 1 | 50.00 | 50.00 | 0.00 |"


def test_two_readers_are_compared_on_check() -> None:
    text = photograph_tables.compared([_reading("a"), _reading("b", worse=True)])
    assert "macro CER, check (points)" in text
    # Strict is one source, and says nothing of others.
    assert "| a | b | -10.00 (too few sources) | -10.00 (-10.00 to -10.00) |" in text
    assert "| a | b | read the same | read the same |" in photograph_tables.compared([_reading("a"), _reading("b")])


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Interval(0.01, 0.002, 0.02), "+1.00 (+0.20 to +2.00)"),
        (Interval(0.01, -0.002, 0.02), "+1.00 (-0.20 to +2.00): no difference that can be shown"),
    ],
)
def test_a_difference_is_said_only_where_it_can_be_shown(found: Interval, said: str) -> None:
    assert photograph_tables.difference(found) == said


def test_single_digits_have_the_interval_of_a_share() -> None:
    text = photograph_tables.single_digits([_reading("a")])
    assert "| a | pen digits | 4 | 50.00 (15.00 to 85.00) | 1 | 0 | 1 |" in text


def test_without_parts_all_pictures_are_one() -> None:
    reading = Reading("a", [_read("12", "12", f"source/{n}", "") for n in range(3)], [])
    text = "\n".join(photograph_tables.all_tables([reading]))
    assert "| – | strict | a | 3 | 3 | 6 | 0.00 | 0.00 | 100.00 | 100.00 | 0.00 |" in text
    assert "check" not in text and "| source/2 | plain | 1 | 2 | 0.00 |" in text
