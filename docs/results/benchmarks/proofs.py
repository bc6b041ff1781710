"""Whether ``python -m device.benchmark compare`` can be believed: eleven runs of one build, each compared with the
next, and a run each of two builds that were made slower on purpose, by a sleep and by a copy of every frame.

usage: python -m docs.results.benchmarks.proofs     with an idle machine; a quarter of an hour

The exit status is 1 if more than one of the ten pairs is called different, or a slowed build is not called slower.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

from device.benchmark.compare import Difference, differences
from device.benchmark.results import load_results

ROOT = Path(__file__).parents[3]

RUNS = 11
MOST_DIFFERENT = 1
SLOWED = {
    "a sleep of 5 microseconds in every call of the model": (
        "edge_digits/runtime/tflite.py",
        "        check_pixels(pixels, self.spec)\n",
        "        check_pixels(pixels, self.spec)\n        import time; time.sleep(5e-6)\n",
    ),
    "a copy of every frame": (
        "device/capture.py",
        "        self.taken += 1\n",
        "        frame = replace(frame, image=frame.image.copy())\n        self.taken += 1\n",
    ),
}


def main() -> int:
    """See the module."""
    with tempfile.TemporaryDirectory() as folder:
        same = _build(Path(folder) / "same")
        runs = [_run(same, seed) for seed in range(1, RUNS + 1)]
        different = 0
        for number, (one, other) in enumerate(pairwise(runs), start=1):
            beyond = _beyond(one, other)
            different += bool(beyond)
            print(f"runs {number} and {number + 1} of one build: {_told(beyond)}", flush=True)
        print(f"{different} of {RUNS - 1} pairs called different; at most {MOST_DIFFERENT} may be")
        missed = 0
        for number, (what, change) in enumerate(SLOWED.items()):
            slow = _build(Path(folder) / f"slow{number}", *change)
            worse = [d for d in _beyond(runs[number], _run(slow, RUNS + 1 + number)) if d.verdict == "worse"]
            missed += not worse
            print(f"{what}: {_told(worse)}", flush=True)
    return int(different > MOST_DIFFERENT or missed > 0)


def _build(folder: Path, file: str = "", old: str = "", new: str = "") -> Path:
    """A copy of what git tracks, with one change."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    if file:
        text = (folder / file).read_text(encoding="utf-8")
        if text.count(old) != 1:
            sys.exit(f"{file}: {old.strip()!r} is not in it once: mend {__file__}")
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")
    return folder


def _run(build: Path, seed: int) -> Path:
    out = build / f"{seed}.json"
    command = [sys.executable, "-m", "device.benchmark", "--models", "edge_digits/models/cnn-int8.tflite"]
    command += ["--threads", "1", "--windows", "5", "--seconds", "1", "--seed", str(seed), "--out", str(out)]
    # Nothing but the build itself may be imported.
    environment = os.environ | {"PYTHONPATH": str(build)}
    done = subprocess.run(command, cwd=build, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: exit status {done.returncode}: {done.stderr.strip()[-500:]}")
    return out


def _beyond(one: Path, other: Path) -> list[Difference]:
    """The figures that are called different."""
    return [d for d in differences(load_results(one), load_results(other)) if d.verdict in ("worse", "better")]


def _told(differences: list[Difference]) -> str:
    if not differences:
        return "nothing is different"
    return "; ".join(f"{d.what} {d.verdict}, {d.interval.low:.2f} to {d.interval.high:.2f} times" for d in differences)


if __name__ == "__main__":
    sys.exit(main())
