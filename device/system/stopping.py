"""Signals: Ctrl-C and SIGTERM end what runs in order, SIGUSR1 asks it for something."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def stop_on_signals() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set, the first time; the second time they end the process at once."""
    stop = threading.Event()
    signals = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in signals}

    def handle(number: int, _: object) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    for number in signals:
        signal.signal(number, handle)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def call_on_signal(call: Callable[[], None]) -> Iterator[None]:
    """While the block runs, SIGUSR1, which else ends the process, calls ``call``."""
    before = signal.signal(signal.SIGUSR1, lambda number, frame: call())
    try:
        yield
    finally:
        signal.signal(signal.SIGUSR1, before)
