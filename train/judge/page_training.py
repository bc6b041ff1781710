"""``python -m train judge-page``: whole synthesized pages, judged by the model files that ship -> the set network."""

from __future__ import annotations

import json
import logging
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from edge_digits.charset import REJECT
from edge_digits.judge.cascade import Judged
from edge_digits.judge_classes import SEVERAL
from edge_digits.lines.line_reader import LineReader
from edge_digits.read_page import Networks, find_candidates, select_dark
from edge_digits.reading_size import at_reading_size
from edge_digits.runtime.load import load_model
from edge_digits.runtime.spec import sha256_of
from edge_digits.selection.candidates import Candidates
from edge_digits.selection.page_context import page_features
from edge_digits.selection.set_network import SetNetwork, shapes
from edge_digits.system.atomic_write import atomic_path
from train.data import shards as tile_shards
from train.data.build_pool import open_pool
from train.data.code_files import code_hash
from train.data.shards import read_shard
from train.judge.labels import IGNORED, label_hypotheses, label_pieces
from train.judge.nodes import boxes_of
from train.judge.page_network import HELD_OUT, PageExamples, fit, fit_calibration
from train.provenance import commit
from train.recipes import PageRecipe

logger = logging.getLogger(__name__)

MOST_TURN = 32.0
"""Degrees by which a page is turned from which on it is not read as it lies."""

WITHOUT_LINES = 4
"""Every so many pages one is judged without the CRNN, as where only the CNN reads."""


@dataclass(frozen=True)
class Files:
    """The model files that judge: the two stages, the CNN, and the CRNN, a file for each width of strip."""

    first: Path
    second: Path
    classifier: Path
    lines: tuple[Path, ...]

    def load(self, page: SetNetwork | None = None) -> Networks:
        """The models, ready to run. page: the set network; None is one that says what the judge says."""
        nothing = SetNetwork(**{name: np.zeros(shape, np.float32) for name, shape in shapes().items()})
        first, second, classifier = (load_model(path) for path in (self.first, self.second, self.classifier))
        reader = LineReader([load_model(path) for path in self.lines])
        return Networks(first, second, page or nothing, classifier, reader)


def train(recipe: PageRecipe, files: Files, folder: Path, out: Path, processes: int) -> dict[str, float]:
    """Train the set network and write into ``out``: ``judge-page.npz`` and what it was made from, ``judge-page.json``.

    folder: the data folder. Pages and their examples lie in the user's cache, and what is there is not made again.
    Returns the figures of ``fit``. Raises DataError, ModelError.
    """
    networks = files.load()
    # Whole shards, so that a longer training can go on with a shorter one's.
    count = -(-recipe.pages // tile_shards.PAGES_EACH) * tile_shards.PAGES_EACH
    order = tile_shards.order_of(0, count, recipe.seed, "train", folder)
    cached = tile_shards.tiles_of(order)
    open_pool(folder, "train")
    tile_shards.make(folder, cached, order, processes, int(recipe.gigabytes * 1e9))
    models = networks.first.spec.sha256[:8] + networks.second.spec.sha256[:8]
    read_by = "".join(sha256_of(path)[:4] for path in files.lines)
    kept = cached.parent.with_name("examples") / f"{cached.name}-{models}-{read_by}-{code_hash(__name__)}"
    pages = [tile_shards.shard_path(cached, kind, first) for kind, first, _ in order.shards()]
    parts = _examples(pages, kept, files, processes)
    examples = _joined(parts)
    logger.info("%d hypotheses of %d pages, %.1f %% of them digits", *_counts(examples))
    network, figures = fit(examples, recipe.seed)
    arrays = network.arrays() | {"calibration": np.array([1.0, 0.0, 1.0], np.float32)}
    log_odds, which, right = _chosen(pages, files, SetNetwork(**arrays), processes).T
    arrays["calibration"] = fit_calibration(log_odds, which, right > 0)
    figures |= {"chosen and right": float(right.mean()), "of hypotheses that stand": float(len(right))}
    with atomic_path(out / "judge-page.npz", make_folder=True) as part, part.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    about = {"recipe": asdict(recipe), "judge": models, "commit": commit(), "figures": figures}
    (out / "judge-page.json").write_text(json.dumps(about, indent=2) + "\n", "utf-8")
    logger.info("%s: %s", out / "judge-page.npz", ", ".join(f"{k} {v:.4f}" for k, v in figures.items()))
    return figures


def _counts(examples: PageExamples) -> tuple[int, int, float]:
    return len(examples.is_digit), len(np.unique(examples.page)), 100 * float(examples.is_digit.mean())


def _examples(pages: list[Path], out: Path, files: Files, processes: int) -> list[Path]:
    tasks = [(shard, out / shard.name) for shard in pages]
    missing = [task for task in tasks if not task[1].is_file()]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, initializer=cv2.setNumThreads, initargs=(1,)) as workers:
        work = workers.map(partial(_write, files), missing)
        for _ in tqdm(work, "pages judged", len(missing), unit="shard", disable=not missing):
            pass
    return [task[1] for task in tasks]


