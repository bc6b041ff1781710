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


def cnn() -> nn.Sequential:
    """The lightweight CNN: six 3×3 convolutions, 28×28 → 14×14 → 7×7 → 5×5, mean over places, one linear layer."""
    return nn.Sequential(
        *_block(1, 16),
        *_block(16, 24, stride=2),
        *_block(24, 32),
        *_block(32, 48, stride=2),
        *_block(48, 64),
        *_block(64, 64, padding=0),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(64, REJECT + 1),
    )


NETWORKS = {"cnn": cnn}


def parameter_count(network: nn.Module) -> int:
    """Number of trained parameters."""
    return sum(p.numel() for p in network.parameters())
