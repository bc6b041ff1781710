"""How the page's own processes are started."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def module_command(module: str, *arguments: str) -> list[str]:
    """Runs a module of this installation; -P, because the working directory may hold others of the same name."""
    return [sys.executable, "-P", "-m", module, *arguments]


def module_environment() -> dict[str, str]:
    """The environment in which ``module_command`` finds this installation, also in a checkout."""
    path = [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path)}
    # Only the camera's process speaks to systemd.
    environment.pop("NOTIFY_SOCKET", None)
    return environment
