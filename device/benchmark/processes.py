"""Jobs done in child processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from device.benchmark import machine
from device.benchmark.plan import RUNTIMES
from edge_digits.errors import EdgeDigitsError

Job = dict[str, Any]


class ChildError(EdgeDigitsError):
    """A child process failed; the message is what it said."""


def call(job: Job) -> dict[str, Any]:
    """Do ``job`` in a child process and return its result. Raises ChildError."""
    return json.loads(start(job).stdout)


def start(job: Job, before: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    """Do ``job`` in a child process; ``before`` stands in front of its command. Raises ChildError."""
    threads = str(job.get("threads", 1))
    environment = dict(os.environ) | {
        "OMP_NUM_THREADS": threads,
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, (str(machine.ROOT), os.environ.get("PYTHONPATH")))),
    }
    command = [*before, sys.executable, "-m", "device.benchmark.child"]
    done = subprocess.run(command, input=json.dumps(job), capture_output=True, text=True, env=environment)
    if done.returncode:
        said = done.stderr.strip()
        raise ChildError(said if job.get("debug") else (said.splitlines() or [f"ended with {done.returncode}"])[-1])
    return done


def missing_runtimes(models: Sequence[Path]) -> dict[str, str]:
    """Runtimes that cannot run any of ``models`` here, and why: tried, in children."""
    reasons = {}
    for suffix, runtimes in RUNTIMES.items():
        first = next((path for path in models if path.suffix == suffix), None)
        for runtime in runtimes if first is not None else ():
            try:
                call({"kind": "try", "model": str(first), "runtime": runtime, "threads": 1})
            except ChildError as error:
                reasons[runtime] = str(error)
    return reasons
