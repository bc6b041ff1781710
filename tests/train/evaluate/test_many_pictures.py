"""Promises of train.evaluate.reading: each picture is read once, in order, by however many processes."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_digits.errors import ImageError, ModelError
from edge_digits.reader import open_reader
from edge_digits.synthesis.page import make_page
from edge_digits.types import Image
from train.evaluate import reading

CNN = partial(open_reader, "cnn")


def _pages(count: int) -> list[Image]:
    return [
        make_page(np.random.default_rng(n), 320, 240, texts=[str(100 + n)], digit_height=40, others=False).image
        for n in range(count)
    ]


@pytest.mark.slow
def test_several_processes_read_what_one_reads() -> None:
    pages = _pages(4)
    alone = reading.read_pictures(CNN, pages, "pages", processes=1)
    assert len(alone) == 4 and all(page.lines for page in alone)
    assert reading.read_pictures(CNN, pages, "pages", processes=2) == alone
    assert not logging.root.manager.disable, "only the other processes are quiet"


def test_files_and_pictures_are_read_alike(tmp_path: Path) -> None:
    (page,) = _pages(1)
    cv2.imwrite(str(tmp_path / "page.png"), page)
    from_file, from_memory = reading.read_pictures(CNN, [tmp_path / "page.png", page], "pages")
    assert from_file == from_memory


def test_nothing_is_read_of_no_pictures() -> None:
    assert reading.read_pictures(partial(open_reader, "none such"), [], "pages") == []


@pytest.mark.parametrize("processes", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_what_cannot_be_read_is_named(tmp_path: Path, processes: int) -> None:
    (tmp_path / "broken.png").write_bytes(b"no picture")
    with pytest.raises(ImageError, match=r"broken\.png"):
        reading.read_pictures(CNN, [tmp_path / "broken.png"], "pages", processes=processes)


def test_a_reader_that_is_not_there_is_named() -> None:
    with pytest.raises(ModelError, match="none such"):
        reading.read_pictures(partial(open_reader, "none such"), _pages(1), "pages", processes=1)
