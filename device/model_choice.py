"""The reader with the model that somebody has chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from device.config.fields import FieldError
from device.config.settings import Config
from edge_digits.errors import ConfigError, ModelError
from edge_digits.page import Page
from edge_digits.types import Image

R = TypeVar("R")


class Reader(Protocol):
    """What reads a picture: (H, W) uint8 grey -> Page."""

    def read(self, picture: Image, /) -> Page: ...


def open_chosen(open_reader: Callable[[str], R], model: str, is_option: bool) -> R:
    """What ``open_reader`` opens. is_option: whether the command line names the model. Raises ConfigError, or
    FieldError where it is no option, for a model that was asked for and cannot be had: a service that is started again
    and again would not find it either."""
    try:
        return open_reader(model)
    except ModelError as error:
        if is_option:
            raise ConfigError(f"--model: {error}") from error
        if model == Config.model:
            raise
        raise FieldError(("model",), str(error)) from error
