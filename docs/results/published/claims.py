"""What the publications claim, and what the figures say about it, in sentences that the figures make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from docs.results.published.answers import PLAIN, Answers, set_name
from docs.results.published.contestants import Contestant
from docs.results.published.distortions import LEVELS
from edge_digits.evaluation.statistics import Z, mcnemar, wilson

LEVEL = 0.05
"""A difference that is likelier than this between equals decides nothing."""
CLOSE = 0.003
"""Share of right answers by which a reproduced system may fall short of the published one."""
COUNTED = (5, 10, 15, 25)
Labels = NDArray[np.uint8]
Measured = Mapping[str, tuple[Contestant, Answers]]
"""By title."""


def reproduction(contestants: Sequence[Contestant], answers: Sequence[Answers], labels: Labels) -> str:
    """Which published figures were reached."""
    reached, short = [], []
    for one, given in zip(contestants, answers, strict=True):
        if one.record is None or one.accuracy is None or not one.is_whole:
            continue
        right = int((given.classes[PLAIN] == labels).sum())
        low, high = wilson(right, len(labels))
        share = right / len(labels)
        described = f"{one.title} ({_points(share - one.accuracy)})"
        if share >= one.accuracy - CLOSE:
            reached.append(described)
        else:
            inside = " (the interval reaches it)" if low <= one.accuracy <= high else ""
            short.append(f"{described}{inside}")
    if not reached and not short:
        return "None of the systems with a published figure was trained with its whole recipe."
    text = f"Within 0.3 points of the published figure or better: {', '.join(reached) or 'none'}. "
    return text + f"Further below it: {', '.join(short) or 'none'}."


def recurrence(measured: Measured, labels: Labels) -> str:
    """Whether a CRNN beats a CNN at equal effort."""
    parts = []
    for first, second, difference_of in (
        ("crnn-published", "cnn-beside-crnn", "the same convolutions, epochs, batches and augmentation"),
        ("crnn-published", "cnn-lenet", "not equal effort: the CNN has 15 epochs and no augmentation"),
        ("crnn float32 (ours)", "cnn float32 (ours)", "not equal effort: the CRNN is trained to read lines"),
    ):
        if first not in measured or second not in measured:
            absent = " and ".join(name for name in (first, second) if name not in measured)
            parts.append(f"- {first} against {second}: {absent} not trained, so nothing can be said.")
            continue
        right = [measured[name][1].classes[PLAIN] == labels for name in (first, second)]
        more, fewer, chance = mcnemar(*right)
        difference = float(right[0].mean() - right[1].mean())
        parts.append(
            f"- {first} against {second} ({difference_of}): {_points(difference)}; {more} digits only the first reads, "
            f"{fewer} only "
            f"the second; McNemar p = {chance:.3g}: {_verdict(difference, chance)}."
        )
    return "\n".join(parts)


def _verdict(difference: float, chance: float) -> str:
    if chance > LEVEL:
        return "no difference is shown"
    return "the first is better" if difference > 0 else "the second is better"


def steadiness(measured: Measured, labels: Labels) -> str:
    """Whether a CRNN is more robust than a CNN: the mean over all distorted sets, paired picture by picture."""
    parts = []
    for first, second in (("crnn-published", "cnn-beside-crnn"), ("crnn float32 (ours)", "cnn float32 (ours)")):
        if first not in measured or second not in measured:
            absent = " and ".join(name for name in (first, second) if name not in measured)
            parts.append(f"- {first} against {second}: {absent} not trained, so nothing can be said.")
            continue
        one, other = measured[first][1], measured[second][1]
        all_mean, all_half = _paired(one, other, labels, list(LEVELS))
        kinds = []
        for kind in LEVELS:
            mean, half = _paired(one, other, labels, [kind])
            kinds.append(f"{kind} {100 * mean:+.2f} ± {100 * half:.2f}")
        parts.append(
            f"- {first} against {second}: {100 * all_mean:+.2f} ± {100 * all_half:.2f} points over all distorted sets "
            f"({', '.join(kinds)}); {_steady(all_mean, all_half)}."
        )
    return "\n".join(parts)


def _steady(mean: float, half: float) -> str:
    if abs(mean) <= half:
        return "neither is shown to be more robust"
    return "the first is more robust" if mean > 0 else "the second is more robust"


def _paired(one: Answers, other: Answers, labels: Labels, kinds: Sequence[str]) -> tuple[float, float]:
    """By how much more often the first is right on the sets of ``kinds``, as a share, and half the 95 % interval: a
    picture's own sets go together, so pictures are what is counted."""
    names = [set_name(kind, level) for kind in kinds for level in LEVELS[kind][1]]
    difference = np.mean(
        [(one.classes[name] == labels).astype(float) - (other.classes[name] == labels).astype(float) for name in names],
        axis=0,
    )
    return float(difference.mean()), Z * float(difference.std()) / len(labels) ** 0.5


