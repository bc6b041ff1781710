"""A row of the conversion report."""

from __future__ import annotations

from dataclasses import dataclass

from convert.check.layer_noise import LayerNoise
from edge_digits.runtime.spec import ModelSpec


@dataclass(frozen=True)
class Row:
    """One model file. judged: on how many inputs. accuracy: on those; agreement: with the float32 file; loss: how much
    less often it is right than that, and margin: half of its 95 % interval; all shares. milliseconds: per input, here.
    noise: by layer, of int8."""

    spec: ModelSpec
    name: str
    bytes: int
    judged: int
    accuracy: float
    agreement: float
    loss: float
    margin: float
    milliseconds: float
    noise: tuple[LayerNoise, ...]
    inside: str
