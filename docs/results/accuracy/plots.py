"""The pictures of the page on accuracy, as PNG."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from edge_digits.evaluation import metrics
from train.evaluate.pages import Answers
from train.plots import plt, save


def risk_coverage(path: Path, judged: Mapping[str, Answers], title: str) -> None:
    """How many of the surest answers are wrong, against how many that are (El-Yaniv and Wiener 2010); one curve for
    each of ``judged``. The first few wrong answers make a curve jump, so it begins at the hundredth answer."""
    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    for name, answers in judged.items():
        coverage, risk, _ = metrics.risk_coverage(answers.confidence, answers.right)
        shown = coverage * len(answers) >= 100
        label = f"{name} ({len(answers):,} read, {int((~answers.right).sum())} wrong)"
        axes.plot(100 * coverage[shown], 100 * risk[shown], drawstyle="steps-post", label=label)
    axes.set(title=title, xlabel="the surest (%) of the digits that are read", ylabel="wrong among them (%)")
    axes.set(xlim=(0, 100), ylim=(0, None))
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    save(figure, path)


def reliability(path: Path, judged: Mapping[str, Answers], title: str, bins: int = 8) -> None:
    """How often answers are wrong against how often their confidence says so, in bins of equally many answers; one
    curve for each of ``judged``. Both axes are logarithmic, since most answers are sure; whiskers are one standard
    error, and a bin without a wrong answer stands at half a wrong one."""
    figure, axes = plt.subplots(figsize=(6, 5), layout="constrained")
    for name, answers in judged.items():
        order = np.argsort(answers.confidence, kind="stable")
        groups = [group for group in np.array_split(order, bins) if len(group)]
        counts = np.array([len(group) for group in groups])
        wrong = np.array([max(float((~answers.right[group]).sum()), 0.5) for group in groups])
        expected = np.array([1 - answers.confidence[group].mean() for group in groups])
        axes.errorbar(
            expected, wrong / counts, np.sqrt(wrong) / counts, marker="o", markersize=4, capsize=2, label=name
        )
    low = 1e-4
    axes.plot([low, 1], [low, 1], color="grey", linestyle="--", label="as it should be")
    axes.set(title=title, xscale="log", yscale="log", xlim=(low, 1), ylim=(low, 1.2))
    axes.set(xlabel="wrong, by their confidence", ylabel="wrong, counted")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    save(figure, path)