def epochs_table(contestants: Sequence[Contestant], labels: Labels) -> tuple[list[str], list[list[str]]]:
    """Right answers after 5, 10, 15 and 25 epochs; between two columns that follow each other McNemar's p. None of "
    "these
    recipes changes its learning rate, so a run's first 15 epochs are a run of 15."""
    header = ["right (%) after", *(f"{count} epochs" for count in COUNTED), "5 → 10", "10 → 15", "15 → 25"]
    rows = []
    for one in contestants:
        if one.epochs is None or not one.is_whole or len(one.epochs) < COUNTED[1]:
            continue
        right = {count: one.epochs[count - 1] == labels for count in COUNTED if count <= len(one.epochs)}
        cells = [f"{100 * right[c].mean():.2f}" if c in right else "–" for c in COUNTED]
        for a, b in pairwise(COUNTED):
            known = a in right and b in right
            cells.append(f"p = {mcnemar(right[a], right[b])[2]:.2g}" if known else "–")
        rows.append([one.title, *cells])
    return header, rows


def more_epochs(contestants: Sequence[Contestant], labels: Labels) -> str:
    """Whether 15 or 25 epochs matter."""
    longer = [one for one in contestants if one.epochs is not None and one.is_whole and len(one.epochs) >= 25]
    if not longer:
        return (
            "Whether 25 epochs are better than 15 cannot be said yet: neither crnn-published nor cnn-beside-crnn, "
            "whose "
            "recipes have 25, is trained."
        )
    parts = []
    for one in longer:
        if one.epochs is None:
            continue
        early, late = (one.epochs[count - 1] == labels for count in (15, 25))
        more, fewer, chance = mcnemar(late, early)
        difference = float(late.mean() - early.mean())
        verdict = "no difference is shown" if chance > LEVEL else "25 differ from 15"
        parts.append(
            f"{one.title}: {_points(difference)} from epoch 15 to 25, {more} digits won and {fewer} lost, McNemar p = "
            f"{chance:.3g}: {verdict}."
        )
    return " ".join(parts)


def pairs(matrix: NDArray[np.int64], count: int = 3) -> list[tuple[int, int, int]]:
    """The pairs of classes that are confused most, either way: (mistakes, one, other)."""
    both = matrix[:, : len(matrix)] + matrix[:, : len(matrix)].T
    ranked = [(int(both[a, b]), a, b) for a in range(len(both)) for b in range(a + 1, len(both))]
    return sorted(ranked, key=lambda pair: (-pair[0], pair[1:]))[:count]


def confused(matrices: Sequence[NDArray[np.int64]]) -> str:
    """The pairs that the publications name, among all pairs of all systems together."""
    total = np.sum([matrix[:10, :10] for matrix in matrices], axis=0)
    order = [(a, b) for count, a, b in pairs(total, 45)]
    counts = {(a, b): count for count, a, b in pairs(total, 45)}
    most = ", ".join(f"{a} and {b} ({counts[a, b]})" for a, b in order[:5])
    ranks = [f"{a} and {b} are number {order.index((a, b)) + 1} of 45 ({counts[a, b]})" for a, b in ((4, 9), (3, 5))]
    return (
        f"Most often confused, all systems together: {most}. Of the pairs that the publications name, {ranks[0]}, and "
        f"{ranks[1]}."
    )


def _points(difference: float) -> str:
    return f"{100 * difference:+.2f} points"
