"""A foreign model with its samples: what its files have in common, and what they are compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convert.check.gates import Scores
from convert.foreign import mistakes
from convert.foreign.graph.load import ANSWERED, Source
from convert.foreign.graph.onnx_scores import lengths, scores, session
from convert.foreign.job import Job
from convert.foreign.mistakes import Checked
from convert.foreign.samples import Samples, apart, is_light, read_pictures, truth_of
from edge_digits.errors import ConfigError
from edge_digits.model_input import normalize
from edge_digits.runtime.preprocessing import network_input
from edge_digits.runtime.spec import ModelSpec
from train.temperature_scaling import fit_temperature


@dataclass(frozen=True)
class Network:
    """The model as it was read. spec: of its files but for their format. first: pixels that the model was asked
    about. expected: the float graph's scores of the samples that judge."""

    source: Source
    spec: ModelSpec
    calibrating: Samples
    judging: Samples
    first: NDArray[np.uint8]
    expected: Scores
    checked: Checked | None


def with_samples(job: Job, source: Source, pictures: Sequence[Path], labels: dict[Path, str] | None) -> Network:
    """Read the pictures as the network takes them, and compare its preprocessing with others.

    Raises ImageError or DataError for a picture or a label that cannot be used, ConfigError for a charset that does
    not fit.
    """
    graph = source.graph.graph
    _, channels, height, width = lengths(graph.input[0])
    output = lengths(graph.output[0])
    is_line = len(output) == 3
    known = [None if labels is None else labels.get(path) for path in pictures]
    pixels = read_pictures(pictures, (height, width), job.declared.preprocessing.colour, is_line)
    light = is_light(pixels)
    preprocessing = replace(job.declared.preprocessing, invert=job.declared.preprocessing.invert != light)
    pixels = 255 - pixels if light else pixels
    truth = None if labels is None else truth_of(known, job.declared.charset, is_line)
    samples = Samples(pixels, truth, np.array([label is not None for label in known]))
    calibrating, judging = apart(samples)
    running = session(source.graph)

    def score(values: NDArray[np.float32]) -> NDArray[np.float32]:
        return scores(running, values)

    expected = score(network_input(judging.pixels, preprocessing))
    reject, blank = _classes(job, output[-1], is_line)
    temperature = 1.0
    if judging.truth is not None and judging.labelled.any() and not is_line:
        temperature = fit_temperature(expected[judging.labelled], judging.truth[judging.labelled])
    spec = ModelSpec(
        name=job.name,
        format="",
        precision="",
        sha256="",
        input_shape=(height, width),
        channels=channels,
        charset=job.declared.charset,
        reject=reject,
        blank=blank,
        task="lines" if is_line else "digits",
        temperature=temperature,
        preprocessing=preprocessing.as_dict(),
        steps=output[1] if is_line else 0,
        normalization=normalize.line_parameters() if is_line else normalize.parameters(),
    )
    checked = mistakes.check(samples, preprocessing, score)
    return Network(source, spec, calibrating, judging, pixels[:ANSWERED], expected, checked)


def _classes(job: Job, classes: int, is_line: bool) -> tuple[bool, bool]:
    """Whether there is a reject class, and a blank. Raises ConfigError if the charset does not fit the outputs."""
    more = classes - len(job.declared.charset) - is_line
    if more not in (0, 1):
        blank = ", with the blank" if is_line else ""
        raise ConfigError(
            f"{job.model}: gives {classes} scores{blank}, and the charset has {len(job.declared.charset)} characters: "
            "--charset names them in order"
        )
    return bool(more), is_line
