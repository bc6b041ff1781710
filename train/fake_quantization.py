"""Quantization-aware training (Jacob et al. 2018, section 3): a network computed as its int8 files will compute it.

Weights and results are rounded to what int8 can hold, and gradients go through as if they were not (the
straight-through estimator; Bengio, Leonard and Courville 2013). Batch normalization is folded into the convolution
before it, as ``convert`` does, with the statistics that it has: they are frozen from here on (Krishnamoorthi 2018,
section 4.2).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from train.layers import leaves

_WITHOUT_ARITHMETIC = (nn.Flatten, nn.Identity, nn.Dropout, nn.Dropout2d)
"""What gives values that it was given, so that they are rounded already."""


def fake_quantized(network: nn.Sequential, x: Tensor) -> Tensor:
    """What ``network`` gives for the batch ``x``, weights rounded to int8 with a scale for each output channel, input
    and results of layers to 8 bits with one scale and zero point for each tensor.

    A scale covers what the batch holds, so nothing is kept from batch to batch. Recurrences are computed in float
    inside. Raises TypeError for a BatchNorm2d that stands behind anything but a Conv2d.
    """
    layers = list(leaves(network))
    x = _rounded(x)
    place = 0
    while place < len(layers):
        layer = layers[place]
        place += 1
        behind = layers[place] if place < len(layers) else None
        if isinstance(layer, _WITHOUT_ARITHMETIC):
            x = layer(x)
            continue
        if isinstance(layer, nn.Conv2d):
            weight, bias = layer.weight, layer.bias
            if isinstance(behind, nn.BatchNorm2d):
                weight, bias = _folded(layer, behind)
                place += 1
            x = layer._conv_forward(x, _rounded_weight(weight), bias)
        elif isinstance(layer, nn.Linear):
            x = F.linear(x, _rounded_weight(layer.weight), layer.bias)
        elif isinstance(layer, nn.BatchNorm2d):
            raise TypeError("a BatchNorm2d can only be folded into a Conv2d before it")
        else:
            x = layer(x)
        # An activation is computed with the layer before it, and rounded once.
        if place < len(layers) and isinstance(layers[place], nn.ReLU):
            x = F.relu(x)
            place += 1
        x = _rounded(x)
    return x


def _folded(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    """Weight and bias of both in one."""
    assert norm.running_mean is not None and norm.running_var is not None
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    before = 0.0 if conv.bias is None else conv.bias
    return conv.weight * scale[:, None, None, None], norm.bias + (before - norm.running_mean) * scale


def _rounded_weight(weight: Tensor) -> Tensor:
    """-127 to 127 for each output channel, the first dimension."""
    scale = weight.detach().abs().flatten(1).amax(1).clamp_min(1e-8) / 127
    zero = torch.zeros_like(scale, dtype=torch.int32)
    return torch.fake_quantize_per_channel_affine(weight, scale, zero, 0, -127, 127)


def _rounded(x: Tensor) -> Tensor:
    """-128 to 127, so that 0 is one of the values."""
    with torch.no_grad():
        low, high = torch.aminmax(x)
        low, high = low.clamp_max(0.0), high.clamp_min(0.0)
        scale = ((high - low) / 255).clamp_min(1e-8)
        zero = (-128 - torch.round(low / scale)).clamp(-128, 127).to(torch.int32)
    return torch.fake_quantize_per_tensor_affine(x, scale, zero, -128, 127)
