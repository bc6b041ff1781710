"""Labels of a folder -> one hand's last layers, beside the labels; taken only if the gates let it."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_digits.charset import DIGITS
from edge_digits.errors import ImageError, LabelError
from edge_digits.io.image import load_grey
from edge_digits.judge_classes import NONE
from edge_digits.reader import CNN_FILE, JUDGE_FILE, MODELS, DigitReader, open_reader
from edge_digits.runtime.hand import Hand, save_hand
from edge_digits.runtime.load import load_model
from edge_digits.teach.examples import Examples, Layers
from edge_digits.teach.fit import SETTINGS
from edge_digits.teach.gates import LEAST_LABELS, Verdict, calibrated, fitted, held_out_logits, verdict
from edge_digits.teach.labels import SKIP, read_inputs, read_labels, read_samples
from edge_digits.teach.private import HAND_FILE
from edge_digits.teach.replay import Replay, load_replay
from edge_digits.teach.samples import candidate_at, ink_of, judge_inputs
from edge_digits.trace import Seen
from edge_digits.types import Box

WEIGHTS = (10.0, 3.0, 1.0, 0.3)
"""Of a label, in examples of the replay set, the strongest first: a hand that is near to others' bears less."""

ALIKE = 0.9995
"""Cosine of two samples' features from which they show the same."""


@dataclass(frozen=True)
class Taught:
    """What teaching came to. taken: whether the reader reads by it now. summary: lines for people. verdict: the gates'
    figures, None where there was nothing to put before them. seconds: it took."""

    taken: bool
    summary: str
    verdict: Verdict | None
    seconds: float


def teach(folder: Path, threads: int = 1) -> Taught:
    """Learn what the labels of ``folder`` say, and write ``hand.npz`` there if the gates let it: what was there before
    stays otherwise. Raises LabelError if there is nothing to learn from, ModelError if the model files cannot be
    taught, OSError if the file cannot be written."""
    began = time.monotonic()
    judge, cnn = (load_model(MODELS / name, threads) for name in (JUDGE_FILE, CNN_FILE))
    replay = load_replay(judge.spec, cnn.spec)
    inputs, labels, notes = labelled_inputs(folder)
    examples = Examples(judge.features(inputs), cnn.features(ink_of(inputs)), labels)
    notes += _contradictions(examples)
    lines = [_counted(labels), *notes]
    if len(examples) < LEAST_LABELS:
        lines.append(f"Not taken: with {len(examples)} of at least {LEAST_LABELS} labels nothing can be held out.")
        return Taught(False, "\n".join(lines), None, time.monotonic() - began)
    layers, figures = learn(replay, examples)
    lines += _words(figures)
    if layers is not None:
        parents = {"judge": judge.spec.sha256, "cnn": cnn.spec.sha256}
        now = datetime.now(UTC).isoformat(timespec="seconds")
        origin = {"time": now, **asdict(figures)}
        save_hand(folder / HAND_FILE, Hand(layers.judge, layers.cnn, parents, origin))
    return Taught(layers is not None, "\n".join(lines), figures, time.monotonic() - began)


def learn(replay: Replay, labels: Examples) -> tuple[Layers | None, Verdict]:
    """Both last layers as ``labels`` teach them, as strongly as the gates let through, None if nothing is let through;
    and what they say of that."""
    tried: list[Verdict] = []
    for weight in WEIGHTS:
        settings = replace(SETTINGS, weight=weight)
        layers, held_out = fitted(replay, labels, settings), held_out_logits(replay, labels, settings)
        # Judged as it would be taken: which is likelier, a digit or none, depends on how sure both are.
        layers, held_out = calibrated(replay, labels, layers, held_out)
        tried.append(verdict(replay, labels, layers, held_out))
        if tried[-1].wins and tried[-1].keeps:
            return layers, tried[-1]
    # What could have been won tells most.
    return None, tried[0]


