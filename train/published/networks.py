"""The published networks: the small ones of ``train.baselines``, and AlexNet, ResNet-18 and a committee of deep CNNs,
which are too large for a device. (N, 1, 28, 28) float32 in 0..1 -> (N, classes) logits.

AlexNet and ResNet have the names of torchvision's weights, so that its ImageNet weights can be taken over where they
fit.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edge_digits.errors import DataError
from train.baselines import BASELINES
from train.published.recipes import RECIPES, NetworkRecipe
from train.published.widths import stretched


class AlexNet(nn.Module):
    """Krizhevsky (2014), as torchvision has it, for 28×28: 28 → 14 → 7 → 3."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 64, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),
            nn.Conv2d(64, 192, 5, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),
            nn.Conv2d(192, 384, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(384, 256, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(256, 256, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),
        )
        self.classifier = nn.Sequential(
            nn.Dropout(),
            nn.Linear(256 * 3 * 3, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(),
            nn.Linear(4096, 4096),
            nn.ReLU(inplace=True),
            nn.Linear(4096, classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        """See the module."""
        return self.classifier(self.features(x).flatten(1))


class _Block(nn.Module):
    """A basic block with its shortcut (He et al. 2016, figure 2)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) -> (N, outputs, H / stride, W / stride)."""
        shortcut = x if self.downsample is None else self.downsample(x)
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))) + shortcut)


class ResNet(nn.Module):
    """ResNet-18 (He et al. 2016), as torchvision has it, for 28×28: 28 → 14 → 7 → 4."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 64, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.layer1 = nn.Sequential(_Block(64, 64, 1), _Block(64, 64, 1))
        self.layer2 = nn.Sequential(_Block(64, 128, 2), _Block(128, 128, 1))
        self.layer3 = nn.Sequential(_Block(128, 256, 2), _Block(256, 256, 1))
        self.layer4 = nn.Sequential(_Block(256, 512, 2), _Block(512, 512, 1))
        self.fc = nn.Linear(512, classes)

    def forward(self, x: Tensor) -> Tensor:
        """See the module."""
        x = F.relu(self.bn1(self.conv1(x)))
        return self.fc(self.layer4(self.layer3(self.layer2(self.layer1(x)))).mean((2, 3)))


def alexnet(classes: int) -> AlexNet:
    """About 31 million parameters."""
    return AlexNet(classes)


def resnet(classes: int) -> ResNet:
    """About 11 million parameters."""
    return ResNet(classes)


def deep_cnn(classes: int) -> nn.Sequential:
    """One member of the committee (Ciresan et al. 2012): 29×29-20C4-MP2-40C5-MP3-150N; 76,040 parameters."""
    return nn.Sequential(
        nn.ZeroPad2d((0, 1, 0, 1)),
        nn.Conv2d(1, 20, 4),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(20, 40, 5),
        nn.ReLU(),
        nn.MaxPool2d(3),
        nn.Flatten(),
        nn.Linear(40 * 3 * 3, 150),
        nn.ReLU(),
        nn.Linear(150, classes),
    )


class Committee(nn.Module):
    """Several deep CNNs, each of which sees digits of another width (Ciresan et al. 2012, section 3.1)."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        recipe = RECIPES["committee"]
        self.widths = recipe.widths if isinstance(recipe, NetworkRecipe) else ()
        self.members = nn.ModuleList(deep_cnn(classes) for _ in self.widths)

    def forward(self, x: Tensor) -> Tensor:
        """Logarithm of the members' mean probability, (N, classes); their softmax is that mean."""
        pixels = (x[:, 0] * 255).round().to(torch.uint8)
        views = [stretched(pixels, width).unsqueeze(1).float() / 255 for width in self.widths]
        each = [F.softmax(net(view.to(x.device)), 1) for net, view in zip(self.members, views, strict=True)]
        return torch.stack(each).mean(0).clamp_min(1e-12).log()


NETWORKS: dict[str, Callable[[int], nn.Module]] = {
    **BASELINES,
    "alexnet": alexnet,
    "resnet": resnet,
    "committee": Committee,
}
"""By name, given how many classes there are."""


def take_imagenet_weights(name: str, network: nn.Module) -> int:
    """Start ``network`` ("alexnet" or "resnet") from torchvision's ImageNet weights wherever the shapes are the same;
    returns how many tensors these are.

    Raises DataError if torchvision cannot be imported here, or its weights cannot be fetched.
    """
    try:
        from torchvision import models  # pyright: ignore[reportMissingImports]
    # Beside a torch that it was not built for it raises RuntimeError.
    except (ImportError, RuntimeError) as error:
        raise DataError(f"--imagenet: torchvision cannot be imported here: {str(error).splitlines()[0]}") from error
    try:
        made = models.resnet18(weights="DEFAULT") if name == "resnet" else models.alexnet(weights="DEFAULT")
    except (OSError, RuntimeError) as error:
        raise DataError(f"--imagenet: the weights of {name} cannot be fetched: {error}") from error
    ours, theirs = network.state_dict(), made.state_dict()
    fitting = {key: value for key, value in theirs.items() if key in ours and ours[key].shape == value.shape}
    network.load_state_dict(fitting, strict=False)
    return len(fitting)
