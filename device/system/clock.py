"""Whether the clock of this computer can be believed.

A Raspberry Pi without a battery for its clock starts at the time of its last shutdown, or in 1970; when it has heard of
the time over the network, its clock jumps.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
import logging
import time
from collections.abc import Callable
from pathlib import Path

UNSYNCHRONISED = "unsynchronised"
"""Of a time before the clock has been set from the network since the computer started."""

SET_BACK = "set back"
"""Of a time that comes a second time, because the clock was set back."""

STEP = 1.0
"""Seconds that the clock must be set by to have been set; smaller differences are gone by its running faster or slower
(at most 1 second in 2,000; ntp_adjtime(3))."""

LOGGED_STEP = 60.0
"""Seconds that the clock must be set by to be worth a line in the log."""

MOST_ERROR = 16_000_000
"""Microseconds; a clock that its kernel knows to be better than this is synchronised for systemd (timedatectl(1))."""

SYNCHRONIZED_FILE = Path("/run/systemd/timesync/synchronized")
"""Made by systemd-timesyncd when it has set the clock for the first time."""

logger = logging.getLogger(__name__)


class _Timex(ctypes.Structure):
    """The beginning of struct timex (adjtimex(2)), with more than room for the rest."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 512),
    )


def is_synchronised() -> bool:
    """Whether the clock has been set from the network, as far as the kernel and systemd-timesyncd know; True where
    nobody can tell."""
    adjtimex = _adjtimex()
    if adjtimex is None or SYNCHRONIZED_FILE.exists():
        return True
    # With no modes it only asks, which everybody may.
    asked = _Timex(modes=0)
    return adjtimex(ctypes.byref(asked)) < 0 or asked.maxerror < MOST_ERROR


@functools.cache
def _adjtimex() -> Callable[..., int] | None:
    try:
        return ctypes.CDLL(ctypes.util.find_library("c") or "libc.so.6").adjtimex
    except (OSError, AttributeError):
        return None


def _since_boot() -> float:
    """Seconds that no setting of the clock changes, and that go on while the computer sleeps."""
    boottime = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boottime is None else time.clock_gettime(boottime)


class ClockWatch:
    """Notices that the clock is set, and says of a time whether it can be believed; for one thread."""

    def __init__(
        self,
        now: Callable[[], float] = time.time,
        steady: Callable[[], float] = _since_boot,
        synchronised: Callable[[], bool] = is_synchronised,
    ) -> None:
        """now: seconds since the epoch. steady: seconds that nobody sets."""
        self._now, self._steady, self._synchronised = now, steady, synchronised
        self._offset = now() - steady()
        self._latest = -float("inf")
        self._is_sound = False

    def look(self) -> None:
        """Notice whether the clock was set since the last look; to be called again and again."""
        now = self._now()
        offset = now - self._steady()
        step = offset - self._offset
        self._offset = offset
        if step < -STEP:
            # What it would be now, had it not been set.
            self._latest = max(self._latest, now - step)
        if abs(step) > LOGGED_STEP:
            self._log(step)

    def doubt(self, taken: float) -> str | None:
        """What is wrong with ``taken``, a time of just now in seconds since the epoch: ``UNSYNCHRONISED``, ``SET_BACK``
        or None."""
        self.look()
        # Once set it is good for months; without a network the kernel alone takes it for wrong after hours.
        self._is_sound = self._is_sound or self._synchronised()
        if not self._is_sound:
            return UNSYNCHRONISED
        return SET_BACK if taken <= self._latest else None

    def _log(self, step: float) -> None:
        way = "forward" if step > 0 else "back"
        before = "" if self._is_sound else f"; times before that are marked as {UNSYNCHRONISED}"
        logger.warning("the clock was set %s by %.0f s%s", way, abs(step), before)
