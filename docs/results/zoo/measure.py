"""What int8 costs a network of the zoo: the plain converter, every remedy on held-out inputs, the outcome on the test
set."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray

from convert.quantize.figures import DIGITS, LINES, Figures, HeldOut, compare
from convert.quantize.graph import prepare, run
from convert.quantize.remedies import tflite_int8
from convert.quantize.remedies.accuracy_control import REMEDIES, OnnxInt8, Quantize, Step, chosen, steps
from convert.quantize.remedies.tflite_int8 import TfliteInt8
from docs.results.zoo.data import Part
from docs.results.zoo.training import read


@dataclass(frozen=True)
class Row:
    """One network in one format. parameters: how many. accuracy: of float on the test set, 0..1. tried: every step, on
    the held-out inputs. chosen: place of the first of them that kept the limits, else of the best. plain, outcome: the
    figures of the first and of the chosen step on the test set. passed: whether the chosen one keeps the limits."""

    network: str
    format: str
    parameters: int
    accuracy: float
    tried: tuple[Step, ...]
    chosen: int
    plain: Figures
    outcome: Figures

    @property
    def passed(self) -> bool:
        """Whether the chosen step keeps the limits, on the held-out inputs."""
        return self.tried[self.chosen].passed


def measured(
    name: str,
    model: onnx.ModelProto,
    parts: dict[str, Part],
    format: str,
) -> Row:
    """Try all remedies on the float graph ``model``; see ``accuracy_control.steps``. format: "onnx" or "tflite"."""
    samples, held_out, test = parts["calibration"].inputs, parts["held out"], parts["test"]
    quantize: Quantize = OnnxInt8(samples) if format == "onnx" else TfliteInt8(samples)
    remedies = REMEDIES if format == "onnx" else tflite_int8.REMEDIES
    limits = LINES if test.labels.ndim > 1 else DIGITS
    judges = HeldOut(held_out.inputs, truth(held_out, model))
    tried = list(steps(model, samples, judges, quantize, limits, remedies, read, format == "tflite"))
    place = chosen(tried)
    [clean] = run(prepare(model), test.inputs)
    right = truth(test, model)

    def on_test(step: Step) -> Figures:
        return compare(quantize(step.model, step.settings)(test.inputs), clean, right, read)

    accuracy = float((read(clean) == right).reshape(len(right), -1).all(axis=1).mean())
    return Row(name, format, parameters(model), accuracy, tuple(tried), place, on_test(tried[0]), on_test(tried[place]))


def parameters(model: onnx.ModelProto) -> int:
    """How many values a float graph holds, as initializers or as constants."""
    constants = [one.t for node in model.graph.node if node.op_type == "Constant" for one in node.attribute]
    held = [*model.graph.initializer, *constants]
    return sum(math.prod(one.dims) for one in held if one.data_type == onnx.TensorProto.FLOAT)


def truth(part: Part, model: onnx.ModelProto) -> NDArray[np.int64]:
    """The labels in the form in which ``read`` gives answers."""
    if part.labels.ndim == 1:
        return part.labels
    [scores] = run(model, part.inputs[:1])
    return np.pad(part.labels, ((0, 0), (0, scores.shape[1] - part.labels.shape[1])), constant_values=-1)
