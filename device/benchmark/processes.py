"""Jobs done in child processes."""

from __future__ import annotations

import contextlib
import json
import os
import signal
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
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(command, text=True, env=environment, process_group=0, **pipes) as child:
        try:
            output, said = child.communicate(json.dumps(job))
        except BaseException:
            # With all that it started: what stands in front of Python may run it as a child of its own.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            raise
    if child.returncode:
        said = said.strip()
        raise ChildError(said if job.get("debug") else (said.splitlines() or [f"ended with {child.returncode}"])[-1])
    return subprocess.CompletedProcess(command, child.returncode, output, said)


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
