"""The published networks have the published sizes, take pictures, and give a score for each class."""

from __future__ import annotations

import sys

import pytest
import torch

from edge_digits.errors import DataError
from train.networks import parameter_count
from train.published import macs
from train.published.augment import augmented, elastic_field
from train.published.networks import NETWORKS, Committee, ResNet, resnet, take_imagenet_weights
from train.published.recipes import RECIPES, NetworkRecipe
from train.published.widths import stretched

SMALL = [name for name in NETWORKS if name not in ("alexnet", "resnet")]


def test_the_cnn_of_421642_parameters_has_so_many() -> None:
    assert parameter_count(NETWORKS["cnn-421k"](10)) == 421_642


def test_every_network_has_a_recipe_and_every_trained_recipe_a_network() -> None:
    assert {name for name, recipe in RECIPES.items() if isinstance(recipe, NetworkRecipe)} == set(NETWORKS)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("classes", [10, 47])
def test_a_network_gives_a_score_for_each_class(name: str, classes: int) -> None:
    network = NETWORKS[name](classes).eval()
    with torch.inference_mode():
        assert network(torch.rand(2, 1, 28, 28)).shape == (2, classes)


def test_multiply_accumulates_are_those_of_pencil_and_paper() -> None:
    assert macs.count(NETWORKS["mlp"](10)) == 784 * 512 + 512 * 512 + 512 * 10
    assert macs.count(NETWORKS["cnn-421k"](10)) == 784 * 9 * 32 + 196 * 9 * 32 * 64 + 3136 * 128 + 128 * 10
    assert macs.count(NETWORKS["rnn"](10)) == 28 * 4 * 128 * (28 + 128) + 128 * 10


def test_a_committee_answers_with_the_mean_of_its_members() -> None:
    torch.manual_seed(0)
    committee = Committee(10).eval()
    pixels = torch.randint(0, 256, (3, 28, 28), dtype=torch.uint8)
    with torch.inference_mode():
        each = [
            torch.softmax(net(stretched(pixels, width).unsqueeze(1).float() / 255), 1)
            for net, width in zip(committee.members, committee.widths, strict=True)
        ]
        found = torch.softmax(committee(pixels.unsqueeze(1).float() / 255), 1)
    assert len(each) == 7
    assert torch.allclose(found, torch.stack(each).mean(0), atol=1e-6)


@pytest.mark.parametrize("width", [10, 20])
def test_a_stretched_digit_is_so_wide_and_stands_in_the_middle(width: int) -> None:
    image = torch.zeros(1, 28, 28, dtype=torch.uint8)
    image[0, 5:20, 3:9] = 255
    columns = (stretched(image, width)[0] > 0).any(0).nonzero().flatten()
    assert (int(columns[0]), int(columns[-1])) == ((28 - width) // 2, (28 + width) // 2 - 1)
    assert not stretched(torch.zeros_like(image), width).any()
    assert torch.equal(stretched(image, 0), image)


@pytest.mark.parametrize("kind", ["affine", "elastic"])
def test_augmentation_depends_on_its_seed_alone_and_keeps_the_ink(kind: str) -> None:
    image = torch.zeros(50, 28, 28, dtype=torch.uint8)
    image[:, 9:19, 9:19] = 255
    first, second = (augmented(image, kind, torch.Generator().manual_seed(1)) for _ in range(2))
    assert torch.equal(first, second)
    assert not torch.equal(first[0], first[1])
    assert float(first.min()) >= 0 and float(first.max()) <= 1
    assert float((first > 0.5).float().sum((1, 2, 3)).mean()) == pytest.approx(100, rel=0.15)


def test_the_elastic_field_is_smooth_and_moves_ink_by_about_a_pixel() -> None:
    field = elastic_field(torch.zeros(200, 1, 28, 28), torch.Generator().manual_seed(1))[:, 8:20, 8:20]
    assert 0.5 < float(field.std()) < 1.5
    assert float((field[:, 1:] - field[:, :-1]).std()) < 0.25 * float(field.std())


def test_imagenet_weights_are_refused_in_one_line_where_torchvision_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchvision", None)
    with pytest.raises(DataError, match="--imagenet: torchvision cannot be imported here") as caught:
        take_imagenet_weights("resnet", resnet(10))
    assert "\n" not in str(caught.value)


def test_imagenet_weights_are_taken_where_the_shapes_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    import types

    def resnet18(weights: str) -> torch.nn.Module:
        assert weights == "DEFAULT"
        made = ResNet(1000)
        made.conv1 = torch.nn.Conv2d(3, 64, 7, bias=False)
        return made

    models = types.SimpleNamespace(resnet18=resnet18)
    monkeypatch.setitem(sys.modules, "torchvision", types.SimpleNamespace(models=models))
    own = resnet(10)
    total = len(own.state_dict())
    assert take_imagenet_weights("resnet", own) == total - 3, "all but the first kernel and the last layer"
