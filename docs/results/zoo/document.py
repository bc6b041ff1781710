"""The page of the zoo: what the plain converter loses, what this one loses, and by which step."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from convert.quantize.figures import DIGITS, LINES, Figures
from convert.quantize.remedies.accuracy_control import EQUALIZED, FEW, MIXED, MOST_KEPT, PLAIN, REMEDIES, Step
from docs.results.page import RESULTS, write_page
from docs.results.zoo.data import CALIBRATION, HELD_OUT
from docs.results.zoo.measure import Row

PAGE = RESULTS / "zoo.md"

HEAD = f"""\
# When int8 loses: small networks of others

Made by `python -m docs.results.zoo --classifier FILE`; do not edit. [When int8 loses](../models/quantization.md) says
what each remedy is and when to try it.

Small networks by their published layers, trained here for two minutes at most on MNIST's digits, the CRNN on lines of
four of them. *MobileNetV2-rescaled* is the same network with the channels behind its depthwise convolutions up to two
powers of ten apart, as Nagel et al. (2019) show them of one that learned ImageNet. *Text direction* is a MobileNetV3
that others trained: the classifier in the packages rapidocr and rapidocr-onnxruntime (FILE), judged on printed lines,
upright or on their heads; it has no TFLite file, for it computes with its own shape.

*Plain* is a converter as it comes, with {FEW} calibration samples: onnxruntime's `quantize_static`, one scale for each
tensor; TensorFlow's post-training quantization, one for each channel. *Here* is what
`convert.quantize.remedies.accuracy_control` makes of the same graph: one remedy after the other, each measured on
held-out inputs ({HELD_OUT:,} of the digits), until {100 * DIGITS.least_agreement:.1f} % of the answers agree with float
and at most {100 * DIGITS.most_loss:.1f} points are lost (of lines {100 * LINES.least_agreement:.1f} % and
{100 * LINES.most_loss:.1f}). The figures of this table are on test sets, which chose nothing; losses are against float,
paired, with 95 % intervals."""

STEPS = f"""\
## What each remedy comes to

Agreement with float on the held-out inputs, and the signal-to-noise ratio of the logits, when all remedies are tried in
turn. A remedy that does not help (—) is undone before the next. Up to {CALIBRATION:,} calibration samples; at most
{100 * MOST_KEPT:.0f} % of the layers stay float."""


def write(rows: Sequence[Row], beside: str = "") -> None:
    """Write ``docs/results/zoo.md``. beside: what stands between the tables. Raises DataError if it cannot."""
    write_page(PAGE, HEAD, losses(rows), beside, STEPS, remedies(rows), kept_layers(rows))


def losses(rows: Sequence[Row]) -> str:
    """The first table."""
    lines = [
        "| network | parameters | format | float (%) | plain: agreement (%) | plain: loss (points) "
        "| here: agreement (%) | here: loss (points) | by |",
        "|---|---:|---|---:|---:|---:|---:|---:|---|",
    ]
    for row in rows:
        by = row.tried[row.chosen].remedy
        by = "plain is enough" if by == PLAIN else by
        lines.append(
            f"| {row.network} | {row.parameters:,} | {row.format} | {row.accuracy:.2%} | {_agreement(row.plain)} "
            f"| {_loss(row.plain)} | {_agreement(row.outcome)} | {_loss(row.outcome)} "
            f"| {by}{'' if row.passed else ', not enough'} |".replace("%", "")
        )
    return "\n".join(lines)


def remedies(rows: Sequence[Row]) -> str:
    """The second table."""
    names = [PLAIN, *REMEDIES]
    lines = [f"| network | format | {' | '.join(names)} |", f"|---|---|{'---:|' * len(names)}"]
    for row in rows:
        by_name = {step.remedy: step for step in row.tried}
        cells = [_cell(by_name.get(name)) for name in names]
        lines.append(f"| {row.network} | {row.format} | {' | '.join(cells)} |")
    return "\n".join(lines)


def kept_layers(rows: Sequence[Row]) -> str:
    """What equalization and mixed precision did, in words."""
    lines = [
        f"- {row.network}, {row.format}, {step.remedy}: {step.what}."
        for row in rows
        for step in row.tried
        if step.remedy in (EQUALIZED, MIXED)
    ]
    return "\n".join(lines)


def _agreement(figures: Figures) -> str:
    return f"{100 * figures.agreement:.2f} ({100 * figures.low:.2f} to {100 * figures.high:.2f})"


def _loss(figures: Figures) -> str:
    assert figures.loss is not None and figures.margin is not None
    return f"{100 * figures.loss:+.2f} ± {100 * figures.margin:.2f}"


def _cell(step: Step | None) -> str:
    if step is None:
        return ""
    ratio = step.figures.signal_to_noise
    noise = f"{ratio:.0f} dB" if isfinite(ratio) else "no noise"
    figures = f"{100 * step.figures.agreement:.2f}, {noise}"
    return figures if step.kept else f"{figures} —"
