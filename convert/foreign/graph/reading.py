"""What readers of model files share: how a model is asked, and an error in one line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Answer = Callable[[NDArray[np.float32]], NDArray[Any]]
"""The model itself: one input in its own layout -> its output."""


def one_line(error: BaseException) -> str:
    """What an error says, on one line and not longer than that."""
    return " ".join(str(error).split())[:300]
