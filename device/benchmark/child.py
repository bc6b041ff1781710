"""``python -m device.benchmark.child``: one window in a process of its own; a job comes in as JSON.

A process of its own has its own start, memory and luck (where its code and data lie): windows differ between runs of a
program as they do here, and only so is their spread worth anything (Mytkowicz et al. 2009; Kalibera and Jones 2013).
"""

import time

BEGAN = time.perf_counter()

# ruff: noqa: E402
import json
import os
import sys
from typing import Any


def peak_memory() -> int | None:
    """Bytes of memory that this process held at most.

    ``ru_maxrss`` would not do: Linux lets a child begin with its parent's.
    """
    try:
        with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return None


def waited() -> float | None:
    """Share of its time that the main thread wanted to run and did not get a core, 0..1; None where nobody tells."""
    try:
        with open("/proc/self/schedstat", encoding="ascii") as times:  # noqa: PTH123
            running, waiting, _ = map(int, times.read().split())
        return waiting / (running + waiting)
    except (OSError, ValueError, ZeroDivisionError):
        return None


def main() -> int:
    """Do the job on standard input; returns 0, or 1 with one line on standard error."""
    job: dict[str, Any] = json.load(sys.stdin)
    # What libraries print belongs to nobody's result.
    answer = os.dup(1)
    os.dup2(2, 1)
    try:
        from device.benchmark import jobs

        result = jobs.DO[job["kind"]](job, BEGAN)
    except Exception as error:
        if job.get("debug"):
            raise
        print(f"{type(error).__name__}: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    result |= {"peak_memory": peak_memory(), "waited": waited()}
    with os.fdopen(answer, "w") as out:
        json.dump(result, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