def _write(files: Files, task: tuple[Path, Path]) -> None:
    shard, path = task
    models = files.load()
    alone = replace(models, lines=None)
    parts: list[PageExamples] = []
    for number, page in enumerate(read_shard(shard)):
        if abs(page.turn) > MOST_TURN:
            continue
        grey, factor = at_reading_size(page.image)
        asked = alone if number % WITHOUT_LINES == WITHOUT_LINES - 1 else models
        candidates, judged, scales = find_candidates(grey, asked)
        if not len(candidates):
            continue
        labels = candidate_labels(candidates, judged, scales, page.boxes * factor, page.labels)
        nodes, edges = page_features(candidates)
        use = labels >= 0
        is_digit = (labels[use] < REJECT).astype(np.float32)
        parts.append(PageExamples(nodes[use], edges[use], is_digit, np.full(int(use.sum()), number)))
    joined = _concatenated(parts)
    with atomic_path(path, make_folder=True) as part, part.open("wb") as file:
        np.savez(file, **{f.name: getattr(joined, f.name) for f in fields(PageExamples)})


def candidate_labels(
    candidates: Candidates,
    judged: Sequence[Judged],
    scales: Sequence[float],
    truth: NDArray[np.floating],
    kinds: NDArray[np.int8],
) -> NDArray[np.int8]:
    """Labels (N,) of candidates, see ``label_hypotheses``. truth: (M, 4), kinds: (M,), of what was drawn."""
    labels = label_hypotheses(candidates.boxes, truth, kinds, candidates.size)
    for number, (of_map, scale) in enumerate(zip(judged, scales, strict=True)):
        mine = np.flatnonzero((candidates.map == number) & candidates.is_piece)
        hosts = of_map.hypotheses.host[candidates.place[mine]]
        host_labels = label_hypotheses(boxes_of(of_map.hypotheses)[hosts] / scale, truth, kinds, candidates.size)
        pieces = mine[host_labels == SEVERAL]
        labels[pieces] = label_pieces(labels[pieces], candidates.boxes[pieces], truth, kinds)
    return labels


def _chosen(pages: list[Path], files: Files, page: SetNetwork, processes: int) -> NDArray[np.float32]:
    """Of the digits that stand on pages that chose nothing (N, 3): log-odds, the likeliest digit's chance, and 1 where
    it is right, else 0."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, initializer=cv2.setNumThreads, initargs=(1,)) as workers:
        work = workers.map(partial(_chosen_of, files, page), pages)
        return np.concatenate(list(tqdm(work, "pages read", len(pages), unit="shard")))


def _chosen_of(files: Files, page: SetNetwork, shard: Path) -> NDArray[np.float32]:
    networks = files.load(page)
    parts: list[NDArray[np.float32]] = [np.zeros((0, 3), np.float32)]
    for number, tile in enumerate(read_shard(shard)):
        if number % HELD_OUT or abs(tile.turn) > MOST_TURN:
            continue
        grey, factor = at_reading_size(tile.image)
        selection = select_dark(grey, networks)
        candidates, chosen = selection.candidates, selection.chosen
        of_all = candidate_labels(candidates, selection.judged, selection.scales, tile.boxes * factor, tile.labels)
        labels, digits = of_all[chosen], candidates.digits[chosen]
        columns = (selection.log_odds[chosen], digits.max(axis=1), labels == digits.argmax(axis=1))
        parts.append(np.stack(columns, axis=1).astype(np.float32)[labels != IGNORED])
    return np.concatenate(parts)


def _concatenated(parts: list[PageExamples]) -> PageExamples:
    return PageExamples(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(PageExamples)))


def _joined(paths: list[Path]) -> PageExamples:
    parts = []
    for number, path in enumerate(paths):
        with np.load(path) as file:
            columns = {f.name: file[f.name] for f in fields(PageExamples)}
        parts.append(PageExamples(**(columns | {"page": columns["page"] + 1000 * number})))
    return _concatenated(parts)
