"""What the tests in a browser share: the screens, and what a person does with a mouse or a finger."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Route

SCREENSHOTS = os.environ.get("EDGE_DIGITS_SCREENSHOTS")
"""The folder to which the pictures of docs/guide/web.md are written."""

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


class FirstHeld:
    """Holds the first of ``page``'s questions whose address matches the glob ``pattern``; others go through."""

    def __init__(self, page: Page, pattern: str) -> None:
        self._page = page
        self._first: Route | None = None
        page.route(pattern, self._take)

    def _take(self, route: Route) -> None:
        if self._first is None:
            self._first = route
        else:
            route.continue_()

    def answer(self, change: Callable[[Any], Any] | None = None) -> None:
        """Answer it as the server does, its JSON changed by ``change``; and give the page time to act on it."""
        assert self._first is not None, "nothing was asked"
        route, response = self._first, self._first.fetch()
        with self._page.expect_response(lambda other: other.request == route.request) as came:
            if change is None:
                route.fulfill(response=response)
            else:
                route.fulfill(response=response, json=change(response.json()))
        came.value.finished()
        self._page.wait_for_timeout(500)


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
