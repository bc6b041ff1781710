"""How a program ends whose standard output cannot be written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")]


def end_with_full_output(work: str) -> tuple[int, str]:
    """Exit status and standard error of a program that does ``work``, whose output waits until its end."""
    program = (
        "import sys; from edge_digits.system.exit_status import exit_status; from edge_digits.errors import DataError\n"
        f"def work():\n print('waits')\n {work}\n"
        "sys.exit(exit_status('program', work))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": ""}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", program], stdout=full, stderr=subprocess.PIPE, text=True, env=environment
        )
    return done.returncode, done.stderr


@pytest.mark.parametrize("work", ["return 0", "sys.exit(0)"])
def test_what_waits_and_cannot_be_written_is_an_error(work: str) -> None:
    """However the program ends: argparse does by an exception."""
    assert end_with_full_output(work) == (1, "program: error: No space left on device\n")


def test_another_error_is_said_alone() -> None:
    assert end_with_full_output("raise DataError('lost')") == (1, "program: error: lost\n")
