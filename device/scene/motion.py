"""How a scene has moved in the picture: shift, turn and scale, as one map of the plane."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""(N, 2): x and y in pixels."""


@dataclass(frozen=True)
class Motion:
    """A similarity: (x, y) goes to (a x - b y + shift_x, b x + a y + shift_y), in pixels."""

    a: float = 1.0
    b: float = 0.0
    shift_x: float = 0.0
    shift_y: float = 0.0

    @classmethod
    def of_matrix(cls, matrix: NDArray[Any]) -> Motion:
        """From (2, 3), as OpenCV has similarities."""
        return cls(float(matrix[0, 0]), float(matrix[1, 0]), float(matrix[0, 2]), float(matrix[1, 2]))

    @classmethod
    def about(cls, x: float, y: float, turn: float, shift_x: float = 0.0, shift_y: float = 0.0) -> Motion:
        """A turn, in degrees clockwise as pictures are seen, about a point that is shifted then."""
        a, b = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        return cls(a, b, x - a * x + b * y + shift_x, y - b * x - a * y + shift_y)

    @property
    def turn(self) -> float:
        """Degrees, clockwise as pictures are seen."""
        return math.degrees(math.atan2(self.b, self.a))

    @property
    def scale(self) -> float:
        """1 is the same size."""
        return math.hypot(self.a, self.b)

    @property
    def matrix(self) -> NDArray[np.float64]:
        """(2, 3), for OpenCV."""
        return np.array([[self.a, -self.b, self.shift_x], [self.b, self.a, self.shift_y]])

    def of_points(self, points: NDArray[np.floating] | Sequence[tuple[float, float]]) -> Points:
        """Where the points go."""
        return np.asarray(points, np.float64) @ self.matrix[:, :2].T + self.matrix[:, 2]

    def then(self, other: Motion) -> Motion:
        """Both, this one first."""
        [(x, y)] = other.of_points([(self.shift_x, self.shift_y)])
        a, b = other.a * self.a - other.b * self.b, other.b * self.a + other.a * self.b
        return Motion(a, b, float(x), float(y))

    def in_pixels(self, factor: float) -> Motion:
        """The same in a picture that is ``factor`` times as large."""
        return Motion(self.a, self.b, self.shift_x * factor, self.shift_y * factor)


STILL = Motion()
"""Nothing has moved."""
