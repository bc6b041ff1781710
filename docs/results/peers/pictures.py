"""What all readers read: photographs of the part ``check``, drawn pages of 640×480, and single digits by pens."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from edge_digits.charset import DIGITS
from edge_digits.evaluation.ground_truth import CHECK, LabelledPicture, load_folder
from edge_digits.io import sources
from edge_digits.synthesis.page import make_page

PHOTOGRAPHS, NONE, PAGES, SINGLES = "photographs", "photographs without digits", "pages", "pen digits"
KINDS = ("plain", "ruled", "squared", "cells", "board")
PAGES_EACH = 8
"""Pages of each kind of paper."""

SINGLES_EACH = 10
"""Of each digit."""

_SEED = 2026


def load_pictures(data: Path, place: Path) -> dict[str, list[LabelledPicture]]:
    """By set. data: the data folder, of which ``photos`` and ``pen_digits`` are read where they are there; place: a
    folder for the pages. The source of a page and of a single digit is itself. Raises DataError if labels are
    damaged."""
    sets: dict[str, list[LabelledPicture]] = {}
    if (data / "photos").is_dir():
        check = [one for one in load_folder(data / "photos") if one.part == CHECK]
        sets[PHOTOGRAPHS] = [one for one in check if one.lines]
        sets[NONE] = [one for one in check if not one.lines]
    sets[PAGES] = _pages(place)
    if (data / "pen_digits").is_dir():
        sets[SINGLES] = _singles(data / "pen_digits")
    return sets


def _pages(place: Path) -> list[LabelledPicture]:
    made = []
    for kind in KINDS:
        for number in range(PAGES_EACH):
            page = make_page(np.random.default_rng([_SEED, KINDS.index(kind), number]), 640, 480, kind=kind)
            path = place / f"{kind}-{number}.png"
            cv2.imwrite(str(path), page.image)
            lines = tuple("".join(str(digit.value) for digit in line.digits) for line in page.lines)
            made.append(LabelledPicture(path, lines, category=kind, source=path.name))
    return made


def _singles(folder: Path) -> list[LabelledPicture]:
    made = []
    for digit in DIGITS:
        names = sources.pictures(str(folder / digit))
        chosen = np.linspace(0, len(names) - 1, min(SINGLES_EACH, len(names))).round().astype(int)
        made += [LabelledPicture(Path(names[k]), (digit,)) for k in chosen]
    return [replace(one, source=str(number)) for number, one in enumerate(made)]
