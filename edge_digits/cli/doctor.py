"""What ``edge-digits doctor`` says: a judgement on each fact about this computer and installation.

The facts are gathered in one place (``edge_digits.cli.system_info``) and judged in another, so that the judgement on
a Raspberry Pi can be tested anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from edge_digits.cli.system_info import Facts, gather
from edge_digits.system.install import install_extra, restore_models

__all__ = ["Check", "Facts", "diagnose", "gather"]

OLDEST_GLIBC = (2, 28)
"""What the packages of TFLite, OpenCV and NumPy ask for."""

UNDER_VOLTAGE, FREQUENCY_CAPPED, THROTTLED, SOFT_LIMIT = 1 << 0, 1 << 1, 1 << 2, 1 << 3
SINCE_BOOT = 16
"""Bits of ``vcgencmd get_throttled``, and by how many places the same ones for "has occurred since boot" are shifted
(raspberrypi.com, documentation of vcgencmd)."""


@dataclass(frozen=True)
class Check:
    """One judgement. level: "ok", "warn" or "FAIL". remedy: the command that mends it, or what to do."""

    level: str
    finding: str
    remedy: str | None = None


def diagnose(facts: Facts) -> list[Check]:
    """Judge the facts, in the order in which they should be mended."""
    return [
        *_python(facts),
        *_numpy_and_opencv(facts),
        *_runtimes(facts),
        *_models(facts),
        *_cameras(facts),
        *_power(facts),
        *_clock(facts),
    ]


def _python(facts: Facts) -> list[Check]:
    name = ".".join(map(str, facts.python))
    checks = [Check("ok", f"Python {name}, {facts.bits} bit, {facts.system} on {facts.board or facts.machine}")]
    if not (3, 11) <= facts.python[:2] <= (3, 13):
        checks = [Check("FAIL", f"Python {name} is not supported", "install Python 3.11, 3.12 or 3.13")]
    if facts.bits == 32:
        system = "32 bit, although the processor and the kernel are not" if "64" in facts.machine else "32 bit"
        remedy = "install the 64-bit Raspberry Pi OS" if facts.board else "install a 64-bit Python"
        checks.append(Check("FAIL", f"this system is {system}: TFLite has no packages for it", remedy))
    name, version = facts.libc
    if facts.system == "Linux" and name != "glibc":
        finding = "this system's C library is not glibc: TFLite has no packages for it"
        checks.append(Check("FAIL", finding, "use Raspberry Pi OS, Debian or Ubuntu, or an image made from them"))
    elif facts.system == "Linux" and _numbers(version) < OLDEST_GLIBC:
        finding = f"glibc {version} is older than {'.'.join(map(str, OLDEST_GLIBC))}: TFLite has no packages for it"
        checks.append(Check("FAIL", finding, "install Raspberry Pi OS Bookworm or later"))
    return checks


def _numpy_and_opencv(facts: Facts) -> list[Check]:
    numpy = facts.versions.get("numpy")
    if numpy is None:
        checks = [Check("FAIL", "NumPy is not installed", "pip install numpy")]
    else:
        checks = [Check("ok", f"NumPy {numpy}")]
    if numpy and _major(numpy) >= 2 and facts.has_picamera2 and facts.python[:2] == (3, 11):
        finding = f"NumPy {numpy} hides the NumPy 1 that this system's picamera2 is built on"
        checks.append(Check("warn", finding, "pip install 'numpy<2' 'ml-dtypes<0.6'"))
    if isinstance(facts.opencv, ImportError):
        finding = f"OpenCV cannot be imported: {' '.join(str(facts.opencv).split())}"
        return [*checks, Check("FAIL", finding, "pip install --force-reinstall opencv-python-headless")]
    checks.append(Check("ok", f"OpenCV {facts.opencv}"))
    packages = [name for name in facts.versions if name.startswith("opencv-")]
    if len(packages) > 1:
        remedy = f"pip uninstall -y {' '.join(packages)} && pip install opencv-python-headless"
        checks.append(Check("warn", f"{' and '.join(packages)} overwrite each other's cv2", remedy))
    return checks


def _runtimes(facts: Facts) -> list[Check]:
    checks = []
    litert, tflite = facts.versions.get("ai-edge-litert"), facts.versions.get("tflite-runtime")
    if litert:
        checks.append(Check("ok", f"runtime for .tflite: ai-edge-litert {litert}"))
    elif tflite and _major(facts.versions.get("numpy", "0")) >= 2:
        finding = f"tflite-runtime {tflite} does not run with NumPy {facts.versions['numpy']}"
        checks.append(Check("FAIL", finding, "pip install ai-edge-litert   (or: pip install 'numpy<2')"))
    elif tflite:
        checks.append(Check("ok", f"runtime for .tflite: tflite-runtime {tflite}"))
    else:
        checks.append(Check("FAIL", "no runtime for .tflite models", "pip install ai-edge-litert"))
    onnx = facts.versions.get("onnxruntime")
    checks.append(
        Check("ok", f"runtime for .onnx: onnxruntime {onnx}")
        if onnx
        else Check("ok", f"no runtime for .onnx models (not needed; {install_extra('onnx')})")
    )
    return checks


def _models(facts: Facts) -> list[Check]:
    if isinstance(facts.opencv, ImportError):
        return []
    if not facts.models:
        return [Check("FAIL", "no shipped models", restore_models())]
    checks = []
    for name, problem in facts.models.items():
        if problem is None:
            checks.append(Check("ok", f"model {name}"))
        elif "onnxruntime" in facts.versions or not name.endswith(".onnx"):
            checks.append(Check("FAIL", f"model {name}: {problem}", restore_models()))
    return checks


def _cameras(facts: Facts) -> list[Check]:
    checks = []
    if facts.has_picamera2:
        checks.append(Check("ok", "picamera2 is installed"))
    elif facts.apt_has_picamera2 and facts.in_venv:
        remedy = "python3 -m venv --system-site-packages .venv, and install edge-digits there again"
        checks.append(Check("warn", "this virtual environment does not see the system's picamera2", remedy))
    elif facts.board:
        remedy = "sudo apt install python3-picamera2, and a venv made with --system-site-packages"
        checks.append(Check("warn", "picamera2 is not installed: the camera module cannot be used", remedy))
    else:
        checks.append(Check("ok", "no Raspberry Pi: the camera sources here are demo, file, v4l2 and URLs"))
    if facts.locked_cameras:
        finding = f"no permission to open {', '.join(facts.locked_cameras)}"
        checks.append(Check("warn", finding, "sudo usermod -aG video $USER, then log in again"))
    busy: dict[int, list[str]] = {}
    for user in facts.users:
        busy.setdefault(user.process, []).append(user.device)
    for user in {user.process: user for user in facts.users}.values():
        finding = f"{user.name} (process {user.process}) uses {', '.join(busy[user.process])}"
        remedy = f"sudo systemctl stop {user.unit}" if user.unit else f"kill {user.process}"
        checks.append(Check("warn", finding, remedy))
    return checks


def _power(facts: Facts) -> list[Check]:
    if facts.throttled is None:
        return []
    now, ever = facts.throttled, facts.throttled | facts.throttled >> SINCE_BOOT
    hot = SOFT_LIMIT if ever & UNDER_VOLTAGE else SOFT_LIMIT | FREQUENCY_CAPPED | THROTTLED
    checks = []
    if ever & UNDER_VOLTAGE:
        when = "now" if now & UNDER_VOLTAGE else "since the last boot"
        remedy = "use the power supply made for this board, then: sudo reboot; vcgencmd get_throttled"
        checks.append(
            Check("warn", f"the supply's voltage is too low ({when}): slow, and a danger to the card", remedy)
        )
    if ever & hot:
        when = "now" if now & hot else "since the last boot"
        remedy = "fit a heat sink or a fan, then: sudo reboot; vcgencmd measure_temp; vcgencmd get_throttled"
        checks.append(Check("warn", f"the processor is slowed down because it is hot ({when})", remedy))
    return checks or [Check("ok", "power and temperature are fine")]


def _clock(facts: Facts) -> list[Check]:
    if facts.clock_synchronized is None:
        return []
    if facts.clock_synchronized:
        return [Check("ok", "the clock is synchronized")]
    finding = "the clock is not synchronized: readings may have wrong times"
    return [Check("warn", finding, "sudo timedatectl set-ntp true, then: timedatectl timesync-status")]


def _major(version: str) -> int:
    return int(version.split(".")[0])


def _numbers(version: str) -> tuple[int, ...]:
    """``(2, 36)`` for "2.36"."""
    return tuple(int(part) for part in version.split(".") if part.isdigit())
