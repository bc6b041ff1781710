"""All published systems that were trained side by side, as a page with tables and pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from docs.results.page import write_page
from docs.results.prose import published as prose
from docs.results.published import answers as asking
from docs.results.published import claims, contestants, pictures
from docs.results.published.answers import PHOTOGRAPHS, PLAIN, Answers, Shot, set_name
from docs.results.published.contestants import Contestant
from docs.results.published.distortions import LEVELS
from edge_digits.charset import DIGITS, REJECT
from edge_digits.evaluation import ground_truth, metrics
from edge_digits.evaluation.statistics import wilson
from train.digits.crops import Crops
from train.published import data, runs
from train.published.recipes import RECIPES

NAMES = (*DIGITS, pictures.NONE)
CURVES, ROBUSTNESS, DISTORTIONS, CONFUSION = "curves.png", "robustness.png", "distortions.png", "confusion.png"
WORST, BY_ALL, BY_ONE = "worst.png", "misread-by-all.png", "misread-by-one.png"


@dataclass(frozen=True, eq=False)
class _Findings:
    """All that the page tells. matrices: (10, 10 or 11) confusion on MNIST's test set, in the order of the others."""

    contestants: list[Contestant]
    answers: list[Answers]
    matrices: list[NDArray[np.int64]]
    test: Crops
    shots: list[Shot]
    missing: dict[str, str]

    @property
    def right(self) -> NDArray[np.bool_]:
        """(contestants, N): who reads which test digit rightly."""
        return np.stack([one.classes[PLAIN] == self.test.labels for one in self.answers])


def write(base: Path, folder: Path, out: Path) -> None:
    """Measure all finished runs below ``base`` and our own models, and write the page ``out`` with its pictures in a
    folder of the page's name. folder: the data folder.

    What each answers is kept in ``base``, so that only what is new takes time. Raises DataError if MNIST cannot be had
    or a run is damaged.
    """
    mnist = data.load("mnist", folder)
    entered = contestants.published(base, mnist, torch.device("cpu")) + contestants.ours()
    shots = asking.shots(folder)
    answers = asking.measure(entered, mnist.test, shots, base / "answers")
    matrices = [_confusion(mnist.test.labels, one.classes[PLAIN]) for one in answers]
    findings = _Findings(entered, answers, matrices, mnist.test, shots, contestants.missing(base))
    place = out.with_suffix("")
    _draw(findings, place)
    write_page(out, *_parts(findings, base, place.name))


