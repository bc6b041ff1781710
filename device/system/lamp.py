"""A lamp on a GPIO pin that lights the page while it is read.

    with open_lamp(config.lamp) as lamp:
        with lamp.lit():
            ...  # take frames and read them

gpiozero is imported only where a lamp is wanted. ``GPIOZERO_PIN_FACTORY`` chooses another of its pin factories, such as
``mock``.
"""

from __future__ import annotations

import contextlib
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any, Self

from device.config.reading import LampConfig
from edge_digits.errors import EdgeDigitsError
from edge_digits.system.install import install_extra

INSTALL = "sudo apt install python3-gpiozero python3-lgpio"


class Lamp:
    """device: a ``gpiozero.OutputDevice``; None is no lamp, and nothing is switched or waited for. ``settle``: as in
    ``LampConfig``, 0 without a lamp."""

    def __init__(self, device: Any | None = None, settle: float = 0.0, wait: Callable[[float], object] = time.sleep):
        """wait: called with the seconds to settle."""
        self._device, self.settle, self._wait = device, settle, wait
        self._users = 0

    @contextlib.contextmanager
    def lit(self, waits: bool = True) -> Iterator[None]:
        """While the block runs the lamp is on. waits: whether it begins once the light has settled; else whoever uses
        it has something else to do for ``settle`` seconds. Blocks may be nested: the outermost switches. For one
        thread."""
        if self._device is None:
            yield
            return
        self._users += 1
        try:
            if self._users == 1:
                self._device.on()
                if waits:
                    self._wait(self.settle)
            yield
        finally:
            self._users -= 1
            if not self._users:
                self._device.off()

    def close(self) -> None:
        """Switch it off and give the pin back; does nothing the second time."""
        if self._device is not None:
            self._device.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def open_lamp(config: LampConfig | None, wait: Callable[[float], object] = time.sleep) -> Lamp:
    """The lamp, off. config: None is no lamp. wait: called with the seconds in which it settles.

    Raises EdgeDigitsError if gpiozero is missing or the pin cannot be had.
    """
    if config is None:
        return Lamp()
    try:
        import gpiozero  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise EdgeDigitsError(f"lamp: needs gpiozero: {INSTALL}, or {install_extra('lamp')}") from error
    try:
        with warnings.catch_warnings():
            # Of each library for pins that it tried in vain.
            warnings.simplefilter("ignore")
            device = gpiozero.OutputDevice(config.pin, active_high=config.active_high)
    except gpiozero.BadPinFactory as error:
        why = "this is no Raspberry Pi, or python3-lgpio is missing, or /dev/gpiochip0 may not be opened (group gpio)"
        raise EdgeDigitsError(f"lamp: GPIO {config.pin} cannot be used: {why}") from error
    except (gpiozero.GPIOZeroError, OSError) as error:
        raise EdgeDigitsError(f"lamp: GPIO {config.pin} cannot be used: {error}") from error
    return Lamp(device, config.settle, wait)
