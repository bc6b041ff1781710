"""Small networks by their published layers, which int8 treats in different ways: (N, 1, 28, 28) float32 in 0..1 ->
(N, 10) logits; the CRNN (N, 1, 32, W) -> (N, W / 4, 11).

Widths and depths are cut so that each is trained in two minutes of one core; blocks are as published.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from train.layers import LastState, Recurrence, Rows, Steps

CLASSES = 10


def _normalized(
    inputs: int, outputs: int, kernel: int = 1, stride: int = 1, groups: int = 1, act: type[nn.Module] | None = None
) -> list[nn.Module]:
    """Convolution, batch normalization, activation."""
    conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    return [conv, nn.BatchNorm2d(outputs), *([act()] if act else [])]


def _head(channels: int) -> list[nn.Module]:
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, CLASSES)]


def mobilenet_v1() -> nn.Sequential:
    """Depthwise separable convolutions with ReLU6 (Howard et al. 2017)."""
    layers = _normalized(1, 16, 3, 1, act=nn.ReLU6)
    for inputs, outputs, stride in ((16, 32, 2), (32, 64, 1), (64, 64, 2), (64, 96, 1), (96, 96, 1)):
        layers += _normalized(inputs, inputs, 3, stride, inputs, nn.ReLU6)
        layers += _normalized(inputs, outputs, act=nn.ReLU6)
    return nn.Sequential(*layers, *_head(96))


class _InvertedResidual(nn.Module):
    """Widened, depthwise, narrowed without an activation, with a shortcut (Sandler et al. 2018, figure 3); with
    squeeze-and-excitation it is EfficientNet's block."""

    def __init__(
        self, inputs: int, outputs: int, stride: int, factor: int, kernel: int, act: type[nn.Module], squeeze: bool
    ) -> None:
        super().__init__()
        wide = inputs * factor
        layers = _normalized(inputs, wide, act=act) if factor > 1 else []
        layers += _normalized(wide, wide, kernel, stride, wide, act)
        if squeeze:
            layers.append(_SqueezeExcitation(wide, max(4, inputs // 4)))
        self.layers = nn.Sequential(*layers, *_normalized(wide, outputs))
        self.shortcut = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return x + self.layers(x) if self.shortcut else self.layers(x)


class _SqueezeExcitation(nn.Module):
    """Channels weighed by what stands in all of the map (Hu et al. 2018)."""

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(channels, squeezed, 1),
            nn.SiLU(),
            nn.Conv2d(squeezed, channels, 1),
            nn.Sigmoid(),
        )

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return x * self.layers(x)


def mobilenet_v2() -> nn.Sequential:
    """Inverted residuals with ReLU6 (Sandler et al. 2018), whose depthwise weights are known to be hard to quantize."""
    layers = _normalized(1, 16, 3, 2, act=nn.ReLU6)
    rows = ((16, 16, 1, 1), (16, 24, 2, 6), (24, 24, 1, 6), (24, 32, 2, 6), (32, 32, 1, 6), (32, 48, 1, 6))
    for inputs, outputs, stride, factor in rows:
        layers.append(_InvertedResidual(inputs, outputs, stride, factor, 3, nn.ReLU6, False))
    return nn.Sequential(*layers, *_normalized(48, 128, act=nn.ReLU6), *_head(128))


def spread_channels(network: nn.Sequential, powers: float = 2.0, seed: int = 0) -> nn.Sequential:
    """``network`` with the channels behind each depthwise convolution of its inverted residuals made smaller by up to
    ``powers`` powers of ten, and what takes them larger by as much: nearly the same function (ReLU6 cuts off less), and
    the disparity that Nagel et al. (2019) show of MobileNetV2 trained on ImageNet."""
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for block in (layer for layer in network if isinstance(layer, _InvertedResidual)):
            *_, norm, _, narrowing, _ = block.layers
            assert isinstance(norm, nn.BatchNorm2d) and isinstance(narrowing, nn.Conv2d)
            scale = 10 ** -(powers * torch.rand(norm.num_features, generator=random))
            norm.weight.mul_(scale)
            norm.bias.mul_(scale)
            narrowing.weight.div_(scale[:, None, None])
    return network


def efficientnet() -> nn.Sequential:
    """Inverted residuals with swish and squeeze-and-excitation (Tan and Le 2019)."""
    layers = _normalized(1, 16, 3, 2, act=nn.SiLU)
    rows = ((16, 12, 1, 1, 3), (12, 20, 2, 6, 3), (20, 20, 1, 6, 3), (20, 32, 2, 6, 5), (32, 32, 1, 6, 5))
    for inputs, outputs, stride, factor, kernel in rows:
        layers.append(_InvertedResidual(inputs, outputs, stride, factor, kernel, nn.SiLU, True))
    return nn.Sequential(*layers, *_normalized(32, 128, act=nn.SiLU), *_head(128))


class _DenseLayer(nn.Module):
    """Batch normalization of all that was concatenated, then a convolution (Huang et al. 2017)."""

    def __init__(self, inputs: int, growth: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *(nn.BatchNorm2d(inputs), nn.ReLU(), nn.Conv2d(inputs, 4 * growth, 1, bias=False)),
            *(nn.BatchNorm2d(4 * growth), nn.ReLU(), nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False)),
        )

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return torch.cat([x, self.layers(x)], 1)


class _Transition(nn.Module):
    """Batch normalization of a whole block; then, but behind the last one, half of the channels and of the size."""

    def __init__(self, channels: int, last: bool) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.BatchNorm2d(channels), nn.ReLU()]
        if not last:
            layers += [nn.Conv2d(channels, channels // 2, 1, bias=False), nn.AvgPool2d(2)]
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return self.layers(x)


def densenet() -> nn.Sequential:
    """Dense blocks, batch normalization behind each concatenation (Huang et al. 2017)."""
    growth, channels = 12, 24
    layers: list[nn.Module] = [nn.Conv2d(1, channels, 3, 2, 1, bias=False)]
    for block in range(3):
        for _ in range(3):
            layers.append(_DenseLayer(channels, growth))
            channels += growth
        layers.append(_Transition(channels, last=block == 2))
        channels //= 1 if block == 2 else 2
    return nn.Sequential(*layers, *_head(channels))


class _Shuffled(nn.Module):
    """Half of the channels go by, the others through a depthwise convolution, then both are shuffled (Ma et al. 2018,
    figure 3)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        half = outputs // 2
        through = inputs if stride > 1 else half
        self.by = nn.Sequential()
        if stride > 1:
            self.by = nn.Sequential(
                *_normalized(inputs, inputs, 3, stride, inputs), *_normalized(inputs, half, act=nn.ReLU)
            )
        self.through = nn.Sequential(
            *_normalized(through, half, act=nn.ReLU),
            *_normalized(half, half, 3, stride, half),
            *_normalized(half, half, act=nn.ReLU),
        )
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        one, other = (x, x) if self.stride > 1 else x.chunk(2, 1)
        joined = torch.cat([self.by(one), self.through(other)], 1)
        _, channels, height, width = joined.shape
        return joined.reshape(-1, 2, channels // 2, height, width).transpose(1, 2).reshape(-1, channels, height, width)


def shufflenet_v2() -> nn.Sequential:
    """ShuffleNet V2 x0.5 as torchvision has it (Ma et al. 2018), but for one channel in and ten classes."""
    layers = [*_normalized(1, 24, 3, 2, act=nn.ReLU), nn.MaxPool2d(3, 2, 1)]
    channels = 24
    for outputs, repeats in ((48, 4), (96, 8), (192, 4)):
        layers += [_Shuffled(channels, outputs, 2), *(_Shuffled(outputs, outputs, 1) for _ in range(repeats - 1))]
        channels = outputs
    return nn.Sequential(*layers, *_normalized(channels, 1024, act=nn.ReLU), *_head(1024))


def lstm_rows() -> nn.Sequential:
    """A picture read row by row (Hochreiter and Schmidhuber 1997)."""
    return nn.Sequential(Rows(), LastState(28, 64, both_ways=False), nn.Linear(64, CLASSES))


def crnn() -> nn.Sequential:
    """Convolutions, a bidirectional LSTM, one score for each class and step, no attention (Shi, Bai and Yao 2017)."""
    layers: list[nn.Module] = []
    for inputs, outputs, stride in ((1, 16, (2, 2)), (16, 32, (2, 2)), (32, 48, (2, 1)), (48, 64, (2, 1))):
        conv = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        layers += [conv, nn.BatchNorm2d(outputs), nn.ReLU()]
    layers += [nn.Conv2d(64, 64, (2, 1), bias=False), nn.BatchNorm2d(64), nn.ReLU()]
    return nn.Sequential(*layers, Steps(), Recurrence(nn.LSTM, 64, 32), nn.Linear(64, CLASSES + 1))


NETWORKS = {
    "MobileNetV1": mobilenet_v1,
    "MobileNetV2": mobilenet_v2,
    "EfficientNet": efficientnet,
    "DenseNet": densenet,
    "ShuffleNetV2": shufflenet_v2,
    "LSTM over rows": lstm_rows,
    "CRNN": crnn,
}
"""Those of PyTorch; LeNet-5 is built in ``docs.results.zoo.lenet`` with Keras."""