def _confusion(labels: NDArray[np.uint8], read: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Rows truth, columns read, a column more if something is taken for none."""
    classes = 10 + bool((read == 10).any())
    return metrics.confusion_matrix(labels, read, classes)[:10]


def _draw(f: _Findings, place: Path) -> None:
    trained = [one for one in f.contestants if one.log]
    if trained:
        pictures.curves(place / CURVES, trained)
    pictures.robustness(place / ROBUSTNESS, f.contestants, f.answers, f.test.labels)
    pictures.examples(place / DISTORTIONS, f.test)
    pictures.confusions(place / CONFUSION, f.contestants, f.matrices, NAMES)
    pictures.worst(place / WORST, f.contestants, f.answers, f.test)
    by_all, by_one = _shared(f)
    captions = [f"{f.test.labels[i]} → {_values(f, i)}" for i in by_all]
    title = f"misread by all {len(f.contestants)} systems: {len(by_all)}"
    pictures.shared_mistakes(place / BY_ALL, f.test, by_all, captions, title)
    # The best first: what only they misread says most.
    order = sorted(by_one, key=lambda i: (-f.right[_only(f, i)].sum(), i))
    captions = [
        f"{f.test.labels[i]} → {_value(f, _only(f, i), i)}\n{_short(f.contestants[_only(f, i)])}" for i in order
    ]
    title = f"misread by one system alone: {len(by_one)}, those of the best systems first"
    pictures.shared_mistakes(place / BY_ONE, f.test, order, captions, title)


def _shared(f: _Findings) -> tuple[list[int], list[int]]:
    """Test digits that all misread, and those that one alone does."""
    wrong = (~f.right).sum(0)
    by_one = np.flatnonzero(wrong == 1) if len(f.contestants) > 1 else np.empty(0, int)
    return np.flatnonzero(wrong == len(f.contestants)).tolist(), by_one.tolist()


def _only(f: _Findings, i: int) -> int:
    return int((~f.right[:, i]).argmax())


def _value(f: _Findings, system: int, i: int) -> str:
    return NAMES[int(f.answers[system].classes[PLAIN][i])]


def _values(f: _Findings, i: int) -> str:
    """What the systems take a digit for, the most frequent first."""
    read, counts = np.unique([one.classes[PLAIN][i] for one in f.answers], return_counts=True)
    return " ".join(NAMES[int(value)] for value in read[np.argsort(-counts, kind="stable")])


def _short(one: Contestant) -> str:
    return one.title.replace(" (ours)", "")


def _parts(f: _Findings, base: Path, place: str) -> list[str]:
    by_title = {one.title: (one, answers) for one, answers in zip(f.contestants, f.answers, strict=True)}
    labels = f.test.labels
    header, rows = claims.epochs_table(f.contestants, labels)
    by_all, by_one = _shared(f)
    return [
        prose.OPENING,
        _results(f),
        *_scaled(f),
        prose.MEASURES,
        _hardware(f),
        "## What the figures say about the claims",
        f"**Are the published figures reached?** {claims.reproduction(f.contestants, f.answers, labels)}",
        prose.ONE_RUN,
        "**Does the CRNN beat the CNN at equal effort?**",
        claims.recurrence(by_title, labels),
        "**Is it more robust?**",
        claims.steadiness(by_title, labels),
        f"**Do 15 or 25 epochs matter?** {claims.more_epochs(f.contestants, labels)}",
        *([_table(header, rows), prose.EPOCHS] if rows else []),
        f"**Which digits are confused?** {claims.confused(f.matrices)}",
        "## Set-ups",
        "As the text states it, and what it leaves open.",
        _setups(),
        "## Robustness",
        _robustness(f),
        prose.ROBUSTNESS,
        *_taken_for_none(f),
        f"![right answers by kind and level of distortion]({place}/{ROBUSTNESS})",
        f"![two digits at every level]({place}/{DISTORTIONS})",
        "## Photographs",
        *_photographs(f),
        "## Training",
        *([f"![loss and errors by epoch]({place}/{CURVES})"] if any(one.log for one in f.contestants) else []),
        prose.TRAINING,
        "## Mistakes",
        f"![confusion matrices]({place}/{CONFUSION})",
        _table(["system", "confused most often"], [[one.title, _confused(m)] for one, m in _by_matrix(f)]),
        prose.SUREST,
        f"![surest mistakes]({place}/{WORST})",
        *_picture(f"{place}/{BY_ALL}", f"{len(by_all)} test digits are misread by all", by_all),
        *_picture(f"{place}/{BY_ONE}", f"{len(by_one)} are misread by one system alone", by_one),
        *_elsewhere(base),
    ]


def _scaled(f: _Findings) -> list[str]:
    """A warning, if a run is not the whole recipe."""
    titles = ", ".join(one.title for one in f.contestants if not one.is_whole)
    return [f"**Not the recipe as it is, so not to be compared with what is published:** {titles}."] if titles else []


def _results(f: _Findings) -> str:
    header = ["system", "published", "right (%)", "95 % interval", "wrong", "precision", "recall", "F1", "parameters"]
    header += ["million multiply-accumulates", "kB", "trained (min)"]
    rows = []
    for name in RECIPES:
        rows += [_row(f, i) for i, one in enumerate(f.contestants) if one.record is not None and one.name == name]
        if name in f.missing:
            rows.append([name, RECIPES[name].figure, f.missing[name], *["–"] * 9])
    rows += [_row(f, i) for i, one in enumerate(f.contestants) if one.record is None]
    if not any(one.name == "crnn" for one in f.contestants):
        rows.append(["crnn (ours)", contestants.LIGHTWEIGHT, "does not ship yet", *["–"] * 9])
    return _table(header, rows, words=2)


def _row(f: _Findings, index: int) -> list[str]:
    one, matrix, count = f.contestants[index], f.matrices[index], len(f.test)
    right = int(f.right[index].sum())
    low, high = wilson(right, count)
    square = np.zeros((matrix.shape[1],) * 2, np.int64)
    square[: len(matrix)] = matrix
    means = [float(measure(square)[:10].mean()) for measure in (metrics.precision, metrics.recall, metrics.f1)]
    return [
        one.title,
        one.figure,
        f"{100 * right / count:.2f}",
        f"{100 * low:.2f} to {100 * high:.2f}",
        str(count - right),
        *(f"{mean:.4f}" for mean in means),
        f"{one.parameters:,}" if one.parameters else "–",
        f"{one.macs / 1e6:.2f}" if one.macs else "–",
        f"{one.bytes / 1000:,.0f}" if one.bytes else "–",
        f"{one.seconds / 60:.1f}" if one.seconds is not None else "–",
    ]


def _hardware(f: _Findings) -> str:
    machines: dict[str, list[str]] = {}
    for one in f.contestants:
        if one.record is not None:
            machines.setdefault(f"{one.record.hardware}, commit {one.record.commit}", []).append(one.title)
    text = "; ".join(f"{', '.join(titles)}: {machine}" for machine, titles in machines.items())
    return f"Trained on: {text}." if text else "Nothing is trained yet."


def _setups() -> str:
    return "\n".join(
        f"- **{name}**: {recipe.stated}. *Chosen here:* {'; '.join(recipe.chosen)}; seed {recipe.seed}."
        for name, recipe in RECIPES.items()
    )


def _robustness(f: _Findings) -> str:
    header = ["right (%)", "as they are", *LEVELS, "mean of the five"]
    rows = []
    for one, answers in zip(f.contestants, f.answers, strict=True):
        means = [
            float(np.mean([(answers.classes[set_name(kind, level)] == f.test.labels).mean() for level in levels]))
            for kind, (_, levels) in LEVELS.items()
        ]
        plain = float((answers.classes[PLAIN] == f.test.labels).mean())
        rows.append([one.title, *(f"{100 * value:.2f}" for value in (plain, *means, sum(means) / len(means)))])
    return _table(header, rows)


def _taken_for_none(f: _Findings) -> list[str]:
    """How much of what is distorted our models take for no digit, where that is more than one in a hundred."""
    sentences = []
    for one, answers in zip(f.contestants, f.answers, strict=True):
        shares = {
            kind: float(np.mean([(answers.classes[set_name(kind, level)] == REJECT).mean() for level in levels]))
            for kind, (_, levels) in LEVELS.items()
        }
        some = ", ".join(f"{kind} {100 * share:.1f} %" for kind, share in shares.items() if share > 0.01)
        sentences += [f"{one.title} takes for no digit: {some}."] if some else []
    return [" ".join([*sentences, prose.TAKEN_FOR_NONE])] if sentences else []


def _photographs(f: _Findings) -> list[str]:
    if not f.shots:
        return ["They are not in the data folder."]
    rows = []
    for one, answers in zip(f.contestants, f.answers, strict=True):
        read, start = [], 0
        for shot in f.shots:
            classes = answers.classes[PHOTOGRAPHS][start : start + len(shot.crops)]
            read.append((shot.photograph, shot.lines(classes)))
            start += len(shot.crops)
        strict = ground_truth.measures([pair for pair in read if pair[0].is_strict])
        every = ground_truth.measures(read)
        values = (strict.macro_cer, strict.cer, strict.line_exact, every.macro_cer, every.cer)
        rows.append([one.title, *("–" if math.isnan(value) else f"{100 * value:.2f}" for value in values)])
    crops = sum(len(shot.crops) for shot in f.shots)
    header = ["photographs (%)", "strict: macro CER", "CER", "lines exact", "all: macro CER", "CER"]
    return [_table(header, rows), f"{len(f.shots)} photographs, {crops:,} crops. {prose.PHOTOGRAPHS}"]


def _by_matrix(f: _Findings) -> list[tuple[Contestant, NDArray[np.int64]]]:
    return list(zip(f.contestants, f.matrices, strict=True))


def _confused(matrix: NDArray[np.int64]) -> str:
    return ", ".join(f"{a} and {b} ({count})" for count, a, b in claims.pairs(matrix[:, :10]) if count)


def _picture(path: str, caption: str, chosen: Sequence[int]) -> list[str]:
    if not chosen:
        return [f"{caption}."]
    first = f", of which {pictures.MOST_SHOWN} are shown" if len(chosen) > pictures.MOST_SHOWN else ""
    return [f"{caption}{first}:", f"![{caption}]({path})"]


def _elsewhere(base: Path) -> list[str]:
    """Runs on other data sets, as their records have them."""
    rows = []
    for record in runs.finished(base).values():
        if record.dataset != "mnist":
            about = [record.title, record.dataset, str(len(record.labels)), f"{record.examples:,}"]
            rows.append([*about, f"{100 * record.accuracy:.2f}", f"`{record.command}`"])
    if not rows:
        return []
    header = ["system", "data set", "classes", "trained with", "right (%)", "command"]
    return ["## Other data sets", _table(header, rows, words=2)]


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], words: int = 1) -> str:
    """A Markdown table; the first ``words`` columns are words, the others figures, to the right."""
    rule = ["---"] * words + ["---:"] * (len(header) - words)
    return "\n".join(f"| {' | '.join(line)} |" for line in (header, rule, *rows)) + "\n"
