"""Augmentation changes hands, not digits, and the same seed changes them alike."""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F
from tiny_data import digit_image

from train.digits import augmentation


def _batch(count: int) -> torch.Tensor:
    random = np.random.default_rng(0)
    return torch.from_numpy(np.stack([digit_image(i % 10, random) for i in range(count)]))


def _augmented(images: torch.Tensor, seed: int) -> torch.Tensor:
    return augmentation.augment(images, torch.Generator().manual_seed(seed))


def test_pixels_become_shares_of_ink() -> None:
    x = augmentation.to_input(torch.tensor([[[0, 255]]], dtype=torch.uint8))
    assert x.tolist() == [[[[0.0, 1.0]]]]


def test_crops_stay_crops() -> None:
    x = _augmented(_batch(64), 1)
    assert x.shape == (64, 1, 28, 28)
    assert x.dtype == torch.float32
    assert bool(torch.isfinite(x).all())
    assert float(x.min()) >= 0 and float(x.max()) <= 1


def test_the_seed_decides() -> None:
    images = _batch(16)
    assert torch.equal(_augmented(images, 1), _augmented(images, 1))
    assert not torch.equal(_augmented(images, 1), _augmented(images, 2))


def test_every_crop_is_changed_in_its_own_way() -> None:
    images = _batch(1).repeat(8, 1, 1)
    x = _augmented(images, 3)
    assert len({tuple(crop.flatten().tolist()) for crop in x}) == 8


def test_a_pen_is_a_pixel_broader_or_up_to_half_a_pixel_finer_and_often_the_same() -> None:
    random = torch.Generator().manual_seed(5)
    ink = (torch.rand((400, 1, 28, 28), generator=random) > 0.7).float()
    x = augmentation.other_pen(ink, random)
    beside = F.max_pool2d(ink, 3, 1, 1) > 0
    # What is ink above and to the left of it, too, stays as it is; beyond the picture there is no paper.
    inside = -F.max_pool2d(-F.pad(ink, (1, 0, 1, 0), value=1.0), 2, 1) > 0
    broader, finer = (x > ink).flatten(1).any(1), (x < ink).flatten(1).any(1)
    assert bool(((x > 0) == beside)[broader].all())
    assert bool(((x == 1) == inside)[finer].all())
    assert float(x[ink > 0].min()) >= 0.5 ** math.exp(augmentation.GAMMA)
    for share in (broader, finer):
        assert 0.7 * augmentation.THICKNESS_SHARE < float(share.float().mean()) < 1.3 * augmentation.THICKNESS_SHARE
    assert not bool((broader & finer).any())
    assert torch.equal(x[~(broader | finer)], ink[~(broader | finer)])


def test_digits_stay_in_the_picture() -> None:
    images = _batch(200)
    x = _augmented(images, 4)
    before, after = augmentation.to_input(images).sum((1, 2, 3)), x.sum((1, 2, 3))
    share = after / before
    assert float(share.median()) > 0.7
    assert float(share.min()) > 0.1
