"""Which layers int8 loses most in, and the smallest set of them that has to stay float (mixed precision).

Each layer is quantized alone, and the noise that this puts into the logits is measured (Wu et al. 2020, section 5.2).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import onnx

from convert.quantize.figures import signal_to_noise
from convert.quantize.graph import Array, Layer, layers


@dataclass(frozen=True)
class Sensitivity:
    """signal_to_noise: of the logits in dB when nothing but ``layer`` is quantized; lower is worse."""

    layer: Layer
    signal_to_noise: float


def layer_sensitivity(
    model: onnx.ModelProto, clean: Array, scores: Callable[[tuple[str, ...]], Array]
) -> list[Sensitivity]:
    """The layers of ``model`` (prepared), the worst first; those that change nothing, such as a Flatten, are left out.

    clean: float's logits for some samples. scores: the logits for these when the nodes that are named stay float, and
    all others are quantized.
    """
    every = layers(model)
    nodes = tuple(name for layer in every for name in layer.nodes)
    found = []
    for layer in every:
        others = tuple(name for name in nodes if name not in layer.nodes)
        found.append(Sensitivity(layer, signal_to_noise(clean, scores(others))))
    quietest = max((one.signal_to_noise for one in found), default=0.0)
    heard = [one for one in found if one.signal_to_noise < quietest]
    return sorted(heard or found, key=lambda one: one.signal_to_noise)


def smallest_kept(
    worst_first: Sequence[Layer], meets: Callable[[Sequence[Layer]], bool], most: int
) -> tuple[Layer, ...] | None:
    """As few layers as ``meets`` asks for when these stay float; None if the ``most`` worst are not enough.

    worst_first: as ``layer_sensitivity`` orders them. meets: quantizes all others, and says whether that is good
    enough. Of the shortest beginning of the list that is, those are left out again that are not needed.
    """
    if not meets(worst_first[:most]):
        return None
    low, high = 0, min(most, len(worst_first))
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if meets(worst_first[:middle]) else (middle + 1, high)
    needed = list(worst_first[:high])
    # The last one was needed with those before it; of these some may not be.
    for layer in needed[-2::-1]:
        fewer = [one for one in needed if one is not layer]
        if meets(fewer):
            needed = fewer
    return tuple(needed)
