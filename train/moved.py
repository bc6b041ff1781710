"""Commands that are programs of their own now: under the old name they still run, and say the new one."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn


def run_moved(program: str, command: str, module: str, arguments: Sequence[str]) -> NoReturn:
    """Become ``python -m module arguments``, which was ``program command arguments``."""
    print(f"{program} {command} is now python -m {module}", file=sys.stderr, flush=True)
    os.execv(sys.executable, [sys.executable, "-m", *module.split(), *arguments])
