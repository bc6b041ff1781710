"""A camera on the network that is off when the reader starts: it is waited for, as one that is lost later."""

from __future__ import annotations

from collections.abc import Iterator

from device.cameras.camera import Camera, Kind
from edge_digits.errors import CameraError
from edge_digits.types import Frame


class UnreachableError(CameraError):
    """Nothing answers at the address, or it says that it cannot now: the camera may be off, or the network down."""


class UnreachableCamera(Camera):
    """Stands in for a camera until it is opened again. ``device.capture`` finds it lost at once, says so, and tries.

    error: with which it could not be opened.
    """

    kind: Kind = "live"

    def __init__(self, name: str, error: UnreachableError) -> None:
        self.name = name
        self.error = error

    def __iter__(self) -> Iterator[Frame]:
        """Raises the error with which it could not be opened."""
        raise self.error

    def close(self) -> None:
        """There is nothing to let go of."""
