"""The page's own processes: how they are started, and the server's, which is started again when it ends."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from device.web.channel import CameraEnd, open_memory

RESTART_SECONDS = (2.0, 120.0)
"""Until a server that has ended is started again, the first time and at most."""

STEADY_SECONDS = 600.0
"""A server that has run so long is started again after the first wait when it ends."""

END_SECONDS = 3.0
"""A server has to end, before it is killed."""

logger = logging.getLogger(__name__)


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


class ServerProcess:
    """``python -m device.web``. ``end`` is this side's end of the channel to it.

    listener: what it listens on; it stays open here, so that nothing else takes the address while the server is
    started again. settings: of ``device.web.app``.
    """

    def __init__(self, listener: socket.socket, settings: dict[str, Any]) -> None:
        self._listener, self._settings = listener, settings
        self._memory = open_memory()
        self._wait, self._start_at = RESTART_SECONDS[0], 0.0
        self._closed = False
        self._process, self.end = self._start()
        self._started_at = time.monotonic()

    def look_after(self, now: float) -> None:
        """Start it again if it has ended, after a while that doubles. now: ``time.monotonic``."""
        if self._closed or self._process.poll() is None:
            return
        if not self._start_at:
            if now - self._started_at > STEADY_SECONDS:
                self._wait = RESTART_SECONDS[0]
            logger.error("the web server ended; starting it again in %.0f s, reading goes on", self._wait)
            self._start_at = now + self._wait
            self._wait = min(2 * self._wait, RESTART_SECONDS[1])
        elif now >= self._start_at:
            self._start_at, self._started_at = 0.0, now
            with contextlib.suppress(OSError):
                old = self.end
                self._process, self.end = self._start()
                old.close()

    def close(self) -> None:
        """End it; does nothing the second time."""
        if self._closed:
            return
        self._closed = True
        # It ends when its standard input does.
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self.end.close()
        self._listener.close()
        os.close(self._memory)

    def _start(self) -> tuple[subprocess.Popen[bytes], CameraEnd]:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        with theirs:
            handed = (theirs.fileno(), self._memory, self._listener.fileno())
            process = subprocess.Popen(
                module_command("device.web", *map(str, handed)),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                pass_fds=handed,
                env=module_environment(),
                # Ctrl-C is for the camera's process, which then ends this one in order. Not a session of its own: Linux
                # shares the processor between sessions first; niceness counts only inside one (sched(7), autogroup).
                process_group=0,
            )
        assert process.stdin is not None
        # The token goes through a pipe: command lines and environments can be read by others.
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(json.dumps(self._settings).encode() + b"\n")
            process.stdin.flush()
        return process, CameraEnd(ours, self._memory)
