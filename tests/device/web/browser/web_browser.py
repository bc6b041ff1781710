"""What the tests in a browser share: the screens, and what a person does with a mouse or a finger."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

SCREENSHOTS = os.environ.get("EDGE_DIGITS_SCREENSHOTS")
"""The folder to which the pictures of docs/web.md are written."""

SIZES: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 800}},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 2,
        "is_mobile": True,
        "has_touch": True,
    },
}

Visit = Callable[..., Page]
"""Opens a part of the page: its name, then a name of ``SIZES`` and options of a browser context."""


def shot(page: Page, part: str, size: str) -> None:
    """A picture for the documentation, if it is wanted."""
    if SCREENSHOTS:
        page.evaluate("scrollTo(0, 0)")
        page.mouse.move(0, 0)
        page.wait_for_timeout(400)
        page.screenshot(path=Path(SCREENSHOTS) / f"{part}-{size}.png")


def stroke(page: Page, target: str, places: Sequence[tuple[float, float]], size: str) -> None:
    """Press, move and let go on the element ``target``; places are shares of its width and height."""
    element = page.locator(target)
    element.scroll_into_view_if_needed()
    box = element.bounding_box()
    assert box is not None
    (first, *others) = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
    if size == "phone":
        session = page.context.new_cdp_session(page)
        for kind, points in (("touchStart", [first]), *(("touchMove", [place]) for place in others), ("touchEnd", [])):
            touched = [{"x": x, "y": y} for x, y in points]
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touched})
    else:
        page.mouse.move(*first)
        page.mouse.down()
        for place in others:
            page.mouse.move(*place, steps=4)
        page.mouse.up()
