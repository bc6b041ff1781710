"""The crops that a CNN is trained and chosen with: plain bitmaps, and hypotheses that the reader would show it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge_digits.charset import REJECT
from edge_digits.model_input import normalize
from edge_digits.teach.samples import ink_of
from edge_digits.teach.teach import labelled_inputs
from train.data.digit_sets import BITMAPS, Bitmaps, read_mnist
from train.data.shards import TILES_EACH
from train.digits import crops
from train.digits.crops import Crops
from train.judge import shards
from train.judge.training import hypotheses
from train.recipes import DigitRecipe, TileRecipe

logger = logging.getLogger(__name__)

REJECTS = 0.5
"""Of the hypotheses that choose and calibrate, those that are no single digit, for each that is one."""
HAND_SHARE = 0.05
"""Of the bitmaps, those of one hand's labels, however few there are."""
HELD_OUT = 5
"""One of so many labels is not learned."""
_VALIDATION_SEED = 20_261_120


@dataclass(frozen=True)
class Data:
    """plain: bitmaps that are learned as they are; seen: hypotheses of tiles that are learned; counts: how many crops
    of which origin are in them. mnist: MNIST's validation digits as they are. camera: hypotheses that choose. hand:
    labels of one hand that are not learned, none without labels."""

    plain: Crops
    seen: Crops
    mnist: Crops
    camera: Crops
    hand: Crops
    counts: dict[str, int]


def normalized(bitmaps: Bitmaps) -> Crops:
    """Bitmaps as model input: they are ink already and enter at ``normalize``."""
    size = normalize.PARAMETERS.size
    images = np.array([normalize.digit(image) for image in bitmaps.images], np.uint8)
    return Crops(bitmaps.name, images.reshape(-1, size, size), bitmaps.labels)


def load(recipe: DigitRecipe, folder: Path, processes: int) -> Data:
    """All crops of a recipe; hypotheses come from the user's cache if they are there.

    folder: the data folder. Raises DataError if MNIST cannot be had or a set is damaged.
    """
    limit = recipe.limit or None
    plain = [normalized(b.first(limit)) for b in training_bitmaps(folder)]
    files = hypotheses(recipe, folder, "train", recipe.wanted_tiles(TILES_EACH), processes)
    seen = of_hypotheses("tiles", files, limit)
    camera = validation(recipe, folder, processes)
    mnist = normalized(read_mnist(folder, "validation").first(limit))
    of_hand = mnist.take(slice(0))
    if recipe.labels:
        hand, of_hand = labelled(Path(recipe.labels))
        plain.append(repeated(hand, round(HAND_SHARE * sum(len(c) for c in plain))))
    made = {f"{c.name} plain": len(c) for c in plain} | {
        "hypotheses of tiles": len(seen),
        "digits of these": int((seen.labels < REJECT).sum()),
        "hypotheses that choose": len(camera),
    }
    return Data(crops.join("plain", plain), seen, mnist, camera, of_hand, made)


def labelled(folder: Path) -> tuple[Crops, Crops]:
    """The labels of a folder (``edge_digits.teach.labels``) that are learned, and every fifth that only reports. Raises
    LabelError if there is no such folder, nothing is labelled in it, or a label is none."""
    inputs, labels, _ = labelled_inputs(folder)
    classes = np.minimum(labels, REJECT).astype(np.uint8)
    held_out = np.arange(len(labels)) % HELD_OUT == HELD_OUT - 1
    all_of_them = Crops("hand", ink_of(inputs), classes)
    return all_of_them.take(~held_out), all_of_them.take(held_out)


def repeated(some: Crops, count: int) -> Crops:
    """``some`` again and again until there are ``count`` of them."""
    return some.take(np.arange(max(count, len(some))) % len(some))


def training_bitmaps(folder: Path) -> list[Bitmaps]:
    """The training parts of the sets that are pictures and are in the data folder; those that are not there are named
    in a warning. Raises DataError if MNIST cannot be had or a set is damaged."""
    sets = [read_mnist(folder, "train")]
    for name, read in BITMAPS.items():
        if (folder / name).is_dir():
            sets.append(read(folder, "train"))
        else:
            logger.warning("%s is not in %s: going on without it", name, folder)
    return sets


def validation(recipe: TileRecipe, folder: Path, processes: int) -> Crops:
    """The hypotheses that choose and calibrate, ``REJECTS`` of them for each digit, always the same of a recipe."""
    files = hypotheses(recipe, folder, "validation", recipe.validation_tiles, processes)
    tiles = of_hypotheses("validation tiles", files, recipe.limit or None)
    digits, others = np.flatnonzero(tiles.labels < REJECT), np.flatnonzero(tiles.labels == REJECT)
    kept = np.random.default_rng(_VALIDATION_SEED).permutation(others)[: round(REJECTS * len(digits))]
    index = np.sort(np.concatenate([digits, kept]))
    return Crops(tiles.name, tiles.images[index], tiles.labels[index])


def of_hypotheses(name: str, files: list[Path], limit: int | None = None) -> Crops:
    """Labelled hypotheses as the CNN sees them, at most ``limit`` (None: all): what is several digits, a digit that
    the edge cuts off, a mark or nothing is ``charset.REJECT``. Raises DataError if a file is damaged."""
    parts = []
    for path in files:
        nodes = shards.load(path)
        use = (nodes.label >= 0) & ~nodes.first_only & ~nodes.gap
        parts.append(Crops(path.stem, nodes.ink[use], np.minimum(nodes.label[use], REJECT).astype(np.uint8)))
    joined = crops.join(name, parts)
    return Crops(name, joined.images[:limit], joined.labels[:limit])