def labelled_inputs(folder: Path) -> tuple[NDArray[np.uint8], NDArray[np.intp], list[str]]:
    """What the networks were given of all that is labelled, (N, 4, 32, 32), the labels (N,), digits or ``NONE``, and
    lines for people about what is missing. Raises LabelError if there is nothing."""
    boxes = {row.file: row.box for row in read_samples(folder)}
    given = {file: label for file, label in read_labels(folder).items() if label != SKIP}
    if not given:
        raise LabelError(f"{folder}: nothing is labelled in it: edge-digits label {folder}")
    inputs: list[NDArray[np.uint8]] = []
    labels: list[int] = []
    missing: list[str] = []
    damaged: list[str] = []
    empty: list[str] = []
    reader: DigitReader | None = None
    for file, label in given.items():
        if not (folder / file).is_file():
            missing.append(file)
            continue
        try:
            sample = read_inputs(folder, file)
            if sample is None:
                reader = reader or open_reader("cnn")
                sample = _seen_in(reader, folder / file, boxes.get(file))
        except (LabelError, ImageError):
            # One that a power cut left half written must not keep the others from being learned.
            damaged.append(file)
            continue
        if sample is None:
            empty.append(file)
            continue
        inputs.append(sample)
        labels.append(NONE if label not in DIGITS else int(label))
    notes = []
    if missing:
        notes.append(f"{len(missing)} labelled pictures are not there, such as {missing[0]}.")
    if damaged:
        notes.append(f"{len(damaged)} labelled pictures are damaged, such as {damaged[0]}.")
    if empty:
        notes.append(f"{len(empty)} labelled pictures hold nothing that could be a digit, such as {empty[0]}.")
    if not inputs:
        raise LabelError(f"{folder}: nothing can be learned: {' '.join(notes)}")
    return np.stack(inputs), np.array(labels, np.intp), notes


def _seen_in(reader: DigitReader, path: Path, box: Box | None) -> NDArray[np.uint8] | None:
    """The inputs of the candidate that fills ``box`` of a picture, or of the likeliest one; None without any."""
    seen: list[Seen] = []
    reader.read(load_grey(path), observe=seen.append)
    candidates = seen[0].candidates
    if not len(candidates):
        return None
    if box is None:
        chosen = seen[0].chosen
        index = int(chosen[0]) if len(chosen) == 1 else int(candidates.log_odds.argmax())
    else:
        at = candidate_at(seen[0], box)
        if at is None:
            return None
        index = at
    return judge_inputs(seen[0], np.array([index]))[0]


def _contradictions(examples: Examples) -> list[str]:
    """Says how many samples show the same and are labelled otherwise."""
    features = np.hstack([examples.judge, examples.cnn])
    features = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-6)
    alike = (features @ features.T > ALIKE) & (examples.labels[:, None] != examples.labels[None])
    pairs = np.argwhere(np.triu(alike))
    if not len(pairs):
        return []
    first, second = (_name(int(examples.labels[index])) for index in pairs[0])
    return [f"{len(pairs)} pairs of samples look the same and are labelled otherwise, as {first} and {second}."]


def _name(label: int) -> str:
    return "no digit" if label == NONE else str(label)


def _counted(labels: NDArray[np.intp]) -> str:
    counts = Counter(_name(label) for label in labels.tolist())
    return f"{len(labels)} labels: " + ", ".join(f"{count} × {name}" for name, count in sorted(counts.items())) + "."


def _words(figures: Verdict) -> list[str]:
    """The gates' figures, and what they come to."""
    lines = [
        f"Of {figures.labels} labels, each held out once, {figures.wrong_before} are read wrongly as shipped, "
        f"{figures.wrong_after} after teaching.",
        f"Of {figures.others} digits of everybody else {figures.others_before} are read wrongly as shipped, "
        f"{figures.others_after} after teaching; of {figures.signs} signs {figures.signs_before} are read as "
        f"digits, {figures.signs_after} after teaching.",
    ]
    if not figures.wins:
        why = "nothing is wrong that could be learned" if not figures.wrong_before else "it does not read more of them"
        lines.append(f"Not taken: {why}.")
    elif not figures.keeps:
        lines.append("Not taken: it would cost too many of everybody else's digits; are the labels right?")
    else:
        lines.append("Taken: read so from the next picture on.")
    return lines
