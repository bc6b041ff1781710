"""Pages -> features of their digits and of what is none -> the file that ships."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from convert.atomic_place import place, staging
from convert.replay.last_layer import last_layer_of
from edge_digits.io import mnist
from edge_digits.judge_classes import NONE
from edge_digits.reader import CNN_FILE, JUDGE_FILE, MODELS, DigitReader, open_reader
from edge_digits.runtime.load import load_model
from edge_digits.runtime.spec import sha256_of, spec_path
from edge_digits.synthesis.page import SyntheticPage, make_page
from edge_digits.teach.replay import PATH, coded
from edge_digits.teach.samples import candidate_at, ink_of, judge_inputs
from edge_digits.trace import Seen
from train.data.bitmap_page import Bitmap, bitmap_page

SEED = 1

DIGITS, OTHERS = 3_500, 700
"""Examples of digits, as many of MNIST as of strokes; and of what is none."""

LEARNED = 1_200
"""Of all of them, those that are learned beside labels; the others only judge."""

OTHERS_A_PAGE, LIKELY = 8, 0.001
"""What is none is taken where the judge gives it some chance of being a digit: the rest can't be mistaken."""

MOST_SHARED = 0.1
"""Share of what is none that digits may cover: a part of a digit, or two of them, are another matter."""

LICENCE = (
    "features of digits of MNIST's training set (Yann LeCun, Corinna Cortes, Christopher J.C. Burges; Creative Commons "
    "Attribution-ShareAlike 3.0) and of this project's own strokes (Apache-2.0); shared under CC BY-SA 3.0"
)


def make(data_dir: Path) -> Path:
    """Make the replay set of the int8 TFLite files in the package and put it beside them. Returns where it is. Raises
    DataError if MNIST cannot be had, ConversionError if it cannot be written."""
    reader = open_reader("cnn")
    judge, cnn = (load_model(MODELS / name) for name in (JUDGE_FILE, CNN_FILE))
    inputs, labels = _examples(reader, data_dir, np.random.default_rng(SEED))
    arrays: dict[str, NDArray[Any]] = {"labels": labels.astype(np.int8)}
    parents = {}
    for name, file, model, pixels in (("judge", JUDGE_FILE, judge, inputs), ("cnn", CNN_FILE, cnn, ink_of(inputs))):
        features = np.concatenate([model.features(part) for part in np.array_split(pixels, 20)])
        most = float(features.max())
        layer = last_layer_of((MODELS / file).read_bytes())
        arrays |= {name: coded(features, most), f"{name}_most": np.array(most, np.float32)}
        arrays |= {f"{name}_weights": layer.weights, f"{name}_bias": layer.bias}
        parents[name] = model.spec.sha256
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **arrays)
    made = PATH
    with staging(MODELS) as folder:
        staged = folder / made.name
        staged.write_bytes(content.getvalue())
        spec = {"sha256": sha256_of(staged), "parents": parents, "learned": LEARNED, "seed": SEED, "licence": LICENCE}
        spec_path(staged).write_text(json.dumps(spec, indent=2) + "\n", "utf-8")
        place([spec_path(staged), staged], MODELS)
    return made


def _examples(
    reader: DigitReader, data_dir: Path, random: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.intp]]:
    """What the judge was given, (N, 4, 32, 32), and what it is, in an order that has some of everything everywhere."""
    drawn, written, others = [], [], []
    pages = _pages(data_dir, random)
    with tqdm(total=DIGITS + OTHERS, unit="example") as bar:
        while min(len(drawn), len(written)) < DIGITS // 2 or len(others) < OTHERS:
            page, of_mnist = next(pages)
            digits, none = _on_page(reader, page, random)
            kept = written if of_mnist else drawn
            kept += digits
            others += none
            bar.n = min(len(drawn), DIGITS // 2) + min(len(written), DIGITS // 2) + min(len(others), OTHERS)
            bar.update(0)
    all_of_them = drawn[: DIGITS // 2] + written[: DIGITS // 2] + others[:OTHERS]
    order = random.permutation(len(all_of_them))
    inputs, labels = zip(*(all_of_them[index] for index in order), strict=True)
    return np.stack(inputs), np.array(labels, np.intp)


def _pages(data_dir: Path, random: np.random.Generator) -> Iterator[tuple[SyntheticPage, bool]]:
    """Pages of strokes, letters and signs among them, and of MNIST, in turn; and which a page is."""
    images, labels = mnist.load("train", data_dir)

    def written(random: np.random.Generator) -> Bitmap:
        index = int(random.integers(len(labels)))
        return images[index], int(labels[index])

    while True:
        yield make_page(random, 800, 600, digit_height=float(random.uniform(24, 60))), False
        yield bitmap_page(random, written), True


Example = tuple[NDArray[np.uint8], int]


def _on_page(
    reader: DigitReader, page: SyntheticPage, random: np.random.Generator
) -> tuple[list[Example], list[Example]]:
    """The digits of a page that can be found, and some of what is none."""
    observed: list[Seen] = []
    reader.read(page.image, observe=observed.append)
    seen = observed[0]
    candidates = seen.candidates
    if not len(candidates):
        return [], []
    boxes = [(digit.box, digit.value) for line in page.lines for digit in line.digits]
    places = [(candidate_at(seen, box), value) for box, value in boxes]
    digits = [(index, value) for index, value in places if index is not None]
    taken = [box.scaled(seen.scale) for box in [*(box for box, _ in boxes), *page.cut]]
    is_free = np.ones(len(candidates), np.bool_)
    left, top, right, bottom = candidates.boxes.T
    for box in taken:
        wide = np.minimum(right, box.right) - np.maximum(left, box.x)
        high = np.minimum(bottom, box.bottom) - np.maximum(top, box.y)
        is_free &= np.maximum(wide, 0) * np.maximum(high, 0) < MOST_SHARED * (right - left) * (bottom - top)
    likely = candidates.chances[:, :NONE].sum(axis=1) > LIKELY
    free = np.flatnonzero(is_free & likely & ~candidates.is_piece)
    free = random.permutation(free)[:OTHERS_A_PAGE]
    index = np.array([index for index, _ in digits] + free.tolist(), np.intp)
    inputs = judge_inputs(seen, index)
    labels = [value for _, value in digits] + [NONE] * len(free)
    examples = list(zip(inputs, labels, strict=True))
    return examples[: len(digits)], examples[len(digits) :]
