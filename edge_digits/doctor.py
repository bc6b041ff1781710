"""What ``edge-digits doctor`` looks at: facts about this installation first, then a judgement on each.

The facts are gathered in one place and judged in another, so that the judgement on a Raspberry Pi can be tested
anywhere.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import platform
import struct
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

_DISTRIBUTIONS = (
    "ai-edge-litert",
    "tflite-runtime",
    "onnxruntime",
    "numpy",
    "opencv-python",
    "opencv-contrib-python",
    "opencv-python-headless",
    "opencv-contrib-python-headless",
)
_APT_PICAMERA2 = Path("/usr/lib/python3/dist-packages/picamera2")


@dataclass(frozen=True)
class Facts:
    """What is installed here. versions: distribution name -> version. opencv: version of the cv2 that is imported,
    or an error in its place. models: shipped file name -> what is wrong with it, None if it reads. board: name of the
    Raspberry Pi, None on other computers. locked_cameras: video devices that this user may not open."""

    python: tuple[int, int, int]
    bits: int
    machine: str
    system: str
    board: str | None
    versions: dict[str, str]
    opencv: str | ImportError
    models: dict[str, str | None]
    in_venv: bool
    has_picamera2: bool
    apt_has_picamera2: bool
    locked_cameras: tuple[str, ...]


@dataclass(frozen=True)
class Check:
    """One judgement. level: "ok", "warn" or "FAIL". remedy: the command that mends it, or what to do."""

    level: str
    finding: str
    remedy: str | None = None


def gather() -> Facts:
    """Look round this installation. Loads every shipped model once."""
    versions = {}
    for name in _DISTRIBUTIONS:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    try:
        opencv: str | ImportError = str(importlib.import_module("cv2").__version__)
    except ImportError as error:
        opencv = error
    board = Path("/proc/device-tree/model")
    cameras = sorted(Path("/dev").glob("video*"))
    return Facts(
        python=(sys.version_info.major, sys.version_info.minor, sys.version_info.micro),
        bits=8 * struct.calcsize("P"),
        machine=platform.machine(),
        system=platform.system(),
        board=board.read_text(errors="replace").strip("\0\n") if board.is_file() else None,
        versions=versions,
        opencv=opencv,
        models={} if isinstance(opencv, ImportError) else _try_models(),
        in_venv=sys.prefix != sys.base_prefix,
        has_picamera2=importlib.util.find_spec("picamera2") is not None,
        apt_has_picamera2=_APT_PICAMERA2.is_dir(),
        locked_cameras=tuple(str(path) for path in cameras if not os.access(path, os.R_OK | os.W_OK)),
    )


def _try_models() -> dict[str, str | None]:
    """Load each shipped model and run it once on an empty picture."""
    import numpy as np

    from edge_digits.reader import shipped_models
    from edge_digits.runtime import load_model

    outcome: dict[str, str | None] = {}
    for path in shipped_models():
        try:
            model = load_model(path)
            scores = model.scores(np.zeros((1, *model.spec.input_shape), np.uint8))
            outcome[path.name] = None if np.isfinite(scores).all() else "gives scores that are no numbers"
        # Whatever goes wrong in here, a runtime's own errors included, is what the user asked to be told.
        except Exception as error:
            outcome[path.name] = " ".join(str(error).split())
    return outcome


def diagnose(facts: Facts) -> list[Check]:
    """Judge the facts, in the order in which they should be mended."""
    return [
        *_python(facts),
        *_numpy_and_opencv(facts),
        *_runtimes(facts),
        *_models(facts),
        *_cameras(facts),
    ]


def _python(facts: Facts) -> list[Check]:
    name = ".".join(map(str, facts.python))
    checks = [Check("ok", f"Python {name}, {facts.bits} bit, {facts.system} on {facts.board or facts.machine}")]
    if not (3, 11) <= facts.python[:2] <= (3, 13):
        checks = [Check("FAIL", f"Python {name} is not supported", "install Python 3.11, 3.12 or 3.13")]
    if facts.bits == 32:
        remedy = "install the 64-bit Raspberry Pi OS" if facts.board else "install a 64-bit Python"
        checks.append(Check("FAIL", "this Python is 32 bit, and neither TFLite nor OpenCV has packages for it", remedy))
    return checks


def _numpy_and_opencv(facts: Facts) -> list[Check]:
    numpy = facts.versions.get("numpy")
    if numpy is None:
        checks = [Check("FAIL", "NumPy is not installed", "pip install numpy")]
    else:
        checks = [Check("ok", f"NumPy {numpy}")]
    if numpy and _major(numpy) >= 2 and facts.has_picamera2 and facts.python[:2] == (3, 11):
        finding = f"NumPy {numpy} hides the NumPy 1 that this system's picamera2 is built on"
        checks.append(Check("warn", finding, "pip install 'numpy<2'"))
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
        else Check("ok", "no runtime for .onnx models (not needed; pip install 'edge-digits[onnx]')")
    )
    return checks


def _models(facts: Facts) -> list[Check]:
    if isinstance(facts.opencv, ImportError):
        return []
    if not facts.models:
        return [Check("FAIL", "no shipped models", "pip install --force-reinstall edge-digits")]
    checks = []
    for name, problem in facts.models.items():
        if problem is None:
            checks.append(Check("ok", f"model {name}"))
        elif "onnxruntime" in facts.versions or not name.endswith(".onnx"):
            checks.append(Check("FAIL", f"model {name}: {problem}", "pip install --force-reinstall edge-digits"))
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
    return checks


def _major(version: str) -> int:
    return int(version.split(".")[0])
