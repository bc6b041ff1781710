"""Networks to try ways from ONNX to TFLite on, as others build them: untrained, with normalization that matters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

LINE = (32, 128)
"""Height and width of a line's strip."""


class _Swish(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(1, 16, 3, stride=2, padding=1)
        self.second = nn.Conv2d(16, 32, 3, stride=2, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(32)
        self.last = nn.Linear(32, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = nn.functional.hardswish(self.norm(self.second(nn.functional.silu(self.first(x)))))
        return self.last(x.mean((2, 3)))


class _NormAfterConcat(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.narrow, self.wide = nn.Conv2d(1, 8, 3, padding=1), nn.Conv2d(1, 8, 5, padding=2)
        self.norm, self.pool = nn.BatchNorm2d(16), nn.MaxPool2d(3, 2, 1)
        self.next, self.last = nn.Conv2d(16, 16, 3, stride=2, padding=1), nn.Linear(16 * 7 * 7, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(torch.relu(self.norm(torch.cat([self.narrow(x), self.wide(x)], 1))))
        return self.last(torch.relu(self.next(x)).flatten(1))


class _Rows(nn.Module):
    """Each row of the picture is a time step; the last state says which digit it is."""

    def __init__(self) -> None:
        super().__init__()
        self.rows, self.last = nn.LSTM(28, 32, batch_first=True), nn.Linear(32, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.rows(x.squeeze(1))[0][:, -1])


class _Crnn(nn.Module):
    """Convolutions, columns as time steps, a recurrence both ways (Shi, Bai and Yao 2017), time steps first."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            *_block(1, 16), nn.MaxPool2d(2), *_block(16, 32), nn.MaxPool2d(2), nn.Conv2d(32, 32, (8, 1)), nn.ReLU()
        )
        self.columns, self.last = nn.GRU(32, 24, bidirectional=True), nn.Linear(48, 11)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.columns(self.features(x).squeeze(2).permute(2, 0, 1))[0])


def _block(inputs: int, outputs: int, stride: int = 1, groups: int = 1, side: int = 3) -> list[nn.Module]:
    conv = nn.Conv2d(inputs, outputs, side, stride, side // 2, groups=groups, bias=False)
    return [conv, nn.BatchNorm2d(outputs), nn.ReLU6()]


def _lenet() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )  # fmt: skip


def _depthwise() -> nn.Module:
    layers = _block(1, 16, 2)
    for inputs, outputs, stride in ((16, 32, 1), (32, 48, 2), (48, 64, 2)):
        layers += [*_block(inputs, inputs, stride, groups=inputs), *_block(inputs, outputs, side=1)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


@dataclass(frozen=True)
class Network:
    """make: the network. size: height and width of its grey input."""

    make: Callable[[], nn.Module]
    size: tuple[int, int] = (28, 28)


NETWORKS = {
    "LeNet": Network(_lenet),
    "depthwise (MobileNet)": Network(_depthwise),
    "swish, hard swish": Network(_Swish),
    "normalization after concatenation": Network(_NormAfterConcat),
    "LSTM over rows": Network(_Rows),
    "CRNN, GRU both ways": Network(_Crnn, LINE),
}


def made(name: str) -> nn.Module:
    """One of ``NETWORKS``, the same in each run, in evaluation mode, with normalization as after training."""
    torch.manual_seed(0)
    network = NETWORKS[name].make().eval()
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d) and layer.running_mean is not None and layer.running_var is not None:
            layer.running_mean.uniform_(-0.3, 0.3)
            layer.running_var.uniform_(0.3, 2.0)
            layer.weight.data.uniform_(0.5, 2.0)
    return network
