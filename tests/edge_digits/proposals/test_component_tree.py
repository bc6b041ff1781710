"""The component tree: every extremal region of a plausible size, nested as its thresholds are."""

from __future__ import annotations

import cv2
import numpy as np

from edge_digits.proposals.component_tree import FEWEST, LEAST_HEIGHT, Tree, component_tree
from edge_digits.proposals.components import by_contours, by_pixels
from edge_digits.types import Image, as_image


def _bars(*bars: tuple[int, int, int, int, int]) -> Image:
    """Contrast (100, 200) with bars x, y, width, height, strength."""
    contrast = np.zeros((100, 200), np.uint8)
    for x, y, width, height, strength in bars:
        contrast[y : y + height, x : x + width] = np.maximum(contrast[y : y + height, x : x + width], strength)
    return contrast


def _boxes(tree: Tree) -> set[tuple[int, int, int, int]]:
    n = tree.nodes
    return set(zip(n.x.tolist(), n.y.tolist(), n.width.tolist(), n.height.tolist(), strict=True))


def test_a_region_has_its_box_and_area() -> None:
    tree = component_tree(_bars((20, 30, 8, 40, 200)))
    assert _boxes(tree) == {(20, 30, 8, 40)}
    assert tree.nodes.area.tolist() == [320]


def test_what_does_not_change_between_thresholds_is_one_hypothesis() -> None:
    assert len(component_tree(_bars((20, 30, 8, 40, 255))).nodes) == 1


def test_a_stroke_that_hangs_on_a_faint_line_stands_free_at_a_higher_threshold() -> None:
    tree = component_tree(_bars((20, 20, 8, 40, 200), (10, 55, 120, 4, 20)))
    n = tree.nodes
    assert _boxes(tree) == {(10, 20, 120, 40), (20, 20, 8, 40)}
    inner = n.width.tolist().index(8)
    assert n.parent[inner] == n.width.tolist().index(120)


def test_two_strokes_that_a_faint_bridge_joins_are_both_there_alone_and_together() -> None:
    tree = component_tree(_bars((20, 20, 8, 40, 200), (40, 20, 8, 40, 200), (28, 38, 12, 4, 30)))
    assert _boxes(tree) == {(20, 20, 28, 40), (20, 20, 8, 40), (40, 20, 8, 40)}
    assert tree.nodes.parent.tolist() == [-1, 0, 0]


def test_parents_come_before_their_children() -> None:
    contrast = cv2.GaussianBlur(np.random.default_rng(3).integers(0, 255, (200, 300)).astype(np.uint8), (0, 0), 4)
    nodes = component_tree(as_image(cv2.convertScaleAbs(contrast, alpha=4, beta=-400))).nodes
    assert len(nodes) > 20
    assert (nodes.parent < np.arange(len(nodes))).all()


def test_what_is_lower_than_a_digit_is_no_hypothesis() -> None:
    assert len(component_tree(_bars((20, 30, 8, LEAST_HEIGHT - 1, 200))).nodes) == 0


def test_the_whole_picture_is_no_hypothesis() -> None:
    assert len(component_tree(np.full((60, 60), 200, np.uint8)).nodes) == 0


def test_noise_gives_a_bounded_number_of_nodes() -> None:
    noise = np.random.default_rng(1).integers(0, 2, (480, 640)).astype(np.uint8) * 255
    stretched = cv2.resize(noise, (640, 4800), interpolation=cv2.INTER_NEAREST)[:480]
    nodes = component_tree(as_image(np.ascontiguousarray(stretched))).nodes
    assert np.bincount(nodes.level).max() <= max(FEWEST, stretched.size // 1000)


def test_a_nodes_own_pixels_are_its_and_those_of_what_lies_in_it() -> None:
    tree = component_tree(_bars((20, 20, 8, 40, 200), (40, 20, 8, 40, 200), (28, 38, 12, 4, 30), (80, 20, 8, 40, 200)))
    for i in range(len(tree.nodes)):
        assert tree.mask(i, 0, 0, 200, 100).sum() == tree.nodes.area[i]


def test_noise_and_clean_pages_are_measured_and_drawn_alike() -> None:
    blobs = cv2.GaussianBlur(np.random.default_rng(5).integers(0, 255, (240, 320)).astype(np.uint8), (0, 0), 2)
    contrast = as_image(cv2.convertScaleAbs(blobs, alpha=6, beta=-640))
    binary = as_image(cv2.threshold(contrast, 140, 255, cv2.THRESH_BINARY)[1])
    contours, hierarchy = cv2.findContours(binary, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    both = by_contours([(contours, np.asarray(hierarchy)[0])], 10)[0], by_pixels(binary, 10)
    tables, drawn = [], []
    for found, draw in both:
        # They come in different orders.
        order = np.lexsort((found.area, found.x, found.y))
        assert len(order) > 10
        tables.append([column[order].tolist() for column in (found.x, found.y, found.width, found.height, found.area)])
        assert (binary[found.y, found.first_x] > 0).all()
        picture = np.zeros(binary.shape, np.uint16)
        draw(picture, order, 1)
        drawn.append(picture)
    assert tables[0] == tables[1]
    assert np.array_equal(*drawn)


def test_a_hole_is_no_pixel_of_a_region_and_what_is_in_it_is_anothers() -> None:
    contrast = np.zeros((120, 120), np.uint8)
    contrast[10:110, 10:110], contrast[20:100, 20:100], contrast[40:80, 40:80] = 200, 0, 200
    nodes = component_tree(contrast).nodes
    assert sorted(nodes.area.tolist()) == [40 * 40, 100 * 100 - 80 * 80]
    assert nodes.parent.tolist() == [-1, -1]
