"""What there is to know about this computer and installation, before anybody judges it (``edge_digits.cli.doctor``)."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import platform
import struct
import subprocess
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
class CameraUser:
    """A program that holds a camera. device: as ``/dev/video0``. unit: the systemd service that it runs in, if any."""

    device: str
    process: int
    name: str
    unit: str | None


@dataclass(frozen=True)
class Facts:
    """What is installed here. versions: distribution name -> version. opencv: version of the cv2 that is imported,
    or an error in its place. models: shipped file name -> what is wrong with it, None if it reads. board: name of the
    Raspberry Pi, None on other computers. locked_cameras: video devices that this user may not open. libc: its name
    and version. users: programs that hold a camera, as far as this user may see them. throttled: the firmware's bits,
    None where there are none. clock_synchronized: None where nobody tells."""

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
    libc: tuple[str, str]
    users: tuple[CameraUser, ...]
    throttled: int | None
    clock_synchronized: bool | None


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
        libc=platform.libc_ver(),
        users=camera_users(),
        throttled=throttled(),
        clock_synchronized=_clock_synchronized(),
    )


def _try_models() -> dict[str, str | None]:
    """Load each shipped model and run it once on an empty picture."""
    import numpy as np

    from edge_digits.reader import shipped_models
    from edge_digits.runtime.load import load_model

    outcome: dict[str, str | None] = {}
    for path in shipped_models():
        try:
            model = load_model(path)
            scores = model.scores(np.zeros((1, *model.spec.pixels_shape), np.uint8))
            outcome[path.name] = None if np.isfinite(scores).all() else "gives scores that are no numbers"
        # Whatever goes wrong in here, a runtime's own errors included, is what the user asked to be told.
        except Exception as error:
            outcome[path.name] = " ".join(str(error).split())
    return outcome


def camera_users(processes: Path = Path("/proc")) -> tuple[CameraUser, ...]:
    """Other programs that have a video or media device open. processes: where the kernel lists them."""
    users: dict[tuple[str, int], CameraUser] = {}
    for process in processes.glob("[0-9]*"):
        number = int(process.name)
        # Processes end while we look, and those of other users show nothing.
        with contextlib.suppress(OSError):
            for link in (process / "fd").iterdir():
                device = str(link.readlink())
                if number != os.getpid() and device.startswith(("/dev/video", "/dev/media")):
                    name = (process / "comm").read_text(errors="replace").strip()
                    users[device, number] = CameraUser(device, number, name, _unit(process))
    return tuple(users[key] for key in sorted(users))


def _unit(process: Path) -> str | None:
    """The system service of a process, from its control group."""
    with contextlib.suppress(OSError):
        names = (process / "cgroup").read_text().strip().rsplit("/", 2)
        if len(names) == 3 and names[1] == "system.slice" and names[2].endswith(".service"):
            return names[2]
    return None


def throttled() -> int | None:
    """What a Raspberry Pi's firmware says about power and heat."""
    for path in Path("/sys/devices/platform/soc").glob("soc*:firmware/get_throttled"):
        with contextlib.suppress(OSError, ValueError):
            return int(path.read_text(), 16)
    answer = _ask("vcgencmd", "get_throttled")
    with contextlib.suppress(ValueError):
        return int(answer.removeprefix("throttled="), 16)
    return None


def _clock_synchronized() -> bool | None:
    """What systemd says about the clock."""
    return {"yes": True, "no": False}.get(_ask("timedatectl", "show", "--property=NTPSynchronized", "--value"))


def _ask(*command: str) -> str:
    """What a program answers; "" if it is not there, fails, or takes too long."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
