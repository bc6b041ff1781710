"""Connected pieces of ink, as columns of numbers, and the masks of regions made of them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.types import Box, Image, as_image

INK_THRESHOLD = 96
"""Ink (0..255) from which a pixel belongs to a component."""

FAINT_THRESHOLD = 36
"""Ink from which a pixel belongs to the component of a stronger one close by: a stroke runs dry, but does not end."""

FAINT_REACH = 0.004
"""How far from strong ink faint ink counts, as a share of the picture's longer side."""

_NEIGHBOURS = np.ones((3, 3), np.uint8)

MOST_COMPONENTS, FOR_EACH = (800, 2500), 1200
"""A picture with more is texture; only the largest are looked at. So many pixels may hold one, a frame and a page full
of numbers as many as the limits say."""


@dataclass(frozen=True)
class Components:
    """N connected pieces of ink.

    labels: (H, W) int32, 0 where there is no ink. label: (N,) int32, the label of each component. x, y, width, height,
    area: (N,) int32 in pixels.
    """

    labels: NDArray[np.int32]
    label: NDArray[np.int32]
    x: NDArray[np.int32]
    y: NDArray[np.int32]
    width: NDArray[np.int32]
    height: NDArray[np.int32]
    area: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.label)

    def box(self, index: int) -> Box:
        """The box of component ``index``."""
        return Box(int(self.x[index]), int(self.y[index]), int(self.width[index]), int(self.height[index]))

    def own(self, index: int) -> NDArray[np.bool_]:
        """Which pixels of its box are component ``index``'s: (height, width) bool."""
        box = self.box(index)
        return np.asarray(self.labels[box.y : box.bottom, box.x : box.right] == self.label[index], np.bool_)

    def only(self, index: NDArray[np.integer] | NDArray[np.bool_]) -> Components:
        """The chosen components; ``labels`` stays as it is."""
        columns = (self.label, self.x, self.y, self.width, self.height, self.area)
        return Components(self.labels, *(column[index] for column in columns))


def find_components(ink: Image, least_size: int = 3) -> Components:
    """All 8-connected components of ``ink`` (H, W) uint8 whose longer side is at least ``least_size`` pixels."""
    strong = cv2.threshold(ink, INK_THRESHOLD - 1, 255, cv2.THRESH_BINARY)[1]
    faint = cv2.threshold(ink, FAINT_THRESHOLD - 1, 255, cv2.THRESH_BINARY)[1]
    reach = 2 * max(1, round(FAINT_REACH * max(ink.shape))) + 1
    binary = cv2.bitwise_and(faint, cv2.dilate(strong, np.ones((reach, reach), np.uint8)))
    found = _measured(as_image(binary))
    longer = np.maximum(found.width, found.height)
    keep = np.flatnonzero(longer >= least_size)
    most = min(max(ink.size // FOR_EACH, MOST_COMPONENTS[0]), MOST_COMPONENTS[1])
    if len(keep) > most:
        keep = np.sort(keep[np.argsort(longer[keep])[-most:]])
    return found.only(keep)


def _measured(binary: Image) -> Components:
    """All components of ``binary`` (H, W), 0 or 255.

    Measured from the runs along the rows, of which there are few: OpenCV's own statistics go through the picture pixel
    by pixel, paper too, and take longer than finding the components.
    """
    count, labels = cv2.connectedComponents(binary, connectivity=8, ltype=cv2.CV_32S)
    labels = np.asarray(labels, np.int32)
    if count == 1:
        return Components(labels, *(np.zeros(0, np.int32) for _ in range(6)))
    # With a column of paper on either side, each run has a first pixel and one behind its last, in this order.
    framed = cv2.copyMakeBorder(binary, 0, 0, 1, 1, cv2.BORDER_CONSTANT)
    ends = np.flatnonzero(cv2.bitwise_xor(framed[:, 1:], framed[:, :-1]).view(np.bool_)).astype(np.int32)
    y, left = np.divmod(ends[::2], np.int32(binary.shape[1] + 1))
    right = left + ends[1::2] - ends[::2]
    label = labels[y, left]
    area = np.bincount(label, right - left)[1:]
    order = np.argsort(label, kind="stable")
    y, left, right = y[order], left[order], right[order]
    last = np.cumsum(np.bincount(label)[1:]) - 1
    first = np.concatenate([[0], last[:-1] + 1])
    x = np.minimum.reduceat(left, first)
    width = np.maximum.reduceat(right, first) - x
    columns = (np.arange(1, count), x, y[first], width, y[last] + 1 - y[first], area)
    return Components(labels, *(column.astype(np.int32) for column in columns))


def mean_of(components: Components, picture: Image) -> NDArray[np.float64]:
    """(N,): the mean of ``picture`` (H, W) over each component."""
    means = np.zeros(len(components))
    for index in range(len(components)):
        means[index] = cv2.mean(components.box(index).cut(picture), components.own(index).view(np.uint8))[0]
    return means


def component_mask(components: Components, member: int, box: Box) -> NDArray[np.bool_]:
    """Which pixels of ``box`` belong to the component ``member``: (height, width) bool.

    The mask reaches one pixel beyond the component, where its anti-aliased edge lies, but never into another one.
    """
    window = components.labels[box.y : box.bottom, box.x : box.right]
    return _with_edge(window == components.label[member], window)


def region_mask(components: Components, members: list[int], box: Box) -> NDArray[np.bool_]:
    """The same for several components taken together."""
    window = components.labels[box.y : box.bottom, box.x : box.right]
    return _with_edge(np.isin(window, components.label[members]), window)


def _with_edge(own: NDArray[np.bool_], window: NDArray[np.int32]) -> NDArray[np.bool_]:
    grown = cv2.dilate(own.view(np.uint8), _NEIGHBOURS).view(np.bool_)
    return own | (grown & (window == 0))
