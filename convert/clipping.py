"""Narrower ranges for activations in int8: what lies far beyond all others is cut off.

The range of a tensor is cut into 255 steps. Behind a ReLU one activation in ten thousand lies between half the range
and its end, so that the others have to make do with half the steps. TensorFlow Lite knows one activation that cuts off
and costs nothing: ReLU6. A convolution's results can be scaled so that 6 is where they are to be cut, and the next
layer's weights back, because a ReLU lets any positive factor through (Nagel et al. 2019, section 4.1).
"""

from __future__ import annotations

import copy

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from convert.errors import ConversionError
from convert.folding import folded
from train.models import Recurrence, Steps
from train.tensors import to_input

KEPT = 0.9999
"""Share of a layer's positive activations on the calibration set that stays as it is."""
_CUT = 6.0
_PASSING = (nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d, nn.Flatten, Steps)
"""Layers that let a factor through."""


def clipped(network: nn.Sequential, samples: NDArray[np.uint8]) -> nn.Sequential:
    """``network`` (in evaluation mode, left as it is), folded, with ReLU6 for each ReLU behind a convolution.

    samples: (N, height, width) uint8, the calibration set. What is not cut off comes out as before, up to rounding.
    Raises ConversionError for a layer between such a ReLU and the next weights that does not let a factor through.
    """
    layers = [copy.deepcopy(layer) for layer in folded(network)]
    x, factor = to_input(torch.from_numpy(samples)), 1.0
    made: list[nn.Module] = []
    with torch.no_grad():
        for position, layer in enumerate(layers):
            x = layer(x)
            if isinstance(layer, nn.ReLU) and made and isinstance(made[-1], nn.Conv2d):
                factor = _CUT / _highest(x)
                _scale(made[-1].weight, factor)
                _scale(made[-1].bias, factor)
                layer = nn.ReLU6()
            elif isinstance(layer, nn.Conv2d | nn.Linear | Recurrence):
                # Its results are already known; from here on it is asked with what the layer before it now gives.
                for weight in _input_weights(layer):
                    _scale(weight, 1 / factor)
                factor = 1.0
            elif factor != 1.0 and not isinstance(layer, _PASSING):
                raise ConversionError(f"layer {position} ({type(layer).__name__}): a factor does not go through it")
            made.append(layer)
    return nn.Sequential(*made).eval()


def _highest(activations: Tensor) -> float:
    """The activation that all but 1 - ``KEPT`` of the positive ones stay below; ``_CUT`` if none is positive."""
    positive = activations[activations > 0].numpy()
    return float(np.quantile(positive, KEPT)) if positive.size else _CUT


def _input_weights(layer: nn.Conv2d | nn.Linear | Recurrence) -> list[Tensor | None]:
    if isinstance(layer, Recurrence):
        return [value for name, value in layer.layer.named_parameters() if name.startswith("weight_ih")]
    return [layer.weight]


def _scale(weight: Tensor | None, factor: float) -> None:
    if weight is not None:
        weight.mul_(factor)
