"""What a benchmark ran on, and whether the machine was itself while it ran."""

from __future__ import annotations

import contextlib
import os
import platform
import statistics
import subprocess
import threading
import time
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import cv2
import numpy as np

from edge_digits.cli import system_info

MOST_DRIFT = 0.05
"""Share by which the clock under load may differ between windows before the run is void."""

THROTTLED_NOW, THROTTLED_SINCE_BOOT = 0xF, 0xF0000
"""Bits of a Raspberry Pi's firmware: under-voltage, capped, throttled, soft temperature limit."""

SAMPLE_EVERY = 0.5
"""Seconds between two looks at clock and temperature."""

DISTRIBUTIONS = ("ai-edge-litert", "tflite-runtime", "onnxruntime", "rapidocr")
ROOT = Path(__file__).resolve().parents[2]
_SYS = Path("/sys")


def describe() -> dict[str, Any]:
    """Board, processor, memory, system, versions and state of this machine and checkout; None where nobody tells."""
    board = Path("/proc/device-tree/model")
    governor = _SYS / "devices/system/cpu/cpu0/cpufreq/scaling_governor"
    return {
        "board": board.read_text(errors="replace").strip("\0\n") if board.is_file() else None,
        "processor": _processor(),
        "architecture": platform.machine(),
        "cores": cores(),
        "governor": governor.read_text().strip() if governor.is_file() else None,
        "memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "system": _system(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "versions": _versions(),
        "commit": _commit(),
        "load_before": os.getloadavg()[0],
    }


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def clock() -> float | None:
    """The fastest core's clock at this moment, Hz; None where the kernel does not tell. What /proc/cpuinfo says is the
    nominal one in many virtual machines, and not believed."""
    frequencies = []
    for path in (_SYS / "devices/system/cpu").glob("cpu[0-9]*/cpufreq/scaling_cur_freq"):
        with contextlib.suppress(OSError, ValueError):
            frequencies.append(float(path.read_text()) * 1000)
    return max(frequencies, default=None)


def temperature() -> float | None:
    """Degrees Celsius of the warmest zone; None where there is none."""
    temperatures = []
    for path in (_SYS / "class/thermal").glob("thermal_zone*/temp"):
        with contextlib.suppress(OSError, ValueError):
            temperatures.append(float(path.read_text()) / 1000)
    return max(temperatures, default=None)


@dataclass
class Watch:
    """Looks at clock and temperature while a window runs, from a thread of its own. load: what the machine is under;
    its clock may differ between one thread and four."""

    load: str = ""
    clocks: list[float] = field(default_factory=list)
    temperatures: list[float] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, name="watch", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        # Not at once: a window begins with a start from disk, which is no load.
        while not self._done.wait(SAMPLE_EVERY):
            for values, value in ((self.clocks, clock()), (self.temperatures, temperature())):
                if value is not None:
                    values.append(value)

    def state(self) -> dict[str, Any]:
        """Load, median clock (Hz), highest temperature, and the firmware's throttle bits now."""
        return {
            "load": self.load,
            "clock": statistics.median(self.clocks) if self.clocks else None,
            "temperature": max(self.temperatures, default=None),
            "throttled": system_info.throttled(),
        }


def judge(before: int | None, states: list[dict[str, Any]]) -> dict[str, Any]:
    """Whether a run counts. before: the firmware's throttle bits at its begin. states: of its windows.

    Void is a run in which the firmware says that it was throttled, or in which the clock under one load differed by
    more than ``MOST_DRIFT`` between windows. Where clock or bits cannot be read, that is "unknown" and nothing is void.
    """
    reasons = []
    bits = [state["throttled"] for state in states if state["throttled"] is not None]
    new = 0
    for value in bits:
        new |= value & THROTTLED_NOW | value & THROTTLED_SINCE_BOOT & ~(before or 0)
    if new:
        reasons.append(f"throttled (0x{new:x})")
    drift: float | None = None
    for load in sorted({state["load"] for state in states}):
        clocks = [state["clock"] for state in states if state["load"] == load and state["clock"] is not None]
        if clocks:
            spread = (max(clocks) - min(clocks)) / max(clocks)
            drift = spread if drift is None else max(drift, spread)
            if spread > MOST_DRIFT:
                reasons.append(f"the clock under load ({load}) drifted by {spread:.1%}")
    return {
        "void": bool(reasons),
        "reasons": reasons,
        "clock_drift": "unknown" if drift is None else drift,
        "throttled": "unknown" if not bits else bool(new),
        "clock": _range([s["clock"] for s in states]),
        "temperature": _range([s["temperature"] for s in states]),
    }


def _range(values: list[float | None]) -> list[float] | None:
    known = [value for value in values if value is not None]
    return [min(known), max(known)] if known else None


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() in ("model name", "Model"):
                return value.strip()
    return platform.processor() or platform.machine()


def _system() -> str:
    with contextlib.suppress(OSError):
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    return platform.system()


def _versions() -> dict[str, str]:
    versions = {"numpy": np.__version__, "opencv": cv2.__version__}
    for name in ("edge-digits", *DISTRIBUTIONS):
        with contextlib.suppress(metadata.PackageNotFoundError):
            versions[name] = metadata.version(name)
    return versions


def _commit() -> str | None:
    """Of the checkout that runs, with ``+changes`` if something in it is not committed; None outside of one."""
    command = ["git", "-C", str(ROOT), "describe", "--always", "--abbrev=12", "--exclude=*", "--dirty=+changes"]
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(command, capture_output=True, text=True, timeout=10)
        if done.returncode == 0:
            return done.stdout.strip()
    return None


def now() -> str:
    """The time in ISO 8601 with zone."""
    return time.strftime("%Y-%m-%dT%H:%M:%S%z")
