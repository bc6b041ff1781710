"""The networks, as plain ``nn.Sequential``: ``convert`` walks over their layers.

Input (N, 1, 28, 28) float32 in 0..1; output (N, 11) logits: the ten digits and the reject class.
"""

from __future__ import annotations

from torch import nn

from edge_digits.charset import REJECT


def _block(inputs: int, outputs: int, stride: int = 1, padding: int = 1) -> list[nn.Module]:
    return [
        nn.Conv2d(inputs, outputs, 3, stride=stride, padding=padding, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    ]


def _six_convolutions(widths: tuple[int, int, int, int, int, int]) -> nn.Sequential:
    """Six 3×3 convolutions, 28×28 → 14×14 → 7×7 → 5×5, mean over places, one linear layer."""
    a, b, c, d, e, f = widths
    return nn.Sequential(
        *_block(1, a),
        *_block(a, b, stride=2),
        *_block(b, c),
        *_block(c, d, stride=2),
        *_block(d, e),
        *_block(e, f, padding=0),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(f, REJECT + 1),
    )


def cnn() -> nn.Sequential:
    """The lightweight CNN: 90,059 parameters, 5.1 million multiplications."""
    return _six_convolutions((16, 24, 32, 48, 64, 64))


def cnn_small() -> nn.Sequential:
    """The same shape with fewer channels: 19,235 parameters, 1.3 million multiplications."""
    return _six_convolutions((8, 12, 16, 20, 28, 32))


NETWORKS = {"cnn": cnn, "cnn-small": cnn_small}


def parameter_count(network: nn.Module) -> int:
    """Number of trained parameters."""
    return sum(p.numel() for p in network.parameters())
