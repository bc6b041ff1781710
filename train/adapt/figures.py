"""What teaching comes to over many hands: shares, with intervals over hands; and its curve as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from train.adapt.simulate import LABELS, Outcome

POOR = 0.03
"""Share of errors from which a hand is one that wants teaching."""

ALL = "all kinds"

_DRAWS = 4_000


@dataclass(frozen=True)
class Figures:
    """Of some hands after so many labels. hands: how many; taken: of them let through by the gates. before, after: mean
    error, share. removed: of all errors the share that is gone, with its least and most (95 %, bootstrap over hands).
    signs: how many letters and signs are read as digits, before and after. others: by how much everybody else's errors
    rise, share: on the average, with its least and most likewise; most: of any hand."""

    hands: int
    taken: int
    before: float
    after: float
    removed: tuple[float, float, float]
    signs: tuple[int, int]
    others: tuple[float, float, float]
    most: float


def figures(outcomes: Sequence[Outcome]) -> Figures:
    """Of outcomes with the same number of labels, one a hand; at least one."""
    before = np.array([one.before.error for one in outcomes])
    after = np.array([one.after.error for one in outcomes])
    risen = np.array([(one.others_after - one.others_before) / one.others for one in outcomes])
    taken = sum(one.taken for one in outcomes)
    signs = sum(one.before.extra for one in outcomes), sum(one.after.extra for one in outcomes)
    others = float(risen.mean()), *_range(risen[_drawn(len(risen))].mean(axis=1))
    errors = float(before.mean()), float(after.mean())
    return Figures(len(outcomes), taken, *errors, _removed(before, after), signs, others, float(risen.max()))


def _removed(before: NDArray[np.float64], after: NDArray[np.float64]) -> tuple[float, float, float]:
    drawn = _drawn(len(before))
    shares = 1 - after[drawn].sum(axis=1) / np.maximum(before[drawn].sum(axis=1), 1e-9)
    return float(1 - after.sum() / max(before.sum(), 1e-9)), *_range(shares)


def _drawn(hands: int) -> NDArray[np.int64]:
    """The hands of each draw of the bootstrap, always the same."""
    return np.random.default_rng(0).integers(hands, size=(_DRAWS, hands))


def _range(values: NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def rows(outcomes: Sequence[Outcome]) -> list[tuple[str, str, int, Figures]]:
    """(kind, hands, labels, figures) for every kind of hand, and for all together: of all of its hands, and of those
    that want teaching."""
    made = []
    kinds = sorted({one.kind for one in outcomes})
    for kind in [ALL, *kinds] if len(kinds) > 1 else kinds:
        of_kind = [one for one in outcomes if kind in (ALL, one.kind)]
        chosen = {"all": of_kind, "poor": [one for one in of_kind if one.before.error >= POOR]}
        for which, some in chosen.items():
            for place, count in enumerate(LABELS):
                # Of one that has fewer, what all of them taught.
                of_count = some[place :: len(LABELS)]
                if of_count:
                    made.append((kind, which, count, figures(of_count)))
    return made


def table(outcomes: Sequence[Outcome]) -> str:
    """As Markdown."""
    columns = (
        "kind", "which", "labels", "hands", "taken", "digits wrong before (%)", "after (%)", "of these removed (%)",
        "signs read as digits", "everybody else's errors, rise (points)", "of any hand at most",
    )  # fmt: skip
    head = f"| {' | '.join(columns)} |\n|---|---|{'---:|' * (len(columns) - 2)}"
    return "\n".join([head, *(_row(*row) for row in rows(outcomes))])


def _row(kind: str, which: str, labels: int, of: Figures) -> str:
    share, low, high = (100 * value for value in of.removed)
    mean, least, greatest = (100 * value for value in of.others)
    hands = "all" if which == "all" else f"from {100 * POOR:.0f} % of errors"
    cells = [kind, hands, str(labels), str(of.hands), str(of.taken), f"{100 * of.before:.2f}", f"{100 * of.after:.2f}"]
    cells += [
        f"{share:.0f} ({low:.0f} to {high:.0f})",
        f"{of.signs[0]} -> {of.signs[1]}",
        f"{mean:+.3f} ({least:+.3f} to {greatest:+.3f})",
    ]
    cells.append(f"{100 * of.most:+.2f}")
    return f"| {' | '.join(cells)} |"


def plot(path: Path, outcomes: Sequence[Outcome]) -> None:
    """The error against the number of labels, of the hands that want teaching, by kind."""
    from matplotlib.figure import Figure

    figure = Figure((6.4, 4.0), layout="constrained")
    axes = figure.add_subplot()
    for kind in sorted({one.kind for one in outcomes}):
        points = [(labels, of) for name, which, labels, of in rows(outcomes) if (name, which) == (kind, "poor")]
        if points:
            errors = [100 * points[0][1].before, *(100 * of.after for _, of in points)]
            axes.plot([0, *LABELS], errors, marker="o", label=f"{kind}: {points[0][1].hands}")
    axes.set_xscale("symlog", linthresh=5)
    axes.set_xticks([0, *LABELS], [str(count) for count in (0, *LABELS)])
    axes.set_xlabel("labels given")
    axes.set_ylabel("digits wrong on the hand's other pages (%)")
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend(title="hands", loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
