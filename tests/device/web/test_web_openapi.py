"""Every answer is what the OpenAPI description says: schemathesis asks whatever it allows, and what it does not."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from web_client import Running

ENDLESS = ["/api/events", "/api/live.mjpeg"]
"""Their first part is looked at in ``test_web_api``."""

EXAMPLES = 8
"""For each operation and way to make it."""


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("schemathesis") is None, reason="needs the extra browser")
def test_every_answer_is_as_described(server: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(server.feed.answers, "label", lambda _: {"labelled": 0, "why": "it has changed"})
    before = server.config.read_text()
    command = [sys.executable, "-m", "schemathesis.cli", "--no-color", "run", f"{server.client.base}/openapi.json"]
    command += ["--phases", "examples,coverage,fuzzing", "--max-examples", str(EXAMPLES), "--seed", "1", "--no-shrink"]
    command += ["--generation-database", "none", "--continue-on-failure", "--warnings", "off"]
    command += ["--request-timeout", "60"]
    # Not every picture can be read, and no schema says that names are unique.
    command += ["--exclude-checks", "positive_data_acceptance"]
    command += [f"--exclude-path={path}" for path in ENDLESS]
    try:
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    finally:
        server.config.write_text(before)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_every_route_is_described(server: Running) -> None:
    from device.web.app import Settings, make_app

    settings_here = Settings("h", 1, None, 5.0, None, "auto", "demo", 10.0, None, None, [], {})
    guard: Any = make_app(settings_here, None, None)  # pyright: ignore[reportArgumentType]
    routes = {route.path for route in guard.app.routes}
    described = set(server.client.get("/openapi.json").json()["paths"])
    assert routes - described == {"/", "/login", "/teach", "/static/{name}", "/openapi.json"}
    assert described <= routes
