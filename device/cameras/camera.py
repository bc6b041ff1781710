"""What a camera is: a source of frames."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Protocol, Self

from edge_digits.types import Frame

Kind = Literal["live", "video", "stills"]
"""live: frames come whether or not they are read, and only the newest counts. video: a recording, of which every
frame is read. stills: every frame is a picture of its own, so there is nothing to vote over."""


class Camera(Protocol):
    """A source of frames.

    Iterating gives frames, numbers rising, until the recording ends; a live camera that ends or stops delivering
    raises CameraError. Only one thread may iterate; ``close`` may be called from another one, and again.
    """

    name: str
    kind: Kind

    def __iter__(self) -> Iterator[Frame]: ...

    def close(self) -> None:
        """Let go of the device or file; does nothing the second time."""
        ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
