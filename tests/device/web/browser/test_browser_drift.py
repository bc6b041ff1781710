"""Regions that have moved: their outlines lie where they are now; a warning says what keeps them from being read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from web_client import Running

pytest.importorskip("playwright", reason="needs the extra browser")

from playwright.sync_api import expect
from web_browser import Visit

from device.scene.status import DriftStatus, Outline
from edge_digits.types import Box

BOX = Box(40, 30, 320, 100)
MOVED = [[62.0, 238.0], [381.5, 250.2], [377.7, 350.1], [58.2, 337.9]]

IS_BLUE = """() => {
  const canvas = document.querySelector("#live-picture");
  const [x, y] = [221.7, 244.1].map((side) => Math.round(side * canvas.width / 640));
  const { data } = canvas.getContext("2d").getImageData(x - 2, y - 2, 5, 5);
  return Array.from({ length: 25 }, (_, k) => data[4 * k + 2] - data[4 * k]).some((more) => more > 60);
}"""
"""Whether the middle of the moved region's upper side is drawn; the camera's pictures are grey."""


@pytest.fixture
def told(server: Running) -> Iterator[Running]:
    before = server.drift.status
    yield server
    server.drift.status = before


def test_the_outline_of_a_region_follows_it(visit: Visit, told: Running, size: str) -> None:
    page = visit("live", size)
    expect(page.locator("#live-note")).to_be_hidden()
    assert not page.evaluate(IS_BLUE)
    told.drift.status = DriftStatus("following", (20.0, 214.0), 2.2, {"score": Outline(BOX, MOVED)})
    page.wait_for_function(IS_BLUE)
    expect(page.locator("#live-warning")).to_be_hidden()
    page.uncheck("#live-boxes")
    page.wait_for_function(f"() => !({IS_BLUE})()")


def test_a_warning_says_why_regions_are_not_read_until_they_are(visit: Visit, told: Running, size: str) -> None:
    page = visit("live", size)
    expect(page.locator("#live-warning")).to_be_hidden()
    problem = "region score: has moved out of the picture"
    told.drift.status = DriftStatus("unsure", outlines={"score": Outline(BOX, None)}, problem=problem)
    expect(page.locator("#live-warning")).to_contain_text(problem)
    told.drift.status = DriftStatus("following", outlines={"score": Outline(BOX, MOVED)})
    expect(page.locator("#live-warning")).to_be_hidden()


def test_set_up_draws_regions_where_they_are_now(visit: Visit, told: Running) -> None:
    told.drift.status = DriftStatus("following", (20.0, 214.0), 2.2, {"score": Outline(BOX, MOVED)})
    page = visit("live")
    page.wait_for_function(IS_BLUE)
    page.click('nav a[href="#setup"]')
    boxes = page.locator("#regions .region").get_by_label("y", exact=True)
    expect(boxes).to_have_value("238")
