"""Runs a converter in a process of its own: if it crashes, that is an error message with its log, not a crash."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from convert.errors import ConversionError

TIME_LIMIT = 900.0
"""Seconds after which a converter counts as hanging."""


def run(module: str, arguments: list[str | Path], log: Path) -> None:
    """Run ``python -m module arguments``; what it prints goes to the file ``log``.

    Raises ConversionError if it fails, is killed or hangs; the message names a copy of the log that stays.
    """
    root = str(Path(__file__).resolve().parents[1])
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")])),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        # Sums in another order give other last bits: one thread keeps the files the same from run to run.
        "OMP_NUM_THREADS": "1",
        "TF_ENABLE_ONEDNN_OPTS": "0",
    }
    command = [sys.executable, "-m", module, *map(str, arguments)]
    with log.open("wb") as output:
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment, timeout=TIME_LIMIT
            )
        except subprocess.TimeoutExpired as error:
            raise ConversionError(f"{module}: no end after {TIME_LIMIT:.0f} s; its log: {_keep(log)}") from error
    if done.returncode < 0:
        raise ConversionError(f"{module}: killed by {signal.Signals(-done.returncode).name}; its log: {_keep(log)}")
    if done.returncode > 0:
        raise ConversionError(f"{module}: {_last_line(log)}; its log: {_keep(log)}")


def _last_line(log: Path) -> str:
    """The last line that says something: of a traceback that is the error."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "failed without a word"


def _keep(log: Path) -> str:
    """Where a copy of ``log`` stays, outside the folder that is cleared away."""
    try:
        kept = Path(tempfile.mkdtemp(prefix="edge-digits-convert-")) / log.name
        shutil.copyfile(log, kept)
    except OSError as error:
        return f"could not be kept ({error.strerror})"
    return str(kept)
