"""What one picture takes: from a cold start, by what is imported, and once the reader is loaded; what is installed."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from edge_digits.reader import open_reader

ROOT = Path(__file__).resolve().parents[3]
RUNS = 5
READ = ("-m", "edge_digits.cli.main", "read")
IMPORTS = ("edge_digits.reader", "cv2", "numpy", "edge_digits.runtime.spec")
"""What reading imports, and of that the slowest."""


def cold_start(picture: Path) -> str:
    """Seconds and memory of a whole ``edge-digits read``, in a sentence."""
    seconds, peaks = [], []
    for _ in range(RUNS):
        began = time.perf_counter()
        child = subprocess.Popen([sys.executable, *READ, str(picture)], cwd=ROOT, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
        seconds.append(time.perf_counter() - began)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise subprocess.CalledProcessError(child.returncode, child.args)
        peaks.append(used.ru_maxrss * 1024 / 1e6)
    low, high = min(seconds), max(seconds)
    return (
        f"{RUNS} runs: median {statistics.median(seconds):.2f} s ({low:.2f} to {high:.2f}), peak memory "
        f"{max(peaks):.0f} MB."
    )


def imports() -> str:
    """Milliseconds of the imports that take longest, as a table."""
    given = [sys.executable, "-X", "importtime", "-c", f"import {IMPORTS[0]}"]
    report = subprocess.run(given, cwd=ROOT, stderr=subprocess.PIPE, text=True, check=True).stderr
    times = {name: int(whole) / 1000 for whole, name in re.findall(r"\| +(\d+) \| +([\w.]+)$", report, re.MULTILINE)}
    rows = [f"| `{name}` | {times[name]:.0f} |" for name in IMPORTS if name in times]
    return "\n".join(["| import | milliseconds, with all it imports |", "|---|---:|", *rows])


def loaded(picture: Path) -> str:
    """Milliseconds of a picture once the reader has read it, in a sentence."""
    reader = open_reader()
    took = []
    for _ in range(RUNS + 1):
        began = time.perf_counter()
        reader.read(picture)
        took.append(1000 * (time.perf_counter() - began))
    return f"Median of {RUNS}, after one that warms up: {statistics.median(took[1:]):.1f} ms."


def installation() -> str:
    """Megabytes of a new environment with the extra ``device``, in a sentence. Needs a package index."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([f"{folder}/bin/pip", "install", "--quiet", f"{ROOT}[device]"], check=True)
        size = sum(path.lstat().st_size for path in Path(folder).rglob("*") if path.is_file())
    return f"{size / 1e6:.0f} MB with Python {sys.version_info.major}.{sys.version_info.minor}."
