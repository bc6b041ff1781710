"""Says once that what the camera sees lies on its side or upside down."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from device.cameras.geometry import Geometry
from device.tracking.views import View

logger = logging.getLogger(__name__)

QUARTER = 90


class OrientationNotice:
    """Warns where a page was read turned, and again where it comes to lie otherwise: turning it costs time with every
    frame, and the camera can be told to do it."""

    def __init__(self, geometry: Callable[[], Geometry] = Geometry) -> None:
        """geometry: as the picture is turned by now."""
        self._geometry = geometry
        self._logged = 0

    def say(self, views: Sequence[View]) -> None:
        """Look at what the views have read last; one in which nothing stands says nothing."""
        turned = {_quarters(view.page.turn) for view in views if view.page.lines}
        if len(turned) != 1:
            return
        [quarters] = turned
        if quarters and quarters != self._logged:
            logger.warning(
                "what the camera sees lies turned by %d degrees clockwise and is read turned: [camera] rotate = %d "
                "turns the picture",
                quarters * QUARTER,
                self._geometry().turned_further((4 - quarters) * QUARTER),
            )
        self._logged = quarters


def _quarters(turn: float) -> int:
    return round(turn / QUARTER) % 4
