"""Read handwritten digits in pictures: ``open_reader().read("photo.jpg").lines``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edge_digits.io.image import load_grey as load_image
    from edge_digits.page import Page
    from edge_digits.reader import DigitReader, open_reader
    from edge_digits.runtime.load import load_model
    from edge_digits.types import Digit, Line

__all__ = ["Digit", "DigitReader", "Line", "Page", "load_image", "load_model", "open_reader"]

_HOMES = {
    "Digit": ("types", "Digit"),
    "DigitReader": ("reader", "DigitReader"),
    "Line": ("types", "Line"),
    "Page": ("page", "Page"),
    "load_image": ("io.image", "load_grey"),
    "load_model": ("runtime.load", "load_model"),
    "open_reader": ("reader", "open_reader"),
}


def __getattr__(name: str) -> Any:
    # Imported when it is first asked for: a command's help must not wait for OpenCV.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    module, attribute = _HOMES[name]
    return getattr(import_module(f"{__name__}.{module}"), attribute)


def __dir__() -> list[str]:
    return sorted(__all__)
